//! Lookup's traps, each with a body as Twilio sends it.

use super::TwilioLookup;
use crate::enrichment::remote::{Adapter, Unread};
use crate::enrichment::testing::{Play, Server, ann, any_json, read, remote, sent, unread};
use crate::enrichment::{CallContext, Charged, EnrichmentProvider, LineType, Subject, Verdict, Wanted};

fn lookup() -> TwilioLookup {
    TwilioLookup::new("http://127.0.0.1:9".into(), "AC1".into(), "token".into())
}

fn subject() -> Subject {
    Subject { phones: vec!["+14159929960".parse().expect("a number")], ..ann(1) }
}

fn body(valid: bool, line: &str) -> String {
    format!(
        r#"{{"calling_country_code":"1","country_code":"US","phone_number":"+14159929960","national_format":"(415) 992-9960",
        "valid":{valid},"validation_errors":null,"caller_name":null,"sim_swap":null,"call_forwarding":null,
        "line_type_intelligence":{line},"url":"https://lookups.twilio.com/v2/PhoneNumbers/+14159929960"}}"#
    )
}

fn one(body: &str) -> Verdict {
    read(&lookup(), &[subject()], Wanted::ALL, body).remove(0)
}

#[tokio::test]
async fn asks_as_the_document_says() {
    let (head, _) = sent(&lookup(), &[subject()], Wanted::ALL).await;
    let expected = "GET http://127.0.0.1:9/v2/PhoneNumbers/%2B14159929960?Fields=line_type_intelligence ";
    assert!(head.starts_with(expected), "{head}");
    assert!(head.contains("Sensitive"), "the login does not show: {head}");
    let server = Server::that(Play::ok(&body(true, "null"))).await;
    let remote = remote(TwilioLookup::new(server.url.clone(), "AC1".into(), "token".into()));
    remote.lookup(&[subject()], Wanted::ALL, &CallContext::default()).await;
    let [request] = server.requests().try_into().expect("one call");
    assert!(request.contains("authorization: Basic QUMxOnRva2Vu"), "{request}");
}

#[test]
fn every_type_of_line() {
    let types = [
        ("landline", LineType::Landline),
        ("mobile", LineType::Mobile),
        ("fixedVoip", LineType::Voip),
        ("nonFixedVoip", LineType::Voip),
        ("personal", LineType::Other),
        ("tollFree", LineType::TollFree),
        ("premium", LineType::Premium),
        ("sharedCost", LineType::Premium),
        ("uan", LineType::Other),
        ("voicemail", LineType::Other),
        ("pager", LineType::Other),
    ];
    for (word, expected) in types {
        let line = format!(
            r#"{{"mobile_country_code":"313","carrier_name":"Bandwidth/13 - Bandwidth.com - SVR","type":"{word}","error_code":null}}"#
        );
        let Verdict::Match { result, charged } = one(&body(true, &line)) else { panic!("{word}") };
        let phone = result.phones().next().expect("the number");
        assert_eq!(
            (phone.line_type, phone.valid, charged),
            (Some(expected), Some(true), Charged::Yes(10_000)),
            "{word}"
        );
        assert_eq!(phone.carrier.as_deref(), Some("Bandwidth/13 - Bandwidth.com - SVR"));
    }
}

#[test]
fn an_unknown_type_is_none() {
    let unknown = r#"{"carrier_name":null,"type":"unknown","error_code":null}"#;
    assert_eq!(one(&body(true, unknown)), Verdict::NoMatch { charged: Charged::Yes(10_000) });
    assert_eq!(one(&body(true, "null")), Verdict::NoMatch { charged: Charged::Yes(10_000) });
}

#[test]
fn canada_without_approval_is_an_error_inside() {
    let refused = r#"{"mobile_country_code":null,"carrier_name":null,"type":null,"error_code":60601}"#;
    assert_eq!(one(&body(true, refused)), Verdict::NoMatch { charged: Charged::Perhaps(10_000) });
}

#[test]
fn a_number_that_is_none_is_worth_knowing() {
    let Verdict::Match { result, .. } = one(&body(false, "null")) else { panic!("a match") };
    assert_eq!(result.phones().next().expect("the number").valid, Some(false));
}

#[test]
fn an_answer_about_another_number_is_none_of_ours() {
    let other = body(true, r#"{"type":"mobile"}"#).replace("\"+14159929960\"", "\"+14159929961\"");
    assert!(matches!(unread(&lookup(), &[subject()], &other), Unread::Unreadable));
}

#[tokio::test]
async fn statuses() {
    for (play, expected) in [
        (
            Play::status(404, r#"{"code":20404,"message":"not found","status":404}"#),
            Verdict::NoMatch { charged: Charged::No },
        ),
        (Play::status(429, r#"{"code":20429,"status":429}"#), Verdict::RateLimited { retry_after: None }),
        (
            Play::status(401, r#"{"code":20003,"status":401}"#),
            Verdict::AccountStop { detail: "HTTP 401, 20003".into() },
        ),
    ] {
        let server = Server::that(play).await;
        let remote = remote(TwilioLookup::new(server.url.clone(), "AC1".into(), "token".into()));
        let outcome = remote.lookup(&[subject()], Wanted::ALL, &CallContext::default()).await;
        assert_eq!(outcome.verdicts[0].1, expected);
    }
}

#[test]
fn a_number_is_needed_and_makes_the_request() {
    assert!(lookup().requirements(&ann(1), Wanted::ALL).is_err());
    let other = Subject { given_name: None, ..subject() };
    assert_eq!(lookup().request_hash(&subject(), Wanted::ALL), lookup().request_hash(&other, Wanted::ALL));
}

proptest::proptest! {
    #[test]
    fn no_json_panics(json in any_json(&["valid", "phone_number", "line_type_intelligence", "type", "carrier_name", "error_code"])) {
        let _ = lookup().verdicts(&[&subject()], Wanted::ALL, json.to_string().as_bytes());
    }
}
