//! The book of suppressions, consents and verdicts.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use domain::campaign::ConsentBasis;
use domain::id::TypedId as _;
use entities::consent::{self, ConsentKind, NewConsent};
use entities::gate_verdict::{self, Kept};
use entities::page::PageRequest;
use entities::suppression::{
    self, Filter, NewEntry, NewSuppression, OptOut, SuppressedKind, SuppressionMethod, SuppressionReason,
    SuppressionScope,
};
use entities::{DbError, fresh_id};
use serde_json::json;

use super::scene::{Scene, number};

fn entry(value: &str, reason: SuppressionReason) -> NewEntry {
    NewEntry {
        kind: SuppressedKind::Phone,
        value: value.to_owned(),
        reason,
        scope: SuppressionScope::Team,
        subject: String::new(),
        expires_at: None,
    }
}

fn keyword(value: &str) -> OptOut<'_> {
    OptOut {
        kind: SuppressedKind::Phone,
        value,
        scope: SuppressionScope::Team,
        subject: "",
        method: SuppressionMethod::Keyword,
        source: "signalhouse",
    }
}

#[tokio::test]
async fn a_book_is_kept_listed_and_lifted_one_by_one() -> Result<()> {
    let scene = Scene::new().await?;
    let mut tx = scene.tx().await?;
    let entries = [
        entry("+15125550001", SuppressionReason::Manual),
        entry("+15125550001", SuppressionReason::Dnc),
        entry("+15125550001", SuppressionReason::Dnc),
        entry("+15125550002", SuppressionReason::Litigator),
    ];
    let added =
        suppression::add(&mut tx, "a list", SuppressionMethod::Import, Some(scene.user), &entries).await?;
    assert_eq!((added.new, added.known), (3, 0));
    let again =
        suppression::add(&mut tx, "a list", SuppressionMethod::Import, Some(scene.user), &entries).await?;
    assert_eq!((again.new, again.known), (0, 3));
    let page = suppression::list(&mut tx, &Filter::default(), PageRequest::first(2)).await?;
    assert_eq!(page.items.len(), 2);
    let next = PageRequest { after: page.next, limit: 2 };
    assert_eq!(suppression::list(&mut tx, &Filter::default(), next).await?.items.len(), 1);
    let one = Filter { value: Some("+15125550001".to_owned()), ..Filter::default() };
    let found = suppression::list(&mut tx, &one, PageRequest::default()).await?.items;
    assert_eq!(found.len(), 2);
    assert!(!format!("{found:?}").contains("+1512"), "shown, it tells no number");

    assert!(suppression::lift(&mut tx, found[0].id, Some(scene.user)).await?);
    assert!(!suppression::lift(&mut tx, found[0].id, Some(scene.user)).await?, "once");
    assert_eq!(
        suppression::list(&mut tx, &one, PageRequest::default()).await?.items.len(),
        1,
        "the other reason holds"
    );
    let gone = suppression::lift(&mut tx, fresh_id(), None).await.expect_err("no such");
    assert!(matches!(gone, DbError::NotFound { .. }));

    let vendor = NewSuppression {
        kind: SuppressedKind::Phone,
        value: "+15125550001".to_owned(),
        reason: SuppressionReason::Manual,
    };
    suppression::suppress(&mut tx, "batchdata", &[vendor]).await?;
    let holding = suppression::list(&mut tx, &one, PageRequest::default()).await?.items;
    assert_eq!(holding.len(), 1, "what a person lifted, a vendor does not impose again");
    let past = Filter { past: true, ..one };
    assert_eq!(suppression::list(&mut tx, &past, PageRequest::default()).await?.items.len(), 2);
    Ok(())
}

#[tokio::test]
async fn start_takes_back_what_stop_said_and_nothing_else() -> Result<()> {
    let scene = Scene::new().await?;
    let value = number(0);
    let mut tx = scene.tx().await?;
    assert!(suppression::opt_out(&mut tx, &keyword(&value), scene.now).await?.new);
    assert!(!suppression::opt_out(&mut tx, &keyword(&value), scene.now).await?.new, "known");
    let entries = [entry(&value, SuppressionReason::Litigator)];
    suppression::add(&mut tx, "a list", SuppressionMethod::Import, None, &entries).await?;
    let lifted =
        suppression::opt_in(&mut tx, SuppressedKind::Phone, &value, Some("brand-1"), None, scene.now).await?;
    assert_eq!(lifted, 1);
    let filter = Filter { value: Some(value.clone()), ..Filter::default() };
    let left = suppression::list(&mut tx, &filter, PageRequest::default()).await?.items;
    assert_eq!(left.iter().map(|one| one.reason.as_str()).collect::<Vec<_>>(), ["litigator"]);
    assert!(
        suppression::opt_out(&mut tx, &keyword(&value), scene.now).await?.new,
        "said anew, it holds anew"
    );

    // What was said otherwise than by a word stays.
    let other = number(1);
    let said = OptOut { method: SuppressionMethod::Language, ..keyword(&other) };
    suppression::opt_out(&mut tx, &said, scene.now).await?;
    let lifted = suppression::opt_in(&mut tx, SuppressedKind::Phone, &other, None, None, scene.now).await?;
    assert_eq!(lifted, 0);
    Ok(())
}

