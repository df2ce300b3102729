//! What one team plans, sends and hears, no other team sees.

use anyhow::{Context, Result};
use domain::id::TypedId as _;
use entities::kill_switch::{self, Target};
use entities::outbox::{self, NewNotice, Which};
use entities::sdr_profile::{self, Profile, SdrRole};
use entities::throttle::{self, Applies, Daily, Unit, Wanted};
use entities::{gate_verdict, message, suppression, webhook};
use serde_json::json;
use sqlx::AssertSqlSafe;

use super::scene::{Scene, number};

const TABLES: [&str; 24] = [
    "senders",
    "templates",
    "template_versions",
    "sdr_profiles",
    "campaigns",
    "campaign_steps",
    "campaign_leads",
    "send_intents",
    "gate_verdicts",
    "messages",
    "message_events",
    "kill_switches",
    "send_counters",
    "consents",
    "suppressions",
    "active_suppressions",
    "webhook_tokens",
    "webhook_deliveries",
    "outbox",
    "campaign_stats",
    "campaign_failures",
    "campaign_totals",
    "campaign_costs",
    "campaign_calendar",
];

#[tokio::test]
async fn no_other_team_sees_any_of_it() -> Result<()> {
    let scene = Scene::new().await?;
    everything(&scene).await?;
    let other = tests::a_team().create(&scene.admin).await?.id;
    for table in TABLES {
        let sql = || AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let mut tx = scene.tx().await?;
        let own: Option<(i64,)> = tx.first(sqlx::query_as(sql())).await?;
        assert!(own.is_some_and(|(rows,)| rows > 0), "{table} has something to see");
        let mut tx = scene.db.team_bulk(other).await?;
        let foreign: Option<(i64,)> = tx.first(sqlx::query_as(sql())).await?;
        assert_eq!(foreign, Some((0,)), "{table} of another team");
        let nobody: (i64,) = sqlx::query_as(sql()).fetch_one(scene.db.pool()).await?;
        assert_eq!(nobody, (0,), "{table} without a team");
    }
    Ok(())
}

#[tokio::test]
async fn a_door_is_found_by_its_token_alone_and_a_delivery_is_kept_once() -> Result<()> {
    let scene = Scene::new().await?;
    let mut tx = scene.tx().await?;
    let token =
        webhook::make_door(&mut tx, "signalhouse", b"secret", Some((b"sealed", "k1")), Some(scene.user))
            .await?;
    tx.commit().await?;
    assert_eq!(webhook::find_door(&scene.db, b"Secret").await?, None);
    let door = webhook::find_door(&scene.db, b"secret").await?.context("a door")?;
    assert_eq!((door.team, door.token, door.provider.as_str()), (scene.team, token, "signalhouse"));
    let mut tx = scene.tx().await?;
    webhook::keep(&mut tx, &door, "d1", b"sealed body", "k1").await?.context("new")?;
    assert_eq!(webhook::keep(&mut tx, &door, "d1", b"sealed body", "k1").await?, None, "once");
    assert_eq!(webhook::doors(&mut tx).await?.len(), 1);
    assert!(webhook::close_door(&mut tx, token).await?);
    tx.commit().await?;
    assert_eq!(webhook::find_door(&scene.db, b"secret").await?, None, "a closed door opens to nobody");
    Ok(())
}

#[tokio::test]
async fn what_is_to_be_told_is_told_by_one_at_a_time() -> Result<()> {
    let scene = Scene::new().await?;
    let payload = json!({ "campaign": "cmp_1" });
    let notice = NewNotice { kind: "campaign.completed", dedup_key: "c1", payload: &payload };
    let mut tx = scene.tx().await?;
    assert!(outbox::put(&mut tx, notice).await?);
    assert!(!outbox::put(&mut tx, notice).await?, "the same is told once");
    tx.commit().await?;
    assert_eq!(outbox::teams(&scene.db, 10).await?, [scene.team], "the relay knows whose it is");
    let lease = std::time::Duration::from_secs(60);
    let mut tx = scene.tx().await?;
    let taken = outbox::take(&mut tx, Which::AllBut("none"), 10, lease).await?;
    assert_eq!((taken.len(), taken[0].attempts), (1, 0));
    assert!(
        outbox::take(&mut tx, Which::AllBut("none"), 10, lease).await?.is_empty(),
        "it is in somebody's hands"
    );
    outbox::failed(&mut tx, taken[0].id, "connection refused", std::time::Duration::ZERO).await?;
    let again = outbox::take(&mut tx, Which::AllBut("none"), 10, lease).await?;
    assert_eq!(again[0].attempts, 1);
    outbox::done(&mut tx, &[again[0].id]).await?;
    tx.commit().await?;
    assert!(outbox::teams(&scene.db, 10).await?.is_empty());
    Ok(())
}

