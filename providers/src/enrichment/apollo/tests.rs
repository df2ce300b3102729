//! Apollo's traps, each with a body as it sends it.

use std::time::Duration;

use super::Apollo;
use crate::enrichment::remote::{Adapter, Unread};
use crate::enrichment::testing::{Play, Server, ann, any_json, bob, nobody, read, remote, sent, unread};
use crate::enrichment::{
    CallContext, Charged, EmailKind, EmailStatus, EnrichmentProvider, Evidence, Polled, SocialNetwork,
    Subject, Verdict, Wanted,
};

const CHARGED: Charged = Charged::Yes(100_000);
const EMAIL: Wanted = Wanted { email: true, ..Wanted::NONE };

fn apollo() -> Apollo {
    Apollo::new("http://127.0.0.1:9".into(), "key-1".into())
}

fn at_acme(subject: Subject) -> Subject {
    Subject { company: Some("Acme & Sons".into()), domain: Some("acme.com".into()), ..subject }
}

fn callback() -> CallContext {
    CallContext { callback_url: Some("https://us.example/c/tok".into()), ..CallContext::default() }
}

fn person(id: &str, first: &str, last: &str) -> String {
    format!(
        r#"{{"id":"{id}","first_name":"{first}","last_name":"{last}","name":"{first} {last}","title":"Owner",
        "linkedin_url":"http://www.linkedin.com/in/{first}-{last}","twitter_url":null,"email":"{first}@acme.com","email_status":"verified",
        "personal_emails":["{first}@gmail.com"],"seniority":"owner","departments":["master_operations"],
        "organization":{{"id":"o1","name":"Acme","primary_domain":"acme.com","annual_revenue":1200000.0,"estimated_num_employees":12,
        "founded_year":1998,"industry":"construction","keywords":["roofs"],"technology_names":["Wix"]}}}}"#
    )
}

fn one(wanted: Wanted, body: &str) -> Verdict {
    read(&apollo(), &[at_acme(ann(1))], wanted, body).remove(0)
}

#[tokio::test]
async fn one_is_asked_about_in_the_query_and_several_in_the_body() {
    let (head, body) = sent(&apollo(), &[at_acme(ann(1))], Wanted::ALL).await;
    let expected = "POST http://127.0.0.1:9/api/v1/people/match?first_name=Ann&last_name=Lee&organization_name=Acme+%26+Sons\
        &domain=acme.com&reveal_personal_emails=true&reveal_phone_number=true\
        &webhook_url=https%3A%2F%2Fus.example%2Fc%2Ftok%3Fx%3D1 ";
    assert!(head.starts_with(expected), "{head}");
    assert!(head.contains("\"x-api-key\": Sensitive") && !head.contains("authorization"), "{head}");
    assert!(body.is_null(), "nothing in the body");

    let (head, body) = sent(&apollo(), &[at_acme(ann(1)), at_acme(bob(2))], EMAIL).await;
    let expected = "POST http://127.0.0.1:9/api/v1/people/bulk_match?reveal_personal_emails=true&reveal_phone_number=false ";
    assert!(head.starts_with(expected), "{head}");
    assert_eq!(body["details"][1]["last_name"], "Miller");
}

