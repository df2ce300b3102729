//! Every way in which a call can fail, against a server that fails so.

use std::time::Duration;

use super::batchdata::BatchData;
use super::remote::Remote;
use super::testing::{Play, Server, ann, bob, nobody, remote};
use super::{CallContext, CallOutcome, Charged, EnrichmentProvider, Subject, UnknownWhy, Verdict, Wanted};
use crate::transport::{Sent, Transport};

fn at(url: &str) -> Remote<BatchData> {
    remote(BatchData::new(url.to_owned(), "hunter2".into()))
}

async fn ask(url: &str) -> CallOutcome {
    // Long enough for a machine that compiles meanwhile; the hung server alone waits for it.
    let context = CallContext { timeout: Duration::from_secs(20), ..CallContext::default() };
    at(url).lookup(&[ann(1), bob(2)], Wanted::ALL, &context).await
}

async fn verdict(play: Play) -> Verdict {
    let outcome = ask(&Server::that(play).await.url).await;
    let [(_, first), (_, second)] = outcome.verdicts.as_slice() else { panic!("{outcome:?}") };
    assert_eq!(first, second, "what goes wrong goes wrong for all");
    first.clone()
}

#[tokio::test]
async fn nobody_there_is_transient_and_costs_nothing() {
    let outcome = ask(&nobody().await).await;
    assert!(matches!(outcome.verdicts[0].1, Verdict::Transient { .. }), "{outcome:?}");
    assert!(outcome.verdicts[0].1.may_repeat());
    assert_eq!((outcome.charged_micros(), outcome.status), (0, None));
}

