//! How sends end, and what is found of those whose answer was lost.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, bail};
use chrono::Utc;
use domain::message::MessageStatus;
use providers::sms::{Bought, Found, RefusalAction, SendOutcome, SmsEvent, SmsProviderId};
use sandbox::{Fault, ReportSettings, Script, TextSettings};

use super::{person, providers, sandbox, settled_after, sought, text, vendor};

#[tokio::test]
async fn what_is_accepted_is_reported_with_its_segments() -> Result<()> {
    let reports = ReportSettings { after_ms: 0, ..ReportSettings::default() };
    let sandbox = sandbox(TextSettings { reports, ..TextSettings::default() }).await?;
    for (at, provider) in (0..).zip(providers(&sandbox)?) {
        let SendOutcome::Accepted { external_id, segments, .. } = provider.send(&text(at)?).await else {
            bail!("{} did not accept", provider.id());
        };
        assert_eq!(segments, Some(1), "{}", provider.id());
        let reports = provider.reports(std::slice::from_ref(&external_id)).await?;
        let report = reports.first().map(|report| (report.external_id.as_str(), report.status));
        assert_eq!(report, Some((external_id.as_str(), MessageStatus::Delivered)), "{}", provider.id());
        let taken = sandbox.texts(Some(person(at)?.expose()));
        assert_eq!((taken.len(), taken[0].body.as_str()), (1, text(at)?.text.expose()));
    }
    Ok(())
}

#[tokio::test]
async fn refusals_become_actions() -> Result<()> {
    let sandbox = sandbox(TextSettings::default()).await?;
    let [signalhouse, twilio] = providers(&sandbox)?.try_into().expect("two");
    // Each under a key of its own: the same key would replay the first answer.
    for (at, (provider, code, action)) in (1..).zip([
        (&signalhouse, "OUT", RefusalAction::Suppress),
        (&signalhouse, "dnc", RefusalAction::Suppress),
        (&signalhouse, "landline", RefusalAction::MarkLandline),
        (&signalhouse, "moderation", RefusalAction::ContentStop),
        (&twilio, "21610", RefusalAction::Suppress),
        (&twilio, "21614", RefusalAction::MarkInvalid),
        (&twilio, "30034", RefusalAction::ConfigStop),
    ]) {
        let refused = BTreeMap::from([(code.to_owned(), 1.0)]);
        sandbox.set_texts(TextSettings { refused, ..TextSettings::default() });
        let outcome = provider.send(&text(at)?).await;
        assert_eq!(outcome, SendOutcome::Refused { code: code.to_owned(), action }, "{code}");
    }
    sandbox.set_texts(TextSettings { any_sender: false, ..TextSettings::default() });
    for provider in [&signalhouse, &twilio] {
        let outcome = provider.send(&text(99)?).await;
        let stops = matches!(outcome, SendOutcome::Refused { action: RefusalAction::ConfigStop, .. });
        assert!(stops, "{}: {outcome:?}", provider.id());
    }
    assert!(sandbox.texts(None).is_empty());
    Ok(())
}

#[tokio::test]
async fn a_lost_reply_is_unknown_and_found_and_what_never_arrived_is_absent() -> Result<()> {
    let sandbox = sandbox(TextSettings { lost_replies: 1.0, ..TextSettings::default() }).await?;
    let patient = settled_after(&sandbox, Duration::from_secs(3_600))?;
    for (at, provider) in (0..).zip(providers(&sandbox)?) {
        let text = text(at)?;
        let outcome = provider.send(&text).await;
        assert!(matches!(outcome, SendOutcome::Unknown { .. }), "{}: {outcome:?}", provider.id());
        let Found::Message(report) = provider.find(&sought(&text)).await? else {
            bail!("{} did not find it", provider.id());
        };
        let taken = sandbox.texts(Some(text.to.expose()));
        assert_eq!(taken.len(), 1);
        assert!(report.external_id.ends_with(&taken[0].id), "{}", provider.id());
        // It is another intent's: then there is none of ours.
        let mut other = sought(&text);
        other.accounted.push(report.external_id);
        assert_eq!(provider.find(&other).await?, Found::Absent);

        sandbox.script(Script::new(Fault::Cut { processed: false }).at(vendor(provider.id())).times(1))?;
        let never = super::text(at + 10)?;
        let outcome = provider.send(&never).await;
        assert!(matches!(outcome, SendOutcome::Unknown { .. }), "{}: {outcome:?}", provider.id());
        assert_eq!(provider.find(&sought(&never)).await?, Found::Absent);
        let soon = patient.iter().find(|patient| patient.id() == provider.id());
        if let Some(soon) = soon {
            assert_eq!(soon.find(&sought(&never)).await?, Found::NotYetCertain);
        }
    }
    assert_eq!(sandbox.texts(None).len(), 2);
    Ok(())
}

