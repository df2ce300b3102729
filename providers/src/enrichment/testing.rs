//! A vendor's server as bad as vendors can be, and what tests about vendors share.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use super::remote::{Adapter, Remote, Unread};
use super::transport::Transport;
use super::{Subject, SubjectKey, Verdict, Wanted};

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(super) enum Play {
    /// Answers.
    Answer { status: u16, headers: Vec<(&'static str, String)>, body: String },
    /// Reads the request and closes the connection.
    Cut,
    /// Reads the request and says nothing.
    Hang,
    /// Announces more of a body than it sends, and closes.
    CutBody { status: u16 },
}

impl Play {
    pub(super) fn ok(body: &str) -> Self {
        Self::Answer { status: 200, headers: Vec::new(), body: body.to_owned() }
    }

    pub(super) fn status(status: u16, body: &str) -> Self {
        Self::Answer { status, headers: Vec::new(), body: body.to_owned() }
    }

    pub(super) fn with(self, name: &'static str, value: &str) -> Self {
        match self {
            Self::Answer { status, mut headers, body } => {
                headers.push((name, value.to_owned()));
                Self::Answer { status, headers, body }
            }
            other => other,
        }
    }
}

/// A server that plays one thing for every request, and remembers the requests.
pub(super) struct Server {
    pub(super) url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(super) async fn that(play: Play) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = requests.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection, play.clone(), seen.clone()));
            }
        });
        Self { url, requests }
    }

    /// The requests so far, heads and bodies.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("nobody panicked").clone()
    }
}

/// An address at which nobody listens.
pub(super) async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    format!("http://{}", listener.local_addr().expect("an address"))
}

async fn serve(mut connection: TcpStream, play: Play, seen: Arc<Mutex<Vec<String>>>) {
    while let Some(request) = read_request(&mut connection).await {
        seen.lock().expect("nobody panicked").push(request);
        let text = match &play {
            Play::Cut => return,
            Play::Hang => std::future::pending().await,
            Play::CutBody { status } => format!("HTTP/1.1 {status} X\r\ncontent-length: 999\r\n\r\n{{"),
            Play::Answer { status, headers, body } => {
                let headers: String =
                    headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
                format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
            }
        };
        if connection.write_all(text.as_bytes()).await.is_err() || matches!(play, Play::CutBody { .. }) {
            return;
        }
    }
}

async fn read_request(connection: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        match connection.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
        }
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        if body.len() >= length.unwrap_or(0) {
            return Some(text.into_owned());
        }
    }
}

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

/// Any JSON, nested a little, with the words that vendors use as keys more often than not.
pub(super) fn any_json(
    keys: &'static [&'static str],
) -> impl proptest::strategy::Strategy<Value = serde_json::Value> {
    use proptest::prelude::*;
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[0-9+() -]{0,14}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        proptest::sample::select(vec!["1", "2", "200", "GE05", "Mobile", "a@b.com", "123 Main St", "78701"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 96, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((proptest::sample::select(keys), inner), 0..6).prop_map(|pairs| {
                Value::Object(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    })
}
