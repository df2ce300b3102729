//! What SignalHouse is asked and what is made of its answers.

use std::time::Duration;

use chrono::Utc;
use domain::message::MessageStatus;
use proptest::prelude::*;

use super::reply;
use crate::sms::{
    Bought, Found, NumberOffer, OutgoingText, RefusalAction, SendOutcome, SignalHouseAccess, SmsFault,
    SmsProvider, SmsProviderId, SmsProviders, SmsSettings, Sought,
};
use crate::testing::{Play, Server, any_json, nobody};
use crate::transport::Answer;

const ACCEPTED: &str = r#"{"requestedRecipientCount":1,"enqueuedCount":1,"failedCount":0,
    "insertedMessages":[{"_id":"msg_1","status":"ENQUEUED","errorCode":null,"segmentCount":2}],"dncBlockedNumbers":[]}"#;

fn settings(url: &str) -> SmsSettings {
    SmsSettings {
        signalhouse: Some(SignalHouseAccess {
            base_url: url.to_owned(),
            api_key: "hunter2".into(),
            group_id: Some("G1".into()),
            subgroup_id: Some("S1".into()),
        }),
        settle: Duration::from_secs(60),
        ..SmsSettings::default()
    }
}

fn at(settings: SmsSettings) -> std::sync::Arc<dyn SmsProvider> {
    let providers = SmsProviders::connect(settings).expect("no certificates are needed");
    providers.get(SmsProviderId::SignalHouse).expect("configured").clone()
}

fn text() -> OutgoingText {
    OutgoingText {
        key: "int_1:1".into(),
        from: "+15125550100".parse().expect("a number"),
        to: "+15125550123".parse().expect("a number"),
        text: "Hi Ann, \u{1F600}".into(),
        status_callback: Some("https://us.example/h/tok".into()),
        validity: None,
    }
}

async fn sent(play: Play) -> SendOutcome {
    at(settings(&Server::that(play).await.url)).send(&text()).await
}

fn refused(code: &str, action: RefusalAction) -> SendOutcome {
    SendOutcome::Refused { code: code.into(), action }
}

fn unknown(why: &str) -> SendOutcome {
    SendOutcome::Unknown { why: why.into() }
}

#[tokio::test]
async fn a_send_has_the_vendors_shape() {
    let server = Server::that(Play::status(201, ACCEPTED)).await;
    let provider = at(settings(&server.url));
    let outcome = provider.send(&text()).await;
    let accepted = SendOutcome::Accepted { external_id: "msg_1".into(), segments: Some(2), price: None };
    assert_eq!(outcome, accepted);
    let requests = server.requests();
    let [request] = requests.as_slice() else { panic!("{}", requests.len()) };
    let (head, body) = request.split_once("\r\n\r\n").expect("a body");
    let head = head.to_lowercase();
    assert!(head.starts_with("post /message/sms http/1.1"), "{head}");
    for line in
        ["authorization: bearer hunter2", "idempotency-key: int_1:1", "content-type: application/json"]
    {
        assert!(head.contains(line), "{head}");
    }
    let body: serde_json::Value = serde_json::from_str(body).expect("json");
    let expected = serde_json::json!({
        "senderPhoneNumber": "15125550100",
        "recipientPhoneNumber": ["15125550123"],
        "messageBody": "Hi Ann, \u{1F600}",
        "enableShortlink": false,
        "filterLandlinesAndInactiveNumbers": true,
    });
    assert_eq!(body, expected, "and the callback, which would not be signed, is not told");
    let shown = format!("{provider:?} {:?} {outcome:?}", text());
    assert!(!shown.contains("hunter2") && !shown.contains("Ann") && !shown.contains("5550"), "{shown}");
}

