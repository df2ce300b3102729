//! What people decide about conversations, over HTTP, as the console does it: with a worker that carries it out.

use anyhow::{Context, Result};
use domain::id::{ConversationId, SuggestionId};
use reqwest::{Method, StatusCode};
use sandbox::Settings;
use serde_json::{Value, json};
use tests::a_team;
use tests::replies::Correspondence;

/// Somebody who asked, and the suggestion that waits.
async fn asked(all: &Correspondence) -> Result<(String, ConversationId, SuggestionId)> {
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    all.write(&number, "How does it work?").await?;
    let (conversation, suggestion, _) = all.suggested(&number).await?;
    Ok((number, conversation, suggestion))
}

async fn order(
    all: &Correspondence,
    of: ConversationId,
    what: &str,
    body: Value,
) -> Result<(StatusCode, Value)> {
    let path = format!("/v1/conversations/{of}/{what}");
    let request = all.outreach.app.request(&all.outreach.team, Method::POST, &path).json(&body);
    let response = request.send().await?;
    Ok((response.status(), response.json().await?))
}

#[tokio::test]
async fn what_is_approved_goes_out_once_and_is_not_decided_again() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    let (number, conversation, suggestion) = asked(&all).await?;
    let body = json!({ "suggestion": suggestion });
    let (status, said) = order(&all, conversation, "approve", body.clone()).await?;
    assert_eq!(status, StatusCode::OK, "{said}");
    all.texted(&number, 1).await;
    // The same person again is answered like the first time; nothing more goes out.
    assert_eq!(order(&all, conversation, "approve", body.clone()).await?.0, StatusCode::OK);
    let (status, said) = order(&all, conversation, "reject", body).await?;
    assert_eq!(status, StatusCode::CONFLICT, "{said}");
    assert_eq!(said["code"], "copilot.suggestion_decided", "{said}");
    all.until(&number, "it is sent", |look| look.suggestions == ["sent"]).await?;
    assert_eq!(all.texts_to(&number).len(), 1);
    Ok(())
}

#[tokio::test]
async fn what_is_written_instead_goes_out_and_what_is_rejected_does_not() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    let (number, conversation, suggestion) = asked(&all).await?;
    let body = json!({ "suggestion": suggestion, "text": "It works like this." });
    let (status, said) = order(&all, conversation, "edit", body).await?;
    assert_eq!(status, StatusCode::OK, "{said}");
    all.texted(&number, 1).await;
    assert_eq!(all.texts_to(&number)[0].body, "It works like this.");

    let (silent, conversation, suggestion) = asked(&all).await?;
    let body = json!({ "suggestion": suggestion });
    assert_eq!(order(&all, conversation, "reject", body.clone()).await?.0, StatusCode::OK);
    assert_eq!(order(&all, conversation, "approve", body).await?.0, StatusCode::CONFLICT);
    assert!(all.texts_to(&silent).is_empty());
    Ok(())
}

#[tokio::test]
async fn what_is_taken_over_is_a_persons_and_what_is_another_teams_is_not_found() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    let (number, conversation, suggestion) = asked(&all).await?;
    let other = a_team().create(&all.outreach.app.admin).await?;
    for what in ["approve", "edit", "reject", "take-over", "close"] {
        let path = format!("/v1/conversations/{conversation}/{what}");
        let theirs = all.outreach.app.request(&other, Method::POST, &path).json(&json!({})).send().await?;
        assert_eq!(theirs.status(), StatusCode::NOT_FOUND, "{what}");
    }
    let (status, said) = order(&all, conversation, "take-over", json!({})).await?;
    assert_eq!(status, StatusCode::OK, "{said}");
    let (status, said) = order(&all, conversation, "approve", json!({ "suggestion": suggestion })).await?;
    assert_eq!(status, StatusCode::CONFLICT, "{said}");
    all.until(&number, "its suggestion is dropped", |look| look.suggestions == ["taken_over"]).await?;
    assert!(all.outreach.texts().is_empty());
    Ok(())
}

#[tokio::test]
async fn how_it_ended_is_kept_with_the_words_of_whoever_ended_it() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    let (number, conversation, _) = asked(&all).await?;
    let without = json!({ "disposition": "lost", "reason": "other" });
    assert_eq!(order(&all, conversation, "close", without).await?.0, StatusCode::UNPROCESSABLE_ENTITY);
    let body = json!({ "disposition": "lost", "reason": "other", "notes": "Moved to Alaska." });
    let (status, said) = order(&all, conversation, "close", body.clone()).await?;
    assert_eq!(status, StatusCode::OK, "{said}");
    assert_eq!(
        (&said["state"], &said["closed_as"], &said["close_notes"]),
        (&json!("closed"), &json!("lost"), &json!("Moved to Alaska.")),
        "{said}"
    );
    // The same again changes nothing; another end of what has ended is refused, and its words are not kept.
    assert_eq!(order(&all, conversation, "close", body).await?.0, StatusCode::OK);
    let otherwise = json!({ "disposition": "converted", "reason": "booked", "notes": "Not true." });
    assert_eq!(order(&all, conversation, "close", otherwise).await?.0, StatusCode::CONFLICT);
    let kept = "SELECT count(*) FROM conversations WHERE team_id = $1 AND close_notes = 'Moved to Alaska.'";
    assert_eq!(all.count(kept).await?, 1);
    // What came of it opens again, and its next end has notes of its own.
    all.write(&number, "Hello again").await?;
    all.until(&number, "it is open again", |look| look.state == "open").await?;
    Ok(())
}

/// The words stand in the row before the order is given: whoever carries it out keeps them with the end, also where the API
/// that asked for it is no more.
#[tokio::test]
async fn the_words_of_an_end_are_there_before_the_order() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    let (_, conversation, _) = asked(&all).await?;
    let app = &all.outreach.app;
    let by = all.outreach.approver.user;
    let mut tx = app.db.team_bulk(all.outreach.team.id).await?;
    entities::conversation::put_close_notes(&mut tx, conversation, "Said on the phone.", by).await?;
    tx.commit().await?;
    assert_eq!(all.close(conversation).await?.refused, None);
    let kept = "SELECT count(*) FROM conversations WHERE team_id = $1 AND close_notes = 'Said on the phone.'
                   AND closing_notes IS NULL AND closing_by IS NULL";
    assert_eq!(all.count(kept).await?, 1);
    Ok(())
}
