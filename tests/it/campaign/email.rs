//! A campaign by e-mail: who is left out and why, who gets what, how they leave, and that nobody is written to twice.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use anyhow::{Context, Result, ensure};
use domain::email::UnsubscribePass;
use domain::id::{CampaignId, LeadId, TypedId};
use reqwest::Method;
use sandbox::{MailSettings, Settings};
use serde_json::json;
use tests::campaigns::PATIENCE;
use tests::letters::{Letters, POSTAL, way_out};
use tests::{wait_for, wait_until};

const WORKER: &str = env!("CARGO_BIN_EXE_test-worker");

async fn run(letters: &Letters, sql: &'static str, lead: LeadId) -> Result<()> {
    let query = sqlx::query(sql).bind(letters.outreach.team.id.uuid()).bind(lead.uuid());
    query.execute(letters.outreach.app.admin.pool()).await?;
    Ok(())
}

/// The same person's address is no matter of their number, and the other way round.
#[tokio::test]
async fn who_may_be_written_to_gets_one_letter_and_the_preview_says_who_does_not_and_why() -> Result<()> {
    let letters = Letters::with_worker(Settings::default()).await?;
    let outreach = &letters.outreach;
    let people = letters.readers(9).await?;
    let strangers = outreach.people(1).await?;
    for (sql, lead) in [
        ("UPDATE persona_emails e SET verified = false, status = 'guessed' FROM leads l
           WHERE e.team_id = $1 AND l.id = $2 AND e.persona_id = l.persona_id", people[0]),
        ("UPDATE persona_emails e SET address = 'info@' || split_part(e.address, '@', 2) FROM leads l
           WHERE e.team_id = $1 AND l.id = $2 AND e.persona_id = l.persona_id", people[1]),
        ("INSERT INTO consents (team_id, id, kind, value, basis, text_shown, source, method, given_at)
          SELECT $1, fresh_uuid(), 'email', e.address, 'express_written', 'I agree', 'a form', 'web_form', now() - interval '1 day'
            FROM persona_emails e JOIN leads l ON l.persona_id = e.persona_id WHERE e.team_id = $1 AND l.id = $2", people[1]),
        ("INSERT INTO suppressions (team_id, kind, value, reason, source)
          SELECT $1, 'email', e.address, 'bounce', 'test' FROM persona_emails e JOIN leads l ON l.persona_id = e.persona_id
           WHERE e.team_id = $1 AND l.id = $2", people[2]),
        ("INSERT INTO suppressions (team_id, kind, value, reason, source)
          SELECT $1, 'email', e.address, 'complaint', 'test' FROM persona_emails e JOIN leads l ON l.persona_id = e.persona_id
           WHERE e.team_id = $1 AND l.id = $2", people[3]),
        // A number that takes no texts is no reason, a person who said STOP to one is.
        ("INSERT INTO suppressions (team_id, kind, value, reason, source)
          SELECT $1, 'phone', phone, 'landline', 'test' FROM leads WHERE team_id = $1 AND id = $2", people[4]),
        ("INSERT INTO suppressions (team_id, kind, value, reason, source)
          SELECT $1, 'phone', phone, 'opt_out', 'test' FROM leads WHERE team_id = $1 AND id = $2", people[5]),
        // Who agreed to texts alone agreed to no e-mail.
        ("DELETE FROM consents c USING leads l, persona_emails e
           WHERE c.team_id = $1 AND l.id = $2 AND e.persona_id = l.persona_id AND c.kind = 'email' AND c.value = e.address",
         people[6]),
    ] {
        run(&letters, sql, lead).await?;
    }
    let all: Vec<LeadId> = people.iter().chain(&strangers).copied().collect();
    let id = letters.create(&all, json!({})).await?;
    let preview = outreach.app.get(&outreach.team, &format!("/v1/campaigns/{id}/preview")).await?;
    let why = json!({"mailbox": 2, "suppression": 3, "consent": 1, "no_email": 1});
    assert_eq!(preview["excluded"], why, "{preview}");
    assert_eq!((preview["audience"].as_u64(), &preview["first_cost_micros"]), (Some(3), &json!(3 * 100)));
    let sample = preview["samples"][0]["body"].as_str().context("a sample")?;
    assert!(sample.contains("Plumbing?\n\n--\nAcme Tools\n1 Main St"), "{sample}");
    let (_, rehearsal) = outreach.order(&outreach.team, id, "rehearse", json!({ "list": true })).await?;
    assert_eq!(rehearsal["by_step"], json!({"1": 3}), "{rehearsal}");

    outreach.release(id).await?;
    let done = outreach.reaches(id, "completed", PATIENCE).await?;
    let written = [people[4], people[7], people[8]];
    letters.each_got_one(&written).await?;
    assert_eq!(done["lead_states"], json!({"sent": 3, "excluded": 7}), "{done}");

    let taken = letters.taken();
    let mail = &taken.values().next().context("a letter")?[0];
    assert_eq!(mail.from, tests::letters::ADDRESS);
    assert!(mail.header("From").contains("Acme Tools"), "{}", mail.header("From"));
    assert!(mail.header("Subject").starts_with("For "), "{}", mail.header("Subject"));
    assert_eq!(mail.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert!(mail.body.contains(POSTAL) && mail.body.contains("Hello "), "{}", mail.body);
    // What it cost is known at once, and nothing stays put aside.
    let spent = "SELECT spent_micros FROM budgets WHERE team_id = $1 AND scope = 'team'";
    assert_eq!(outreach.app.count(&outreach.team, spent).await?, 300);
    let aside = "SELECT reserved_micros FROM budgets WHERE team_id = $1 AND scope = 'team'";
    assert_eq!(outreach.app.count(&outreach.team, aside).await?, 0);
    let costs = outreach.app.get(&outreach.team, &format!("/v1/campaigns/{id}/costs")).await?;
    assert_eq!(costs["email_micros"], 300, "{costs}");
    Ok(())
}

#[tokio::test]
async fn what_the_server_says_decides_whether_it_is_tried_again_and_whom_it_marks() -> Result<()> {
    let letters = Letters::with_worker(Settings::default()).await?;
    let outreach = &letters.outreach;
    let refuse = |words: &str, share: f64| MailSettings {
        refused: BTreeMap::from([(words.to_owned(), share)]),
        ..MailSettings::default()
    };
    // 550: there is no such mailbox.
    outreach.sandbox.set_mail(refuse("550 5.1.1 no such mailbox", 1.0));
    let gone = letters.readers(2).await?;
    let id = letters.create(&gone, json!({})).await?;
    outreach.release(id).await?;
    outreach.reaches(id, "completed", PATIENCE).await?;
    assert!(letters.taken().is_empty());
    let marked =
        "SELECT count(*) FROM suppressions WHERE team_id = $1 AND kind = 'email' AND reason = 'bounce'";
    assert_eq!(outreach.app.count(&outreach.team, marked).await?, 2);
    let invalid =
        "SELECT count(*) FROM persona_emails WHERE team_id = $1 AND status = 'invalid' AND NOT verified";
    assert_eq!(outreach.app.count(&outreach.team, invalid).await?, 2);
    let stats = outreach.app.get(&outreach.team, &format!("/v1/campaigns/{id}/stats")).await?;
    assert!(stats.to_string().contains("smtp_550_5.1.1"), "{stats}");
    let spent = "SELECT spent_micros + reserved_micros FROM budgets WHERE team_id = $1 AND scope = 'team'";
    assert_eq!(outreach.app.count(&outreach.team, spent).await?, 0, "what was refused costs nothing");

    // 421 and 451: later, and then it is taken, once.
    for words in ["421 4.7.0 too many of you", "451 4.7.1 come again"] {
        outreach.sandbox.set_mail(refuse(words, 1.0));
        let before = letters.taken().len();
        let patient = letters.readers(1).await?;
        let id = letters.create(&patient, json!({})).await?;
        outreach.release(id).await?;
        let waits =
            "SELECT count(*) FROM send_intents WHERE team_id = $1 AND state = 'planned' AND due_at > now()";
        wait_until("it waits to be tried again", PATIENCE, || async {
            outreach.app.count(&outreach.team, waits).await.is_ok_and(|waiting| waiting == 1)
        })
        .await;
        assert_eq!(letters.taken().len(), before, "{words}");
        soon(&letters, id).await?;
        outreach.reaches(id, "completed", PATIENCE).await?;
        let address = letters.addresses(&patient).await?.remove(0);
        assert_eq!(letters.taken().get(&address).map(Vec::len), Some(1), "{words}");
    }

    // 552 behind the message: it is too large for anybody, and a person has to see to it.
    outreach.sandbox.set_mail(MailSettings {
        rejected: BTreeMap::from([("552 5.3.4 too large".to_owned(), 1.0)]),
        ..MailSettings::default()
    });
    let last = letters.readers(1).await?;
    let id = letters.create(&last, json!({})).await?;
    outreach.release(id).await?;
    let paused = outreach.reaches(id, "paused", PATIENCE).await?;
    let why = paused["pause_reason"].as_str().unwrap_or_default();
    assert!(why.starts_with("campaign.template_invalid"), "{paused}");
    Ok(())
}

/// What waits to be tried again is tried now: nothing rests any more.
async fn soon(letters: &Letters, id: CampaignId) -> Result<()> {
    let (team, pool) = (letters.outreach.team.id.uuid(), letters.outreach.app.admin.pool());
    for sql in [
        "UPDATE rate_buckets SET blocked_until = NULL, full_at = now() WHERE team_id = $1",
        "UPDATE send_intents SET due_at = now() WHERE team_id = $1 AND state = 'planned'",
    ] {
        sqlx::query(sql).bind(team).execute(pool).await?;
    }
    // Limits are news: the workflow looks at what is due.
    let news = json!({ "per_minute_limit": 5_999 });
    letters.outreach.order(&letters.outreach.team, id, "limits", news).await?;
    Ok(())
}

/// Answers get lost behind the message, and the worker is killed: nobody gets two, whoever was noted as written to has one, and
/// of whom nobody knows is said so and is not written to again.
#[tokio::test]
async fn lost_answers_and_a_killed_worker_send_no_letter_twice() -> Result<()> {
    let mail = MailSettings { lost_replies: 0.15, latency_ms: 150, price: 100, ..MailSettings::default() };
    let letters = Letters::new(Settings { mail, ..Settings::default() }).await?;
    let outreach = &letters.outreach;
    let people = letters.readers(60).await?;
    let id = letters.create(&people, json!({ "per_minute_limit": 1_800 })).await?;
    {
        let _worker = outreach.worker_process(WORKER)?;
        outreach.release(id).await?;
    }
    for share in [10, 30] {
        let worker = outreach.worker_process(WORKER)?;
        wait_until("some are sent", PATIENCE, || async { outreach.sandbox.mail().len() >= share }).await;
        wait_until("a call is under way", PATIENCE, || async {
            let calling = "SELECT count(*) FROM send_intents WHERE team_id = $1 AND state = 'calling'";
            outreach.app.count(&outreach.team, calling).await.is_ok_and(|calling| calling > 0)
        })
        .await;
        worker.kill()?;
    }
    let _worker = outreach.worker_process(WORKER)?;
    let done = outreach.reaches(id, "completed", PATIENCE * 2).await?;

    let taken = letters.taken();
    assert!(taken.values().all(|mail| mail.len() == 1), "somebody got two");
    assert!(
        outreach.sandbox.mail().iter().any(|mail| mail.reply_lost),
        "no answer was lost: it proves nothing"
    );
    let ended: Vec<(String, String, Option<String>)> = sqlx::query_as(
        "SELECT to_value, state, refusal FROM send_intents WHERE team_id = $1 AND campaign_id = $2",
    )
    .bind(outreach.team.id.uuid())
    .bind(id.uuid())
    .fetch_all(outreach.app.admin.pool())
    .await?;
    assert_eq!(ended.len(), 60, "{done}");
    let mut unknown = 0;
    for (address, state, refusal) in &ended {
        match (state.as_str(), refusal.as_deref()) {
            ("accepted", _) => ensure!(taken.contains_key(address), "noted as sent, and never taken"),
            ("refused", Some("outcome_unknown")) => unknown += 1,
            other => anyhow::bail!("{other:?}"),
        }
    }
    let lost: BTreeSet<&String> =
        taken.iter().filter(|(_, mail)| mail[0].reply_lost).map(|(to, _)| to).collect();
    // Besides those whose answer was lost, what was in the three killed workers' hands at most: eight connections each.
    assert!(unknown >= lost.len() && unknown <= lost.len() + 24, "{unknown} unknown, {} lost", lost.len());
    // What may have arrived counts as paid for, and all the server takes money for is among it.
    let spent = "SELECT spent_micros FROM budgets WHERE team_id = $1 AND scope = 'team'";
    assert_eq!(outreach.app.count(&outreach.team, spent).await?, 60 * 100);
    assert!(outreach.sandbox.mail_owed() <= 60 * 100);
    Ok(())
}

#[tokio::test]
async fn one_click_leaves_and_a_look_at_the_page_does_not() -> Result<()> {
    let letters = Letters::with_worker(Settings::default()).await?;
    let outreach = &letters.outreach;
    let people = letters.readers(2).await?;
    let id = letters.create(&people, json!({})).await?;
    outreach.release(id).await?;
    outreach.reaches(id, "completed", PATIENCE).await?;
    let addresses = letters.addresses(&people).await?;
    let url = way_out(&letters.taken()[&addresses[0]][0])?;
    assert!(letters.taken()[&addresses[0]][0].body.replace("=\r\n", "").contains("Unsubscribe: "));
    let http = reqwest::Client::new();
    let stopped =
        "SELECT count(*) FROM suppressions WHERE team_id = $1 AND kind = 'email' AND method = 'link'";

    let page = http.get(&url).send().await?;
    assert_eq!(page.status(), 200);
    let page = page.text().await?;
    assert!(page.contains("method=\"post\"") && !page.contains(&addresses[0]), "{page}");
    assert_eq!(outreach.app.count(&outreach.team, stopped).await?, 0, "a scanner follows every link");
    for wrong in [&url[..url.len() - 2], &url.replace("/unsubscribe/", "/unsubscribe/x")] {
        assert_eq!(http.post(wrong).send().await?.status(), 404, "nobody makes one");
    }
    for _ in 0..2 {
        let form = ("content-type", "application/x-www-form-urlencoded");
        let left = http.post(&url).header(form.0, form.1).body("List-Unsubscribe=One-Click").send().await?;
        assert_eq!(left.status(), 200);
    }
    assert_eq!(outreach.app.count(&outreach.team, stopped).await?, 1);
    let score = "SELECT count(*) FROM leads WHERE team_id = $1 AND score = 0";
    assert_eq!(outreach.app.count(&outreach.team, score).await?, 1);

    let again = letters.create(&people, json!({ "name": "Summer" })).await?;
    let preview = outreach.app.get(&outreach.team, &format!("/v1/campaigns/{again}/preview")).await?;
    assert_eq!(preview["excluded"]["suppression"], 1, "{preview}");
    let audit = outreach.app.get(&outreach.team, "/v1/audit?limit=50").await?;
    assert!(audit.to_string().contains("contact.unsubscribe"), "{audit}");
    Ok(())
}

/// Somebody leaves while their letter is claimed and has not left: it does not go.
#[tokio::test]
async fn who_leaves_between_the_claim_and_the_call_gets_no_letter() -> Result<()> {
    let letters = Letters::with_worker(Settings::default()).await?;
    let outreach = &letters.outreach;
    let people = letters.readers(40).await?;
    // So slow that what is claimed waits for its slot for seconds.
    let id = letters.create(&people, json!({ "per_minute_limit": 120 })).await?;
    outreach.release(id).await?;
    let mut won = None;
    for _ in 0..5 {
        let address = wait_for(PATIENCE, async || {
            // The last of those that are claimed has the latest slot.
            let last = "SELECT to_value FROM send_intents WHERE team_id = $1 AND state = 'claimed' ORDER BY id DESC LIMIT 1";
            let query = sqlx::query_as::<_, (String,)>(last).bind(outreach.team.id.uuid());
            let found = query.fetch_optional(outreach.app.admin.pool()).await?;
            let none = || ControlFlow::Continue("nothing is claimed".to_owned());
            Ok(found.map_or_else(none, |(address,)| ControlFlow::Break(address)))
        })
        .await?;
        let pass = UnsubscribePass { team: outreach.team.id, campaign: Some(id), address: address.parse()? };
        let word = tests::Services::payload_keys()?.seal_word(&pass.to_bytes())?;
        let path = format!("/unsubscribe/{word}");
        let left = outreach.app.request(&outreach.team, Method::POST, &path).send().await?;
        assert_eq!(left.status(), 200);
        let state: (String,) =
            sqlx::query_as("SELECT state FROM send_intents WHERE team_id = $1 AND to_value = $2")
                .bind(outreach.team.id.uuid())
                .bind(&address)
                .fetch_one(outreach.app.admin.pool())
                .await?;
        // One that was begun before is gone: it is tried with another.
        if state.0 == "cancelled" {
            won = Some(address);
            break;
        }
    }
    let won = won.context("no claim was met before its call")?;
    outreach.order(&outreach.team, id, "limits", json!({ "per_minute_limit": 6_000 })).await?;
    let done = outreach.reaches(id, "completed", PATIENCE).await?;
    let taken = letters.taken();
    assert!(!taken.contains_key(&won), "it went although the person had left: {done}");
    assert!(taken.len() >= 35 && taken.values().all(|mail| mail.len() == 1), "{}", taken.len());
    Ok(())
}

#[tokio::test]
async fn a_campaign_takes_templates_and_senders_of_its_own_way() -> Result<()> {
    let letters = Letters::new(Settings::default()).await?;
    let people = letters.readers(1).await?;
    let outreach = &letters.outreach;
    for (change, pointer) in [
        (json!({ "template": outreach.template }), "/steps"),
        (json!({ "sender": outreach.sender }), "/sender"),
        (json!({ "channel": "multi" }), "/sender"),
    ] {
        let error = letters.create(&people, change.clone()).await.expect_err("it does not fit");
        assert!(error.to_string().contains(pointer), "{change}: {error}");
    }
    Ok(())
}
