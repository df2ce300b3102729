//! What people decide about suggestions and conversations: once, with the text they meant.

use anyhow::{Context, Result};
use domain::FailureCode;
use sandbox::Settings;
use tests::replies::Correspondence;

#[tokio::test]
async fn what_a_person_writes_instead_is_what_goes_out() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    all.write(&number, "How does it work?").await?;
    let (conversation, suggestion, _) = all.suggested(&number).await?;
    let decided = all.edit(conversation, suggestion, "It works like this.").await?;
    assert_eq!(decided.refused, None);
    all.texted(&number, 1).await;
    assert_eq!(all.texts_to(&number)[0].body, "It works like this.");
    all.until(&number, "it is sent", |look| look.suggestions == ["sent"]).await?;
    Ok(())
}

#[tokio::test]
async fn what_is_rejected_is_not_sent_and_not_decided_again() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    all.write(&number, "How does it work?").await?;
    let (conversation, suggestion, _) = all.suggested(&number).await?;
    assert_eq!(all.reject(conversation, suggestion).await?.refused, None);
    let refused = all.approve(conversation, suggestion).await?.refused.context("it was decided")?;
    assert_eq!(refused.code, FailureCode::CopilotSuggestionDecided);
    assert!(all.outreach.texts().is_empty());
    Ok(())
}

#[tokio::test]
async fn what_a_person_has_taken_over_is_theirs_until_they_hand_it_back() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    all.set(serde_json::json!({ "auto_reply": true, "reply_line": "homeowner_advisor" })).await?;
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    // Not understood: it waits for a person, whatever the team lets out.
    all.write(&number, "blue").await?;
    let look = all.classified(&number, 1).await?;
    assert_eq!(all.take_over(look.id).await?.refused, None);
    all.write(&number, "Yes, I am interested").await?;
    all.classified(&number, 2).await?;
    let taken =
        "SELECT count(*) FROM reply_suggestions WHERE team_id = $1 AND state NOT IN ('taken_over', 'stale')";
    assert_eq!(all.count(taken).await?, 0, "nothing is suggested");
    assert_eq!(all.release(look.id).await?.refused, None);
    all.write(&number, "Yes, I am interested").await?;
    all.texted(&number, 1).await;
    Ok(())
}

#[tokio::test]
async fn a_closed_conversation_is_dealt_with_and_its_answers_are_dropped() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    all.write(&number, "How does it work?").await?;
    let (conversation, suggestion, _) = all.suggested(&number).await?;
    assert_eq!(all.close(conversation).await?.refused, None);
    let look = all.until(&number, "it is closed", |look| look.state == "closed").await?;
    assert_eq!(look.suggestions, ["stale"]);
    // The workflow has ended, or says that it is closed.
    assert!(all.approve(conversation, suggestion).await.is_err() || all.outreach.texts().is_empty());
    let open = "SELECT count(*) FROM inbox_items WHERE team_id = $1 AND processed_at IS NULL";
    assert_eq!(all.count(open).await?, 0);
    assert!(all.outreach.texts().is_empty());
    Ok(())
}
