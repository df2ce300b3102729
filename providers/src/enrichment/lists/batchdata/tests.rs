//! Questions, answers and every way in which a call can fail.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::enrichment::testing::{Play, Server, any_json, nobody};

const WINDOW: ListWindow = ListWindow { skip: 40, take: 20 };

fn at(url: &str) -> PropertySearch {
    let transport = Transport::new(false).expect("no certificates are needed");
    PropertySearch::new(url.to_owned(), "hunter2".into(), Arc::new(transport))
}

fn in_zips(zips: &[&str]) -> ListQuestion {
    ListQuestion { zip_codes: zips.iter().map(|zip| (*zip).to_owned()).collect(), ..ListQuestion::default() }
}

async fn fetch(play: Play) -> ListOutcome {
    let server = Server::that(play).await;
    at(&server.url).fetch(&in_zips(&["46601"]), WINDOW, Duration::from_secs(20)).await
}

async fn refused(play: Play) -> Verdict {
    fetch(play).await.page.expect_err("no page")
}

async fn sent(question: &ListQuestion) -> serde_json::Value {
    let server = Server::that(Play::ok("{}")).await;
    at(&server.url).fetch(question, WINDOW, Duration::from_secs(20)).await;
    let request = server.requests().into_iter().next().expect("a request");
    let (head, body) = request.split_once("\r\n\r\n").expect("head and body");
    assert!(head.starts_with("POST /api/v1/property/search "), "{head}");
    assert!(head.contains("Bearer hunter2"), "{head}");
    serde_json::from_str(body).expect("JSON")
}

#[tokio::test]
async fn a_question_is_asked_in_the_vendors_words() {
    let filters = json!({ "quickLists": ["high-equity"] });
    let question =
        ListQuestion { filters: filters.as_object().cloned().unwrap_or_default(), ..in_zips(&["46601"]) };
    let expected = json!({
        "searchCriteria": { "query": "46601", "quickLists": ["high-equity"] },
        "options": { "skip": 40, "take": 20 },
    });
    assert_eq!(sent(&question).await, expected);
    let two = sent(&ListQuestion { sort: json!("added"), ..in_zips(&["46601", "10001", "46601"]) }).await;
    assert_eq!(two["searchCriteria"], json!({ "address": { "zip": { "inList": ["10001", "46601"] } } }));
    assert_eq!(two["options"]["sort"], "added");
}

#[test]
fn what_cannot_be_asked_is_said_before_anything_is_paid() {
    let field =
        |question: &ListQuestion| ListSourceId::BatchData.check(question).err().map(|error| error.field);
    assert_eq!(field(&in_zips(&["46601"])), None);
    assert_eq!(field(&in_zips(&["4660"])), Some("/zip_codes"));
    assert_eq!(field(&in_zips(&["46601"; 101])), Some("/zip_codes"));
    assert_eq!(field(&ListQuestion::default()), Some("/filters"));
    assert_eq!(field(&ListQuestion { sort: json!(1), ..in_zips(&["46601"]) }), Some("/sort"));
    let query = json!({ "query": "Denver, CO" }).as_object().cloned().unwrap_or_default();
    let anywhere = ListQuestion { filters: query, ..ListQuestion::default() };
    assert_eq!(field(&anywhere), None);
    assert_eq!(field(&ListQuestion { zip_codes: vec!["46601".into()], ..anywhere }), Some("/filters/query"));
}

#[tokio::test]
async fn a_page_is_read_and_what_is_missing_is_missing() {
    let body = json!({
        "status": { "code": 200 },
        "results": {
            "meta": { "results": { "resultCount": 4, "resultsFound": 77 } },
            "properties": [
                {
                    "_id": "a1",
                    "ids": { "apn": "12-3" },
                    "address": { "street": "1 Elm St", "city": "Gary", "county": "Lake", "state": "IN", "zip": "46401" },
                    "owner": { "fullName": "Ann Lee", "names": [{ "first": "Ann", "last": "Lee" }] },
                    "valuation": { "estimatedValue": 200_000, "equityCurrentEstimatedBalance": "$90,000" },
                },
                { "_id": "a2", "address": {}, "owner": { "fullName": "Elm LLC", "ownerStatusType": "Company Owned" } },
                { "address": { "street": "2 Elm St" } },
                null,
            ],
        },
    });
    let outcome = fetch(Play::ok(&body.to_string())).await;
    assert_eq!(outcome.raw, body.to_string());
    let page = outcome.page.expect("a page");
    assert_eq!((page.found, page.records.len()), (Some(77), 4));
    let [ann, company, street, unreadable] = page.records.as_slice() else { panic!("{page:?}") };
    assert_eq!((ann.mark.as_str(), ann.id.as_deref(), ann.apn.as_deref()), ("a1", Some("a1"), Some("12-3")));
    assert_eq!((ann.owner_first.as_deref(), ann.owner_company.as_deref()), (Some("Ann"), None));
    assert_eq!((ann.value, ann.equity, ann.county.as_deref()), (Some(200_000), Some(90_000), Some("Lake")));
    assert_eq!((company.owner_company.as_deref(), company.owner_full.as_deref()), (Some("Elm LLC"), None));
    assert_eq!((company.street.as_deref(), company.value), (None, None));
    assert!(street.mark.starts_with("digest:") && street.id.is_none());
    assert!(unreadable.mark.starts_with("digest:") && unreadable.mark != street.mark);
    assert!(!format!("{page:?} {ann:?}").contains("Elm"), "nobody is shown");
}

