//! What Twilio is asked and what is made of its answers.

use std::time::Duration;

use chrono::Utc;
use domain::message::MessageStatus;
use domain::money::MicroDollars;
use proptest::prelude::*;

use super::reply;
use crate::sms::{
    Bought, Found, NumberOffer, OutgoingText, RefusalAction, SendOutcome, SmsEvent, SmsProvider,
    SmsProviderId, SmsProviders, SmsSettings, Sought, TwilioMessagesAccess,
};
use crate::testing::{Play, Server, any_json, nobody};
use crate::transport::Answer;

fn settings(url: &str) -> SmsSettings {
    SmsSettings {
        twilio: Some(TwilioMessagesAccess {
            base_url: url.to_owned(),
            account_sid: "AC1".into(),
            auth_token: "hunter2".into(),
            messaging_service_sid: Some("MG1".into()),
        }),
        ..SmsSettings::default()
    }
}

fn at(settings: SmsSettings) -> std::sync::Arc<dyn SmsProvider> {
    let providers = SmsProviders::connect(settings).expect("no certificates are needed");
    providers.get(SmsProviderId::Twilio).expect("configured").clone()
}

fn text() -> OutgoingText {
    OutgoingText {
        key: "int_1:1".into(),
        from: "+15125550100".parse().expect("a number"),
        to: "+15125550123".parse().expect("a number"),
        text: "Hi Ann & you".into(),
        status_callback: Some("https://us.example/h/tok".into()),
        validity: Some(Duration::from_secs(999_999)),
    }
}

/// A message as the API shows it.
fn message(status: &str, age_s: i64) -> serde_json::Value {
    let at = (Utc::now() - chrono::TimeDelta::seconds(age_s)).to_rfc2822();
    serde_json::json!({
        "body": "Hi Ann & you", "num_segments": "1", "direction": "outbound-api", "from": "+15125550100",
        "to": "+15125550123", "date_created": at, "date_sent": null, "date_updated": at, "price": null,
        "price_unit": "USD", "error_code": null, "error_message": null, "status": status, "sid": "SM9",
        "account_sid": "AC1", "num_media": "0", "api_version": "2010-04-01",
    })
}

fn error(status: u16, code: u32) -> Play {
    Play::status(
        status,
        &serde_json::json!({"code": code, "message": "+15125550123", "status": status}).to_string(),
    )
}

async fn sent(play: Play) -> SendOutcome {
    at(settings(&Server::that(play).await.url)).send(&text()).await
}

#[tokio::test]
async fn a_send_has_the_vendors_shape() {
    let server = Server::that(Play::status(201, &message("queued", 0).to_string())).await;
    let provider = at(settings(&server.url));
    let outcome = provider.send(&text()).await;
    assert_eq!(outcome, SendOutcome::Accepted { external_id: "SM9".into(), segments: Some(1), price: None });
    let request = server.requests().remove(0);
    let (head, body) = request.split_once("\r\n\r\n").expect("a body");
    assert!(head.starts_with("POST /2010-04-01/Accounts/AC1/Messages.json HTTP/1.1"), "{head}");
    // AC1:hunter2
    assert!(head.contains("Basic QUMxOmh1bnRlcjI="), "{head}");
    assert_eq!(
        body,
        "To=%2B15125550123&From=%2B15125550100&MessagingServiceSid=MG1&Body=Hi+Ann+%26+you&SmartEncoded=false\
         &StatusCallback=https%3A%2F%2Fus.example%2Fh%2Ftok&ValidityPeriod=36000"
    );
    let shown = format!("{provider:?} {:?} {outcome:?}", text());
    assert!(!shown.contains("hunter2") && !shown.contains("Ann") && !shown.contains("5550"), "{shown}");
}

