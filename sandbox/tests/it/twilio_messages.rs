//! Twilio Messages over HTTP, as its callers see it.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use base64::Engine;
use reqwest::RequestBuilder;
use ring::hmac;
use sandbox::{Replier, ReportSettings, Sandbox, Sender, Settings, TextSettings, Vendor};
use serde_json::{Value, json};

use crate::asking::{KEY, client, read, until};
use crate::inbox::{Inbox, Posted};

const ACCOUNT: &str = "AC00000000000000000000000000000001";
const TO: &str = "+15125552001";
const FROM: &str = "+15125550100";

async fn started(texts: TextSettings) -> Result<Sandbox> {
    Ok(Sandbox::start(Settings { texts, ..Settings::default() }).await?)
}

fn url(sandbox: &Sandbox, path: &str) -> String {
    format!("{}/2010-04-01/Accounts/{ACCOUNT}{path}", sandbox.url(Vendor::Twilio))
}

fn form(request: RequestBuilder, pairs: &[(&str, &str)]) -> RequestBuilder {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    request
        .basic_auth(ACCOUNT, Some(KEY))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
}

async fn send(sandbox: &Sandbox, more: &[(&str, &str)]) -> Result<(u16, Value)> {
    let mut pairs = vec![("To", TO), ("From", FROM), ("Body", "Hello")];
    pairs.retain(|(name, _)| more.iter().all(|(own, _)| own != name));
    pairs.extend(more);
    pairs.retain(|(_, value)| !value.is_empty());
    read(form(client().post(url(sandbox, "/Messages.json")), &pairs).send().await?).await
}

async fn get(sandbox: &Sandbox, path: &str) -> Result<Value> {
    Ok(read(client().get(url(sandbox, path)).basic_auth(ACCOUNT, Some(KEY)).send().await?).await?.1)
}

/// Whether it is signed with the token, for the address it came to.
fn is_signed(posted: &Posted, url: &str, token: &str) -> bool {
    let pairs: BTreeMap<_, _> = form_urlencoded::parse(posted.body.as_bytes()).into_owned().collect();
    let said: String = pairs.iter().map(|(name, value)| format!("{name}{value}")).collect();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    let tag = hmac::sign(&key, format!("{url}{said}").as_bytes());
    posted.header("x-twilio-signature") == base64::engine::general_purpose::STANDARD.encode(tag)
}

#[tokio::test]
async fn a_send_has_its_shape_and_is_found_again() -> Result<()> {
    let reports = ReportSettings { after_ms: 0, ..ReportSettings::default() };
    let sandbox = started(TextSettings { reports, ..TextSettings::default() }).await?;
    let (status, sent) = send(&sandbox, &[]).await?;
    assert_eq!(status, 201);
    let sid = sent["sid"].as_str().context("a sid")?.to_owned();
    assert!(sid.starts_with("SM") && sid.len() == 34, "{sid}");
    assert_eq!((&sent["num_segments"], &sent["direction"]), (&json!("1"), &json!("outbound-api")));
    let found = get(&sandbox, "/Messages.json?To=%2B15125552001&From=%2B15125550100&PageSize=20").await?;
    assert_eq!(
        (&found["messages"][0]["sid"], found["messages"].as_array().map(Vec::len)),
        (&json!(sid), Some(1))
    );
    assert_eq!(get(&sandbox, "/Messages.json?To=%2B15125552002").await?["messages"], json!([]));
    assert_eq!(get(&sandbox, "/Messages.json?DateSent%3E=2099-01-01").await?["messages"], json!([]));
    let one = get(&sandbox, &format!("/Messages/{sid}.json")).await?;
    assert_eq!((&one["status"], &one["price"]), (&json!("delivered"), &json!("-0.007900")));
    assert_eq!(get(&sandbox, "/Messages/SM0.json").await?["code"], 20_404);
    assert_eq!(sandbox.ledger().vendor(Vendor::Twilio).micro_dollars, 7_900);
    Ok(())
}