#[tokio::test]
async fn the_same_key_is_the_same_send() -> Result<()> {
    let sandbox = sandbox(TextSettings::default()).await?;
    for provider in providers(&sandbox)? {
        if provider.id() == SmsProviderId::SignalHouse {
            let (first, second) = (provider.send(&text(1)?).await, provider.send(&text(1)?).await);
            assert_eq!(first, second);
        }
    }
    assert_eq!(sandbox.texts(None).len(), 1);
    Ok(())
}

#[tokio::test]
async fn vendors_in_trouble_are_told_apart() -> Result<()> {
    let sandbox = sandbox(TextSettings::default()).await?;
    for provider in providers(&sandbox)? {
        for (fault, expected) in [
            (Fault::RateLimited { retry_after_s: Some(3) }, "rate_limited"),
            (Fault::AccountStop { reason: Default::default() }, "account_stop"),
            (Fault::Outage { status: 500 }, "unknown"),
            (Fault::Outage { status: 503 }, "unknown"),
            (Fault::Malformed, "unknown"),
            (Fault::ErrorInside, "refused"),
        ] {
            sandbox.script(Script::new(fault.clone()).at(vendor(provider.id())).times(1))?;
            let outcome = provider.send(&text(1)?).await;
            assert_eq!(outcome.as_str(), expected, "{} {fault:?}: {outcome:?}", provider.id());
        }
        sandbox.script(Script::new(Fault::Outage { status: 502 }).at(vendor(provider.id())).times(1))?;
        assert!(provider.find(&sought(&text(1)?)).await.is_err(), "an outage is no absence");
        sandbox.reset();
    }
    Ok(())
}

#[tokio::test]
async fn what_no_webhook_told_is_in_the_record() -> Result<()> {
    let reports = ReportSettings { after_ms: 0, missing: 1.0, ..ReportSettings::default() };
    let sandbox = sandbox(TextSettings { reports, ..TextSettings::default() }).await?;
    let since = Utc::now() - chrono::TimeDelta::minutes(1);
    for provider in providers(&sandbox)? {
        let outcome = provider.send(&text(1)?).await;
        let SendOutcome::Accepted { external_id, .. } = outcome else { bail!("{outcome:?}") };
        let inbound =
            sandbox.text_in(vendor(provider.id()), person(1)?.expose(), super::FROM, "Who is this?");
        assert!(inbound.is_some());
        let missed = provider.events_since(since, None).await?;
        let keys: Vec<_> = missed.events.iter().map(SmsEvent::key).collect();
        assert!(keys.contains(&format!("{external_id}:delivered")), "{}: {keys:?}", provider.id());
        let heard = missed
            .events
            .iter()
            .any(|event| matches!(event, SmsEvent::Received { text, .. } if text.expose() == "Who is this?"));
        assert!(heard, "{}: {keys:?}", provider.id());
    }
    Ok(())
}

#[tokio::test]
async fn numbers_are_offered_bought_and_owned() -> Result<()> {
    let sandbox = sandbox(TextSettings::default()).await?;
    for provider in providers(&sandbox)? {
        let offers = provider.offers("512", 3).await?;
        assert_eq!(offers.len(), 3, "{}", provider.id());
        let bought = provider.buy(&offers[0], "buy-1", None).await?;
        assert!(matches!(bought, Bought::Now(_) | Bought::Ordered), "{}: {bought:?}", provider.id());
        let own = provider.numbers().await?;
        assert_eq!(
            (own.len(), own[0].number, own[0].ready),
            (1, offers[0].number, true),
            "{}",
            provider.id()
        );
    }
    Ok(())
}