#[tokio::test]
async fn codes_become_what_they_ask_for() {
    let refused = |code: &str, action| SendOutcome::Refused { code: code.into(), action };
    let stop = |code: &str| SendOutcome::AccountStop { code: code.into() };
    let unknown = |why: &str| SendOutcome::Unknown { why: why.into() };
    for (play, outcome) in [
        (error(400, 21610), refused("21610", RefusalAction::Suppress)),
        (error(400, 21211), refused("21211", RefusalAction::MarkInvalid)),
        (error(403, 21608), refused("21608", RefusalAction::ConfigStop)),
        (error(400, 21617), refused("21617", RefusalAction::TemplateFault)),
        (error(400, 99999), refused("99999", RefusalAction::GiveUp)),
        (Play::status(404, "<html>"), refused("http_404", RefusalAction::GiveUp)),
        (error(401, 20003), stop("20003")),
        (error(403, 20005), stop("20005")),
        (error(400, 30002), stop("30002")),
        (Play::status(403, ""), stop("http_403")),
        (error(403, 99999), stop("99999")),
        (error(429, 20429), SendOutcome::RateLimited { retry_after: None }),
        (
            error(400, 20429).with("retry-after", "3"),
            SendOutcome::RateLimited { retry_after: Some(Duration::from_secs(3)) },
        ),
        (error(400, 30410), unknown("30410")),
        (error(500, 20500), unknown("http_500")),
        (Play::status(503, ""), unknown("http_503")),
        (Play::status(201, "{\"sid\":"), unknown("unreadable")),
        (Play::Cut, unknown("connection_lost")),
        (Play::CutBody { status: 201 }, unknown("connection_lost")),
    ] {
        assert_eq!(sent(play.clone()).await, outcome, "{play:?}");
    }
    let mut failed = message("failed", 0);
    failed["error_code"] = 21610.into();
    let outcome = sent(Play::status(201, &failed.to_string())).await;
    assert_eq!(outcome, refused("21610", RefusalAction::Suppress));
    let outcome = at(settings(&nobody().await)).send(&text()).await;
    assert!(matches!(outcome, SendOutcome::NotSent { .. }), "{outcome:?}");
}

fn sought(age_s: i64, accounted: &[&str]) -> Sought {
    let OutgoingText { from, to, text, .. } = text();
    let since = Utc::now() - chrono::TimeDelta::seconds(age_s);
    Sought { from, to, text, since, accounted: accounted.iter().map(|id| (*id).to_owned()).collect() }
}

#[tokio::test]
async fn what_is_unknown_is_looked_for() {
    let found = |message: serde_json::Value, sought| async move {
        let page = serde_json::json!({"messages": [message], "next_page_uri": null}).to_string();
        let server = Server::that(Play::ok(&page)).await;
        let found = at(settings(&server.url)).find(&sought).await.expect("an answer");
        let request = server.requests().remove(0);
        let asked =
            "GET /2010-04-01/Accounts/AC1/Messages.json?To=%2B15125550123&From=%2B15125550100&PageSize=100 ";
        assert!(request.starts_with(asked), "{request}");
        found
    };
    let Found::Message(report) = found(message("queued", 30), sought(30, &[])).await else {
        panic!("it is there");
    };
    assert_eq!((report.external_id.as_str(), report.status), ("SM9", MessageStatus::Queued));
    let mut trial = message("sent", 30);
    trial["body"] = "Sent from your Twilio trial account - Hi Ann & you".into();
    assert!(matches!(found(trial, sought(30, &[])).await, Found::Message(_)));
    assert_eq!(found(message("queued", 30), sought(90, &["SM9"])).await, Found::Absent);
    assert_eq!(found(message("queued", 9_000), sought(90, &[])).await, Found::Absent, "long before");
    assert_eq!(found(message("queued", 9_000), sought(5, &[])).await, Found::NotYetCertain, "too soon");
    let nothing = at(settings(&Server::that(Play::ok("{}")).await.url)).find(&sought(90, &[])).await;
    assert!(nothing.is_err(), "{nothing:?}");
}

#[tokio::test]
async fn a_report_tells_the_price() {
    let mut delivered = message("delivered", 0);
    delivered["price"] = "-0.00790".into();
    let server = Server::that(Play::ok(&delivered.to_string())).await;
    let ids = ["SM9".to_owned(), "../Accounts".to_owned()];
    let reports = at(settings(&server.url)).reports(&ids).await.expect("reports");
    assert_eq!((reports.len(), reports[0].price), (1, Some(MicroDollars::new(7_900))));
    assert_eq!(server.requests().len(), 1, "what is no id is not asked about");
    let gone = at(settings(&Server::that(error(404, 20404)).await.url)).reports(&ids[..1]).await;
    assert_eq!(gone, Ok(Vec::new()));
    let down = at(settings(&Server::that(Play::status(503, "")).await.url)).reports(&ids[..1]).await;
    assert!(down.is_err_and(|fault| fault.may_repeat()));
}

