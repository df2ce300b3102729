//! Melissa's traps, each with a body as she sends it.

use super::Melissa;
use crate::enrichment::remote::{Adapter, Unread};
use crate::enrichment::testing::{Play, Server, ann, any_json, bob, read, remote, sent, unread};
use crate::enrichment::{
    CallContext, Charged, EmailStatus, EnrichmentProvider, LineType, Subject, UniversalSkipResult, Verdict,
    Wanted,
};

fn melissa() -> Melissa {
    Melissa::new("http://127.0.0.1:9".into(), "license-1".into())
}

fn one(body: &str) -> Verdict {
    read(&melissa(), &[ann(1)], Wanted::ALL, body).remove(0)
}

fn found(verdict: Verdict) -> UniversalSkipResult {
    let Verdict::Match { result, charged: Charged::Yes(50_000) } = verdict else { panic!("{verdict:?}") };
    *result
}

const ANN: &str = r#"{"Version":"4.0","TransmissionReference":"","TransmissionResults":"","TotalRecords":"1","Records":[{
    "RecordID":"1","Results":"AS01,NS01,PS01,PS07,ES01,VR01,DA30,DA40","NameFull":"Ann Lee","AddressLine1":"123 Main St",
    "City":"Austin","State":"TX","PostalCode":"78701-1234","EmailAddress":"ann.lee@acme.com","PhoneNumber":"5125550123",
    "MelissaAddressKey":"8006006245","MelissaAddressKeyBase":"8006006200","DateOfBirth":"19580402","Gender":"F",
    "OwnRent":"Definite Owner","UTC":"UTC-06:00","DST":"Y"}]}"#;

#[tokio::test]
async fn asks_as_the_document_says() {
    let (head, body) = sent(&melissa(), &[ann(1), bob(2)], Wanted::ALL).await;
    assert!(head.starts_with("POST http://127.0.0.1:9/v3/WEB/ContactVerify/doContactVerify "), "{head}");
    assert_eq!((&body["CustomerID"], &body["Actions"]), (&"license-1".into(), &"Check,Append".into()));
    let record = &body["Records"][0];
    assert_eq!(
        (&record["RecordID"], &record["FirstName"], &record["LastName"]),
        (&"1".into(), &"Ann".into(), &"Lee".into())
    );
    assert_eq!((&record["AddressLine1"], &record["PostalCode"]), (&"123 Main St".into(), &"78701".into()));
    assert_eq!(body["Records"][1]["RecordID"], "2");

    let (_, body) = sent(&melissa(), &[ann(1)], Wanted { address_key: true, ..Wanted::NONE }).await;
    assert_eq!(body["Actions"], "Check", "nothing is appended that nobody wants");
}

#[test]
fn reads_a_record_whose_values_are_all_texts() {
    let result = found(one(ANN));
    let property = result.property.expect("a property");
    assert_eq!(
        (property.mak.as_deref(), property.mak_base.as_deref()),
        (Some("8006006245"), Some("8006006200"))
    );
    assert_eq!(property.owner_occupied, Some(true));
    let [person] = result.persons.as_slice() else { panic!("one person") };
    assert_eq!(
        (person.phones[0].phone.expose(), person.phones[0].line_type),
        ("+15125550123", Some(LineType::Mobile))
    );
    assert_eq!(person.phones[0].dnc, None, "an absent flag is not false");
    assert_eq!(
        (person.emails[0].email.expose(), person.emails[0].status),
        ("ann.lee@acme.com", Some(EmailStatus::Verified))
    );
    assert_eq!(person.demographics.born.map(|born| born.year), Some(1958));
    assert_eq!(person.demographics.deceased, None);
}

