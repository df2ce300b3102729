//! A worker that has no key to the vendor of an answer begins nothing, and one that has sends it.

use anyhow::{Context, Result};
use domain::FailureCode;
use sandbox::Settings;
use tests::replies::{Correspondence, PATIENCE};
use tests::wait_until;
use workflows::conversation::{ConversationWorkflow, workflow_id};

#[tokio::test]
async fn without_the_vendors_key_nothing_is_begun() -> Result<()> {
    let mut all = Correspondence::new(Settings::default()).await?;
    let key = all.outreach.app.worker_config.sms.signalhouse.take();
    all.outreach.app.start_worker()?;
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    all.write(&number, "How does it work?").await?;
    let (conversation, suggestion, _) = all.suggested(&number).await?;
    assert_eq!(all.approve(conversation, suggestion).await?.refused, None);
    let handle =
        all.outreach.app.temporal.get_workflow_handle::<ConversationWorkflow>(workflow_id(conversation));
    wait_until("the workflow says what is missing", PATIENCE, || async {
        let progress = handle.query(ConversationWorkflow::progress, (), Default::default()).await;
        progress.is_ok_and(|progress| progress.trouble == Some(FailureCode::CampaignSenderMissing))
    })
    .await;
    let begun = "SELECT count(*) FROM send_intents WHERE team_id = $1 AND called_at IS NOT NULL";
    assert_eq!(all.count(begun).await?, 0);
    all.outreach.app.worker_config.sms.signalhouse = key;
    all.outreach.app.start_worker()?;
    all.until(&number, "it is sent", |look| look.suggestions == ["sent"]).await?;
    assert_eq!(all.texts_to(&number).len(), 1);
    Ok(())
}
