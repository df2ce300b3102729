//! BatchData's traps: each cost somebody money, and each is a test.

use super::BatchData;
use crate::enrichment::remote::{Adapter, Unread};
use crate::enrichment::testing::{Play, Server, ann, any_json, bob, read, remote, sent, unread};
use crate::enrichment::{
    CallContext, Charged, EnrichmentProvider, Evidence, LineType, NameMatch, Subject, UniversalSkipResult,
    Verdict, Wanted, name_check,
};

const CHARGED: Charged = Charged::Yes(70_000);

fn batchdata() -> BatchData {
    BatchData::new("http://127.0.0.1:9".into(), "key-1".into())
}

fn reply(data: &str) -> String {
    format!(r#"{{"result":{{"data":[{data}],"meta":{{"results":{{"matchCount":1}}}}}}}}"#)
}

/// An answer about an address, in v3's form.
fn entry(id: &str, street: &str, zip: &str, persons: &str) -> String {
    let id = if id.is_empty() { String::new() } else { format!(r#""request":{{"requestId":"{id}"}},"#) };
    format!(
        r#"{{{id}"property":{{"address":{{"street":"{street}","city":"AUSTIN","state":"TX","zip":"{zip}"}}}},
        "persons":[{persons}],"meta":{{"matched":true,"error":false}}}}"#
    )
}

fn person(first: &str, last: &str, phone: &str) -> String {
    format!(
        r#"{{"propertyOwner":true,"name":{{"first":"{first}","last":"{last}","full":"{first} {last}","akas":[]}},"addresses":[],
        "phones":[{{"number":"{phone}","type":"Mobile","carrier":"T-Mobile","dnc":false,"tcpa":false,"rank":1,"reachable":true,
        "tested":true}}],"emails":[{{"email":"{first}@example.org"}}],"litigator":false,"deceased":false,"mailingAddress":{{}}}}"#
    )
}

fn found(verdict: &Verdict) -> &UniversalSkipResult {
    let Verdict::Match { result, .. } = verdict else { panic!("{verdict:?}") };
    result
}

fn numbers(verdict: &Verdict) -> Vec<&str> {
    found(verdict).phones().map(|phone| phone.phone.expose()).collect()
}

#[tokio::test]
async fn asks_as_the_document_says_and_for_what_is_left_out_otherwise() {
    let mailing = Subject { mailing: Some(bob(0).property()), unit: Some("Apt 4".into()), ..ann(1) };
    let parcel =
        Subject { street: None, apn: Some("012-345".into()), county: Some("Travis".into()), ..bob(2) };
    let (head, body) = sent(&batchdata(), &[mailing, parcel], Wanted::ALL).await;
    assert!(head.starts_with("POST http://127.0.0.1:9/api/v3/property/skip-trace "), "{head}");
    assert_eq!(body["options"]["includeTCPABlacklistedPhones"], true);
    assert_eq!(body["options"]["prioritizeMobilePhones"], true);
    let [first, second] = body["requests"].as_array().expect("requests").as_slice() else { panic!("two") };
    assert_eq!((&first["requestId"], &first["name"]["first"]), (&"1".into(), &"Ann".into()));
    assert_eq!(first["propertyAddress"]["street"], "123 Main St Apt 4");
    assert_eq!(
        (&first["propertyAddress"]["zip"], &first["mailingAddress"]["street"]),
        (&"78701".into(), &"9 Oak Ave".into())
    );
    assert_eq!(
        (&second["apn"], &second["state"], &second["county"]),
        (&"012-345".into(), &"TX".into(), &"Travis".into())
    );
    assert!(second.get("propertyAddress").is_none());
}