#[tokio::test]
async fn whoever_is_not_trusted_is_sent_nothing() {
    let transport = match Transport::new(true) {
        Ok(transport) => transport,
        // A machine that trusts nobody says so.
        Err(error) => return assert!(error.to_string().contains("ca-certificates"), "{error}"),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("https://{}/", listener.local_addr().expect("an address"));
    // Hangs up in the middle of the handshake.
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let request = http::Request::post(url).body(http_body_util::Full::default()).expect("a request");
    let sent = transport.send(request, Duration::from_secs(20)).await;
    assert!(matches!(sent, Sent::NeverLeft(_)), "{sent:?}");
}

#[tokio::test]
async fn a_cut_connection_leaves_nobody_knowing() {
    let server = Server::that(Play::Cut).await;
    let outcome = ask(&server.url).await;
    let Verdict::Unknown { why, charged } = outcome.verdicts[0].1 else { panic!("{outcome:?}") };
    assert_eq!((why, charged), (UnknownWhy::ConnectionLost, Charged::Perhaps(70_000)));
    assert!(!outcome.verdicts[0].1.may_repeat());
    assert_eq!(outcome.charged_micros(), 140_000);
    assert_eq!(server.requests().len(), 1, "and nothing was repeated");
}

#[tokio::test]
async fn a_hung_server_times_out_and_leaves_nobody_knowing() {
    let server = Server::that(Play::Hang).await;
    let context = CallContext { timeout: Duration::from_millis(300), ..CallContext::default() };
    let outcome = at(&server.url).lookup(&[ann(1)], Wanted::ALL, &context).await;
    assert!(
        matches!(outcome.verdicts[0].1, Verdict::Unknown { why: UnknownWhy::TimedOut, .. }),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_unknown_unless_its_status_refuses() {
    let broken = ask(&Server::that(Play::CutBody { status: 200 }).await.url).await;
    assert_eq!(broken.status, Some(200));
    assert!(matches!(broken.verdicts[0].1, Verdict::Unknown { why: UnknownWhy::ConnectionLost, .. }));
    assert!(matches!(verdict(Play::CutBody { status: 402 }).await, Verdict::AccountStop { .. }));
    assert_eq!(verdict(Play::CutBody { status: 429 }).await, Verdict::RateLimited { retry_after: None });
}

#[tokio::test]
async fn malformed_json_behind_200_is_unknown_and_kept() {
    for body in ["", "{", "<html>oops</html>", "null", "[]", "7", "{}", r#"{"result":{"data":{}}}"#] {
        let outcome = ask(&Server::that(Play::ok(body)).await.url).await;
        assert!(
            matches!(outcome.verdicts[0].1, Verdict::Unknown { why: UnknownWhy::Unreadable, .. }),
            "{body}: {outcome:?}"
        );
        assert_eq!(outcome.raw, body.as_bytes());
    }
}

#[tokio::test]
async fn retry_after_is_passed_on_to_the_second() {
    assert_eq!(verdict(Play::status(429, "slow down")).await, Verdict::RateLimited { retry_after: None });
    let seconds = Play::status(429, "").with("retry-after", "17");
    assert_eq!(verdict(seconds).await, Verdict::RateLimited { retry_after: Some(Duration::from_secs(17)) });
    let date = Play::status(429, "")
        .with("date", "Sun, 06 Nov 1994 08:48:37 GMT")
        .with("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(verdict(date).await, Verdict::RateLimited { retry_after: Some(Duration::from_secs(60)) });
    let busy = Play::status(503, "").with("Retry-After", "3");
    assert!(
        matches!(verdict(busy).await, Verdict::Transient { retry_after: Some(wait), .. } if wait.as_secs() == 3)
    );
}

#[tokio::test]
async fn statuses_are_sorted() {
    for status in [401, 402, 403] {
        assert!(matches!(verdict(Play::status(status, "{}")).await, Verdict::AccountStop { .. }), "{status}");
    }
    for status in [302, 400, 404, 405, 410, 422, 501] {
        assert!(matches!(verdict(Play::status(status, "{}")).await, Verdict::Permanent { .. }), "{status}");
    }
    for status in [500, 502, 503, 504, 520] {
        assert!(matches!(verdict(Play::status(status, "{}")).await, Verdict::Transient { .. }), "{status}");
    }
}

#[tokio::test]
async fn details_hold_codes_and_nobodys_data() {
    let named = verdict(Play::status(403, r#"{"error_code":"API_INACCESSIBLE","message":"Ann Lee"}"#)).await;
    assert_eq!(named, Verdict::AccountStop { detail: "HTTP 403, API_INACCESSIBLE".into() });
    let leaking = verdict(Play::status(400, r#"{"code":"Ann Lee, 123 Main St"}"#)).await;
    assert_eq!(leaking, Verdict::Permanent { detail: "HTTP 400".into() });
}

#[tokio::test]
async fn who_lacks_what_is_needed_is_not_sent_and_keeps_its_place() {
    let server = Server::that(Play::ok(r#"{"result":{"data":[null]}}"#)).await;
    let nameless = Subject::new(uuid::Uuid::from_u128(7));
    let outcome =
        at(&server.url).lookup(&[nameless.clone(), ann(1)], Wanted::ALL, &CallContext::default()).await;
    assert_eq!(outcome.verdicts[0].0, nameless.key);
    assert!(
        matches!(&outcome.verdicts[0].1, Verdict::Permanent { detail } if detail.contains("batchdata cannot be asked"))
    );
    assert_eq!(outcome.verdicts[1].1, Verdict::NoMatch { charged: Charged::No });
    let [request] = server.requests().try_into().expect("one call");
    assert_eq!(request.matches("requestId").count(), 1);

    let outcome = at(&server.url).lookup(&[nameless], Wanted::ALL, &CallContext::default()).await;
    assert!(matches!(outcome.verdicts[0].1, Verdict::Permanent { .. }));
    assert_eq!(server.requests().len(), 1, "nobody to ask about is no call");
}

#[tokio::test]
async fn more_than_a_call_takes_is_refused_before_it_is_made() {
    let server = Server::that(Play::ok("{}")).await;
    let many: Vec<Subject> = (0..101).map(ann).collect();
    let outcome = at(&server.url).lookup(&many, Wanted::ALL, &CallContext::default()).await;
    assert_eq!(outcome.verdicts.len(), 101);
    assert!(matches!(outcome.verdicts[0].1, Verdict::Permanent { .. }));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn what_it_cannot_give_is_not_asked_for() {
    let batchdata = at("http://127.0.0.1:9");
    let missing = batchdata.requirements(&ann(1), Wanted { address_key: true, ..Wanted::NONE });
    assert_eq!(
        missing.expect_err("no address keys").to_string(),
        "batchdata cannot be asked: it can add nothing of what is wanted"
    );
    assert!(batchdata.requirements(&ann(1), Wanted::ALL).is_ok());
    let shown = format!(
        "{batchdata:?} {:?}",
        CallContext { callback_url: Some("https://secret".into()), ..Default::default() }
    );
    assert!(!shown.contains("hunter2") && !shown.contains("secret"), "{shown}");
}

#[tokio::test]
async fn polling_a_vendor_that_answers_at_once_says_so() {
    let polled = at("http://127.0.0.1:9").poll("x", &CallContext::default()).await;
    assert_eq!(polled, super::Polled::Never { detail: "batchdata answers at once".into() });
}
