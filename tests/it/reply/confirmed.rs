//! The one text that confirms an opt-out: at most one to anybody, prompt, and only where the team wants it.

use anyhow::{Context, Result};
use entities::conversation::CONFIRMATION;
use sandbox::Settings;
use serde_json::json;
use tests::replies::{Correspondence, PATIENCE};
use tests::wait_until;

/// Words that may be an opt-out, and that a person has to read.
const LIKELY: &str = "nothing can stop me from selling now";
const CONFIRMED: &str =
    "SELECT count(*) FROM reply_suggestions WHERE team_id = $1 AND origin = 'confirmation'";

#[tokio::test]
async fn who_says_stop_is_told_once_and_then_never_again() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    all.set(json!({ "confirm_opt_outs": ["signalhouse"] })).await?;
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    all.write(&number, "STOP").await?;
    all.texted(&number, 1).await;
    assert_eq!(all.texts_to(&number)[0].body, CONFIRMATION);
    all.until(&number, "it is sent, and the conversation held", |look| {
        look.state == "held" && look.suggestions == ["sent"]
    })
    .await?;
    // In the ledger like every text: judged, paid, one message.
    let ledger =
        "SELECT count(*) FROM send_intents i JOIN messages m ON m.team_id = i.team_id AND m.intent_id = i.id
                   WHERE i.team_id = $1 AND i.state = 'accepted'";
    assert_eq!(all.count(ledger).await?, 1);
    let judged = "SELECT count(*) FROM gate_verdicts WHERE team_id = $1 AND allowed";
    assert!(all.count(judged).await? >= 1);
    // Whatever they say later: nothing.
    for again in ["STOP", "START", "STOP", "take me off your list"] {
        all.write(&number, again).await?;
    }
    all.classified(&number, 5).await?;
    assert_eq!(all.count(CONFIRMED).await?, 1);
    assert_eq!(all.texts_to(&number).len(), 1);
    Ok(())
}

#[tokio::test]
async fn nobody_is_told_unless_the_team_wants_it_and_nobody_who_must_not_be_written_to() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    let people = all.written_to(2).await?;
    let (plain, sues) = (&people[0].1, &people[1].1);
    all.write(plain, "STOP").await?;
    all.until(plain, "it is held", |look| look.state == "held").await?;
    assert_eq!(all.count(CONFIRMED).await?, 0, "the vendor does so by itself");

    all.set(json!({ "confirm_opt_outs": ["signalhouse"] })).await?;
    let mut tx = all.outreach.app.db.team_bulk(all.outreach.team.id).await?;
    let known = entities::suppression::NewSuppression {
        kind: entities::suppression::SuppressedKind::Phone,
        value: sues.clone(),
        reason: domain::gate::SuppressionReason::Litigator,
    };
    entities::suppression::suppress(&mut tx, "test", &[known]).await?;
    tx.commit().await?;
    all.write(sues, "STOP").await?;
    let stopped = "SELECT count(*) FROM reply_suggestions WHERE team_id = $1 AND origin = 'confirmation' AND state = 'failed'";
    wait_until("the gate stops it", PATIENCE, || async {
        all.count(stopped).await.is_ok_and(|found| found == 1)
    })
    .await;
    assert!(all.outreach.texts().is_empty());
    Ok(())
}

#[tokio::test]
async fn who_opts_out_in_their_own_words_is_told_once_and_who_only_may_have_is_not() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    all.set(json!({ "confirm_opt_outs": ["signalhouse"] })).await?;
    let people = all.written_to(2).await?;
    let (out, perhaps) = (&people[0].1, &people[1].1);
    all.write(out, "Please take me off your list").await?;
    all.texted(out, 1).await;
    assert_eq!(all.texts_to(out)[0].body, CONFIRMATION);
    let look = all
        .until(out, "it is sent, and the conversation held", |look| {
            look.state == "held" && look.suggestions == ["sent"]
        })
        .await?;
    assert_eq!((look.intents, look.hold_reason.as_deref()), (vec!["opt_out".to_owned()], Some("opted_out")));
    // What a person has to read first is obeyed, and confirmed by nobody.
    all.write(perhaps, LIKELY).await?;
    let look = all.until(perhaps, "it is held", |look| look.state == "held").await?;
    assert_eq!(look.hold_reason.as_deref(), Some("likely_opt_out"));
    // By the word or in other words: nobody is told twice.
    for again in ["STOP", "do not text me any more", "take me off your list"] {
        all.write(out, again).await?;
    }
    all.classified(out, 4).await?;
    assert_eq!(all.count(CONFIRMED).await?, 1);
    assert_eq!(all.texts_to(out).len(), 1);
    assert!(all.texts_to(perhaps).is_empty());
    let by_words =
        "SELECT count(*) FROM suppressions WHERE team_id = $1 AND method = 'language' AND lifted_at IS NULL";
    assert!(all.count(by_words).await? >= 2, "both are left alone");
    Ok(())
}
