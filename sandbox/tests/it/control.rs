//! Steering the sandbox from another process.

use anyhow::Result;
use reqwest::StatusCode;
use sandbox::{Sandbox, SandboxError, ScriptState, Settings, Vendor};
use serde_json::{Value, json};

use crate::asking::{all_knowing, ann, ask, client, question, until};

#[tokio::test]
async fn faults_are_scripted_listed_and_taken_back() -> Result<()> {
    let sandbox = all_knowing().await?;
    let url = format!("{}/faults", sandbox.control_url());
    let scripts = json!([
        {"vendor": "batchdata", "fault": {"kind": "rate_limited", "retry_after_s": 2}, "times": 1},
        {"fault": {"kind": "cut"}, "rate": 0.05, "containing": "Springfield"},
    ]);
    let answer = client().post(&url).json(&scripts).send().await?;
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.json::<Value>().await?, json!({"ids": [1, 2]}));
    assert_eq!(question(&sandbox, Vendor::BatchData, &ann()).send().await?.status(), 429);
    let listed: Vec<ScriptState> = client().get(&url).send().await?.json().await?;
    assert_eq!((listed[0].happened, listed[0].script.times), (1, Some(0)));
    assert_eq!(listed, sandbox.faults());
    assert_eq!(client().delete(&url).send().await?.status(), 204);
    assert!(sandbox.faults().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_script_that_makes_no_sense_is_refused_with_words() -> Result<()> {
    let sandbox = all_knowing().await?;
    let url = format!("{}/faults", sandbox.control_url());
    for (script, words) in [
        (json!({"fault": {"kind": "explode"}}), "explode"),
        (json!({"vendor": "acme", "fault": {"kind": "cut"}}), "acme"),
        (json!({"fault": {"kind": "cut"}, "rate": 2}), "share"),
        (json!({"fault": {"kind": "outage", "status": 404}}), "404"),
        (json!({"vendor": "twilio", "fault": {"kind": "webhook_twice"}}), "webhook_twice"),
        (json!({"fault": {"kind": "cut"}, "tims": 2}), "tims"),
    ] {
        let answer = client().post(&url).json(&script).send().await?;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{script}");
        let error = answer.json::<Value>().await?["error"].as_str().unwrap_or_default().to_owned();
        assert!(error.contains(words), "{error}");
    }
    assert!(sandbox.faults().is_empty());
    Ok(())
}

#[tokio::test]
async fn people_are_introduced_and_found() -> Result<()> {
    let sandbox = all_knowing().await?;
    let url = sandbox.control_url();
    let introduction = json!({"identity": ann(), "litigator": true, "known_to": ["apollo"]});
    let answer = client().post(format!("{url}/people")).json(&introduction).send().await?;
    assert_eq!(answer.status(), 201);
    let found: Value = client().post(format!("{url}/people/find")).json(&ann()).send().await?.json().await?;
    assert_eq!(found["person"]["litigator"], true);
    assert_eq!(found["known_to"], json!(["apollo"]));
    assert_eq!(found["subject"], ann().subject());
    let nobody = client().post(format!("{url}/people/find")).json(&json!({})).send().await?;
    assert_eq!(nobody.status(), 422);
    Ok(())
}

#[tokio::test]
async fn the_overview_says_where_vendors_are() -> Result<()> {
    let sandbox = all_knowing().await?;
    let overview: Value = client().get(sandbox.control_url()).send().await?.json().await?;
    for vendor in Vendor::ALL {
        assert_eq!(overview["vendors"][vendor.name()], sandbox.url(vendor));
        assert_eq!(vendor.name().parse::<Vendor>()?, vendor);
    }
    Ok(())
}

#[tokio::test]
async fn what_stops_is_gone_even_with_a_request_that_hangs() -> Result<()> {
    let sandbox = all_knowing().await?;
    let url = sandbox.url(Vendor::Twilio).to_owned();
    sandbox.script(sandbox::Script::new(sandbox::Fault::Hung { processed: false }).at(Vendor::Twilio))?;
    let hanging = tokio::spawn(question(&sandbox, Vendor::Twilio, &ann()).send());
    until("it hangs", || !sandbox.ledger().vendor(Vendor::Twilio).faults.is_empty()).await;
    tokio::time::timeout(std::time::Duration::from_secs(10), sandbox.stop()).await?;
    assert!(hanging.await?.is_err());
    assert!(client().get(url).send().await.is_err_and(|error| error.is_connect()));
    Ok(())
}

#[tokio::test]
async fn ports_follow_the_base_or_are_refused() -> Result<()> {
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let base = taken.local_addr()?.port();
    let refused = Sandbox::start(Settings { port_base: Some(base), ..Settings::default() }).await;
    match refused.err() {
        Some(SandboxError::Bind { port, whom, .. }) => assert_eq!((port, whom), (base, "control")),
        // The system gave out one of the very last ports.
        Some(SandboxError::PortBase { .. }) => {}
        other => panic!("{other:?}"),
    }
    let refused = Sandbox::start(Settings { port_base: Some(u16::MAX), ..Settings::default() }).await;
    assert!(matches!(refused.err(), Some(SandboxError::PortBase { .. })));
    Ok(())
}

#[tokio::test]
async fn what_no_vendor_offers_is_not_found() -> Result<()> {
    let sandbox = all_knowing().await?;
    for vendor in Vendor::ALL {
        let answer = client()
            .post(format!("{}/nonsense", sandbox.url(vendor)))
            .bearer_auth("key")
            .header("x-api-key", "key")
            .send()
            .await?;
        assert!([401, 404].contains(&answer.status().as_u16()), "{vendor}: {}", answer.status());
    }
    ask(&sandbox, Vendor::Melissa, &ann()).await?;
    Ok(())
}
