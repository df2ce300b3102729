//! Contact points keep where they come from, are never doubled, and never give way to weaker evidence.

use anyhow::Result;
use domain::id::{LeadId, TypedId as _};
use domain::lead::LeadFacts;
use entities::enrichment::contact_points::{self, FoundPoint, PointChange, PointKind};
use entities::enrichment::settle::{Settled, settle};
use entities::enrichment::socials::{self, FoundProfile};
use entities::enrichment::subject;
use entities::lead::LeadStatus;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::scene::Scene;

const MOBILE: &str = "+15125550100";

async fn merge(scene: &Scene, source: &str, point: FoundPoint) -> Result<PointChange> {
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let changes = contact_points::merge(&mut tx, source, &[point]).await?;
    tx.commit().await?;
    Ok(changes[0])
}

async fn settled(scene: &Scene, lead: LeadId) -> Result<Settled> {
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let mut settled = settle(&mut tx, &[lead]).await?;
    tx.commit().await?;
    Ok(settled.remove(0))
}

/// Source, score, verified, whether it was ever verified.
async fn stored(scene: &Scene) -> Result<Vec<(String, i16, bool, bool)>> {
    let sql = "SELECT source, score, verified, last_verified_at IS NOT NULL FROM persona_phones";
    Ok(sqlx::query_as(sql).fetch_all(scene.admin.pool()).await?)
}

#[tokio::test]
async fn stronger_evidence_stands_and_spelling_makes_no_second_number() -> Result<()> {
    let scene = Scene::new().await?;
    let (lead, _) = scene.person(0).await?;
    let point = |value: &str, kind, score, verified| FoundPoint::new(lead, kind, value, score, verified);
    let first = merge(&scene, "realestateapi", point("(512) 555-0100", PointKind::Phone, 50, false)).await?;
    assert_eq!(first, PointChange::Added);
    let weaker = merge(&scene, "melissa", point("512.555.0100", PointKind::Landline, 49, false)).await?;
    assert_eq!(weaker, PointChange::Kept);
    assert_eq!(stored(&scene).await?, [("realestateapi".to_owned(), 50, false, false)]);
    let verified = merge(&scene, "batchdata", point("1-512-555-0100", PointKind::Mobile, 10, true)).await?;
    assert_eq!(verified, PointChange::Updated);
    assert_eq!(stored(&scene).await?, [("batchdata".to_owned(), 10, true, true)]);
    let loud = merge(&scene, "apollo", point(MOBILE, PointKind::Landline, 100, false)).await?;
    assert_eq!(loud, PointChange::Kept, "a high score is no verification");
    let (line,): (String,) =
        sqlx::query_as("SELECT line_type FROM persona_phones").fetch_one(scene.admin.pool()).await?;
    assert_eq!(line, "mobile");
    Ok(())
}

