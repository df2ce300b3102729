//! The telephone network, whichever vendor it is reached by.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use sandbox::{Replier, ReportSettings, Sandbox, Settings, TextSettings, Throttle, ThrottleBy, Vendor};
use serde_json::{Value, json};

use crate::asking::{KEY, client, read, signalhouse_text, until};

async fn with(texts: TextSettings) -> Result<Sandbox> {
    Ok(Sandbox::start(Settings { texts, ..Settings::default() }).await?)
}

async fn text(sandbox: &Sandbox, to: &str, body: &str) -> Result<(u16, Value)> {
    read(signalhouse_text(sandbox, to, body).bearer_auth(KEY).send().await?).await
}

fn number(at: u32) -> String {
    format!("512555{:04}", 2_000 + at)
}

#[tokio::test]
async fn refusals_hit_the_same_people_whatever_the_order() -> Result<()> {
    let refused = BTreeMap::from([("OUT".to_owned(), 0.2), ("21610".to_owned(), 0.9)]);
    let mut blocked = Vec::new();
    for turn in [false, true] {
        let sandbox = with(TextSettings { refused: refused.clone(), ..TextSettings::default() }).await?;
        let mut order: Vec<u32> = (0..100).collect();
        if turn {
            order.reverse();
        }
        let mut own = Vec::new();
        for at in order {
            let (status, answer) = text(&sandbox, &number(at), "Hello").await?;
            assert_eq!(status, 201, "201 whatever becomes of it");
            if answer["enqueuedCount"] == 0 {
                assert_eq!(answer["insertedMessages"][0]["errorCode"], "OUT");
                own.push(at);
            }
        }
        own.sort_unstable();
        assert!((8..35).contains(&own.len()), "{} of 100", own.len());
        assert_eq!(sandbox.texts(None).len(), 100 - own.len());
        blocked.push(own);
    }
    assert_eq!(blocked[0], blocked[1]);
    Ok(())
}

#[tokio::test]
async fn a_lost_reply_was_taken_and_billed_once() -> Result<()> {
    let sandbox = with(TextSettings { lost_replies: 0.5, ..TextSettings::default() }).await?;
    let mut lost = 0;
    for at in 0..40 {
        let key = format!("k{at}");
        let sent = || {
            signalhouse_text(&sandbox, &number(at), "Hello").bearer_auth(KEY).header("idempotency-key", &key)
        };
        let Err(error) = sent().send().await else { continue };
        assert!(!error.is_connect() && !error.is_timeout(), "{error:?}");
        lost += 1;
        // The same key replays the answer and sends nothing.
        let (status, answer) = read(sent().send().await?).await?;
        assert_eq!((status, &answer["enqueuedCount"]), (201, &json!(1)));
        let taken = sandbox.texts(Some(&number(at)));
        assert_eq!((taken.len(), taken[0].reply_lost), (1, true));
        assert_eq!(answer["insertedMessages"][0]["_id"], taken[0].id);
    }
    assert!((8..32).contains(&lost), "{lost} of 40");
    let book = sandbox.ledger().vendor(Vendor::SignalHouse).clone();
    assert_eq!((book.billed_units, book.micro_dollars), (40, 40 * 5_000));
    assert!(book.paid_again().is_empty());
    let owed: u64 = sandbox.texts(None).iter().map(|text| text.micro_dollars).sum();
    assert_eq!(owed, book.micro_dollars, "the bill is the sum of the texts");
    Ok(())
}

#[tokio::test]
async fn windows_that_are_exceeded_are_violations() -> Result<()> {
    let second = Throttle::of(ThrottleBy::Number, 2, Duration::from_secs(3_600));
    let day = Throttle::a_day(ThrottleBy::Brand, 1_000);
    let texts = TextSettings { throttles: vec![second, day], ..TextSettings::default() };
    let sandbox = with(texts.clone()).await?;
    text(&sandbox, &number(1), "Hello").await?;
    assert!(sandbox.violations().is_empty());
    // Two segments.
    text(&sandbox, &number(2), &"a".repeat(161)).await?;
    let violations = sandbox.violations();
    assert_eq!((violations.len(), violations[0].limit, violations[0].segments), (1, 2, 3));
    assert_eq!((violations[0].by, violations[0].of.as_str()), (ThrottleBy::Number, "5125550100"));

    let refusing = Throttle { refuses: true, ..texts.throttles[0].clone() };
    sandbox.set_texts(TextSettings { throttles: vec![refusing], ..texts });
    for (at, status) in [(3, 201), (4, 201), (5, 429)] {
        assert_eq!(text(&sandbox, &number(at), "Hello").await?.0, status);
    }
    assert_eq!(sandbox.texts(None).len(), 4, "what is refused is not taken");
    Ok(())
}

