//! What the sandbox posts is believed and understood; what anybody else posts is not.

use std::time::Duration;

use anyhow::{Context, Result};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Router, routing};
use chrono::Utc;
use domain::message::MessageStatus;
use providers::Secret;
use providers::sms::webhook::{Delivery, SignatureFault, parse, verify};
use providers::sms::{OptOutType, OutgoingText, SmsEvent, SmsProviderId};
use sandbox::{Replier, ReportSettings, Sender, TextSettings, Vendor};
use serde_json::{Value, json};
use tests::carriers::TWILIO_TOKEN;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::{FROM, person, providers, sandbox, text};

/// A delivery as it came.
type Posted = (HeaderMap, Bytes);

struct Inbox {
    url: String,
    posted: mpsc::Receiver<Posted>,
}

impl Inbox {
    async fn open() -> Result<Self> {
        let (sender, posted) = mpsc::channel(100);
        let take = |State(sender): State<mpsc::Sender<Posted>>, headers: HeaderMap, body: Bytes| async move {
            sender.send((headers, body)).await.is_ok().to_string()
        };
        let router = Router::new().route("/h/{token}", routing::post(take)).with_state(sender);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/h/tok?x=1", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { url, posted })
    }

    async fn next(&mut self) -> Result<Posted> {
        let posted = tokio::time::timeout(Duration::from_secs(30), self.posted.recv()).await;
        posted.context("no webhook came")?.context("the inbox is gone")
    }

    /// The next one, believed by `secret` and read.
    async fn event(&mut self, provider: SmsProviderId, secret: &str) -> Result<(String, SmsEvent)> {
        let (headers, body) = self.next().await?;
        let delivery = Delivery { url: &self.url, headers: &headers, body: &body };
        verify(provider, &delivery, &[Secret::from(secret)], Utc::now())?;
        let wrong = verify(provider, &delivery, &[Secret::from("another")], Utc::now());
        assert_eq!(wrong, Err(SignatureFault::Wrong));
        let mut changed = body.to_vec();
        changed.push(b' ');
        let changed = Delivery { body: &changed, ..delivery };
        assert!(verify(provider, &changed, &[Secret::from(secret)], Utc::now()).is_err());
        let parsed = parse(provider, &delivery)?;
        Ok((parsed.delivery_key, parsed.events.into_iter().next().context("an event")?))
    }
}

#[tokio::test]
async fn signalhouse() -> Result<()> {
    let sandbox = sandbox(TextSettings {
        reports: ReportSettings { twice: 1.0, ..ReportSettings::default() },
        ..TextSettings::default()
    })
    .await?;
    let mut inbox = Inbox::open().await?;
    let hook = json!({"name": "ours", "url": inbox.url, "subscribedEvents": ["MESSAGE_RECEIVED", "MESSAGE_DELIVERED"]});
    let post = reqwest::Client::new().post(format!("{}/webhook", sandbox.url(Vendor::SignalHouse)));
    let hook: Value = post.bearer_auth("a-key").json(&hook).send().await?.json().await?;
    let secret = hook["signingSecret"].as_str().context("a secret")?;
    sandbox.answer_texts(Replier::of(person(1)?.expose(), "Stop!"));
    let [provider, _] = providers(&sandbox)?.try_into().expect("two");
    provider.send(&text(1)?).await;
    let (mut reports, mut received) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        match inbox.event(SmsProviderId::SignalHouse, secret).await? {
            (key, SmsEvent::Status(report)) => reports.push((key, report.status, report.segments)),
            (_, SmsEvent::Received { from, to, text, .. }) => received.push((from, to, text)),
            (_, other) => panic!("{other:?}"),
        }
    }
    let [(key, status, segments), (again, ..)] = reports.as_slice() else { panic!("{reports:?}") };
    assert_eq!(key, again, "a delivery that comes twice is one");
    assert_eq!((*status, *segments), (MessageStatus::Delivered, Some(1)));
    let [(from, to, text)] = received.as_slice() else { panic!("{received:?}") };
    assert_eq!((from.phone(), to.expose(), text.expose()), (Some(&person(1)?), FROM, "Stop!"));
    Ok(())
}

#[tokio::test]
async fn twilio() -> Result<()> {
    let reports = ReportSettings { after_ms: 200, ..ReportSettings::default() };
    let sandbox = sandbox(TextSettings { reports, ..TextSettings::default() }).await?;
    let mut inbox = Inbox::open().await?;
    sandbox.add_sender(Sender { inbound_url: Some(inbox.url.clone()), ..Sender::of(Vendor::Twilio, FROM) });
    sandbox.answer_texts(Replier::of(person(1)?.expose(), "stop \u{1F600}é"));
    let [_, provider] = providers(&sandbox)?.try_into().expect("two");
    provider.send(&OutgoingText { status_callback: Some(inbox.url.clone()), ..text(1)? }).await;
    let (mut status, mut keys, mut received) = (MessageStatus::Queued, Vec::new(), Vec::new());
    for _ in 0..3 {
        match inbox.event(SmsProviderId::Twilio, TWILIO_TOKEN).await? {
            (key, SmsEvent::Status(report)) => {
                status = status.advance(report.status);
                keys.push(key);
            }
            (_, SmsEvent::Received { from, text, opt_out, .. }) => received.push((from, text, opt_out)),
            (_, other) => panic!("{other:?}"),
        }
    }
    assert_eq!(status, MessageStatus::Delivered);
    assert!(keys.len() == 2 && keys[0] != keys[1], "{keys:?}");
    let [(from, text, None)] = received.as_slice() else { panic!("{received:?}") };
    assert_eq!((from.phone(), text.expose()), (Some(&person(1)?), "stop \u{1F600}é"));
    sandbox.text_in(Vendor::Twilio, person(2)?.expose(), FROM, "STOP").context("a text")?;
    let (_, event) = inbox.event(SmsProviderId::Twilio, TWILIO_TOKEN).await?;
    assert!(matches!(event, SmsEvent::Received { opt_out: Some(OptOutType::Stop), .. }), "{event:?}");
    Ok(())
}