#[tokio::test]
async fn created_is_not_accepted() {
    let blocked = |inserted: &str, dnc: &str| {
        let body = format!(
            r#"{{"requestedRecipientCount":1,"enqueuedCount":0,"failedCount":1,"insertedMessages":[{inserted}],"dncBlockedNumbers":[{dnc}]}}"#
        );
        sent(Play::status(201, &body))
    };
    let out = r#"{"_id":"msg_1","status":"FAILED","errorCode":"OUT"}"#;
    assert_eq!(blocked(out, "").await, refused("OUT", RefusalAction::Suppress));
    let landline =
        r#"{"_id":"m","status":"FAILED","errorCode":null,"successOrFailureReason":"Landline number"}"#;
    assert_eq!(blocked(landline, "").await, refused("landline", RefusalAction::MarkLandline));
    let moderated =
        r#"{"_id":"m","status":"FAILED","successOrFailureReason":"Blocked by content moderation"}"#;
    assert_eq!(blocked(moderated, "").await, refused("moderation", RefusalAction::ContentStop));
    let unsaid = r#"{"_id":"m","status":"FAILED"}"#;
    assert_eq!(blocked(unsaid, "").await, refused("failed", RefusalAction::GiveUp));
    for number in [r#""15125550123""#, r#""+15125550123""#, r#""5125550123""#] {
        assert_eq!(blocked("", number).await, refused("dnc", RefusalAction::Suppress), "{number}");
    }
    // Neither blocked by anybody nor taken: nobody knows.
    assert_eq!(blocked("", r#""15125550999""#).await, unknown("unreadable"));
}

#[tokio::test]
async fn every_way_to_fail_is_an_outcome() {
    for (play, outcome) in [
        (
            Play::status(429, "{}").with("retry-after", "7"),
            SendOutcome::RateLimited { retry_after: Some(Duration::from_secs(7)) },
        ),
        (Play::status(401, "{}"), SendOutcome::AccountStop { code: "http_401".into() }),
        (Play::status(402, "{}"), SendOutcome::AccountStop { code: "http_402".into() }),
        (Play::status(403, "{}"), SendOutcome::AccountStop { code: "http_403".into() }),
        (
            Play::status(400, r#"{"message":"senderPhoneNumber is not READY"}"#),
            refused("http_400", RefusalAction::ConfigStop),
        ),
        (
            Play::status(400, r#"{"message":"recipientPhoneNumber 15125550123 is invalid"}"#),
            refused("http_400", RefusalAction::GiveUp),
        ),
        (
            Play::status(422, r#"{"message":"messageBody is too long"}"#),
            refused("http_422", RefusalAction::TemplateFault),
        ),
        (Play::status(409, "{}"), unknown("http_409")),
        (Play::status(500, "{}"), unknown("http_500")),
        (Play::status(502, "<html>"), unknown("http_502")),
        (Play::status(201, "{"), unknown("unreadable")),
        (Play::status(201, "{}"), unknown("unreadable")),
        (Play::Cut, unknown("connection_lost")),
        (Play::CutBody { status: 201 }, unknown("connection_lost")),
    ] {
        assert_eq!(sent(play.clone()).await, outcome, "{play:?}");
    }
}

#[tokio::test]
async fn a_hung_vendor_is_unknown_and_nobody_there_is_not_sent() {
    let server = Server::that(Play::Hang).await;
    let hasty = SmsSettings { timeout: Duration::from_millis(300), ..settings(&server.url) };
    assert_eq!(at(hasty).send(&text()).await, unknown("timed_out"));
    assert_eq!(server.requests().len(), 1, "and nothing was repeated");
    let outcome = at(settings(&nobody().await)).send(&text()).await;
    assert!(matches!(outcome, SendOutcome::NotSent { .. }), "{outcome:?}");
    assert!(outcome.is_surely_unsent());
    let broken = SmsSettings {
        signalhouse: Some(SignalHouseAccess {
            base_url: "http://127.0.0.1:9".into(),
            api_key: "line\nbreak".into(),
            group_id: None,
            subgroup_id: None,
        }),
        ..SmsSettings::default()
    };
    assert!(matches!(at(broken).send(&text()).await, SendOutcome::NotSent { .. }));
}

fn sought(age_s: i64, accounted: &[&str]) -> Sought {
    let OutgoingText { from, to, text, .. } = text();
    let since = Utc::now() - chrono::TimeDelta::seconds(age_s);
    Sought { from, to, text, since, accounted: accounted.iter().map(|id| (*id).to_owned()).collect() }
}

fn listed(says: &str, age_s: i64) -> String {
    let at = (Utc::now() - chrono::TimeDelta::seconds(age_s)).to_rfc3339();
    serde_json::json!({"totalCount": 1, "data": [{
        "_id": "msg_9", "status": "SENT", "senderPhoneNumber": "15125550100",
        "recipientPhoneNumber": "15125550123", "messageBody": says, "createdAt": at, "segmentCount": 1,
    }]})
    .to_string()
}

async fn found(body: &str, sought: Sought) -> Found {
    let server = Server::that(Play::ok(body)).await;
    let found = at(settings(&server.url)).find(&sought).await.expect("an answer");
    let request = server.requests().remove(0);
    assert!(request.starts_with("GET /message?groupId=G1&senderPhoneNumber=15125550100"), "{request}");
    assert!(request.contains("&startDate=20") && request.contains("&endDate=20"), "{request}");
    found
}

#[tokio::test]
async fn what_is_unknown_is_looked_for() {
    let Found::Message(report) = found(&listed("Hi Ann, \u{1F600}", 30), sought(30, &[])).await else {
        panic!("it is there");
    };
    assert_eq!((report.external_id.as_str(), report.status), ("msg_9", MessageStatus::Sent));
    let absent = |body: String, sought| async move { found(&body, sought).await };
    assert_eq!(absent(listed("Something else", 90), sought(90, &[])).await, Found::Absent);
    assert_eq!(
        absent(listed("Hi Ann, \u{1F600}", 9_000), sought(90, &[])).await,
        Found::Absent,
        "long before"
    );
    assert_eq!(absent(listed("Hi Ann, \u{1F600}", 90), sought(90, &["msg_9"])).await, Found::Absent);
    assert_eq!(absent(r#"{"data":[]}"#.into(), sought(5, &[])).await, Found::NotYetCertain, "too soon");
}

#[tokio::test]
async fn an_answer_that_says_nothing_does_not_say_absent() {
    for play in [Play::ok("{}"), Play::ok("{"), Play::status(500, ""), Play::Cut, Play::status(403, "{}")] {
        let provider = at(settings(&Server::that(play.clone()).await.url));
        assert!(provider.find(&sought(90, &[])).await.is_err(), "{play:?}");
    }
    let mut without = settings("http://127.0.0.1:9");
    without.signalhouse.as_mut().expect("configured").group_id = None;
    let fault = at(without).find(&sought(90, &[])).await.expect_err("no group");
    assert!(matches!(fault, SmsFault::NotConfigured { .. }), "{fault}");
}

#[tokio::test]
async fn reports_numbers_and_purchases() {
    let body = r#"{"data":[{"_id":"m1","status":"DELIVERED","upstreamReportAvailable":true},
        {"messageId":"m2","status":"FAILED","errorCode":"X1"},{"status":"SENT"}]}"#;
    let server = Server::that(Play::ok(body)).await;
    let reports = at(settings(&server.url)).reports(&["m1".into(), "m2".into()]).await.expect("reports");
    assert!(server.requests()[0].ends_with(r#"{"messageIds":["m1","m2"]}"#));
    let told: Vec<_> = reports.iter().map(|r| (r.external_id.as_str(), r.error_code.as_deref())).collect();
    assert_eq!(told, [("m1", None), ("m2", Some("X1"))]);

    let body = r#"{"data":[{"phoneNumber":"15125550100","status":"READY","campaignId":"C1"},{"phoneNumber":"72345"}]}"#;
    let numbers = at(settings(&Server::that(Play::ok(body)).await.url)).numbers().await.expect("numbers");
    assert_eq!((numbers.len(), numbers[0].ready, numbers[0].campaign.as_deref()), (1, true, Some("C1")));

    let body = r#"{"data":[{"phoneNumber":"15125550177","state":"TX"},"15125550178",{"phoneNumber":"12125550179"}]}"#;
    let server = Server::that(Play::ok(body)).await;
    let offers = at(settings(&server.url)).offers("512", 10).await.expect("offers");
    assert_eq!((offers.len(), offers[0].state.as_deref()), (2, Some("TX")));
    assert!(
        server.requests()[0].starts_with("GET /number/available?smsEnabled=true&country=US&npa=512&limit=10")
    );

    let offer = NumberOffer { number: "+15125550177".parse().expect("a number"), state: None };
    for (play, bought) in
        [(Play::status(202, r#"{"message":"queued"}"#), Bought::Ordered), (Play::Cut, Bought::Unknown)]
    {
        let server = Server::that(play).await;
        assert_eq!(
            at(settings(&server.url)).buy(&offer, "k1", Some("https://us.example/h/tok")).await,
            Ok(bought)
        );
        assert!(
            server.requests()[0]
                .ends_with(r#"{"country":"US","phoneNumbers":["15125550177"],"subgroupId":"S1"}"#)
        );
    }
}

#[tokio::test]
async fn lost_events_are_read_from_the_notifications() {
    let body = r#"{"data":[
        {"_id":"n2","timestamp":"2026-11-22T12:00:00Z","event":"MESSAGE_DELIVERED","identifier":"m1","metaData":{}},
        {"_id":"n1","timestamp":"2026-11-21T12:00:00Z","event":"MESSAGE_FAILED","identifier":"m0","metaData":{}}]}"#;
    let server = Server::that(Play::ok(body)).await;
    let since = "2026-11-22T00:00:00Z".parse().expect("a time");
    let missed = at(settings(&server.url)).events_since(since, None).await.expect("events");
    let keys: Vec<_> = missed.events.iter().map(super::SmsEvent::key).collect();
    assert_eq!((keys, missed.next), (vec!["m1:delivered".to_owned()], None));
}

proptest! {
    #[test]
    fn any_answer_is_read_and_only_what_was_taken_is_accepted(
        status in 100_u16..600,
        body in any_json(&["enqueuedCount", "insertedMessages", "_id", "errorCode", "dncBlockedNumbers", "message"]),
    ) {
        let answer = Answer { status, headers: http::HeaderMap::new(), body: body.to_string().into() };
        let outcome = reply::outcome(&answer, &text().to);
        if matches!(outcome, SendOutcome::Accepted { .. }) {
            prop_assert!((200..300).contains(&status) && body["enqueuedCount"].as_u64() >= Some(1));
        }
        let _ = (reply::list(&body), reply::report(&body), reply::number(&body), reply::offer(&body));
    }
}
