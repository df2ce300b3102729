//! A text is claimed once, by whomever and how many ask for it at once.

use std::collections::BTreeSet;

use anyhow::Result;
use chrono::TimeDelta;
use domain::id::TypedId as _;
use entities::send_intent::{self, Hold, Planned, Skip};
use futures::future::try_join_all;

use super::scene::Scene;

#[tokio::test]
async fn sixteen_workers_claim_each_text_once() -> Result<()> {
    let scene = Scene::with(16).await?;
    let (campaign, _) = scene.planned(400).await?;
    let workers: Vec<String> = (0..16).map(|worker| format!("worker {worker}")).collect();
    let all = try_join_all(workers.iter().map(async |worker| {
        let mut mine = Vec::new();
        loop {
            let claimed = scene.claimed(campaign, worker, 7).await?;
            if claimed.is_empty() {
                return anyhow::Ok(mine);
            }
            mine.extend(claimed);
        }
    }))
    .await?;
    let claims: Vec<_> = all.iter().flatten().collect();
    let once: BTreeSet<_> = claims.iter().map(|intent| intent.uuid()).collect();
    assert_eq!((claims.len(), once.len()), (400, 400), "each once");
    assert!(all.iter().filter(|mine| !mine.is_empty()).count() > 1, "the work was shared");
    assert_eq!(scene.states(campaign).await?, [("claimed".to_owned(), 400)]);
    Ok(())
}

#[tokio::test]
async fn what_one_worker_looks_at_another_does_not_see() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, _) = scene.planned(10).await?;
    let (mut one, mut two) = (scene.tx().await?, scene.tx().await?);
    let first = send_intent::due(&mut one, campaign, scene.now, 6).await?;
    let rest = send_intent::due(&mut two, campaign, scene.now, 10).await?;
    assert_eq!((first.len(), rest.len()), (6, 4));
    one.rollback().await?;
    two.rollback().await?;
    let mut again = scene.tx().await?;
    assert_eq!(send_intent::due(&mut again, campaign, scene.now, 10).await?.len(), 10);
    Ok(())
}

#[tokio::test]
async fn a_text_is_planned_once_and_due_when_it_is_due() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, leads) = scene.planned(2).await?;
    let mut tx = scene.tx().await?;
    let again = Planned { lead: leads[0], step: 1, due_at: scene.now };
    let later = Planned { lead: leads[0], step: 2, due_at: scene.now + TimeDelta::hours(1) };
    assert_eq!(
        send_intent::plan(&mut tx, campaign, &[again, later]).await?,
        1,
        "the second step alone is new"
    );
    assert_eq!(send_intent::due(&mut tx, campaign, scene.now, 10).await?.len(), 2);
    let due = send_intent::due(&mut tx, campaign, scene.now + TimeDelta::hours(1), 10).await?;
    assert_eq!(due.iter().map(|one| one.step).collect::<Vec<_>>(), [1, 1, 2], "the longest waiting first");
    let fifth = Planned { lead: leads[1], step: 5, due_at: scene.now };
    assert!(send_intent::plan(&mut tx, campaign, &[fifth]).await.is_err(), "there are four steps");
    Ok(())
}

#[tokio::test]
async fn what_is_held_comes_back_and_what_is_skipped_does_not() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, _) = scene.planned(3).await?;
    let mut tx = scene.tx().await?;
    let due = send_intent::due(&mut tx, campaign, scene.now, 3).await?;
    let hold = Hold { intent: due[0].intent, due_at: scene.now + TimeDelta::hours(9), rule: "quiet_hours" };
    assert_eq!(send_intent::hold(&mut tx, &[hold]).await?, 1);
    let skip = Skip { intent: due[1].intent, rule: "consent" };
    assert_eq!(send_intent::skip(&mut tx, &[skip], scene.now).await?, 1);
    let left = send_intent::due(&mut tx, campaign, scene.now, 3).await?;
    assert_eq!(left.iter().map(|one| one.intent).collect::<Vec<_>>(), [due[2].intent]);
    let open = send_intent::open(&mut tx, campaign).await?;
    assert_eq!((open.planned, open.held, open.next_due), (1, 1, Some(scene.now)));
    let morning = send_intent::due(&mut tx, campaign, scene.now + TimeDelta::hours(9), 3).await?;
    assert_eq!(morning.len(), 2);
    assert_eq!(send_intent::skip(&mut tx, &[skip], scene.now).await?, 0, "once");
    Ok(())
}