#[tokio::test]
async fn an_opt_out_reaches_leads_scores_steps_and_consents() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, leads) = scene.planned(2).await?;
    scene.sent(campaign, "msg_1").await?;
    let value = number(0);
    let mut tx = scene.tx().await?;
    let given = NewConsent {
        kind: ConsentKind::Phone,
        value: value.clone(),
        basis: ConsentBasis::ExpressWritten,
        text_shown: "I agree to texts".to_owned(),
        source: "a form".to_owned(),
        method: "web_form".to_owned(),
        programme: None,
        identifiers: json!({ "form": 7 }),
        given_at: scene.now - TimeDelta::days(1),
        expires_at: None,
    };
    let kept = consent::record(&mut tx, std::slice::from_ref(&given), Some(scene.user)).await?;
    assert_eq!(kept.len(), 1);
    assert_eq!(consent::record(&mut tx, &[given], Some(scene.user)).await?.len(), 0, "once");
    let out = suppression::opt_out(&mut tx, &keyword(&value), scene.now).await?;
    tx.commit().await?;
    assert_eq!(out.leads, [leads[0]]);
    let (score, facts): (i16, i32) = sqlx::query_as("SELECT score, facts FROM leads WHERE id = $1")
        .bind(leads[0].uuid())
        .fetch_one(scene.admin.pool())
        .await?;
    assert_eq!(score, 0);
    assert!(domain::lead::LeadFacts::from_db(facts).contains(domain::lead::LeadFacts::OPTED_OUT));
    assert_eq!(scene.count("SELECT count(*) FROM campaign_leads WHERE state = 'opted_out'").await?, 1);
    let mut tx = scene.tx().await?;
    let consents = consent::list(&mut tx, Some(&value), PageRequest::default()).await?.items;
    let [revoked] = &consents[..] else { anyhow::bail!("{consents:?}") };
    assert_eq!(revoked.revoked_by.as_deref(), Some("opt_out"));
    assert!(!consent::revoke(&mut tx, revoked.id, "a person").await?, "once");
    let taken = tx.execute("DELETE FROM consents").await;
    assert!(taken.is_err(), "evidence is never taken away");
    Ok(())
}

#[tokio::test]
async fn verdicts_are_kept_for_what_was_sent_and_what_was_not() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, leads) = scene.planned(1).await?;
    let one = Kept {
        id: fresh_id(),
        lead: leads[0],
        step: 1,
        intent: None,
        allowed: false,
        rule: "quiet_hours",
        rule_set: "2026-11",
        inputs_hash: [3; 32],
        inputs: json!({ "line_type": "mobile" }),
        next_allowed_at: Some(scene.now + TimeDelta::hours(9)),
        at: scene.now,
    };
    let later = Kept {
        id: fresh_id(),
        allowed: true,
        rule: "passed",
        at: scene.now + TimeDelta::hours(9),
        ..one.clone()
    };
    let mut tx = scene.tx().await?;
    gate_verdict::keep(&mut tx, campaign, &[one.clone(), later.clone()]).await?;
    let kept = gate_verdict::of_lead(&mut tx, leads[0], Some(campaign), 10).await?;
    assert_eq!(
        kept.iter().map(|verdict| verdict.rule.as_str()).collect::<Vec<_>>(),
        ["passed", "quiet_hours"]
    );
    let first = gate_verdict::get(&mut tx, one.id).await?;
    assert_eq!((first.inputs, first.next_allowed_at), (one.inputs, one.next_allowed_at));
    assert_eq!(gate_verdict::counts(&mut tx, campaign).await?.len(), 2);
    let page = gate_verdict::page(&mut tx, campaign, None, 1).await?;
    let rest = gate_verdict::page(&mut tx, campaign, page.first().map(|verdict| verdict.id), 10).await?;
    assert_eq!((page.len(), rest.len()), (1, 1));
    let last = rest.first().context("the second")?;
    assert_ne!(last.id, page[0].id);
    Ok(())
}