#[tokio::test]
async fn lost_events_are_read_from_the_list() {
    let mut inbound = message("received", 10);
    inbound["direction"] = "inbound".into();
    inbound["from"] = "72345".into();
    let next = "/2010-04-01/Accounts/AC1/Messages.json?PageToken=PT1";
    let page =
        serde_json::json!({"messages": [inbound, message("sent", 20)], "next_page_uri": next}).to_string();
    let server = Server::that(Play::ok(&page)).await;
    let since = Utc::now() - chrono::TimeDelta::hours(1);
    let provider = at(settings(&server.url));
    let missed = provider.events_since(since, None).await.expect("events");
    assert_eq!(missed.next.as_deref(), Some(next));
    let [SmsEvent::Received { from, .. }, SmsEvent::Status(_)] = missed.events.as_slice() else {
        panic!("{missed:?}");
    };
    assert_eq!(from.expose(), "72345");
    provider.events_since(since, Some(next)).await.expect("events");
    provider.events_since(since, Some("https://evil.example/")).await.expect("events");
    let requests = server.requests();
    assert!(
        requests[0].starts_with("GET /2010-04-01/Accounts/AC1/Messages.json?DateSent%3E=20"),
        "{requests:?}"
    );
    assert!(requests[1].contains("PageToken=PT1") && requests[2].contains("DateSent%3E"), "{requests:?}");
    let none_newer = provider.events_since(Utc::now() + chrono::TimeDelta::hours(1), None).await;
    assert_eq!(none_newer.map(|missed| (missed.events.len(), missed.next)), Ok((0, None)));
}

#[tokio::test]
async fn numbers_are_listed_offered_and_bought() {
    let own = r#"{"sid":"PN1","phone_number":"+15125550100","capabilities":{"sms":true,"voice":true}}"#;
    let page = format!(r#"{{"incoming_phone_numbers":[{own}],"next_page_uri":null}}"#);
    let numbers = at(settings(&Server::that(Play::ok(&page)).await.url)).numbers().await.expect("numbers");
    assert_eq!((numbers.len(), numbers[0].ready, numbers[0].external_id.as_deref()), (1, true, Some("PN1")));
    let page = r#"{"available_phone_numbers":[{"phone_number":"+15125550177","region":"TX"}]}"#;
    let server = Server::that(Play::ok(page)).await;
    let offers = at(settings(&server.url)).offers("512", 5).await.expect("offers");
    assert_eq!((offers.len(), offers[0].state.as_deref()), (1, Some("TX")));
    assert!(
        server.requests()[0].contains("/AvailablePhoneNumbers/US/Local.json?AreaCode=512&SmsEnabled=true")
    );
    let offer = NumberOffer { number: "+15125550100".parse().expect("a number"), state: None };
    let server = Server::that(Play::status(201, own)).await;
    let hook = Some("https://us.example/h/tok");
    let bought = at(settings(&server.url)).buy(&offer, "k", hook).await;
    assert!(matches!(bought, Ok(Bought::Now(_))), "{bought:?}");
    let told = "PhoneNumber=%2B15125550100&SmsUrl=https%3A%2F%2Fus.example%2Fh%2Ftok&VoiceUrl=https%3A%2F%2Fus.example%2Fh%2Ftok%2Fvoice";
    assert!(server.requests()[0].ends_with(told), "{:?}", server.requests());
    let lost = at(settings(&Server::that(Play::Cut).await.url)).buy(&offer, "k", None).await;
    assert_eq!(lost, Ok(Bought::Unknown));
    assert!(at(settings(&Server::that(error(400, 21422)).await.url)).buy(&offer, "k", None).await.is_err());
}

proptest! {
    #[test]
    fn any_answer_is_read_and_only_a_2xx_is_accepted(
        status in 100_u16..600,
        body in any_json(&["sid", "status", "code", "num_segments", "price", "error_code", "direction", "from", "to"]),
    ) {
        let answer = Answer { status, headers: http::HeaderMap::new(), body: body.to_string().into() };
        let outcome = reply::outcome(&answer);
        let is_accepted = matches!(outcome, SendOutcome::Accepted { .. });
        prop_assert!(!is_accepted || (200..300).contains(&status));
        let _ = (reply::report(&body), reply::event(&body), reply::number(&body), reply::offer(&body));
    }
}
