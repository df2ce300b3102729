//! A lead's score moves by what the lead does, by the numbers that operators know.

use anyhow::{Context, Result};
use domain::campaign::Engagement;
use domain::id::{LeadId, TypedId as _};
use entities::lead;

use super::scene::Scene;

async fn after(scene: &Scene, who: LeadId, what: Engagement) -> Result<(bool, i16)> {
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let moved = lead::engage(&mut tx, &[(who, what)]).await? > 0;
    let query = sqlx::query_as::<_, (i16,)>("SELECT score FROM leads WHERE id = $1").bind(who.uuid());
    let (score,) = tx.first(query).await?.context("the lead")?;
    tx.commit().await?;
    Ok((moved, score))
}

#[tokio::test]
async fn what_a_lead_does_moves_its_score_once() -> Result<()> {
    let scene = Scene::new().await?;
    let (lead, _) = scene.person(0).await?;
    let (_, interested) = after(&scene, lead, Engagement::Interested).await?;
    assert_eq!(after(&scene, lead, Engagement::Interested).await?, (false, interested), "once");
    let (moved, not) = after(&scene, lead, Engagement::NotInterested).await?;
    assert!(moved && not < interested, "{not} {interested}");
    let (_, again) = after(&scene, lead, Engagement::Interested).await?;
    assert_eq!(again, interested, "what was said last counts");
    let (_, captured) = after(&scene, lead, Engagement::EmailCaptured).await?;
    assert!(captured > interested, "{captured} {interested}");
    assert_eq!(after(&scene, lead, Engagement::OptedOut).await?.1, 0);
    assert_eq!(after(&scene, lead, Engagement::Called).await?.1, 0, "whoever opted out stays at nothing");

    let (other, _) = scene.person(0).await?;
    let stranger = tests::a_team().create(&scene.admin).await?.id;
    let mut tx = scene.db.team_bulk(stranger).await?;
    assert_eq!(
        lead::engage(&mut tx, &[(other, Engagement::Called)]).await?,
        0,
        "another team's is not there"
    );
    Ok(())
}
