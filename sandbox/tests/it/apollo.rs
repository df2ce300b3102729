//! Apollo: everything in the query, nothing by Bearer, limits in headers, results to be polled.

use std::time::Duration;

use anyhow::Result;
use reqwest::RequestBuilder;
use sandbox::{Fault, RateLimit, Sandbox, Script, Vendor};
use serde_json::{Value, json};

use crate::asking::{KEY, all_knowing, ann, ask, client, introduce_ann, numbered, question, read, settings};

fn bulk(sandbox: &Sandbox, count: u32) -> RequestBuilder {
    let details: Vec<Value> = (0..count)
        .map(|number| {
            let who = numbered(number);
            json!({"first_name": who.first, "last_name": who.last, "domain": who.domain})
        })
        .collect();
    client()
        .post(format!("{}/api/v1/people/bulk_match", sandbox.url(Vendor::Apollo)))
        .header("x-api-key", KEY)
        .json(&json!({"details": details}))
}

#[tokio::test]
async fn a_person_has_its_shape() -> Result<()> {
    let sandbox = all_knowing().await?;
    introduce_ann(&sandbox);
    let (status, answer) = ask(&sandbox, Vendor::Apollo, &ann()).await?;
    assert_eq!(status, 200);
    insta::assert_json_snapshot!("apollo_person", answer);
    assert_eq!(sandbox.ledger().vendor(Vendor::Apollo).micro_dollars, 100_000);
    Ok(())
}

#[tokio::test]
async fn the_key_is_no_bearer_token() -> Result<()> {
    let sandbox = all_knowing().await?;
    let url = format!("{}/api/v1/people/match", sandbox.url(Vendor::Apollo));
    let (status, answer) = read(client().post(&url).bearer_auth(KEY).send().await?).await?;
    assert_eq!((status, &answer["error"]), (401, &json!("Invalid API key")));
    let (status, answer) = read(client().post(&url).header("x-api-key", "free").send().await?).await?;
    assert_eq!((status, &answer["error_code"]), (403, &json!("API_INACCESSIBLE")));
    Ok(())
}

#[tokio::test]
async fn parameters_in_the_body_are_not_read() -> Result<()> {
    let sandbox = all_knowing().await?;
    let url = format!("{}/api/v1/people/match", sandbox.url(Vendor::Apollo));
    let body = json!({"email": "ann@doylebakery.example", "first_name": "Ann", "last_name": "Doyle"});
    let (status, answer) =
        read(client().post(url).header("x-api-key", KEY).json(&body).send().await?).await?;
    assert_eq!((status, &answer["person"]), (200, &Value::Null));
    assert_eq!(sandbox.ledger().micro_dollars, 0);
    Ok(())
}

#[tokio::test]
async fn a_name_alone_finds_nobody() -> Result<()> {
    let sandbox = all_knowing().await?;
    let url = format!("{}/api/v1/people/match", sandbox.url(Vendor::Apollo));
    let ask = |query: &'static [(&str, &str)]| {
        let request = client().post(&url).header("x-api-key", KEY).query(query);
        async move { read(request.send().await?).await }
    };
    let (_, alone) = ask(&[("first_name", "Ann"), ("last_name", "Doyle")]).await?;
    assert_eq!(alone["person"], Value::Null);
    let (_, with_firm) = ask(&[("name", "Ann Doyle"), ("organization_name", "Doyle Bakery")]).await?;
    assert_eq!(with_firm["person"]["last_name"], "Doyle");
    let (_, by_profile) = ask(&[("linkedin_url", "https://www.linkedin.com/in/ann-doyle-1")]).await?;
    assert!(by_profile["person"].is_object());
    Ok(())
}

#[tokio::test]
async fn a_bulk_call_holds_ten_and_keeps_places() -> Result<()> {
    let mut settings = settings();
    settings.vendor_mut(Vendor::Apollo).hit_rate = 0.5;
    let sandbox = Sandbox::start(settings).await?;
    let (status, answer) = read(bulk(&sandbox, 10).send().await?).await?;
    assert_eq!(status, 200);
    let matches = answer["matches"].as_array().expect("matches");
    let missing = matches.iter().filter(|person| person.is_null()).count();
    assert_eq!(matches.len(), 10);
    assert!(missing > 0 && missing < 10);
    assert_eq!(answer["missing_records"], missing);
    assert_eq!(answer["credits_consumed"], 10 - missing);
    assert_eq!(read(bulk(&sandbox, 11).send().await?).await?.0, 422);
    Ok(())
}

#[tokio::test]
async fn limits_are_told_in_headers_empty_where_there_is_none() -> Result<()> {
    let mut settings = settings();
    settings.vendor_mut(Vendor::Apollo).limits =
        vec![RateLimit::of(2, Duration::from_secs(60)), RateLimit::none(Duration::from_secs(3_600))];
    let sandbox = Sandbox::start(settings).await?;
    let header = |answer: &reqwest::Response, name: &str| {
        answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    for left in ["1", "0"] {
        let answer = question(&sandbox, Vendor::Apollo, &ann()).send().await?;
        assert_eq!(answer.status(), 200);
        assert_eq!(header(&answer, "x-rate-limit-minute").as_deref(), Some("2"));
        assert_eq!(header(&answer, "x-minute-requests-left").as_deref(), Some(left));
        assert_eq!(header(&answer, "x-rate-limit-hourly").as_deref(), Some(""));
        assert_eq!(header(&answer, "x-hourly-requests-left").as_deref(), Some(""));
        assert_eq!(header(&answer, "retry-after"), None);
    }
    let answer = question(&sandbox, Vendor::Apollo, &ann()).send().await?;
    assert_eq!(answer.status(), 429);
    let wait: u64 = header(&answer, "retry-after").expect("Retry-After").parse()?;
    assert!((1..=60).contains(&wait), "{wait}");
    // Limits are by endpoint.
    assert_eq!(bulk(&sandbox, 1).send().await?.status(), 200);
    // Nobody's key is told nothing.
    let url = format!("{}/api/v1/people/match", sandbox.url(Vendor::Apollo));
    let refused = client().post(url).bearer_auth(KEY).send().await?;
    assert_eq!(header(&refused, "x-rate-limit-minute"), None);
    Ok(())
}

#[tokio::test]
async fn phones_want_somewhere_to_go() -> Result<()> {
    let sandbox = all_knowing().await?;
    let request = question(&sandbox, Vendor::Apollo, &ann()).query(&[("reveal_phone_number", "true")]);
    assert_eq!(request.send().await?.status(), 422);
    Ok(())
}

#[tokio::test]
async fn nulls_to_order() -> Result<()> {
    let sandbox = all_knowing().await?;
    sandbox.script(Script::new(Fault::PositionalNulls).at(Vendor::Apollo).times(1))?;
    let (_, answer) = read(bulk(&sandbox, 3).send().await?).await?;
    let nulls: Vec<bool> =
        answer["matches"].as_array().expect("matches").iter().map(Value::is_null).collect();
    assert_eq!(nulls, [true, false, true]);
    assert_eq!(sandbox.ledger().vendor(Vendor::Apollo).billed_units, 1);
    Ok(())
}
