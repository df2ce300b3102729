//! One HTTP call to a vendor, and whether anything of it left this machine.
//!
//! Built on hyper's client, which the S3 SDK brings anyway, and not on reqwest: reqwest's TLS without a second provider
//! makes every client of the process that did not choose a provider panic.

mod reach;

use std::error::Error as StdError;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::{Instant, timeout_at};
use tower::Service;

use reach::Resolver;
pub(crate) use reach::{Reach, is_public};

/// How long opening a connection may take, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection is kept without use. Short, since a request on one that the vendor is just closing may or may not
/// have arrived.
const IDLE: Duration = Duration::from_secs(15);

/// The longest answer that is read: 100 subjects with some kilobytes each, thrice over.
const LONGEST_ANSWER: usize = 8 * 1024 * 1024;

type Tcp = HttpConnector<Resolver>;

type BoxError = Box<dyn StdError + Send + Sync>;

/// Why no vendor can be called.
#[derive(Debug, thiserror::Error)]
#[error(
    "no certificate authorities are installed, so no vendor can be trusted over HTTPS: install ca-certificates"
)]
pub struct NoCertificates(#[source] std::io::Error);

/// Connections to vendors, shared by all adapters of a process.
pub(crate) struct Transport {
    plain: Client<Timed<Tcp>, Full<Bytes>>,
    secure: Option<Client<Timed<HttpsConnector<Tcp>>, Full<Bytes>>>,
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport").field("https", &self.secure.is_some()).finish()
    }
}

/// An answer, whatever its status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// Empty where it broke off behind a status that says enough alone.
    pub(crate) body: Bytes,
}

/// Why nobody knows what the vendor did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownWhy {
    /// The request was on its way and no answer came in time.
    TimedOut,
    /// The request was on its way and the connection broke.
    ConnectionLost,
    /// The vendor said that all is well, and the rest of its answer cannot be read.
    Unreadable,
}

impl UnknownWhy {
    /// The word for logs and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TimedOut => "timed_out",
            Self::ConnectionLost => "connection_lost",
            Self::Unreadable => "unreadable",
        }
    }
}

/// What became of a request.
#[derive(Debug)]
pub(crate) enum Sent {
    /// It was answered.
    Answered(Answer),
    /// Nothing of it left: no connection could be opened.
    NeverLeft(String),
    /// It left, and what came back says nothing.
    Lost {
        why: UnknownWhy,
        /// The status, where the answer broke off behind it.
        status: Option<u16>,
    },
}

impl Transport {
    /// Connections to anywhere; with `https` also such that need certificates.
    pub(crate) fn new(https: bool) -> Result<Self, NoCertificates> {
        Self::reaching(Reach::Anywhere, https)
    }

    /// Connections that need no certificates, to what is within reach.
    pub(crate) fn without_https(reach: Reach) -> Self {
        Self { plain: builder().build(Timed(tcp(reach))), secure: None }
    }

    /// Connections to what is within reach; with `https` also such that need certificates. Addresses that a URL names by
    /// their numbers are not resolved, and are for the caller to check.
    pub(crate) fn reaching(reach: Reach, https: bool) -> Result<Self, NoCertificates> {
        let plain = builder().build(Timed(tcp(reach)));
        let secure = if https {
            let mut tcp = tcp(reach);
            tcp.enforce_http(false);
            let tls = HttpsConnectorBuilder::new().with_native_roots().map_err(NoCertificates)?;
            Some(builder().build(Timed(tls.https_only().enable_http1().wrap_connector(tcp))))
        } else {
            None
        };
        Ok(Self { plain, secure })
    }

    /// Sends a request and reads its answer to the end. Redirects are not followed: no vendor documents one.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>, timeout: Duration) -> Sent {
        let deadline = Instant::now() + timeout;
        let https = request.uri().scheme_str() == Some("https");
        let sending = match &self.secure {
            Some(secure) if https => secure.request(request),
            None if https => return Sent::NeverLeft("HTTPS is not set up".to_owned()),
            _ => self.plain.request(request),
        };
        let response = match timeout_at(deadline, sending).await {
            Err(_) => return Sent::Lost { why: UnknownWhy::TimedOut, status: None },
            Ok(Err(error)) if error.is_connect() => return Sent::NeverLeft(causes(&error)),
            Ok(Err(_)) => return Sent::Lost { why: UnknownWhy::ConnectionLost, status: None },
            Ok(Ok(response)) => response,
        };
        let (head, body) = response.into_parts();
        let status = head.status.as_u16();
        let read = timeout_at(deadline, Limited::new(body, LONGEST_ANSWER).collect()).await;
        let body = match read {
            Ok(Ok(body)) => body.to_bytes(),
            // The status says that nothing was done; its reasons are lost.
            _ if !head.status.is_success() => Bytes::new(),
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
                return Sent::Lost { why: UnknownWhy::Unreadable, status: Some(status) };
            }
            Ok(Err(_)) => return Sent::Lost { why: UnknownWhy::ConnectionLost, status: Some(status) },
            Err(_) => return Sent::Lost { why: UnknownWhy::TimedOut, status: Some(status) },
        };
        Sent::Answered(Answer { status, headers: head.headers, body })
    }
}

fn tcp(reach: Reach) -> Tcp {
    let mut tcp = HttpConnector::new_with_resolver(Resolver::new(reach));
    tcp.set_nodelay(true);
    tcp
}

fn builder() -> hyper_util::client::legacy::Builder {
    let mut builder = Client::builder(TokioExecutor::new());
    builder.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE);
    builder
}

/// An error with its causes, none of which know more of the request than its host.
fn causes(error: &dyn StdError) -> String {
    let mut text = String::from("cannot connect");
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// A connector that gives up: whatever it was doing, nothing of a request has been written by then.
#[derive(Clone)]
struct Timed<C>(C);

impl<C> Service<Uri> for Timed<C>
where
    C: Service<Uri>,
    C::Future: Send + 'static,
    C::Error: Into<BoxError>,
{
    type Response = C::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<C::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.0.call(uri);
        Box::pin(async move {
            match tokio::time::timeout(CONNECT_TIMEOUT, connecting).await {
                Ok(connected) => connected.map_err(Into::into),
                Err(_) => Err(format!("no connection within {} s", CONNECT_TIMEOUT.as_secs()).into()),
            }
        })
    }
}