#[tokio::test]
async fn every_failure_has_its_verdict() {
    let outcome = at(&nobody().await).fetch(&in_zips(&["46601"]), WINDOW, Duration::from_secs(20)).await;
    assert!(matches!(outcome.page, Err(Verdict::Transient { .. })), "{outcome:?}");
    let at_most = Charged::Perhaps(PRICE_MICROS * 20);
    for (play, why) in [
        (Play::Cut, UnknownWhy::ConnectionLost),
        (Play::CutBody { status: 200 }, UnknownWhy::ConnectionLost),
        (Play::ok("<html>"), UnknownWhy::Unreadable),
        (Play::ok("{}"), UnknownWhy::Unreadable),
        (Play::ok("[]"), UnknownWhy::Unreadable),
        (Play::ok(r#"{"results": {"meta": {"results": {"resultsFound": 3}}}}"#), UnknownWhy::Unreadable),
    ] {
        assert_eq!(refused(play).await, Verdict::Unknown { why, charged: at_most });
    }
    let limited = refused(Play::status(429, "").with("retry-after", "7")).await;
    assert_eq!(limited, Verdict::RateLimited { retry_after: Some(Duration::from_secs(7)) });
    for status in [401, 402, 403] {
        assert!(matches!(refused(Play::status(status, "")).await, Verdict::AccountStop { .. }), "{status}");
    }
    for status in [500, 502, 503, 504] {
        assert!(matches!(refused(Play::status(status, "")).await, Verdict::Transient { .. }), "{status}");
    }
    for status in [400, 404, 405, 410] {
        assert!(matches!(refused(Play::status(status, "")).await, Verdict::Permanent { .. }), "{status}");
    }
    let inside = refused(Play::ok(r#"{"status": {"code": 500}}"#)).await;
    assert!(matches!(inside, Verdict::Transient { .. }), "{inside:?}");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_left_in_time_and_may_have_charged() {
    let server = Server::that(Play::Hang).await;
    let outcome = at(&server.url).fetch(&in_zips(&["46601"]), WINDOW, Duration::from_millis(200)).await;
    let Err(Verdict::Unknown { why, charged }) = outcome.page else { panic!("{outcome:?}") };
    assert_eq!((why, charged.micros()), (UnknownWhy::TimedOut, PRICE_MICROS * 20));
}

#[test]
fn an_empty_list_is_a_page() {
    let search = at("http://127.0.0.1:9");
    for body in [
        r#"{"results": {"properties": []}}"#,
        r#"{"results": {"meta": {"results": {"resultsFound": 0}}}, "status": {"code": 200}}"#,
    ] {
        let page = search.read(body.as_bytes()).expect("a page");
        assert!(page.records.is_empty(), "{body}");
    }
}

proptest! {
    /// Whatever comes, as many records are read as stand there, each known again by something.
    #[test]
    fn any_answer_is_read_or_refused(body in any_json(&[
        "results", "properties", "meta", "resultsFound", "status", "code", "_id", "ids", "apn", "address", "owner", "names",
        "street", "valuation", "estimatedValue", "ownerStatusType", "fullName",
    ])) {
        if let Ok(page) = reply::page(body.to_string().as_bytes(), 20) {
            let stand = body["results"]["properties"].as_array().map_or(0, Vec::len);
            prop_assert_eq!(page.records.len(), stand);
            prop_assert!(page.records.iter().all(|record| !record.mark.is_empty()));
        }
    }
}
