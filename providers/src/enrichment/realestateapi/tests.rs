//! RealEstateAPI's traps, each with a body as it sends it.

use super::RealEstateApi;
use crate::enrichment::remote::{Adapter, RequestError, Unread};
use crate::enrichment::testing::{Play, Server, ann, any_json, bob, read, remote, sent, unread};
use crate::enrichment::{
    CallContext, Charged, EmailKind, EnrichmentProvider, Evidence, LineType, Subject, UniversalSkipResult,
    Verdict, Wanted,
};

const CHARGED: Charged = Charged::Yes(150_000);

fn reapi() -> RealEstateApi {
    RealEstateApi::new("http://127.0.0.1:9".into(), "key-1".into())
}

fn reply(items: &str) -> String {
    format!(r#"{{"statusCode":200,"statusMessage":"OK","data":[{items}]}}"#)
}

fn item(key: &str, data: &str) -> String {
    format!(r#"{{"input":{{"key":"{key}"}},"data":{data}}}"#)
}

const CONTACTS: &str = r#"{"phones":[{"phone":"5125550100","type":"mobile","dnc":false},{"phone":"5125550101","type":"voip"}],
    "emails":[{"email":"ann@example.org","type":"personal"},{"email":"lee@acme.com"}],
    "names":[{"firstName":"Ann","middleName":"B","lastName":"Lee","fullName":"Ann B Lee"},{"fullName":"Ann Parker"}]}"#;

fn found(verdict: &Verdict) -> &UniversalSkipResult {
    let Verdict::Match { result, charged: CHARGED } = verdict else { panic!("{verdict:?}") };
    result
}

#[tokio::test]
async fn asks_as_the_document_says_and_only_for_what_is_missing() {
    let mailing = Subject {
        mailing: Some(bob(0).property()),
        phones: vec!["+15125550123".parse().expect("a number")],
        unit: Some("4".into()),
        ..ann(1)
    };
    let (head, body) = sent(&reapi(), &[mailing, bob(2)], Wanted { mobile: true, ..Wanted::NONE }).await;
    assert!(head.starts_with("POST http://127.0.0.1:9/v2/SkipTraceBatchAwait "), "{head}");
    assert!(head.contains("\"x-api-key\": Sensitive"), "{head}");
    let first = &body["skips"][0];
    assert_eq!(
        (&first["key"], &first["first_name"], &first["address"]),
        (&"1".into(), &"Ann".into(), &"123 Main St".into())
    );
    assert_eq!(
        (&first["unit"], &first["mail_address"], &first["phone"]),
        (&"4".into(), &"9 Oak Ave".into(), &"5125550123".into())
    );
    let requirements =
        serde_json::json!({"phones": true, "emails": false, "social": false, "operator": "or"});
    assert_eq!(first["match_requirements"], requirements);
    assert_eq!(body["skips"][1]["key"], "2");
}

#[test]
fn items_are_tied_by_their_key() {
    let body = reply(&format!("{},null,{}", item("2", CONTACTS), item("1", "null")));
    let verdicts = read(&reapi(), &[ann(1), bob(2)], Wanted::ALL, &body);
    assert_eq!(verdicts[0], Verdict::NoMatch { charged: Charged::No });
    let [person] = found(&verdicts[1]).persons.as_slice() else { panic!("one person") };
    assert_eq!(
        (person.name.given.as_deref(), person.evidence.as_slice()),
        (Some("Ann"), [Evidence::Key].as_slice())
    );
    assert_eq!(person.also_known_as[0].full.as_deref(), Some("Ann Parker"));
    let phones: Vec<_> =
        person.phones.iter().map(|phone| (phone.phone.expose(), phone.line_type, phone.dnc)).collect();
    assert_eq!(
        phones,
        [("+15125550100", Some(LineType::Mobile), Some(false)), ("+15125550101", Some(LineType::Voip), None)]
    );
    let kinds: Vec<_> = person.emails.iter().map(|email| email.kind).collect();
    assert_eq!(kinds, [Some(EmailKind::Personal), None]);
}

#[test]
fn a_match_without_its_key_is_paid_and_nobodys() {
    let body = reply(&format!(r#"{{"input":{{}},"data":{CONTACTS}}}"#));
    let verdicts = read(&reapi(), &[ann(1)], Wanted::ALL, &body);
    assert_eq!(verdicts, [Verdict::Ambiguous { persons: Vec::new(), charged: Charged::Perhaps(150_000) }]);
}

#[test]
fn the_first_versions_shape_inside_of_an_item_reads_too() {
    let identity = r#"{"identity":{"names":[{"fullName":"Ann Lee"}],"address":{"state":"Tx"},
        "phones":[{"phone":"5125550100","telcoName":"VERIZON","isConnected":true,"doNotCall":"","phoneType":"landline","lastSeen":"2024-01"},
                  {"phone":"5125550101","doNotCall":"Y","phoneType":"mobile"}],
        "emails":[{"email":"ann@example.org","emailType":"personal"}]},
        "demographics":{"dob":"1958-04","deceased":null,"gender":"F"}}"#;
    let verdicts = read(&reapi(), &[ann(1)], Wanted::ALL, &reply(&item("1", identity)));
    let person = &found(&verdicts[0]).persons[0];
    let flags: Vec<_> = person.phones.iter().map(|phone| (phone.connected, phone.dnc)).collect();
    assert_eq!(flags, [(Some(true), None), (None, Some(true))], "an empty text is no answer");
    assert_eq!(person.phones[0].carrier.as_deref(), Some("VERIZON"));
    assert_eq!(
        (person.demographics.deceased, person.demographics.born.map(|born| born.year)),
        (None, Some(1958))
    );
}

#[test]
fn http_200_can_carry_another_status() {
    let with = |code: u16| format!(r#"{{"statusCode":{code},"statusMessage":"no"}}"#);
    let refused = |code: u16| match unread(&reapi(), &[ann(1)], &with(code)) {
        Unread::Refused(verdict) => verdict,
        Unread::Unreadable => panic!("{code}"),
    };
    assert!(matches!(refused(402), Verdict::AccountStop { .. }));
    assert!(matches!(refused(429), Verdict::RateLimited { retry_after: None }));
    assert!(matches!(refused(500), Verdict::Transient { .. }));
    assert!(matches!(refused(400), Verdict::Permanent { .. }));
    let item = |code: u16| {
        reply(&format!(r#"{{"input":{{"key":"1"}},"statusCode":{code},"match":false,"data":{{}}}}"#))
    };
    let one = |code: u16| read(&reapi(), &[ann(1)], Wanted::ALL, &item(code)).remove(0);
    assert_eq!(one(404), Verdict::NoMatch { charged: Charged::No });
    assert_eq!(one(200), Verdict::NoMatch { charged: Charged::No });
    assert!(matches!(one(500), Verdict::Transient { .. }));
}

#[test]
fn said_to_be_no_match_is_none() {
    let body = reply(&format!(r#"{{"input":{{"key":"1"}},"match":false,"data":{CONTACTS}}}"#));
    assert_eq!(read(&reapi(), &[ann(1)], Wanted::ALL, &body), [Verdict::NoMatch { charged: Charged::No }]);
}

#[test]
fn an_address_needs_city_and_state_and_a_city_the_name() {
    let meets = |subject: &Subject| reapi().requirements(subject, Wanted::ALL).is_ok();
    assert!(meets(&Subject { zip5: None, given_name: None, ..ann(1) }));
    assert!(!meets(&Subject { city: None, ..ann(1) }));
    assert!(meets(&Subject { street: None, ..ann(1) }));
    assert!(!meets(&Subject { street: None, zip5: None, ..ann(1) }));
    assert!(!meets(&Subject { street: None, given_name: None, ..ann(1) }));
}

#[test]
fn more_than_256_kb_are_not_sent() {
    let many: Vec<Subject> =
        (0..100).map(|key| Subject { company: None, street: Some("x".repeat(3_000)), ..ann(key) }).collect();
    let subjects: Vec<&Subject> = many.iter().collect();
    let refused = reapi().request(&subjects, Wanted::ALL, &CallContext::default()).expect_err("too long");
    assert!(matches!(refused, RequestError::TooLong(bytes) if bytes > 256 * 1024), "{refused}");
}

#[test]
fn what_must_be_found_is_part_of_the_question() {
    let hash = |wanted| reapi().request_hash(&ann(1), wanted);
    let (mobile, email) = (Wanted { mobile: true, ..Wanted::NONE }, Wanted { email: true, ..Wanted::NONE });
    assert_ne!(hash(mobile), hash(email));
    assert_eq!(
        hash(mobile),
        reapi().request_hash(&Subject { city: Some("AUSTIN".into()), ..ann(5) }, mobile)
    );
}

#[tokio::test]
async fn a_whole_call() {
    let server = Server::that(Play::ok(&reply(&item("1", CONTACTS)))).await;
    let reapi = remote(RealEstateApi::new(server.url.clone(), "key-1".into()));
    let outcome = reapi.lookup(&[ann(1)], Wanted::ALL, &CallContext::default()).await;
    assert_eq!((outcome.charged_micros(), outcome.status), (150_000, Some(200)));
    assert!(server.requests()[0].contains("x-api-key: key-1"));
}

const KEYS: &[&str] = &[
    "data",
    "input",
    "key",
    "phones",
    "phone",
    "type",
    "emails",
    "email",
    "names",
    "firstName",
    "identity",
    "demographics",
    "dob",
    "match",
    "statusCode",
    "doNotCall",
];

proptest::proptest! {
    #[test]
    fn no_json_panics(json in any_json(KEYS), one in any_json(KEYS)) {
        let (ann, bob) = (ann(1), bob(2));
        let subjects = [&ann, &bob];
        let _ = reapi().verdicts(&subjects, Wanted::ALL, json.to_string().as_bytes());
        let body = serde_json::json!({"data": [one, {"input": {"key": "1"}, "data": json}]});
        let verdicts = reapi().verdicts(&subjects, Wanted::ALL, body.to_string().as_bytes()).expect("data");
        proptest::prop_assert_eq!(verdicts.len(), 2);
    }
}
