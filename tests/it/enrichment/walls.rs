//! What one team asked, paid and found, no other team sees.

use anyhow::Result;
use domain::enrichment::{QuerySignature, RateLimit};
use domain::money::MicroDollars;
use entities::budget::{self, Limit, Scope};
use entities::enrichment::leads::Which;
use entities::enrichment::raw_results::{self, Counts, NewResult};
use entities::enrichment::socials::{self, FoundProfile};
use entities::enrichment::{self, NewEnrichment, Origin};
use entities::provider_account;
use entities::provider_call::{self, Ask, CallSubject, Claim};
use entities::pull::{self, NewPull, PulledPage, VendorRecord};
use entities::rate_limit::{self, Bucket};
use serde_json::json;
use sqlx::AssertSqlSafe;

use super::scene::Scene;

const TABLES: [&str; 15] = [
    "enrichments",
    "enrichment_leads",
    "provider_calls",
    "skiptrace_results",
    "social_profiles",
    "properties",
    "rate_buckets",
    "budgets",
    "budget_entries",
    "alerts",
    "pulls",
    "lead_source_events",
    "source_bookmarks",
    "vw_lead_quality_summary",
    "vw_campaign_ready_leads",
];

#[tokio::test]
async fn no_other_team_sees_any_of_it() -> Result<()> {
    let scene = Scene::new().await?;
    everything(&scene).await?;
    let other = tests::a_team().create(&scene.admin).await?.id;
    for table in TABLES {
        let sql = || AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let mut tx = scene.db.team_bulk(scene.team).await?;
        let own: Option<(i64,)> = tx.first(sqlx::query_as(sql())).await?;
        assert!(own.is_some_and(|(rows,)| rows > 0), "{table} has something to see");
        let mut tx = scene.db.team_bulk(other).await?;
        let foreign: Option<(i64,)> = tx.first(sqlx::query_as(sql())).await?;
        assert_eq!(foreign, Some((0,)), "{table} of another team");
        let nobody: (i64,) = sqlx::query_as(sql()).fetch_one(scene.db.pool()).await?;
        assert_eq!(nobody, (0,), "{table} without a team");
    }
    let mut tx = scene.db.team_bulk(other).await?;
    for (function, expected) in [
        ("compute_quality_score(l)::text", None),
        ("update_lead_status_from_score(l)", None),
        ("has_vendor_ids_been_seen('batchdata', repeat('a', 64), ARRAY['v1'])::text", Some("false")),
    ] {
        let sql = AssertSqlSafe(format!("SELECT {function} FROM unnest($1::uuid[]) l"));
        let leads: Vec<(uuid::Uuid,)> =
            sqlx::query_as("SELECT id FROM leads LIMIT 1").fetch_all(scene.admin.pool()).await?;
        let ids: Vec<uuid::Uuid> = leads.into_iter().map(|(id,)| id).collect();
        let answer: Option<(Option<String>,)> = tx.first(sqlx::query_as(sql).bind(&ids)).await?;
        assert_eq!(answer.and_then(|(answer,)| answer).as_deref(), expected, "{function}");
    }
    Ok(())
}

/// Something in every table.
async fn everything(scene: &Scene) -> Result<()> {
    let (lead, _) = scene.person(0).await?;
    let team = scene.db.team(scene.team).await?;
    let new = NewEnrichment {
        what: json!({}),
        wanted: json!({}),
        origin: Origin::Request,
        campaign: None,
        budget: None,
        created_by: None,
    };
    let run = enrichment::create(&team, new).await?.id.0;
    enrichment::leads::fill(&team, run, &Which::Leads(vec![lead])).await?;
    let pull = NewPull {
        source: "batchdata".to_owned(),
        query_sig: QuerySignature::of(&[], &json!({}), &json!(null)),
        pull_params: json!({}),
        schedule: None,
        most_pages: None,
        created_by: None,
    };
    let pull_id = pull::create(&team, pull).await?.id.0;
    team.commit().await?;

    let mut tx = scene.db.team_bulk(scene.team).await?;
    let ask = Ask {
        provider: "batchdata",
        product: "skip_trace",
        request_hash: [1; 32],
        subject: CallSubject::Lead(lead),
        enrichment: Some(run),
        claimed_by: "one",
        lease: std::time::Duration::from_secs(60),
    };
    let Claim::Claimed { call, .. } = provider_call::claim(&mut tx, &ask).await? else { panic!("claimed") };
    let limit = Limit { money: Some(MicroDollars::new(100)), calls: None };
    budget::set_limit(&mut tx, &Scope::Team, limit).await?;
    budget::reserve(&mut tx, call, &[Scope::Team, Scope::Day], MicroDollars::new(100), true).await?;
    budget::settle(&mut tx, call, MicroDollars::new(100)).await?;
    provider_account::pause(&mut tx, "batchdata", "out of credit").await?;
    let bucket = Bucket::Team("batchdata".to_owned());
    rate_limit::take_each(&mut tx, &[(bucket, RateLimit::per_second(1, 1)?)]).await?;
    let answer = NewResult {
        call,
        part: 0,
        provider: "batchdata",
        persona: None,
        lead: Some(lead),
        raw: b"x",
        key_id: "k",
        counts: Counts::default(),
    };
    raw_results::keep(&mut tx, answer).await?;
    let profile = FoundProfile { lead, network: "linkedin", url: "https://linkedin.com/in/a".to_owned() };
    socials::add(&mut tx, "apollo", &[profile]).await?;
    let record = VendorRecord { vendor_record_id: Some("v1".to_owned()), ..VendorRecord::default() };
    pull::upsert(&mut tx, "batchdata", &record).await?;
    let ids = ["v1".to_owned()];
    let page = PulledPage { number: 1, vendor_ids: &ids, leads_new: 1, leads_known: 0, moves_bookmark: true };
    pull::log_page(&mut tx, pull_id, page).await?;
    tx.commit().await?;
    sqlx::query("UPDATE leads SET status = 'contactable', quality_score = 60")
        .execute(scene.admin.pool())
        .await?;
    Ok(())
}