#[tokio::test]
async fn fates_are_shares_and_filtered_words_always_fail() -> Result<()> {
    let texts = TextSettings {
        failed: BTreeMap::from([("30003".to_owned(), 0.3)]),
        filtered_words: vec!["loan".to_owned()],
        reports: ReportSettings { after_ms: 0, ..ReportSettings::default() },
        ..TextSettings::default()
    };
    let sandbox = with(texts).await?;
    for at in 0..60 {
        text(&sandbox, &number(at), "Hello").await?;
    }
    text(&sandbox, &number(99), "A LOAN for you").await?;
    let texts = sandbox.texts(None);
    let failed = texts.iter().filter(|text| text.error_code.as_deref() == Some("30003")).count();
    assert!((6..34).contains(&failed), "{failed} of 60");
    let filtered = sandbox.texts(Some("+15125552099"));
    assert_eq!(filtered[0].error_code.as_deref(), Some("30007"));
    assert_eq!(filtered[0].status, "undelivered");
    Ok(())
}

#[tokio::test]
async fn people_answer_in_turn_and_stop_opts_out() -> Result<()> {
    let sandbox = with(TextSettings { opt_outs_enforced: true, ..TextSettings::default() }).await?;
    sandbox.answer_texts(Replier {
        says: vec!["Who is this?".into(), "Stop!".into()],
        ..Replier::of(number(1), "")
    });
    sandbox.answer_texts(Replier::share(0.0, "nobody says this"));
    for at in [1, 2, 1, 1] {
        text(&sandbox, &number(at), "Hello").await?;
        until("it arrived", || {
            sandbox.texts(Some(&number(at))).iter().all(|text| text.status == "delivered")
        })
        .await;
    }
    until("both answers came", || sandbox.inbound_texts().len() == 2).await;
    let said: Vec<_> = sandbox.inbound_texts().into_iter().map(|text| (text.from, text.body)).collect();
    assert_eq!(said, [(number(1), "Who is this?".to_owned()), (number(1), "Stop!".to_owned())]);
    assert_eq!(sandbox.texts(Some(&number(1))).len(), 2, "the third was blocked");
    let (_, blocked) = text(&sandbox, &number(1), "Hello again").await?;
    assert_eq!(blocked["insertedMessages"][0]["errorCode"], "OUT");
    let dnc = client().get(format!("{}/message/dnc", sandbox.url(Vendor::SignalHouse))).bearer_auth(KEY);
    let (_, dnc) = read(dnc.send().await?).await?;
    assert_eq!(dnc["data"][0]["optOutKeyword"], "stop!");
    Ok(())
}

#[tokio::test]
async fn all_of_it_is_steered_from_another_process() -> Result<()> {
    let sandbox = with(TextSettings::default()).await?;
    let control = sandbox.control_url();
    let put = |body: Value| client().put(format!("{control}/texts/settings")).json(&body).send();
    assert_eq!(put(json!({"lost_replies": 2})).await?.status(), 422);
    assert_eq!(put(json!({"lost_replis": 0.1})).await?.status(), 422);
    let throttle = json!({"by": "number", "segments": 0, "per_ms": 1_000, "slack_ms": 100});
    assert_eq!(put(json!({"throttles": [throttle]})).await?.status(), 204);
    let replier = json!({"to": number(1), "says": ["Yes"]});
    let posted = client().post(format!("{control}/texts/repliers")).json(&replier).send().await?;
    assert_eq!(posted.status(), 204);
    let sender = json!({"vendor": "signalhouse", "number": "+15125550100", "campaign": "C9", "brand": "B9"});
    let posted = client().post(format!("{control}/texts/senders")).json(&sender).send().await?;
    assert_eq!(posted.status(), 204);
    text(&sandbox, &number(1), "Hello").await?;
    let get = |path: &'static str| async move {
        anyhow::Ok(client().get(format!("{control}{path}")).send().await?.json::<Value>().await?)
    };
    assert_eq!(get("/texts/violations").await?[0]["limit"], 0);
    let texts = get("/texts?to=5125552001").await?;
    assert_eq!((&texts[0]["body"], &texts[0]["campaign"]), (&json!("Hello"), &json!("C9")));
    assert_eq!(get("/texts?to=5125552002").await?, json!([]));
    until("it was answered", || !sandbox.inbound_texts().is_empty()).await;
    assert_eq!(get("/texts/inbound").await?[0]["body"], "Yes");
    client().post(format!("{control}/reset")).send().await?;
    assert!(sandbox.texts(None).is_empty() && sandbox.violations().is_empty());
    Ok(())
}
