//! Who may release what: another person than the author, against what was seen, in time.

use anyhow::Result;
use entities::suppression::{self, NewSuppression, SuppressedKind, SuppressionReason};
use serde_json::{Value, json};
use tests::campaigns::Outreach;

#[tokio::test]
async fn an_approval_needs_another_person_and_what_was_seen() -> Result<()> {
    let outreach = Outreach::with_worker(sandbox::Settings::default()).await?;
    let people = outreach.people(3).await?;
    let id = outreach.create(&people, json!({})).await?;
    let (status, refused) =
        outreach.order(&outreach.approver, id, "approve", json!({ "preview_hash": "x" })).await?;
    assert_eq!(status, 409, "a draft is not approved: {refused}");
    outreach.must(id, "stage").await?;
    let preview = outreach.app.get(&outreach.team, &format!("/v1/campaigns/{id}/preview")).await?;
    let seen = json!({ "preview_hash": preview["preview_hash"] });

    // Whoever may send may not release.
    let (status, _) = outreach.order(&outreach.team, id, "approve", seen.clone()).await?;
    assert_eq!(status, 403);
    let (status, _) = outreach.order(&outreach.approver, id, "schedule", Value::Null).await?;
    assert_eq!(status, 403);

    // Somebody opts out: what was seen is not what would be sent.
    let numbers = outreach.numbers(&people).await?;
    let mut tx = outreach.app.db.team_bulk(outreach.team.id).await?;
    let opted_out = NewSuppression {
        kind: SuppressedKind::Phone,
        value: format!("+1{}", numbers[0]),
        reason: SuppressionReason::OptOut,
    };
    suppression::suppress(&mut tx, "test", &[opted_out]).await?;
    tx.commit().await?;
    let (status, stale) = outreach.order(&outreach.approver, id, "approve", seen).await?;
    assert_eq!((status, &stale["code"]), (409, &json!("campaign.preview_stale")), "{stale}");
    assert!(stale["detail"].as_str().is_some_and(|detail| detail.contains("audience")), "{stale}");

    let (status, _) =
        outreach.order(&outreach.approver, id, "reject", json!({ "reason": "too pushy" })).await?;
    assert_eq!(status, 200);
    let draft = outreach.campaign(id).await?;
    assert_eq!((&draft["state"], &draft["reject_reason"]), (&json!("draft"), &json!("too pushy")));

    outreach.must(id, "stage").await?;
    let preview = outreach.app.get(&outreach.approver, &format!("/v1/campaigns/{id}/preview")).await?;
    let seen = json!({ "preview_hash": preview["preview_hash"] });
    let (status, approved) = outreach.order(&outreach.approver, id, "approve", seen).await?;
    assert_eq!((status, &approved["state"]), (200, &json!("approved")), "{approved}");
    assert!(approved["approval_expires_at"].is_string());
    assert_eq!(outreach.texts().len(), 0, "nothing is sent before it is scheduled");
    Ok(())
}

#[tokio::test]
async fn a_campaign_that_cannot_be_sent_is_not_staged() -> Result<()> {
    let outreach = Outreach::with_worker(sandbox::Settings::default()).await?;
    let strangers = outreach.strangers(2).await?;
    let id = outreach.create(&strangers, json!({})).await?;
    let (status, refused) = outreach.order(&outreach.team, id, "stage", Value::Null).await?;
    assert_eq!((status, &refused["code"]), (409, &json!("campaign.insufficient_leads")), "{refused}");
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("2 by consent")), "{refused}");
    let without = outreach.create(&strangers, json!({ "sender": null })).await?;
    let (status, refused) = outreach.order(&outreach.team, without, "stage", Value::Null).await?;
    assert_eq!((status, &refused["code"]), (409, &json!("campaign.sender_missing")), "{refused}");
    Ok(())
}
