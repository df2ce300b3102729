//! Quality stands in SQL and in Rust, and is one.

use anyhow::Result;
use domain::enrichment::{PropertyFacts, quality_of_business, quality_of_property, standing};
use domain::lead::{LeadFacts, WEIGHTS_V1, contact_class, score};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::scene::Scene;

const SEED: u64 = 20_261_122;
const TRIES: usize = 20_000;

#[tokio::test]
async fn the_quality_of_a_business_lead() -> Result<()> {
    let scene = Scene::new().await?;
    let mut chance = StdRng::seed_from_u64(SEED);
    let mut facts: Vec<i32> = (0..TRIES).map(|_| chance.random()).collect();
    facts.extend((0..32).map(|bit| (1u32 << bit).cast_signed()));
    facts.extend((0..32).map(|bit| (!(1u32 << bit)).cast_signed()));
    let in_sql: Vec<(i16,)> = sqlx::query_as(
        "SELECT quality_of_business(f) FROM unnest($1::integer[]) WITH ORDINALITY f (f, place) ORDER BY place",
    )
    .bind(&facts)
    .fetch_all(scene.admin.pool())
    .await?;
    for (facts, (quality,)) in facts.iter().zip(in_sql) {
        let facts = LeadFacts::from_db(*facts);
        assert_eq!(i16::from(quality_of_business(facts).value), quality, "{facts:?}");
    }
    Ok(())
}

#[tokio::test]
async fn the_quality_of_a_property_lead() -> Result<()> {
    let scene = Scene::new().await?;
    let mut chance = StdRng::seed_from_u64(SEED);
    for _ in 0..2_000 {
        let mut key = || match chance.random_range(0..3) {
            0 => None,
            1 => Some(String::new()),
            _ => Some("8008070202".to_owned()),
        };
        let (mak, apn) = (key(), key());
        let owner_occupied = [None, Some(false), Some(true)][chance.random_range(0..3)];
        let owner_age = [None, Some(61), Some(62), Some(90)][chance.random_range(0..4)];
        let value = [None, Some(99_999), Some(100_000), Some(5_000_000)][chance.random_range(0..4)];
        let equity = [None, Some(-1), Some(0), Some(1)][chance.random_range(0..4)];
        let facts = LeadFacts::from_bits(chance.random());
        let quality: i16 = sqlx::query_scalar("SELECT quality_of_property($1, $2, $3, $4, $5, $6, $7)")
            .bind(facts.to_db())
            .bind(&mak)
            .bind(&apn)
            .bind(owner_occupied)
            .bind(owner_age)
            .bind(value)
            .bind(equity)
            .fetch_one(scene.admin.pool())
            .await?;
        let there = |key: &Option<String>| key.as_deref().is_some_and(|key| !key.is_empty());
        let of = PropertyFacts {
            verified_email: facts.contains(LeadFacts::VERIFIED_EMAIL),
            verified_phone: facts.contains(LeadFacts::VERIFIED_PHONE),
            mak_and_apn: there(&mak) && there(&apn),
            owner_occupied: owner_occupied == Some(true),
            owner_age,
            value,
            equity,
        };
        assert_eq!(i16::from(quality_of_property(&of).value), quality, "{of:?}");
    }
    Ok(())
}

#[tokio::test]
async fn the_status_that_follows() -> Result<()> {
    let scene = Scene::new().await?;
    for forbidden in [false, true] {
        for quality in 0..=100u8 {
            let status: String = sqlx::query_scalar("SELECT status_of_quality($1::smallint, $2)")
                .bind(i16::from(quality))
                .bind(forbidden)
                .fetch_one(scene.admin.pool())
                .await?;
            assert_eq!(standing(quality, forbidden).as_str(), status, "{quality} {forbidden}");
        }
    }
    Ok(())
}

/// `upsert_lead` grades what it makes; the grade is the one that the program would give.
#[tokio::test]
async fn the_first_score_of_a_property_lead() -> Result<()> {
    let scene = Scene::new().await?;
    let mut tx = scene.db.team_bulk(scene.team).await?;
    for case in 0..8 {
        let given = |bit: i32, text: &'static str| (case & bit != 0).then_some(text);
        let row: Option<(i16, i32, String)> = tx
            .first(
                sqlx::query_as(
                    "WITH made AS (SELECT upsert_lead('batchdata', $1, NULL, $2, NULL, 'Austin', 'TX', '78701', NULL, \
                            $3, NULL, NULL, $4, NULL, NULL, NULL) AS id) SELECT 0::smallint, 0, id::text FROM made",
                )
                .bind(format!("v{case}"))
                .bind(given(1, "1 Main St"))
                .bind(given(2, "Ann"))
                .bind(given(4, "Acme LLC")),
            )
            .await?;
        let id = row.expect("a lead").2;
        let row: Option<(i16, i32, String)> = tx
            .first(
                sqlx::query_as("SELECT score, facts, contact_class FROM leads WHERE id = $1::uuid").bind(id),
            )
            .await?;
        let (stored, facts, class) = row.expect("the lead");
        let facts = LeadFacts::from_db(facts);
        assert_eq!(facts.contains(LeadFacts::HAS_ADDRESS), case & 1 != 0, "{case}");
        assert_eq!(facts.contains(LeadFacts::HAS_PERSON), case & 2 != 0, "{case}");
        assert_eq!(facts.contains(LeadFacts::HAS_COMPANY), case & 4 != 0, "{case}");
        assert_eq!(stored, i16::from(score(facts, &WEIGHTS_V1).value), "{facts:?}");
        assert_eq!(class, contact_class(facts).as_str());
        tx.run(sqlx::query("DELETE FROM leads")).await?;
    }
    Ok(())
}
