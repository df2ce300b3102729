//! What a vendor sends later, to an address that nobody can guess.

use anyhow::{Context, Result};
use domain::id::{LeadId, ProviderCallId, TypedId as _};
use domain::money::MicroDollars;
use entities::fresh_id;
use entities::provider_call::{self, CallState, Finished};
use entities::waterfall::answer;
use reqwest::Method;
use sandbox::{Fault, Identity, Introduction, Line, LineKind, Mailbox, Sandbox, Script, Settings, Vendor};
use serde_json::json;
use tests::{Team, TestApp};
use uuid::Uuid;

use super::scene;

/// A person at a business, known to Apollo.
async fn employee(app: &TestApp, team: &Team, sandbox: &Sandbox) -> Result<LeadId> {
    let (lead, persona, business) = (fresh_id::<LeadId>(), uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
    let mut tx = app.db.team_bulk(team.id).await?;
    let team_id = team.id.uuid();
    tx.run(
        sqlx::query(
            "INSERT INTO personas (team_id, id, match_key, given_name, family_name) VALUES ($1, $2, $2, 'maria', 'trudor')",
        )
        .bind(team_id)
        .bind(persona),
    )
    .await?;
    tx.run(
        sqlx::query(
            "INSERT INTO businesses (team_id, id, match_key, name, display_name, website)
             VALUES ($1, $2, $2, 'TRUDOR PLUMBING', 'Trudor Plumbing', 'trudorplumbing.example')",
        )
        .bind(team_id)
        .bind(business),
    )
    .await?;
    tx.run(
        sqlx::query(
            "INSERT INTO leads (team_id, id, kind, persona_id, business_id, lead_key, contact_class, score, facts, score_rules,
                                quality_score, tags)
             VALUES ($1, $2, 'person', $3, $4, $2, 'generic_contact', 50, 3, 1, 0, '{}')",
        )
        .bind(team_id)
        .bind(lead.uuid())
        .bind(persona)
        .bind(business),
    )
    .await?;
    tx.commit().await?;
    sandbox.world().introduce(Introduction {
        identity: Identity {
            first: "maria".into(),
            last: "trudor".into(),
            domain: "trudorplumbing.example".into(),
            company: "Trudor Plumbing".into(),
            ..Identity::default()
        },
        lines: Some(vec![Line {
            number: "5125552345".into(),
            kind: LineKind::Mobile,
            carrier: "Verizon Wireless".into(),
            connected: true,
            dnc: false,
            tcpa: false,
        }]),
        // No mailbox that takes mail, so that the number is needed.
        mailboxes: Some(vec![Mailbox {
            address: "m@trudorplumbing.example".into(),
            work: true,
            verified: false,
        }]),
        deceased: Some(false),
        litigator: Some(false),
        known_to: Some(vec![Vendor::Apollo]),
    });
    Ok(lead)
}

#[tokio::test]
async fn a_number_that_comes_later_and_twice_is_attached_once() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default(), &[Vendor::Apollo]).await?;
    sandbox.script(Script::new(Fault::WebhookTwice).at(Vendor::Apollo))?;
    let lead = employee(&app, &team, &sandbox).await?;
    let run = app.enrich_through(&team, &[lead]).await?;
    assert_eq!(run.state.as_str(), "completed", "{run:?}");
    let numbers = "SELECT count(*) FROM persona_phones WHERE team_id = $1 AND source = 'apollo'";
    assert_eq!(app.count(&team, numbers).await?, 1, "{run:?}");
    tests::wait_until("both deliveries came", tests::vendors::PATIENCE, || async {
        sandbox.ledger().vendor(Vendor::Apollo).webhooks_delivered == 2
    })
    .await;
    let parts = "SELECT count(*) FROM skiptrace_results WHERE team_id = $1 AND part > 0";
    assert_eq!(app.count(&team, parts).await?, 1, "the repetition is known again");
    assert_eq!(app.count(&team, numbers).await?, 1);
    let spent = "SELECT coalesce(sum(settled_micros), 0)::bigint FROM provider_calls WHERE team_id = $1";
    assert_eq!(app.count(&team, spent).await?.cast_unsigned(), sandbox.ledger().micro_dollars);
    let left = "SELECT count(*) FROM provider_calls WHERE team_id = $1 AND state = 'pending'";
    assert_eq!(app.count(&team, left).await?, 0);
    Ok(())
}

#[tokio::test]
async fn an_address_that_nobody_was_given_is_not_there() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default(), &[Vendor::Apollo]).await?;
    for token in ["short", &"0".repeat(64), &"Z".repeat(64)] {
        let path = format!("/hooks/enrichment/{token}");
        let response = app.anonymous(Method::POST, &path).json(&json!({})).send().await?;
        assert_eq!(response.status(), 404, "{token}");
    }
    let lead = employee(&app, &team, &sandbox).await?;
    app.enrich_through(&team, &[lead]).await?;
    let stored: Vec<u8> = sqlx::Row::try_get(
        &sqlx::query("SELECT capability_hash FROM provider_calls WHERE capability_hash IS NOT NULL LIMIT 1")
            .fetch_optional(app.admin.pool())
            .await?
            .context("a call that was to be answered later")?,
        0,
    )?;
    // What is stored opens nothing.
    let path = format!("/hooks/enrichment/{}", hex::encode(stored));
    let response = app.anonymous(Method::POST, &path).json(&json!({ "people": [] })).send().await?;
    assert_eq!(response.status(), 404);
    Ok(())
}

/// Two pages of a run, or two attempts at one, may come upon the same delivery.
#[tokio::test]
async fn what_it_cost_is_said_once_although_two_come_upon_it() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default(), &[Vendor::Apollo]).await?;
    let lead = employee(&app, &team, &sandbox).await?;
    app.enrich_through(&team, &[lead]).await?;
    let call: Uuid =
        sqlx::query_scalar("SELECT call_id FROM skiptrace_results WHERE team_id = $1 AND part > 0")
            .bind(team.id.uuid())
            .fetch_one(app.admin.pool())
            .await?;
    // As it was when the delivery had come, and nobody had looked.
    sqlx::query("UPDATE provider_calls SET state = 'pending', settled_micros = 20000 WHERE id = $1")
        .bind(call)
        .execute(app.admin.pool())
        .await?;
    let mut first = app.db.team_bulk(team.id).await?;
    let before = answer::of_calls(&mut first, &[call]).await?;
    assert_eq!((before[0].state.as_str(), before[0].settled_micros), ("pending", Some(20_000)));
    let (db, of) = (app.db.clone(), team.id);
    let second = tokio::spawn(async move {
        let mut tx = db.team_bulk(of).await?;
        answer::of_calls(&mut tx, &[call]).await
    });
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE $1 IS NOT NULL AND wait_event_type = 'Lock'
                    AND datname = current_database()";
    tests::wait_until("the second waits", tests::vendors::PATIENCE, || async {
        second.is_finished() || app.count(&team, waits).await.is_ok_and(|waiting| waiting > 0)
    })
    .await;
    let cost = MicroDollars::new(180_000);
    let end = Finished {
        state: CallState::Match,
        verdict: "later",
        http_status: None,
        request_id: None,
        batch: None,
        cost,
        took: None,
    };
    provider_call::finish(&mut first, ProviderCallId::from_uuid(call), end).await?;
    first.commit().await?;
    let after = second.await??;
    assert_eq!((after[0].state.as_str(), after[0].settled_micros), ("match", Some(180_000)));
    Ok(())
}
