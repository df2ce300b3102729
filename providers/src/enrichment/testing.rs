//! What tests about vendors share.

use std::sync::Arc;

use uuid::Uuid;

use super::remote::{Adapter, Remote, Unread};
use super::{Subject, SubjectKey, Verdict, Wanted};
pub(crate) use crate::testing::{Play, Server, any_json, nobody};
use crate::transport::Transport;

/// The adapter with connections of its own.
pub(super) fn remote<A: Adapter>(adapter: A) -> Remote<A> {
    Remote::new(adapter, Arc::new(Transport::new(false).expect("no certificates are needed")))
}

/// A person at 123 Main St, Austin.
pub(super) fn ann(key: u128) -> Subject {
    let filled = |text: &str| Some(text.to_owned());
    Subject {
        given_name: filled("Ann"),
        family_name: filled("Lee"),
        street: filled("123 Main St"),
        city: filled("Austin"),
        state: filled("TX"),
        zip5: filled("78701"),
        ..Subject::new(SubjectKey(Uuid::from_u128(key)))
    }
}

/// Somebody else, somewhere else.
pub(super) fn bob(key: u128) -> Subject {
    Subject {
        given_name: Some("Robert".into()),
        family_name: Some("Miller".into()),
        street: Some("9 Oak Ave".into()),
        ..ann(key)
    }
}

/// What an adapter reads from a body.
pub(super) fn read<A: Adapter>(
    adapter: &A,
    subjects: &[Subject],
    wanted: Wanted,
    body: &str,
) -> Vec<Verdict> {
    let subjects: Vec<&Subject> = subjects.iter().collect();
    let verdicts = adapter.verdicts(&subjects, wanted, body.as_bytes());
    let verdicts = verdicts.unwrap_or_else(|unread| panic!("{unread:?}"));
    assert_eq!(verdicts.len(), subjects.len(), "everybody gets a verdict");
    verdicts
}

/// What a body says of the whole call.
pub(super) fn unread<A: Adapter>(adapter: &A, subjects: &[Subject], body: &str) -> Unread {
    let subjects: Vec<&Subject> = subjects.iter().collect();
    adapter.verdicts(&subjects, Wanted::ALL, body.as_bytes()).expect_err("no verdicts")
}

/// The body of the request an adapter writes.
pub(super) async fn sent<A: Adapter>(
    adapter: &A,
    subjects: &[Subject],
    wanted: Wanted,
) -> (String, serde_json::Value) {
    use http_body_util::BodyExt;
    let subjects: Vec<&Subject> = subjects.iter().collect();
    let context = super::CallContext {
        callback_url: Some("https://us.example/c/tok?x=1".into()),
        ..Default::default()
    };
    let request = adapter.request(&subjects, wanted, &context).expect("a request");
    let head = format!("{} {} {:?}", request.method(), request.uri(), request.headers());
    let body = request.into_body().collect().await.expect("a body").to_bytes();
    (head, serde_json::from_slice(&body).unwrap_or_default())
}