#[test]
fn reads_a_match() {
    let body = reply(&entry("1", "123 MAIN STREET", "78701", &person("Ann", "Lee", "5125550123")));
    let verdicts = read(&batchdata(), &[ann(1)], Wanted::ALL, &body);
    assert_eq!(verdicts[0].charged(), CHARGED);
    let [person] = found(&verdicts[0]).persons.as_slice() else { panic!("one person") };
    assert_eq!(person.evidence, [Evidence::Key, Evidence::Address]);
    let phone = &person.phones[0];
    assert_eq!((phone.phone.expose(), phone.line_type), ("+15125550123", Some(LineType::Mobile)));
    assert_eq!(
        (phone.connected, phone.dnc, phone.tcpa, phone.rank),
        (Some(true), Some(false), Some(false), Some(0))
    );
    assert_eq!((person.owner, person.demographics.litigator), (Some(true), Some(false)));
    assert_eq!(person.emails[0].email.expose(), "ann@example.org");
}

#[test]
fn an_absent_flag_is_not_false_and_a_flag_suppresses() {
    let absent = r#"{"name":{"full":"Ann Lee"},"phones":[{"number":"512-555-0123"}]}"#;
    let set = r#"{"name":{"full":"Ann Lee"},"litigator":true,"deceased":true,
        "phones":[{"number":"5125550123","type":"Land Line","dnc":true,"tcpa":true}]}"#;
    let verdict_on = |person: &str| {
        read(&batchdata(), &[ann(1)], Wanted::ALL, &reply(&entry("1", "123 Main St", "78701", person)))
            .remove(0)
    };
    let absent = verdict_on(absent);
    let person = &found(&absent).persons[0];
    let phone = &person.phones[0];
    assert_eq!((phone.dnc, phone.tcpa, phone.connected, phone.line_type), (None, None, None, None));
    assert_eq!(
        (person.demographics.litigator, person.demographics.deceased, person.owner),
        (None, None, None)
    );
    let set = verdict_on(set);
    let person = &found(&set).persons[0];
    let phone = &person.phones[0];
    assert_eq!((phone.dnc, phone.tcpa, phone.line_type), (Some(true), Some(true), Some(LineType::Landline)));
    assert_eq!((person.demographics.litigator, person.demographics.deceased), (Some(true), Some(true)));
}

#[test]
fn answers_in_another_order_and_with_nulls_find_their_questions_by_address() {
    let third = Subject { street: Some("77 Elm Rd".into()), ..ann(3) };
    // By place, Bob's answer would be Ann's, and Ann's the third one's.
    let body = reply(&format!(
        "{},null,{}",
        entry("", "9 OAK AVENUE", "78701-2222", &person("Robert", "Miller", "5125550999")),
        entry("", "123 Main Street", "78701", &person("Ann", "Lee", "5125550123"))
    ));
    let verdicts = read(&batchdata(), &[ann(1), bob(2), third], Wanted::ALL, &body);
    assert_eq!((numbers(&verdicts[0]), numbers(&verdicts[1])), (vec!["+15125550123"], vec!["+15125550999"]));
    assert_eq!(found(&verdicts[0]).persons[0].evidence, [Evidence::Address]);
    assert_eq!(verdicts[2], Verdict::NoMatch { charged: Charged::No });
}

#[test]
fn ids_go_before_places() {
    let body = reply(&format!(
        "{},{}",
        entry("2", "9 Oak Ave", "78701", &person("Robert", "Miller", "5125550999")),
        entry("1", "123 Main St", "78701", &person("Ann", "Lee", "5125550123"))
    ));
    let verdicts = read(&batchdata(), &[ann(1), bob(2)], Wanted::ALL, &body);
    assert_eq!((numbers(&verdicts[0]), numbers(&verdicts[1])), (vec!["+15125550123"], vec!["+15125550999"]));
}

#[test]
fn place_alone_ties_nothing() {
    // No id, and `{}` for an address: all that is left is where it stands.
    let bare = format!(
        r#"{{"property":{{"address":{{}}}},"persons":[{}],"meta":{{"matched":true,"error":false}}}}"#,
        person("Ann", "Lee", "5125550123")
    );
    let [verdict] = read(&batchdata(), &[ann(1)], Wanted::ALL, &reply(&bare)).try_into().expect("one");
    let Verdict::Ambiguous { persons, charged } = verdict else { panic!("{verdict:?}") };
    assert_eq!((persons.len(), charged), (1, CHARGED), "recorded, paid, not attached");
    assert!(persons[0].evidence.is_empty());
}