#[tokio::test]
async fn lists_come_in_pages() -> Result<()> {
    let sandbox = started(TextSettings::default()).await?;
    for _ in 0..3 {
        send(&sandbox, &[]).await?;
    }
    let first = get(&sandbox, "/Messages.json?PageSize=2").await?;
    assert_eq!(first["messages"].as_array().map(Vec::len), Some(2));
    let next = first["next_page_uri"].as_str().context("a next page")?.to_owned();
    let (_, path) = next.split_once(ACCOUNT).context("of this account")?;
    let second = get(&sandbox, path).await?;
    assert_eq!(
        (second["messages"].as_array().map(Vec::len), &second["next_page_uri"]),
        (Some(1), &Value::Null)
    );
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_has_its_code() -> Result<()> {
    let refused = BTreeMap::from([("21614".to_owned(), 1.0)]);
    let sandbox = started(TextSettings::default()).await?;
    for (more, code) in [
        (("To", ""), 21_604),
        (("To", "12345"), 21_211),
        (("From", ""), 21_603),
        (("Body", ""), 21_602),
        (("Body", "a".repeat(1_601).as_str()), 21_617),
    ] {
        let (status, answer) = send(&sandbox, &[more]).await?;
        assert_eq!((status, &answer["code"]), (400, &json!(code)));
    }
    sandbox.set_texts(TextSettings { refused, ..TextSettings::default() });
    assert_eq!(send(&sandbox, &[]).await?.1["code"], 21_614);
    sandbox.set_texts(TextSettings { any_sender: false, ..TextSettings::default() });
    assert_eq!(send(&sandbox, &[]).await?.1["code"], 21_606);
    assert!(sandbox.texts(None).is_empty());
    Ok(())
}

#[tokio::test]
async fn callbacks_are_signed_and_out_of_order_where_they_are_told_to_be() -> Result<()> {
    let reports = ReportSettings { after_ms: 3_000, reordered: 1.0, ..ReportSettings::default() };
    let sandbox = started(TextSettings { reports, ..TextSettings::default() }).await?;
    let mut inbox = Inbox::answering(&[]).await?;
    let callback = format!("{}?token=t", inbox.url);
    let (_, sent) = send(&sandbox, &[("StatusCallback", &callback)]).await?;
    let (first, second) = (inbox.next().await?, inbox.next().await?);
    assert_eq!(
        (first.field("MessageStatus"), second.field("MessageStatus")),
        ("delivered".into(), "sent".into())
    );
    for posted in [&first, &second] {
        assert!(is_signed(posted, &callback, KEY));
        assert_eq!(sent["sid"], posted.field("MessageSid"));
    }
    let status_url = Some(inbox.url.clone());
    assert!(sandbox.add_sender(Sender { status_url, ..Sender::of(Vendor::Twilio, FROM) }));
    send(&sandbox, &[]).await?;
    assert!(is_signed(&inbox.next().await?, &inbox.url, KEY), "without one they go where the number says");
    Ok(())
}

#[tokio::test]
async fn what_people_write_is_posted_to_the_number_and_stop_is_kept() -> Result<()> {
    let sandbox = started(TextSettings::default()).await?;
    let mut inbox = Inbox::answering(&[]).await?;
    let sender = Sender {
        inbound_url: Some(inbox.url.clone()),
        auth_token: Some("12345".into()),
        ..Sender::of(Vendor::Twilio, FROM)
    };
    assert!(sandbox.add_sender(sender));
    sandbox.answer_texts(Replier { twice: true, ..Replier::of(TO, "Stop!") });
    send(&sandbox, &[]).await?;
    let (first, second) = (inbox.next().await?, inbox.next().await?);
    assert_eq!(first.body, second.body);
    assert!(is_signed(&first, &inbox.url, "12345"));
    assert_eq!((first.field("From"), first.field("Body")), (TO.into(), "Stop!".into()));
    assert_eq!((first.field("OptOutType"), first.field("SmsStatus")), ("STOP".into(), "received".into()));
    until("it was written", || sandbox.inbound_texts().len() == 1).await;
    assert_eq!(send(&sandbox, &[]).await?.1["code"], 21_610);
    let listed = get(&sandbox, "/Messages.json?From=%2B15125552001").await?;
    assert_eq!(listed["messages"][0]["direction"], "inbound");
    Ok(())
}

#[tokio::test]
async fn numbers_are_offered_bought_and_pointed_somewhere() -> Result<()> {
    let sandbox = started(TextSettings::default()).await?;
    let offers = get(&sandbox, "/AvailablePhoneNumbers/US/Local.json?AreaCode=512&PageSize=2").await?;
    let number =
        offers["available_phone_numbers"][0]["phone_number"].as_str().context("a number")?.to_owned();
    let buy = || {
        form(client().post(url(&sandbox, "/IncomingPhoneNumbers.json")), &[("PhoneNumber", number.as_str())])
    };
    let (status, bought) = read(buy().send().await?).await?;
    assert_eq!((status, &bought["phone_number"]), (201, &json!(number)));
    assert_eq!(read(buy().send().await?).await?.1["code"], 21_422);
    let sid = bought["sid"].as_str().context("a sid")?;
    let change = client().post(url(&sandbox, &format!("/IncomingPhoneNumbers/{sid}.json")));
    let (_, changed) = read(form(change, &[("SmsUrl", "http://127.0.0.1:9/x")]).send().await?).await?;
    assert_eq!(changed["sms_url"], "http://127.0.0.1:9/x");
    assert_eq!(get(&sandbox, "/IncomingPhoneNumbers.json").await?["incoming_phone_numbers"][0]["sid"], sid);
    Ok(())
}
