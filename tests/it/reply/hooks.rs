//! Each way in which a delivery can be wrong has its answer and its count; a call that comes in is the hottest of items.

use std::num::NonZeroU32;

use anyhow::{Context, Result};
use providers::enrichment::{EnrichmentProviders, EnrichmentSettings};
use reqwest::{Method, StatusCode};
use sandbox::Settings;
use tests::Services;
use tests::replies::Correspondence;
use uuid::Uuid;

#[tokio::test]
async fn each_delivery_is_counted_by_what_became_of_it() -> Result<()> {
    let all = Correspondence::new(Settings::default()).await?;
    let app = &all.outreach.app;
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    let message = Uuid::new_v4().simple().to_string();
    assert_eq!(all.deliver_as(&message, &number, "Yes").await?.0, StatusCode::NO_CONTENT);
    assert_eq!(all.deliver_as(&message, &number, "Yes").await?.0, StatusCode::NO_CONTENT, "the same again");
    let items = "SELECT count(*) FROM inbox_items WHERE team_id = $1";
    assert_eq!(all.count(items).await?, 1);
    let token = "A".repeat(43);
    let unknown =
        app.anonymous(Method::POST, &format!("/hooks/signalhouse/{token}")).body("{}").send().await?;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    let large = app.anonymous(Method::POST, &format!("/hooks/signalhouse/{token}")).body("x".repeat(70_000));
    assert_eq!(large.send().await?.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let voice =
        app.anonymous(Method::POST, &format!("/hooks/signalhouse/{token}/voice")).body("{}").send().await?;
    assert_eq!(voice.status(), StatusCode::NOT_FOUND, "this vendor tells of no calls");
    let metrics = app.anonymous(Method::GET, "/metrics").send().await?.text().await?;
    for line in [
        "refinery_hook_deliveries_total{provider=\"signalhouse\",outcome=\"taken\"} 2",
        "refinery_hook_deliveries_total{provider=\"signalhouse\",outcome=\"unknown_address\"} 1",
        "refinery_hook_deliveries_total{provider=\"signalhouse\",outcome=\"oversized\"} 1",
        "refinery_hook_deliveries_total{provider=\"none\",outcome=\"unknown_address\"} 1",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line} in\n{metrics}");
    }
    Ok(())
}

#[tokio::test]
async fn a_call_is_an_item_and_a_place_in_the_call_queue() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    let outreach = &all.outreach;
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    let token = "B".repeat(43);
    let secret = "a-token-of-twilio";
    let url = Correspondence::open(outreach, &outreach.team, "twilio", &token, secret).await?;
    let call = format!("CA{}", Uuid::new_v4().simple());
    let form = [
        ("CallSid", call.as_str()),
        ("From", number.as_str()),
        ("To", "+15125550100"),
        ("Direction", "inbound"),
    ];
    let post = |signature: String| {
        let path = format!("/hooks/twilio/{token}/voice");
        let pairs: Vec<String> =
            form.iter().map(|(name, value)| format!("{name}={}", value.replace('+', "%2B"))).collect();
        let request = outreach.app.anonymous(Method::POST, &path).header("x-twilio-signature", signature);
        request.header("content-type", "application/x-www-form-urlencoded").body(pairs.join("&"))
    };
    let unsigned = post("bm8=".to_owned()).send().await?;
    assert_eq!(unsigned.status(), StatusCode::UNAUTHORIZED);
    for _ in 0..2 {
        let taken = post(tests::signatures::twilio(secret, &format!("{url}/voice"), &form)).send().await?;
        assert_eq!(taken.status(), StatusCode::OK);
        assert!(taken.text().await?.contains("<Response/>"));
    }
    let look = all.classified(&number, 1).await?;
    assert_eq!(look.intents, ["called_phone_line"]);
    tests::wait_until("somebody is to call back", tests::replies::PATIENCE, || async {
        let queued = "SELECT count(*) FROM call_queue WHERE team_id = $1 AND state = 'queued'";
        all.count(queued).await.is_ok_and(|queued| queued == 1)
    })
    .await;
    Ok(())
}

#[tokio::test]
async fn what_no_webhook_brought_is_read_from_the_vendors_own_record() -> Result<()> {
    let mut all = Correspondence::new(Settings::default()).await?;
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    let from = number.trim_start_matches("+1");
    let vendor = sandbox::Vendor::SignalHouse;
    all.outreach.sandbox.text_in(vendor, from, "5125550100", "Yes, I am interested").context("a text")?;
    assert!(all.look(&number).await?.is_none(), "nobody told us");
    all.outreach.app.start_worker()?;
    let look = all.classified(&number, 1).await?;
    assert_eq!(look.intents, ["interested"]);
    Ok(())
}

/// An API that takes few deliveries a minute by one address.
async fn narrow(all: &Correspondence) -> Result<(String, tokio_util::sync::DropGuard)> {
    let app = &all.outreach.app;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let parts = api::Parts {
        db: app.db.clone(),
        hooks_db: app.db.clone(),
        store: app.store.clone(),
        temporal: api::Temporal::connected(app.temporal.clone()),
        task_queue: app.queue().to_owned(),
        payload_keys: Services::payload_keys()?,
        codec_token: None,
        temporal_ui_url: None,
        temporal_namespace: "default".to_owned(),
        vendors: EnrichmentProviders::connect(EnrichmentSettings::default())?,
        campaign_pace: tests::campaigns::BRISK,
        conversation_pace: tests::replies::BRISK,
        deliveries_per_minute: NonZeroU32::MIN.saturating_add(2),
    };
    let stop = tokio_util::sync::CancellationToken::new();
    tokio::spawn(api::serve_on(listener, parts, stop.clone().cancelled_owned()));
    Ok((url, stop.drop_guard()))
}

#[tokio::test]
async fn an_address_that_is_flooded_says_when_to_come_again_and_holds_up_no_other() -> Result<()> {
    let all = Correspondence::new(Settings::default()).await?;
    let outreach = &all.outreach;
    let (url, _stop) = narrow(&all).await?;
    let (flooded, calm) = ("F".repeat(43), "G".repeat(43));
    for token in [&flooded, &calm] {
        Correspondence::open(outreach, &outreach.team, "signalhouse", token, "a secret").await?;
    }
    let client = reqwest::Client::new();
    let post = |token: &str| client.post(format!("{url}/hooks/signalhouse/{token}")).body("{}").send();
    // Unsigned, but counted: whoever floods an address need not sign.
    let mut answers = Vec::new();
    for _ in 0..6 {
        answers.push(post(&flooded).await?);
    }
    let limited: Vec<_> =
        answers.iter().filter(|answer| answer.status() == StatusCode::TOO_MANY_REQUESTS).collect();
    assert!(limited.len() >= 2, "{answers:?}");
    for answer in &limited {
        let wait =
            answer.headers().get("retry-after").and_then(|wait| wait.to_str().ok()?.parse::<u64>().ok());
        assert!(wait.is_some_and(|wait| (1..=60).contains(&wait)), "{answer:?}");
    }
    assert_eq!(post(&calm).await?.status(), StatusCode::UNAUTHORIZED, "another address is read");
    let metrics = client.get(format!("{url}/metrics")).send().await?.text().await?;
    let counted = format!(
        "refinery_hook_deliveries_total{{provider=\"signalhouse\",outcome=\"limited\"}} {}",
        limited.len()
    );
    assert!(metrics.lines().any(|line| line == counted), "{counted} in\n{metrics}");
    Ok(())
}