#[test]
fn another_address_under_our_id_is_somebody_else() {
    let body = reply(&entry("1", "500 Elsewhere Blvd", "90210", &person("Ann", "Lee", "5125550123")));
    let [verdict] = read(&batchdata(), &[ann(1)], Wanted::ALL, &body).try_into().expect("one");
    assert!(matches!(verdict, Verdict::Ambiguous { charged: CHARGED, .. }), "{verdict:?}");
}

#[test]
fn answers_nobody_asked_for_are_paid_and_nobodys() {
    let body = reply(&format!(
        "null,null,{}",
        entry("", "500 Elsewhere Blvd", "90210", &person("Ann", "Lee", "5125550123"))
    ));
    let verdicts = read(&batchdata(), &[ann(1), bob(2)], Wanted::ALL, &body);
    let unsure = Verdict::Ambiguous { persons: Vec::new(), charged: Charged::Perhaps(70_000) };
    assert_eq!(verdicts, [unsure, Verdict::NoMatch { charged: Charged::No }]);
}

#[test]
fn the_wrong_person_at_the_right_address_is_for_the_name_check() {
    let body = reply(&entry("1", "123 Main St", "78701", &person("Patricia", "Gomez", "5125550123")));
    let verdicts = read(&batchdata(), &[ann(1)], Wanted::ALL, &body);
    assert_eq!(name_check(&ann(1), &found(&verdicts[0]).persons[0]), NameMatch::Stranger);
}

#[test]
fn father_and_son_at_one_address_are_ambiguous() {
    let both = format!("{},{}", person("Ann", "Lee", "5125550123"), person("ANN", "LEE", "5125550124"));
    let body = reply(&entry("1", "123 Main St", "78701", &both));
    let [verdict] = read(&batchdata(), &[ann(1)], Wanted::ALL, &body).try_into().expect("one");
    assert!(matches!(&verdict, Verdict::Ambiguous { persons, .. } if persons.len() == 2), "{verdict:?}");
}

#[tokio::test]
async fn two_at_one_address_are_one_question_and_one_charge() {
    let husband =
        Subject { given_name: Some("Tom".into()), street: Some("123 MAIN STREET".into()), ..ann(2) };
    let subjects = [ann(1), husband, bob(3)];
    let (_, body) = sent(&batchdata(), &subjects, Wanted::ALL).await;
    let requests = body["requests"].as_array().expect("requests");
    assert_eq!(requests.len(), 2);
    assert!(requests[0].get("name").is_none(), "of two people none is named");
    assert_eq!(requests[1]["name"]["last"], "Miller");

    let both = format!("{},{}", person("Ann", "Lee", "5125550123"), person("Thomas", "Lee", "5125550124"));
    let reply = reply(&format!("{},null", entry("1", "123 Main St", "78701", &both)));
    let verdicts = read(&batchdata(), &subjects, Wanted::ALL, &reply);
    assert_eq!(
        verdicts.iter().map(Verdict::charged).collect::<Vec<_>>(),
        [CHARGED, Charged::No, Charged::No]
    );
    assert_eq!((found(&verdicts[0]).persons.len(), found(&verdicts[1]).persons.len()), (2, 2));
    let own = |of: usize, person: usize| name_check(&subjects[of], &found(&verdicts[of]).persons[person]);
    assert_eq!((own(0, 0), own(0, 1)), (NameMatch::Same, NameMatch::Stranger));
    assert_eq!((own(1, 0), own(1, 1)), (NameMatch::Stranger, NameMatch::Same));
}

#[test]
fn misses_are_free_and_failed_items_may_be_asked_again() {
    let miss =
        r#"{"request":{"requestId":"1"},"property":{},"persons":[],"meta":{"matched":false,"error":false}}"#;
    let failed = r#"{"request":{"requestId":"2"},"persons":[],"meta":{"matched":false,"error":true}}"#;
    let verdicts = read(&batchdata(), &[ann(1), bob(2)], Wanted::ALL, &reply(&format!("{miss},{failed}")));
    assert_eq!(verdicts[0], Verdict::NoMatch { charged: Charged::No });
    assert!(matches!(verdicts[1], Verdict::Transient { .. }) && verdicts[1].charged() == Charged::No);
}

