//! Opt-outs win every race, and what was said meanwhile makes what was prepared stale.

use anyhow::{Context, Result};
use domain::FailureCode;
use futures::future::join_all;
use sandbox::Settings;
use serde_json::json;
use tests::replies::{Correspondence, PATIENCE};

#[tokio::test]
async fn nothing_is_begun_after_an_opt_out_was_taken_whoever_approved_what() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    let people = all.written_to(12).await?;
    for (_, number) in &people {
        all.write(number, "Yes, I am interested").await?;
    }
    let mut suggested = Vec::new();
    for (_, number) in &people {
        suggested.push(all.suggested(number).await?);
    }
    // Everybody's answer is approved while everybody opts out.
    let races = people.iter().zip(&suggested).map(|((_, number), (conversation, suggestion, _))| {
        let all = &all;
        async move {
            let approve = all.approve(*conversation, *suggestion);
            let stop = async {
                let taken = all.write(number, "STOP").await;
                (taken, chrono::Utc::now())
            };
            let (approved, (stopped, at)) = tokio::join!(approve, stop);
            stopped?;
            // Refused or not, the row says what came of it.
            drop(approved);
            anyhow::Ok((number, at))
        }
    });
    let stopped = join_all(races).await.into_iter().collect::<Result<Vec<_>>>()?;
    for (number, at) in stopped {
        let look = all.until(number, "it is held", |look| look.state == "held").await?;
        assert_eq!(look.hold_reason.as_deref(), Some("opted_out"));
        all.until(number, "its suggestion has ended", |look| {
            look.suggestions.iter().all(|state| ["stale", "sent", "failed"].contains(&state.as_str()))
        })
        .await?;
        for text in all.texts_to(number) {
            // What was begun before may arrive a moment later.
            assert!(text.at <= at + chrono::TimeDelta::seconds(2), "a text was taken after the opt-out was");
        }
    }
    // The item of the opt-out is written behind the lock that the last look wants: no call was begun after it.
    let behind = "SELECT count(*) FROM send_intents i JOIN inbox_items t ON t.team_id = i.team_id AND t.conversation_id = i.conversation_id
                   WHERE i.team_id = $1 AND t.intent = 'opt_out' AND t.rule = 'keyword' AND i.called_at > t.created_at";
    assert_eq!(all.count(behind).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_second_message_makes_the_prepared_answer_stale() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    all.write(&number, "Yes, I am interested").await?;
    let (conversation, first, _) = all.suggested(&number).await?;
    all.write(&number, "How does it work?").await?;
    all.classified(&number, 2).await?;
    match all.approve(conversation, first).await {
        // By the row, or by what the workflow knows already.
        Ok(decided) => {
            let refused = decided.refused.context("it is stale")?;
            assert_eq!(refused.code, FailureCode::CopilotSuggestionStale);
        }
        Err(refused) => assert!(format!("{refused:#}").contains("newer"), "{refused:#}"),
    }
    let look = all.until(&number, "the first is stale", |look| look.suggestions[0] == "stale").await?;
    assert_eq!(look.intents, ["interested", "question"]);
    assert!(all.outreach.texts().is_empty());
    Ok(())
}

#[tokio::test]
async fn what_may_be_an_opt_out_is_one_until_a_person_has_read_it() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    all.set(json!({ "auto_reply": true })).await?;
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    all.write(&number, "lose my number").await?;
    let held = all.until(&number, "it is held", |look| look.state == "held").await?;
    assert_eq!(held.intents, ["opt_out"]);
    let suppressed =
        "SELECT count(*) FROM suppressions WHERE team_id = $1 AND lifted_at IS NULL AND method = 'language'";
    assert_eq!(all.count(suppressed).await?, 1);
    assert!(held.suggestions.is_empty(), "{held:?}");
    assert!(all.outreach.texts().is_empty());
    // START lifts what a word said and nothing else.
    all.write(&number, "START").await?;
    all.classified(&number, 2).await?;
    assert_eq!(all.count(suppressed).await?, 1);
    Ok(())
}

#[tokio::test]
async fn an_answer_goes_out_by_itself_only_where_the_team_lets_it_and_six_times_at_the_most() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    all.write(&number, "Yes, I am interested").await?;
    all.suggested(&number).await?;
    assert!(all.outreach.texts().is_empty(), "nobody has turned it on");
    all.set(json!({ "auto_reply": true })).await?;
    let (_, other) = all.written_to(1).await?.pop().context("somebody else")?;
    all.write(&other, "Yes, I am interested").await?;
    all.texted(&other, 1).await;
    let automatic =
        "SELECT count(*) FROM reply_suggestions WHERE team_id = $1 AND automatic AND state = 'sent'";
    tests::wait_until("it is written down", PATIENCE, || async {
        all.count(automatic).await.is_ok_and(|sent| sent == 1)
    })
    .await;
    // As if it had had five before.
    sqlx::query("UPDATE conversations SET auto_replies = 6 WHERE team_id = $1 AND their_address = $2")
        .bind(domain::id::TypedId::uuid(all.outreach.team.id))
        .bind(&other)
        .execute(all.outreach.app.admin.pool())
        .await?;
    all.write(&other, "How does it work?").await?;
    all.suggested(&other).await?;
    assert_eq!(all.texts_to(&other).len(), 1);
    Ok(())
}
