//! A run goes through its leads once, whatever becomes of its workers.

use anyhow::Result;
use domain::id::{EnrichmentId, LeadId};
use entities::enrichment::leads::{self, Ended, LeadOutcome, Which};
use entities::enrichment::raw_results::{self, Counts, NewResult};
use entities::enrichment::{self, EnrichmentState, NewEnrichment, Origin};
use entities::fresh_id;
use entities::lead::LeadFilter;
use serde_json::json;

use super::scene::Scene;

async fn created(scene: &Scene, which: &Which) -> Result<(EnrichmentId, u64)> {
    let team = scene.db.team(scene.team).await?;
    let new = NewEnrichment {
        what: json!({}),
        wanted: json!({ "mobile": true }),
        origin: Origin::Request,
        campaign: None,
        budget: None,
        created_by: None,
    };
    let run = enrichment::create(&team, new).await?.id.0;
    let filled = leads::fill(&team, run, which).await?;
    team.commit().await?;
    Ok((run, filled))
}

fn ended(position: i32, outcome: LeadOutcome) -> Ended {
    Ended { position, outcome, last_rung: Some("apollo".to_owned()), reason: Some("as told".to_owned()) }
}

#[tokio::test]
async fn a_run_has_its_leads_in_order_and_counts_each_once() -> Result<()> {
    let scene = Scene::new().await?;
    let mut ids: Vec<LeadId> = Vec::new();
    for _ in 0..5 {
        ids.push(scene.person(0).await?.0);
    }
    ids.sort_unstable();
    let mut asked = ids.clone();
    asked.push(fresh_id());
    asked.reverse();
    let (run, filled) = created(&scene, &Which::Leads(asked)).await?;
    assert_eq!(filled, 5, "a lead that is nobody's is passed over");
    let team = scene.db.team(scene.team).await?;
    assert!(leads::fill(&team, run, &Which::OnHold).await.is_ok_and(|filled| filled == 0));
    drop(team);

    let mut tx = scene.db.team_bulk(scene.team).await?;
    assert!(enrichment::start(&mut tx, run, "enrich:1").await?);
    let page = leads::pending(&mut tx, run, 0, 3).await?;
    assert_eq!(page.iter().map(|lead| lead.lead).collect::<Vec<_>>(), ids[..3]);
    let outcomes = [
        ended(1, LeadOutcome::Contactable),
        ended(2, LeadOutcome::OnHold),
        ended(3, LeadOutcome::DoNotContact),
    ];
    assert_eq!(leads::record(&mut tx, run, &outcomes).await?, 3);
    assert_eq!(leads::record(&mut tx, run, &outcomes).await?, 0, "repeated");
    assert_eq!(leads::record(&mut tx, run, &[ended(2, LeadOutcome::Failed)]).await?, 0, "an outcome stays");
    let rest = leads::pending(&mut tx, run, 0, leads::PAGE).await?;
    assert_eq!(rest.iter().map(|lead| lead.position).collect::<Vec<_>>(), [4, 5]);
    assert!(enrichment::end(&mut tx, run, EnrichmentState::Completed, None).await?);
    assert!(!enrichment::end(&mut tx, run, EnrichmentState::Cancelled, None).await?);
    tx.commit().await?;

    let team = scene.db.team(scene.team).await?;
    let run = enrichment::get(&team, run).await?;
    assert_eq!((run.leads, run.contactable, run.on_hold, run.do_not_contact, run.failed), (5, 1, 1, 1, 0));
    assert_eq!(run.state, EnrichmentState::Completed);
    drop(team);

    let (_, held) = created(&scene, &Which::OnHold).await?;
    assert_eq!(held, 1, "those on hold are asked about again");
    Ok(())
}

#[tokio::test]
async fn a_filter_chooses_as_the_list_does() -> Result<()> {
    let scene = Scene::new().await?;
    for _ in 0..3 {
        scene.person(0).await?;
    }
    sqlx::query("UPDATE leads SET state = 'TX', sic4 = '1711' WHERE id = (SELECT id FROM leads LIMIT 1)")
        .execute(scene.admin.pool())
        .await?;
    let filter = LeadFilter {
        states: vec!["TX".to_owned(), "OK".to_owned()],
        sic_prefixes: vec!["17".to_owned()],
        min_score: Some(0),
        unassigned: true,
        ..LeadFilter::default()
    };
    let (_, filled) = created(&scene, &Which::Filter(Box::new(filter))).await?;
    assert_eq!(filled, 1);
    let (_, all) = created(&scene, &Which::Filter(Box::default())).await?;
    assert_eq!(all, 3);
    Ok(())
}

#[tokio::test]
async fn an_answer_is_kept_once_a_part() -> Result<()> {
    let scene = Scene::new().await?;
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let call = fresh_id();
    let new = NewResult {
        call,
        part: 0,
        provider: "apollo",
        persona: None,
        lead: None,
        raw: b"not readable",
        key_id: "k1",
        counts: Counts { persons: 1, ..Counts::default() },
    };
    assert!(raw_results::keep(&mut tx, new).await?);
    assert!(!raw_results::keep(&mut tx, new).await?);
    assert!(raw_results::keep(&mut tx, NewResult { part: 1, ..new }).await?);
    let kept = raw_results::of_call(&mut tx, call).await?;
    assert_eq!(kept.iter().map(|part| part.part).collect::<Vec<_>>(), [0, 1]);
    assert_eq!((kept[0].raw.as_slice(), kept[0].key_id.as_str()), (b"not readable".as_slice(), "k1"));
    Ok(())
}
