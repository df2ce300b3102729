//! Temporal may be away as long as it likes: what comes in is taken in, opt-outs take effect, and everything is done when it is
//! back.

use anyhow::{Context, Result};
use sandbox::Settings;
use stack::Service;
use tests::Services;
use tests::replies::Correspondence;

#[tokio::test]
async fn what_comes_in_while_temporal_is_away_is_taken_in_and_done_afterwards() -> Result<()> {
    let services = Services::own().await?;
    let mut all = Correspondence::on(&services, Settings::default()).await?;
    all.outreach.app.start_worker()?;
    let people = all.written_to(6).await?;
    all.write(&people[0].1, "Yes, I am interested").await?;
    all.classified(&people[0].1, 1).await?;
    services.kill(Service::Temporal).await?;
    for (_, number) in &people[1..] {
        all.write(number, "How does it work?").await?;
    }
    all.write(&people[0].1, "STOP").await?;
    let held = all.look(&people[0].1).await?.context("a conversation")?;
    assert_eq!(held.state, "held", "an opt-out waits for nobody");
    let waiting = "SELECT count(*) FROM outbox WHERE team_id = $1 AND done_at IS NULL";
    assert!(all.count(waiting).await? >= 6);
    services.restart(Service::Temporal).await?;
    for (_, number) in &people[1..] {
        let look = all.classified(number, 1).await?;
        assert_eq!(look.intents, ["question"]);
    }
    assert_eq!(all.count("SELECT count(*) FROM inbox_items WHERE team_id = $1").await?, 7);
    assert!(all.outreach.texts().is_empty());
    drop(all);
    services.stop().await
}
