//! What the made-up vendors of texts report comes back to us: the addresses are made, and given to them as a person would.

use anyhow::{Context, ensure};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

/// What it is asked to report.
const EVENTS: [&str; 3] = ["MESSAGE_RECEIVED", "MESSAGE_DELIVERED", "MESSAGE_FAILED"];

/// Has SignalHouse at `vendor` report to the API at `api_url`: delivery reports, and what people answer. The address of an
/// earlier start, `before`, is closed. Answers the new one's id.
pub(super) async fn come_back(
    vendor: &str,
    api_url: &str,
    api_key: &str,
    before: Option<&str>,
) -> anyhow::Result<String> {
    let http = Client::new();
    let ours = |request: RequestBuilder| request.bearer_auth(api_key);
    let new = json!({ "provider": "signalhouse", "public_url": api_url });
    let (id, url) = door(api_url, api_key, before, &new).await?;
    let hook = json!({ "name": "lead-refinery", "url": url, "subscribedEvents": EVENTS });
    let hook = answer(http.post(format!("{vendor}/webhook")).bearer_auth("any").json(&hook)).await?;
    let secrets = json!({ "secrets": [word(&hook, "signingSecret")?] });
    let set = ours(http.put(format!("{api_url}/v1/webhooks/{id}/secrets"))).json(&secrets).send().await?;
    ensure!(set.status().is_success(), "the API does not take the vendor's secret: {}", set.status());
    Ok(id)
}

/// Makes the address to which Twilio reports to the API at `api_url`: each text says it, so that nothing is set at the vendor. What it
/// posts is signed with the account's `token`. The address of an earlier start, `before`, is closed. Answers the new one's id.
pub(super) async fn each_by_itself(
    token: &str,
    api_url: &str,
    api_key: &str,
    before: Option<&str>,
) -> anyhow::Result<String> {
    let new = json!({ "provider": "twilio", "public_url": api_url, "secrets": [token] });
    Ok(door(api_url, api_key, before, &new).await?.0)
}

/// Makes an address as `new` says, and closes the one of an earlier start. Answers its id, and itself.
async fn door(
    api_url: &str,
    api_key: &str,
    before: Option<&str>,
    new: &Value,
) -> anyhow::Result<(String, String)> {
    let http = Client::new();
    if let Some(id) = before {
        // One that is gone, as after a reset, needs no closing.
        http.delete(format!("{api_url}/v1/webhooks/{id}")).bearer_auth(api_key).send().await?;
    }
    let made = answer(http.post(format!("{api_url}/v1/webhooks")).bearer_auth(api_key).json(new)).await?;
    Ok((word(&made, "id")?, word(&made, "url")?))
}

async fn answer(request: RequestBuilder) -> anyhow::Result<Value> {
    let response = request.send().await?;
    let status = response.status();
    let body: Value = response.json().await.with_context(|| format!("{status} without JSON"))?;
    ensure!(status.is_success(), "{status}: {body}");
    Ok(body)
}

fn word(body: &Value, name: &str) -> anyhow::Result<String> {
    Ok(body[name].as_str().with_context(|| format!("no {name}"))?.to_owned())
}
