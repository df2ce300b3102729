//! People are written to and answer in every way; each answer is in the inbox once, and nothing is said back that nobody approved.

use anyhow::{Context, Result};
use sandbox::{Replier, Settings};
use serde_json::json;
use tests::campaigns::PATIENCE;
use tests::replies::Correspondence;

/// What people answer, and what it is taken for.
const ANSWERS: [(&str, &str, &str); 8] = [
    ("STOP", "opt_out", "held"),
    ("please take me off your list", "opt_out", "held"),
    ("Yes, I am interested", "interested", "open"),
    ("bob.quimby@example.com", "email_capture", "open"),
    ("not interested", "not_interested", "open"),
    ("thanks!", "thank_you", "open"),
    ("How does it work?", "question", "open"),
    ("blue", "other", "open"),
];

#[tokio::test]
async fn every_answer_of_a_campaign_has_its_place_and_nothing_goes_out_unapproved() -> Result<()> {
    let mut all = Correspondence::with_worker(Settings::default()).await?;
    all.outreach.app.worker_config.conversation_pace.idle_ms = 60_000;
    all.subscribe().await?;
    let outreach = &all.outreach;
    let people = outreach.people(ANSWERS.len() * 3).await?;
    let numbers = outreach.numbers(&people).await?;
    for (at, number) in numbers.iter().enumerate() {
        let (says, ..) = ANSWERS[at % ANSWERS.len()];
        // Every other answer is delivered twice.
        outreach.sandbox.answer_texts(Replier { twice: at % 2 == 0, ..Replier::of(number, says) });
    }
    let id = outreach.create(&people, json!({})).await?;
    outreach.release(id).await?;
    for (at, number) in numbers.iter().enumerate() {
        let (says, intent, state) = ANSWERS[at % ANSWERS.len()];
        let look = all.classified(&format!("+1{number}"), 1).await?;
        assert_eq!(
            (look.intents.as_slice(), look.state.as_str()),
            (&[intent.to_owned()][..], state),
            "{says}"
        );
    }
    outreach.reaches(id, "completed", PATIENCE).await?;
    // Placed, in the buckets that operators know, each once.
    tests::wait_until("every item has its place", PATIENCE, || async {
        let placed = "SELECT count(*) FROM inbox_items WHERE team_id = $1 AND suggested_action IS NOT NULL";
        all.count(placed).await.is_ok_and(|placed| placed == 24)
    })
    .await;
    assert_eq!(all.count("SELECT count(*) FROM inbox_items WHERE team_id = $1").await?, 24);
    for (bucket, expected) in [
        ("SELECT count(*) FROM inbox_items WHERE team_id = $1 AND bucket = 'email_captures'", 3),
        ("SELECT count(*) FROM inbox_items WHERE team_id = $1 AND bucket = 'hot_responses'", 3),
        ("SELECT count(*) FROM inbox_items WHERE team_id = $1 AND bucket = 'do_not_contact'", 6),
        ("SELECT count(*) FROM inbox_items WHERE team_id = $1 AND bucket = 'objections'", 3),
        ("SELECT count(*) FROM call_queue WHERE team_id = $1 AND state = 'queued'", 3),
        ("SELECT count(*) FROM suppressions WHERE team_id = $1 AND reason = 'opt_out'", 6),
    ] {
        assert_eq!(all.count(bucket).await?, expected, "{bucket}");
    }
    // What was promised for an address is with the people who make it, once each.
    tests::wait_until("deliverables are handed over", PATIENCE, || async {
        let owed = "SELECT count(*) FROM deliverables WHERE team_id = $1 AND state = 'handed_over'";
        all.count(owed).await.is_ok_and(|owed| owed == 3)
    })
    .await;
    assert_eq!(all.count("SELECT count(*) FROM tasks WHERE team_id = $1 AND kind = 'deliverable'").await?, 3);
    // Nobody has approved anything, so nothing but the campaign was said.
    let suggested = "SELECT count(*) FROM reply_suggestions WHERE team_id = $1 AND state = 'proposed'";
    tests::wait_until("answers are prepared", PATIENCE, || async {
        all.count(suggested).await.is_ok_and(|suggested| suggested >= 3)
    })
    .await;
    assert_eq!(outreach.texts().len(), people.len(), "the campaign's own texts");
    // One that is approved goes out, as it was suggested and once, and its message is in the conversation.
    let interested = format!("+1{}", numbers[2]);
    let (conversation, suggestion, text) = all.suggested(&interested).await?;
    let decided = all.approve(conversation, suggestion).await?;
    assert_eq!(decided.refused, None);
    all.texted(&interested, 2).await;
    let look = all.until(&interested, "it is sent", |look| look.suggestions == ["sent"]).await?;
    let last = all.texts_to(&interested).pop().context("a text")?;
    assert_eq!(last.body, text);
    assert_eq!(look.state, "open");
    assert_eq!(outreach.texts().len(), people.len() + 1);
    let verdicts =
        "SELECT count(*) FROM gate_verdicts WHERE team_id = $1 AND conversation_id IS NOT NULL AND allowed";
    assert_eq!(all.count(verdicts).await?, 1);
    let kept = "SELECT count(*) FROM messages WHERE team_id = $1 AND direction = 'outbound' AND conversation_id IS NOT NULL";
    assert_eq!(all.count(kept).await?, 1);
    // Approved again it is answered like the first time, and nothing more leaves.
    assert_eq!(all.approve(conversation, suggestion).await?.refused, None);
    assert_eq!(all.texts_to(&interested).len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_conversation_that_goes_quiet_is_over_and_the_next_message_opens_it_again() -> Result<()> {
    let mut all = Correspondence::new(Settings::default()).await?;
    all.outreach.app.worker_config.conversation_pace.quiet_ms = 3_000;
    all.outreach.app.start_worker()?;
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    all.write(&number, "thanks!").await?;
    let first = all.until(&number, "it is over", |look| look.state == "closed").await?;
    assert_eq!(first.intents, ["thank_you"]);
    all.write(&number, "How does it work?").await?;
    let second = all.classified(&number, 2).await?;
    assert_eq!((second.id, second.intents), (first.id, vec!["thank_you".to_owned(), "question".to_owned()]));
    let reopened = "SELECT reopened::bigint FROM conversations WHERE team_id = $1";
    assert_eq!(all.count(reopened).await?, 1);
    Ok(())
}

#[tokio::test]
async fn who_was_never_written_to_is_in_the_inbox_and_answered_by_nobody() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    all.set(json!({ "auto_reply": true })).await?;
    let stranger = "+15125550777";
    all.write(stranger, "Yes, I am interested").await?;
    let look = all.classified(stranger, 1).await?;
    assert_eq!(look.intents, ["interested"]);
    let unmatched = "SELECT count(*) FROM inbox_items WHERE team_id = $1 AND no_lead_match";
    assert_eq!(all.count(unmatched).await?, 1);
    let (conversation, suggestion, _) = all.suggested(stranger).await?;
    let decided = all.approve(conversation, suggestion).await?;
    let refused = decided.refused.context("nobody knows who it is")?;
    assert_eq!(refused.code, domain::FailureCode::InboundNoLeadMatch);
    assert!(all.outreach.texts().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_long_conversation_continues_as_new_and_forgets_nothing() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    for at in 1..=8 {
        all.write(&number, &format!("How does it work, number {at}?")).await?;
        all.classified(&number, at).await?;
    }
    let (conversation, suggestion, _) = all.suggested(&number).await?;
    assert_eq!(all.approve(conversation, suggestion).await?.refused, None);
    all.texted(&number, 1).await;
    let look = all.until(&number, "it is sent", |look| look.suggestions.contains(&"sent".to_owned())).await?;
    assert_eq!(look.suggestions.iter().filter(|state| *state == "sent").count(), 1);
    Ok(())
}