#[test]
fn reads_a_person_and_the_business() {
    let body = format!(r#"{{"person":{}}}"#, person("p1", "Ann", "Lee"));
    let Verdict::Match { result, charged: CHARGED } = one(EMAIL, &body) else { panic!("a match") };
    let [person] = result.persons.as_slice() else { panic!("one person") };
    assert_eq!(person.vendor_id.as_deref(), Some("p1"));
    assert_eq!(person.evidence, [Evidence::Name, Evidence::OnlyOne]);
    let emails: Vec<_> =
        person.emails.iter().map(|email| (email.email.expose(), email.status, email.kind)).collect();
    assert_eq!(
        emails,
        [
            ("ann@acme.com", Some(EmailStatus::Verified), Some(EmailKind::Work)),
            ("ann@gmail.com", None, Some(EmailKind::Personal))
        ]
    );
    assert_eq!(person.socials.len(), 1);
    assert_eq!(
        (person.socials[0].network, person.seniority.as_deref()),
        (SocialNetwork::Linkedin, Some("owner"))
    );
    let acme = result.organisation.as_ref().expect("a business");
    assert_eq!((acme.revenue, acme.employees, acme.founded_year), (Some(1_200_000), Some(12), Some(1998)));
    assert_eq!(
        (acme.keywords.as_slice(), acme.technologies.as_slice()),
        (["roofs".to_owned()].as_slice(), ["Wix".to_owned()].as_slice())
    );
}

#[test]
fn no_match_is_200_with_null() {
    assert_eq!(one(EMAIL, r#"{"person":null}"#), Verdict::NoMatch { charged: Charged::No });
    assert!(matches!(unread(&apollo(), &[at_acme(ann(1))], r#"{"people":[]}"#), Unread::Unreadable));
}

#[test]
fn numbers_come_later() {
    let body = format!(
        r#"{{"person":{},"request_id":"r-1","waterfall":{{"status":"accepted"}}}}"#,
        person("p1", "Ann", "Lee")
    );
    let verdict = one(Wanted::ALL, &body);
    let Verdict::Pending { result, request_id, person_id, charged } = &verdict else { panic!("{verdict:?}") };
    assert_eq!((request_id.as_deref(), person_id.as_deref(), *charged), (Some("r-1"), Some("p1"), CHARGED));
    assert_eq!((result.emails().count(), result.phones().count()), (2, 0));
    assert!(verdict.is_answer() && !verdict.may_repeat());
}

#[test]
fn an_address_that_is_not_revealed_is_none() {
    let body = r#"{"person":{"id":"p1","name":"Ann Lee","email":"email_not_unlocked@domain.com","email_status":"unavailable"}}"#;
    let Verdict::Match { result, .. } = one(EMAIL, body) else { panic!("a match") };
    assert_eq!(result.emails().count(), 0);
}

#[test]
fn a_doubtful_match_is_not_attached() {
    let with = |confidence: &str| {
        format!(r#"{{"person":{{"match_confidence":"{confidence}",{}}}"#, &person("p1", "Ann", "Lee")[1..])
    };
    assert!(matches!(one(EMAIL, &with("low")), Verdict::Ambiguous { charged: CHARGED, .. }));
    assert!(matches!(one(EMAIL, &with("none")), Verdict::NoMatch { charged: Charged::Perhaps(_) }));
    assert!(matches!(one(EMAIL, &with("high")), Verdict::Match { .. }));
    let number = Wanted { mobile: true, ..EMAIL };
    let most = Charged::Perhaps(900_000);
    for doubtful in ["low", "none"] {
        assert_eq!(
            one(number, &with(doubtful)).charged(),
            most,
            "the number that nobody waits for may be charged"
        );
    }
}

#[test]
fn several_are_tied_by_evidence() {
    let bulk = |matches: &str| {
        format!(
            r#"{{"status":"success","total_requested_enrichments":2,"credits_consumed":2,"matches":[{matches}]}}"#
        )
    };
    let subjects = [at_acme(ann(1)), at_acme(bob(2))];
    let ids = |verdicts: &[Verdict]| -> Vec<String> {
        let id = |verdict: &Verdict| match verdict {
            Verdict::Match { result, .. } => result.persons[0].vendor_id.clone().unwrap_or_default(),
            other => other.as_str().to_owned(),
        };
        verdicts.iter().map(id).collect()
    };
    let (ann, bob) = (person("a", "Ann", "Lee"), person("b", "Bob", "Miller"));
    let read = |matches: &str| ids(&read(&apollo(), &subjects, EMAIL, &bulk(matches)));
    assert_eq!(read(&format!("{ann},{bob}")), ["a", "b"]);
    assert_eq!(read(&format!("{bob},{ann}")), ["a", "b"], "in another order");
    assert_eq!(read(&format!("null,{bob}")), ["no_match", "b"]);
    assert_eq!(read(&bob), ["no_match", "b"], "the nulls left out");
    let stranger = person("s", "Patricia", "Gomez");
    assert_eq!(read(&format!("{stranger},{bob}")), ["ambiguous", "b"], "place alone ties nothing");
    assert_eq!(read(&format!("{bob},{bob}")), ["ambiguous", "b"]);
}

#[test]
fn an_email_or_page_that_was_asked_with_ties_too() {
    let email =
        Subject { emails: vec!["pat@acme.com".parse().expect("an address")], ..Subject::new(ann(1).key) };
    let page =
        Subject { linkedin_url: Some("https://linkedin.com/in/Ann-Lee/".into()), ..Subject::new(ann(2).key) };
    let body = format!(r#"{{"matches":[{},{}]}}"#, person("a", "Ann", "Lee"), person("b", "Pat", "Jones"));
    let verdicts = read(&apollo(), &[email, page], EMAIL, &body);
    let evidence = |verdict: &Verdict| match verdict {
        Verdict::Match { result, .. } => result.persons[0].evidence.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (evidence(&verdicts[0]), evidence(&verdicts[1])),
        (vec![Evidence::Email], vec![Evidence::Linkedin])
    );
}

#[test]
fn one_of_three_ways_of_naming_somebody_is_needed() {
    let meets = |subject: &Subject| apollo().requirements(subject, Wanted::ALL).is_ok();
    assert!(!meets(&ann(1)), "a name without a company");
    assert!(meets(&at_acme(ann(1))));
    assert!(!meets(&at_acme(Subject { given_name: None, ..ann(1) })));
    assert!(meets(&Subject { linkedin_url: Some("x".into()), ..Subject::default() }));
    assert!(meets(&Subject {
        emails: vec!["a@acme.com".parse().expect("an address")],
        ..Subject::default()
    }));
}

#[test]
fn what_is_revealed_is_part_of_the_question() {
    let hash = |wanted| apollo().request_hash(&at_acme(ann(1)), wanted);
    assert_ne!(hash(EMAIL), hash(Wanted { mobile: true, ..EMAIL }));
    assert_eq!(hash(EMAIL), apollo().request_hash(&at_acme(Subject { street: None, ..ann(9) }), EMAIL));
}

#[tokio::test]
async fn without_a_callback_no_number_is_asked_for() {
    let server = Server::that(Play::ok(&format!(r#"{{"person":{}}}"#, person("p1", "Ann", "Lee")))).await;
    let remote = remote(Apollo::new(server.url.clone(), "key-1".into()));
    let outcome = remote.lookup(&[at_acme(ann(1))], Wanted::ALL, &CallContext::default()).await;
    assert!(matches!(outcome.verdicts[0].1, Verdict::Match { charged: CHARGED, .. }), "{outcome:?}");
    assert!(server.requests()[0].contains("reveal_phone_number=false"));
    let mobile = Wanted { mobile: true, ..Wanted::NONE };
    let outcome = remote.lookup(&[at_acme(ann(1))], mobile, &CallContext::default()).await;
    assert!(matches!(outcome.verdicts[0].1, Verdict::Permanent { .. }), "{outcome:?}");
    assert_eq!(server.requests().len(), 1, "and nothing else was wanted");
}

#[tokio::test]
async fn limits_are_read_from_the_headers() {
    let body = r#"{"error":"The maximum number of api calls allowed for api/v1/people/match is 600 times per hour."}"#;
    let play = Play::status(429, body)
        .with("retry-after", "41")
        .with("x-rate-limit-hourly", "600")
        .with("x-hourly-usage", "600")
        .with("x-hourly-requests-left", "0")
        .with("x-rate-limit-24-hour", "");
    let server = Server::that(play).await;
    let remote = remote(Apollo::new(server.url.clone(), "key-1".into()));
    let outcome = remote.lookup(&[at_acme(ann(1))], Wanted::ALL, &callback()).await;
    assert_eq!(outcome.verdicts[0].1, Verdict::RateLimited { retry_after: Some(Duration::from_secs(41)) });
    assert_eq!(outcome.usage.windows.len(), 1, "an empty header is no limit");
    assert!(outcome.usage.is_exhausted());
}

#[tokio::test]
async fn refusals() {
    let cases = [
        (401, r#"{"error_code":"INVALID_ACCESS_TOKEN"}"#, "account_stop"),
        (403, r#"{"error_code":"API_INACCESSIBLE"}"#, "account_stop"),
        (422, r#"{"error":"You have insufficient credits"}"#, "account_stop"),
        (422, r#"{"error":"webhook_url is invalid"}"#, "permanent"),
        (404, "{}", "permanent"),
        (500, "", "transient"),
    ];
    for (status, body, expected) in cases {
        let server = Server::that(Play::status(status, body)).await;
        let remote = remote(Apollo::new(server.url.clone(), "key-1".into()));
        let outcome = remote.lookup(&[at_acme(ann(1))], Wanted::ALL, &callback()).await;
        assert_eq!(outcome.verdicts[0].1.as_str(), expected, "{status} {body}");
    }
}

#[tokio::test]
async fn a_lost_call_may_have_cost_the_number_too() {
    let server = Server::that(Play::Cut).await;
    let remote = remote(Apollo::new(server.url.clone(), "key-1".into()));
    let outcome = remote.lookup(&[at_acme(ann(1))], Wanted::ALL, &callback()).await;
    assert_eq!(outcome.charged_micros(), 900_000);
    let outcome = remote.lookup(&[at_acme(ann(1))], Wanted::ALL, &CallContext::default()).await;
    assert_eq!(outcome.charged_micros(), 100_000);
}

#[tokio::test]
async fn polling() {
    let ask = async |play: Play| {
        let server = Server::that(play).await;
        let polled = remote(Apollo::new(server.url.clone(), "key-1".into())).poll("r/1", &callback()).await;
        let [request] = server.requests().try_into().expect("one call");
        assert!(request.starts_with("GET /api/v1/webhook_result/r%2F1 "), "{request}");
        polled
    };
    let pending = r#"{"error_code":"result_pending","retry_after_seconds":17}"#;
    let wait = Some(Duration::from_secs(17));
    assert_eq!(ask(Play::status(404, pending)).await, Polled::NotYet { retry_after: wait });
    assert_eq!(ask(Play::status(404, "{}")).await, Polled::Never { detail: "HTTP 404".into() });
    assert_eq!(
        ask(Play::status(429, "").with("retry-after", "17")).await,
        Polled::NotYet { retry_after: wait }
    );
    assert_eq!(ask(Play::Cut).await, Polled::NotYet { retry_after: None });
    let ready = r#"{"request_id":"r-1","people":[{"id":"p1","phone_numbers":[{"sanitized_number":"+15125550123"}]}]}"#;
    let Polled::Ready(answers) = ask(Play::ok(ready)).await else { panic!("ready") };
    assert_eq!(answers[0].request_id.as_deref(), Some("r-1"));
    let unreachable = remote(Apollo::new(nobody().await, "key-1".into())).poll("r", &callback()).await;
    assert_eq!(unreachable, Polled::NotYet { retry_after: None });
}

const KEYS: &[&str] = &[
    "person",
    "matches",
    "id",
    "first_name",
    "last_name",
    "name",
    "email",
    "personal_emails",
    "organization",
    "founded_year",
    "phone_numbers",
    "sanitized_number",
    "departments",
    "request_id",
    "people",
    "waterfall",
    "emails",
    "match_confidence",
];

proptest::proptest! {
    #[test]
    fn no_json_panics(json in any_json(KEYS), one in any_json(KEYS)) {
        let (ann, bob) = (at_acme(ann(1)), at_acme(bob(2)));
        let bytes = json.to_string().into_bytes();
        let _ = apollo().verdicts(&[&ann], Wanted::ALL, &bytes);
        let _ = apollo().verdicts(&[&ann, &bob], Wanted::ALL, &bytes);
        let _ = super::later(&bytes);
        let body = serde_json::json!({"matches": [one, json]});
        let verdicts = apollo().verdicts(&[&ann, &bob], Wanted::ALL, body.to_string().as_bytes()).expect("matches");
        proptest::prop_assert_eq!(verdicts.len(), 2);
        let delivery = serde_json::json!({"people": [one, json]});
        proptest::prop_assert!(super::later(delivery.to_string().as_bytes()).is_ok());
    }
}