/// Something in every table.
async fn everything(scene: &Scene) -> Result<()> {
    let (campaign, leads) = scene.planned(3).await?;
    scene.sent(campaign, "msg_1").await?;
    let refused = scene.claimed(campaign, "one", 1).await?;
    scene.begin("one", &refused).await?;
    scene.settle(refused[0], entities::send_intent::Outcome::Refused { code: "21211" }).await?;
    let mut tx = scene.tx().await?;
    let report = message::Report {
        external_id: "msg_1",
        delivery_key: "d1",
        status: domain::message::MessageStatus::Delivered,
        error_code: None,
        price: None,
        segments: None,
        happened_at: scene.now,
    };
    message::report(&mut tx, "signalhouse", &[report], scene.now).await?;
    let profile = Profile {
        name: "Gianna".to_owned(),
        role: SdrRole::Opener,
        voice: String::new(),
        tone: String::new(),
        signature: String::new(),
    };
    sdr_profile::create(&mut tx, &profile, None).await?;
    let verdict = gate_verdict::Kept {
        id: entities::fresh_id(),
        lead: leads[0],
        step: 1,
        intent: None,
        allowed: true,
        rule: "passed",
        rule_set: "1",
        inputs_hash: [0; 32],
        inputs: json!({}),
        next_allowed_at: None,
        at: scene.now,
    };
    gate_verdict::keep(&mut tx, campaign, &[verdict]).await?;
    let switch = kill_switch::set(&mut tx, Target::Campaign(campaign), "a drill", None).await?;
    kill_switch::lift(&mut tx, switch, None).await?;
    let daily =
        Daily { counter: "c".to_owned(), zone: None, limit: 10, unit: Unit::Messages, applies: Applies::All };
    let wanted = [Wanted { segments: 1, carrier: None }];
    throttle::draw(&mut tx, &[], &[daily], &wanted, std::time::Duration::ZERO, scene.now).await?;
    let value = number(900);
    let consent = entities::consent::NewConsent {
        kind: entities::consent::ConsentKind::Phone,
        value: value.clone(),
        basis: domain::campaign::ConsentBasis::Express,
        text_shown: "x".to_owned(),
        source: "x".to_owned(),
        method: "x".to_owned(),
        programme: None,
        identifiers: json!({}),
        given_at: scene.now,
        expires_at: None,
    };
    entities::consent::record(&mut tx, &[consent], None).await?;
    let who = suppression::OptOut {
        kind: suppression::SuppressedKind::Phone,
        value: &value,
        scope: suppression::SuppressionScope::Team,
        subject: "",
        method: suppression::SuppressionMethod::Person,
        source: "a person",
    };
    suppression::opt_out(&mut tx, &who, scene.now).await?;
    let token = webhook::make_door(&mut tx, "signalhouse", b"secret", None, None).await?;
    let door =
        webhook::Door { team: scene.team, token, provider: "signalhouse".to_owned(), sealed_secrets: None };
    webhook::keep(&mut tx, &door, "d1", b"x", "k").await?;
    outbox::put(&mut tx, NewNotice { kind: "k", dedup_key: "d", payload: &json!({}) }).await?;
    tx.commit().await?;
    let (id,): (uuid::Uuid,) =
        sqlx::query_as("SELECT id FROM campaigns").fetch_one(scene.admin.pool()).await?;
    assert_eq!(id, campaign.uuid());
    Ok(())
}