#[tokio::test]
async fn what_is_no_number_is_refused_and_another_teams_lead_is_none() -> Result<()> {
    let scene = Scene::new().await?;
    let (lead, _) = scene.person(0).await?;
    for (kind, value) in [
        (PointKind::Phone, "555"),
        (PointKind::Phone, "+44 20 7946 0018"),
        (PointKind::Email, "ann"),
        (PointKind::Email, "a b@c.d"),
    ] {
        assert!(merge(&scene, "x", FoundPoint::new(lead, kind, value, 1, false)).await.is_err(), "{value}");
    }
    let other = tests::a_team().create(&scene.admin).await?.id;
    let mut tx = scene.db.team_bulk(other).await?;
    let foreign = FoundPoint::new(lead, PointKind::Mobile, MOBILE, 1, false);
    let refused = contact_points::merge(&mut tx, "x", &[foreign]).await;
    assert!(matches!(refused, Err(entities::DbError::RowSecurity { .. })), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn quality_status_and_score_follow_from_what_was_verified() -> Result<()> {
    let scene = Scene::new().await?;
    let known = LeadFacts::HAS_PERSON | LeadFacts::TARGET_SIZE | LeadFacts::OWNER | LeadFacts::DECISION_MAKER;
    let (lead, _) = scene.person(known.to_db()).await?;
    let before = settled(&scene, lead).await?;
    assert_eq!((before.quality, before.status), (20, LeadStatus::DoNotContact));

    merge(&scene, "batchdata", FoundPoint::new(lead, PointKind::Landline, "5125550199", 90, true)).await?;
    assert_eq!(settled(&scene, lead).await?.quality, 20, "a landline takes no text");
    let listed = FoundPoint { dnc: true, ..FoundPoint::new(lead, PointKind::Mobile, "5125550198", 90, true) };
    merge(&scene, "batchdata", listed).await?;
    assert_eq!(settled(&scene, lead).await?.quality, 20, "a number on the do-not-call list is none to call");
    merge(&scene, "batchdata", FoundPoint::new(lead, PointKind::Mobile, "5125550198", 95, true)).await?;
    assert_eq!(settled(&scene, lead).await?.quality, 20, "and stays on it");

    merge(&scene, "batchdata", FoundPoint::new(lead, PointKind::Mobile, MOBILE, 90, true)).await?;
    let phone = settled(&scene, lead).await?;
    assert_eq!((phone.quality, phone.status), (50, LeadStatus::Enriched));
    merge(&scene, "apollo", FoundPoint::new(lead, PointKind::Email, "ann@example.com", 90, true)).await?;
    let both = settled(&scene, lead).await?;
    assert_eq!((both.quality, both.status), (90, LeadStatus::Contactable));
    assert!(
        both.facts.contains(LeadFacts::VERIFIED_EMAIL | LeadFacts::VERIFIED_PHONE | LeadFacts::HAS_EMAIL)
    );
    assert!(both.score > before.score, "{before:?} {both:?}");

    let ready: Vec<(String, Vec<String>, Vec<String>)> =
        sqlx::query_as("SELECT first_name, phones, emails FROM vw_campaign_ready_leads")
            .fetch_all(scene.admin.pool())
            .await?;
    assert_eq!(ready.len(), 1);
    assert_eq!(ready[0].1[0], MOBILE, "the best first");
    assert!(!ready[0].1.contains(&"+15125550198".to_owned()), "and none that is not to be called");
    assert_eq!(ready[0].2, ["ann@example.com"]);

    let mut tx = scene.db.team_bulk(scene.team).await?;
    let profile = FoundProfile { lead, network: "linkedin", url: "https://linkedin.com/in/ann/".to_owned() };
    assert_eq!(socials::add(&mut tx, "apollo", &[profile.clone(), profile.clone()]).await?, 1);
    assert_eq!(socials::add(&mut tx, "apollo", &[profile]).await?, 1);
    contact_points::flag_person(&mut tx, lead, false, true).await?;
    contact_points::flag_person(&mut tx, lead, false, false).await?;
    tx.commit().await?;
    let dead = settled(&scene, lead).await?;
    assert_eq!((dead.quality, dead.status), (90, LeadStatus::DoNotContact));
    assert!(dead.facts.contains(LeadFacts::LINKEDIN));

    let mut tx = scene.db.team_bulk(scene.team).await?;
    let subject = subject::load(&mut tx, &[lead]).await?.remove(0);
    assert!(subject.forbidden);
    assert_eq!(subject.linkedin.as_deref(), Some("https://linkedin.com/in/ann"));
    assert_eq!((subject.phones.len(), subject.emails.len()), (3, 1));
    assert_eq!(subject.phones.iter().filter(|phone| phone.flagged).count(), 1);
    Ok(())
}

#[tokio::test]
async fn a_lead_that_was_contacted_keeps_its_status() -> Result<()> {
    let scene = Scene::new().await?;
    let (lead, _) = scene.person(0).await?;
    sqlx::query("UPDATE leads SET status = 'qualified'").execute(scene.admin.pool()).await?;
    merge(&scene, "x", FoundPoint::new(lead, PointKind::Email, "Ann@Example.com", 90, true)).await?;
    let after = settled(&scene, lead).await?;
    assert_eq!((after.quality, after.status), (40, LeadStatus::Qualified));
    Ok(())
}

#[tokio::test]
async fn a_lead_without_a_person_has_one_of_each() -> Result<()> {
    let scene = Scene::new().await?;
    let lead = scene.nobody(LeadFacts::HAS_COMPANY.to_db()).await?;
    let point = |kind, value: &str| FoundPoint::new(lead, kind, value, 90, true);
    assert_eq!(merge(&scene, "x", point(PointKind::Mobile, MOBILE)).await?, PointChange::Added);
    assert_eq!(merge(&scene, "x", point(PointKind::Mobile, MOBILE)).await?, PointChange::Updated);
    assert_eq!(merge(&scene, "x", point(PointKind::Mobile, "5125550101")).await?, PointChange::Kept);
    assert_eq!(merge(&scene, "x", point(PointKind::Email, "info@example.com")).await?, PointChange::Added);
    let after = settled(&scene, lead).await?;
    assert_eq!((after.quality, after.status), (70, LeadStatus::Contactable));
    Ok(())
}

/// Whatever vendors say in whatever order, the number is there once, by the strongest that was ever said.
#[tokio::test]
async fn the_strongest_ever_said_stands() -> Result<()> {
    let scene = Scene::new().await?;
    let mut chance = StdRng::seed_from_u64(20_261_122);
    for _ in 0..40 {
        let (lead, persona) = scene.person(0).await?;
        // Few scores, so that some are equal.
        let said: Vec<(bool, u8)> = (0..chance.random_range(1..8))
            .map(|_| (chance.random_bool(0.4), chance.random_range(0..4) * 30))
            .collect();
        for (at, (verified, score)) in said.iter().enumerate() {
            let point = FoundPoint::new(lead, PointKind::Mobile, MOBILE, *score, *verified);
            merge(&scene, &format!("vendor {at}"), point).await?;
        }
        let rows: Vec<(String, i16, bool, bool)> = sqlx::query_as(
            "SELECT source, score, verified, last_verified_at IS NOT NULL FROM persona_phones WHERE persona_id = $1",
        )
        .bind(persona.uuid())
        .fetch_all(scene.admin.pool())
        .await?;
        let best = said.iter().enumerate().max_by_key(|(at, (verified, score))| (*verified, *score, *at));
        let (at, (verified, score)) = best.expect("somebody said something");
        let expected = (format!("vendor {at}"), i16::from(*score), *verified, *verified);
        assert_eq!(rows, [expected], "{said:?}");
    }
    Ok(())
}