#[test]
fn faults_of_the_account_come_with_200() {
    let with = |code: &str| format!(r#"{{"TransmissionResults":"{code}","TotalRecords":"0","Records":[]}}"#);
    let refused = |code: &str| match unread(&melissa(), &[ann(1)], &with(code)) {
        Unread::Refused(verdict) => verdict,
        Unread::Unreadable => panic!("{code}"),
    };
    for code in ["GE04", "GE05", "GE08", "GE14"] {
        assert_eq!(refused(code), Verdict::AccountStop { detail: code.into() });
    }
    assert_eq!(refused("GE03"), Verdict::Permanent { detail: "GE03".into() });
    assert_eq!(refused("SE01"), Verdict::Transient { detail: "SE01".into(), retry_after: None });
    assert_eq!(
        one(&with("GW01")),
        Verdict::NoMatch { charged: Charged::Perhaps(50_000) },
        "a warning is no fault"
    );
}

#[test]
fn records_are_known_by_their_id_and_not_by_their_place() {
    let body = r#"{"TransmissionResults":"","Records":[
        {"RecordID":"2","Results":"AS01","MelissaAddressKey":"222"},null,
        {"RecordID":1,"Results":"AS01","MelissaAddressKey":"111"}]}"#;
    let verdicts = read(&melissa(), &[ann(1), bob(2)], Wanted::ALL, body);
    let maks: Vec<_> = verdicts
        .into_iter()
        .map(|verdict| found(verdict).property.and_then(|property| property.mak))
        .collect();
    assert_eq!(maks, [Some("111".to_owned()), Some("222".to_owned())]);
}

#[test]
fn what_only_repeats_the_question_is_no_find() {
    let asked = Subject { phones: vec!["+15125550123".parse().expect("a number")], ..ann(1) };
    let body = r#"{"TransmissionResults":"","Records":[{"RecordID":"1","Results":"AE01,NS01","NameFull":"Ann Lee",
        "AddressLine1":"123 Main St","PhoneNumber":"5125550123","EmailAddress":" ","MelissaAddressKey":""}]}"#;
    let verdicts = read(&melissa(), &[asked], Wanted::ALL, body);
    assert_eq!(verdicts, [Verdict::NoMatch { charged: Charged::Yes(50_000) }]);
}

#[test]
fn an_address_is_needed() {
    for subject in [Subject { street: None, ..ann(1) }, Subject { zip5: None, city: None, ..ann(1) }] {
        assert!(melissa().requirements(&subject, Wanted::ALL).is_err());
    }
    assert!(melissa().requirements(&Subject { city: None, state: None, ..ann(1) }, Wanted::ALL).is_ok());
}

#[test]
fn the_hash_is_of_what_is_sent() {
    let hash = |subject: &Subject, wanted| melissa().request_hash(subject, wanted);
    assert_eq!(
        hash(&ann(1), Wanted::ALL),
        hash(&Subject { given_name: Some(" ANN".into()), ..ann(2) }, Wanted::ALL)
    );
    assert_ne!(hash(&ann(1), Wanted::ALL), hash(&bob(1), Wanted::ALL));
    assert_ne!(hash(&ann(1), Wanted::ALL), hash(&ann(1), Wanted { address_key: true, ..Wanted::NONE }));
    let mobile = Wanted { mobile: true, ..Wanted::NONE };
    let email = Wanted { email: true, ..Wanted::NONE };
    assert_eq!(hash(&ann(1), mobile), hash(&ann(1), email), "one call answers both");
}

#[tokio::test]
async fn a_whole_call() {
    let server = Server::that(Play::ok(ANN)).await;
    let melissa = remote(Melissa::new(server.url.clone(), "license-1".into()));
    let outcome = melissa.lookup(&[ann(1)], Wanted::ALL, &CallContext::default()).await;
    assert_eq!((outcome.status, outcome.charged_micros()), (Some(200), 50_000));
    assert!(matches!(outcome.verdict_of(ann(1).key), Some(Verdict::Match { .. })));
    assert_eq!(outcome.raw, ANN.as_bytes());
    assert!(!format!("{outcome:?}").contains("Lee"));
}

const KEYS: &[&str] = &[
    "Records",
    "RecordID",
    "Results",
    "TransmissionResults",
    "NameFull",
    "PhoneNumber",
    "EmailAddress",
    "MelissaAddressKey",
    "DateOfBirth",
    "OwnRent",
];

proptest::proptest! {
    #[test]
    fn no_json_panics(json in any_json(KEYS), record in any_json(KEYS)) {
        let (ann, bob) = (ann(1), bob(2));
        let subjects = [&ann, &bob];
        let _ = melissa().verdicts(&subjects, Wanted::ALL, json.to_string().as_bytes());
        let body = serde_json::json!({"TransmissionResults": "", "Records": [record, json]});
        let verdicts = melissa().verdicts(&subjects, Wanted::ALL, body.to_string().as_bytes()).expect("records");
        proptest::prop_assert_eq!(verdicts.len(), 2);
    }
}