#[test]
fn an_error_inside_of_200_is_an_error() {
    for (code, stops) in [(402, true), (403, true), (400, false), (500, false)] {
        let body =
            format!(r#"{{"status":{{"code":{code},"text":"insufficient balance"}},"result":{{"data":[]}}}}"#);
        let Unread::Refused(verdict) = unread(&batchdata(), &[ann(1)], &body) else { panic!("{code}") };
        assert_eq!(matches!(verdict, Verdict::AccountStop { .. }), stops, "{verdict:?}");
    }
    let body = format!(r#"{{"status":{{"code":200,"text":"OK"}},{}"#, &reply("null")[1..]);
    assert_eq!(
        read(&batchdata(), &[ann(1)], Wanted::ALL, &body),
        [Verdict::NoMatch { charged: Charged::No }]
    );
}

#[tokio::test]
async fn account_stops_stop_the_account() {
    for (status, text) in [
        (402, "insufficient balance"),
        (403, "account is disabled"),
        (403, "token is disabled"),
        (403, "Forbidden"),
    ] {
        let server = Server::that(Play::status(status, &format!(r#"{{"message":"{text}"}}"#))).await;
        let batchdata = remote(BatchData::new(server.url.clone(), "key-1".into()));
        let outcome = batchdata.lookup(&[ann(1), bob(2)], Wanted::ALL, &CallContext::default()).await;
        assert!(
            outcome.verdicts.iter().all(|(_, verdict)| matches!(verdict, Verdict::AccountStop { .. })),
            "{outcome:?}"
        );
        let [request] = server.requests().try_into().expect("once for the whole call");
        assert!(request.contains("authorization: Bearer key-1"), "{request}");
    }
}

#[test]
fn an_address_or_a_parcel_is_needed() {
    let missing = |subject: &Subject| batchdata().requirements(subject, Wanted::ALL).is_err();
    assert!(missing(&Subject { street: None, ..ann(1) }));
    assert!(missing(&Subject { zip5: None, state: None, ..ann(1) }));
    assert!(missing(&Subject { street: None, apn: Some("1".into()), ..ann(1) }), "and no county");
    assert!(!missing(&Subject { given_name: None, family_name: None, ..ann(1) }));
}

#[test]
fn what_is_wanted_does_not_change_the_question() {
    let mobile = Wanted { mobile: true, ..Wanted::NONE };
    assert_eq!(batchdata().request_hash(&ann(1), mobile), batchdata().request_hash(&ann(9), Wanted::ALL));
    assert_ne!(batchdata().request_hash(&ann(1), mobile), batchdata().request_hash(&bob(1), mobile));
}

const KEYS: &[&str] = &[
    "result",
    "data",
    "persons",
    "name",
    "first",
    "last",
    "akas",
    "phones",
    "number",
    "type",
    "rank",
    "emails",
    "email",
    "property",
    "address",
    "street",
    "zip",
    "meta",
    "matched",
    "error",
    "requestId",
    "request",
    "status",
    "code",
];

proptest::proptest! {
    #[test]
    fn no_json_panics_and_everybody_gets_a_verdict(json in any_json(KEYS), one in any_json(KEYS), two in any_json(KEYS)) {
        let (ann, bob) = (ann(1), bob(2));
        let subjects = [&ann, &bob, &ann];
        let _ = batchdata().verdicts(&subjects, Wanted::ALL, json.to_string().as_bytes());
        let body = serde_json::json!({"result": {"data": [one, two, {"persons": [json], "requestId": "1"}]}});
        let verdicts = batchdata().verdicts(&subjects, Wanted::ALL, body.to_string().as_bytes()).expect("data");
        proptest::prop_assert_eq!(verdicts.len(), 3);
        let paid: i64 = verdicts.iter().map(|verdict| verdict.charged().micros()).sum();
        proptest::prop_assert!(paid <= 3 * 70_000);
    }
}
