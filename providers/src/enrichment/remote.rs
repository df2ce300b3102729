//! What all vendors' calls have in common: one request, one answer, a verdict for everybody, and a line in the log that
//! tells nobody's name.

use std::fmt;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::Full;
use serde_json::Value;

use super::{
    CallContext, CallOutcome, Capabilities, Charged, EnrichmentProvider, MissingInput, Polled, ProviderId,
    Subject, SubjectKey, UnknownWhy, UsageHeaders, Verdict, Wanted,
};
use crate::retry_after::retry_after;
use crate::transport::{Answer, Sent, Transport};

/// What differs between vendors. Pure: writes requests and reads answers, and sends nothing itself.
pub(super) trait Adapter: fmt::Debug + Send + Sync {
    fn id(&self) -> ProviderId;

    fn capabilities(&self) -> Capabilities;

    /// See [`EnrichmentProvider::requirements`]; `wanted` is never more than the vendor gives, and never nothing.
    fn requirements(&self, subject: &Subject, wanted: Wanted) -> Result<(), &'static str>;

    /// See [`EnrichmentProvider::request_hash`]; `wanted` is never more than the vendor gives.
    fn request_hash(&self, subject: &Subject, wanted: Wanted) -> [u8; 32];

    /// What is really asked for: without what cannot be answered in this call.
    fn asked(&self, wanted: Wanted, _context: &CallContext) -> Wanted {
        wanted
    }

    /// The request about these subjects, each of which meets the requirements; or why there can be none.
    fn request(
        &self,
        subjects: &[&Subject],
        wanted: Wanted,
        context: &CallContext,
    ) -> Result<Request<Full<Bytes>>, RequestError>;

    /// What a 2xx answer says of each subject, in their order.
    fn verdicts(&self, subjects: &[&Subject], wanted: Wanted, body: &[u8]) -> Result<Vec<Verdict>, Unread>;

    /// What any other answer says; `None` for what the status alone says.
    fn refusal(&self, _answer: &Answer) -> Option<Verdict> {
        None
    }

    /// What the headers tell of the account's limits.
    fn usage(&self, _headers: &HeaderMap) -> UsageHeaders {
        UsageHeaders::default()
    }

    /// The request for an answer that was to come later; `None` where there is no such thing.
    fn poll_request(&self, _request_id: &str) -> Option<Result<Request<Full<Bytes>>, RequestError>> {
        None
    }

    /// What the answer to it says.
    fn polled(&self, _answer: &Answer) -> Polled {
        Polled::Never { detail: format!("{} answers at once", self.id()) }
    }
}

/// Why an answer that says that all is well gives no verdicts.
#[derive(Debug)]
pub(super) enum Unread {
    /// It is no JSON, or not of the vendor's shape: what was asked may have been charged.
    Unreadable,
    /// It holds an error, which goes for everybody.
    Refused(Verdict),
}

/// Why there is no request.
#[derive(Debug, thiserror::Error)]
pub(super) enum RequestError {
    /// The base address or the key cannot be part of one.
    #[error("the configured address or key cannot be part of a request: check them")]
    Unusable(#[from] http::Error),
    /// It cannot be written as JSON.
    #[error("the request cannot be written")]
    Unwritable(#[from] serde_json::Error),
    /// It is longer than the vendor takes.
    #[error("the request has {0} bytes, which is more than the vendor takes: ask about fewer at once")]
    TooLong(usize),
}

/// A vendor at the other end of the network.
#[derive(Debug)]
pub(super) struct Remote<A> {
    adapter: A,
    transport: Arc<Transport>,
}

impl<A: Adapter> Remote<A> {
    pub(super) const fn new(adapter: A, transport: Arc<Transport>) -> Self {
        Self { adapter, transport }
    }

    /// Everything of a lookup but for the log.
    async fn ask(&self, subjects: &[Subject], wanted: Wanted, context: &CallContext) -> CallOutcome {
        let most = self.adapter.capabilities().most_subjects;
        if subjects.len() > most {
            let detail = format!("{} subjects in one call, {most} are allowed", subjects.len());
            return CallOutcome::for_all(keys(subjects), &Verdict::Permanent { detail });
        }
        let asked = self.adapter.asked(self.can_give(wanted), context);
        let refused: Vec<Option<String>> = subjects
            .iter()
            .map(|subject| {
                let subject = self.requirements(subject, asked);
                subject.err().map(|missing| missing.to_string())
            })
            .collect();
        let sent: Vec<&Subject> = subjects
            .iter()
            .zip(&refused)
            .filter(|(_, refused)| refused.is_none())
            .map(|(subject, _)| subject)
            .collect();
        let mut outcome =
            if sent.is_empty() { CallOutcome::none() } else { self.call(&sent, asked, context).await };
        let mut answered = std::mem::take(&mut outcome.verdicts).into_iter().map(|(_, verdict)| verdict);
        for (subject, refused) in subjects.iter().zip(refused) {
            let verdict = match refused {
                Some(detail) => Verdict::Permanent { detail },
                None => answered.next().unwrap_or(self.unknown(UnknownWhy::Unreadable, asked)),
            };
            outcome.verdicts.push((subject.key, verdict));
        }
        outcome
    }

    async fn call(&self, subjects: &[&Subject], wanted: Wanted, context: &CallContext) -> CallOutcome {
        let all =
            |verdict: &Verdict| CallOutcome::for_all(subjects.iter().map(|subject| subject.key), verdict);
        let request = match self.adapter.request(subjects, wanted, context) {
            Ok(request) => request,
            Err(error) => return all(&Verdict::Permanent { detail: error.to_string() }),
        };
        let answer = match self.transport.send(request, context.timeout).await {
            Sent::Answered(answer) => answer,
            Sent::NeverLeft(detail) => return all(&Verdict::Transient { detail, retry_after: None }),
            Sent::Lost { why, status } => {
                return CallOutcome { status, ..all(&self.unknown(why, wanted)) };
            }
        };
        let usage = self.adapter.usage(&answer.headers);
        let verdicts = if (200..300).contains(&answer.status) {
            match self.adapter.verdicts(subjects, wanted, &answer.body) {
                Ok(verdicts) => subjects.iter().map(|subject| subject.key).zip(verdicts).collect(),
                Err(Unread::Unreadable) => all(&self.unknown(UnknownWhy::Unreadable, wanted)).verdicts,
                Err(Unread::Refused(verdict)) => all(&verdict).verdicts,
            }
        } else {
            let verdict = self.adapter.refusal(&answer).unwrap_or_else(|| by_status(&answer));
            all(&verdict).verdicts
        };
        CallOutcome { verdicts, usage, raw: answer.body, status: Some(answer.status) }
    }

    /// Possibly charged for everything.
    fn unknown(&self, why: UnknownWhy, wanted: Wanted) -> Verdict {
        let most = self.adapter.capabilities().most_micros(wanted);
        Verdict::Unknown { why, charged: Charged::Perhaps(most) }
    }

    fn can_give(&self, wanted: Wanted) -> Wanted {
        wanted.and(self.adapter.capabilities().gives)
    }
}

#[async_trait]
impl<A: Adapter> EnrichmentProvider for Remote<A> {
    fn id(&self) -> ProviderId {
        self.adapter.id()
    }

    fn capabilities(&self) -> Capabilities {
        self.adapter.capabilities()
    }

    fn requirements(&self, subject: &Subject, wanted: Wanted) -> Result<(), MissingInput> {
        let provider = self.id();
        let wanted = self.can_give(wanted);
        if wanted.is_empty() {
            return Err(MissingInput { provider, needs: "it can add nothing of what is wanted" });
        }
        self.adapter.requirements(subject, wanted).map_err(|needs| MissingInput { provider, needs })
    }

    fn request_hash(&self, subject: &Subject, wanted: Wanted) -> [u8; 32] {
        self.adapter.request_hash(subject, self.can_give(wanted))
    }

    async fn lookup(&self, subjects: &[Subject], wanted: Wanted, context: &CallContext) -> CallOutcome {
        let started = Instant::now();
        let outcome = self.ask(subjects, wanted, context).await;
        let count =
            |word: &str| outcome.verdicts.iter().filter(|(_, verdict)| verdict.as_str() == word).count();
        tracing::info!(
            provider = %self.id(),
            status = outcome.status,
            duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            subjects = subjects.len(),
            matches = count("match") + count("pending"),
            misses = count("no_match"),
            ambiguous = count("ambiguous"),
            charged_micros = outcome.charged_micros(),
            ended = outcome.verdicts.first().map_or("nobody", |(_, verdict)| verdict.as_str()),
            "asked a vendor"
        );
        outcome
    }

    async fn poll(&self, request_id: &str, context: &CallContext) -> Polled {
        let request = match self.adapter.poll_request(request_id) {
            None => return Polled::Never { detail: format!("{} answers at once", self.id()) },
            Some(Err(error)) => return Polled::Never { detail: error.to_string() },
            Some(Ok(request)) => request,
        };
        match self.transport.send(request, context.timeout).await {
            Sent::Answered(answer) => self.adapter.polled(&answer),
            // Asking is free, so it does not matter whether it arrived.
            Sent::NeverLeft(_) | Sent::Lost { .. } => Polled::NotYet { retry_after: None },
        }
    }
}

fn keys(subjects: &[Subject]) -> impl Iterator<Item = SubjectKey> {
    subjects.iter().map(|subject| subject.key)
}

/// What a status says that the vendor's documents do not give a meaning of their own. 402 and 403 stop the account and
/// not the row [R: BatchData], and so does 401: a wrong key is wrong for everybody. A 5xx of a server that says itself that
/// it failed is transient.
pub(super) fn by_status(answer: &Answer) -> Verdict {
    of_status(answer.status, detail(answer), &answer.headers)
}

/// As [`by_status`], for a status that stands inside of an answer.
pub(super) fn of_status(status: u16, detail: String, headers: &HeaderMap) -> Verdict {
    let retry_after = || retry_after(headers, SystemTime::now());
    match status {
        429 => Verdict::RateLimited { retry_after: retry_after() },
        401..=403 => Verdict::AccountStop { detail },
        408 | 425 | 500 | 502..=504 | 507..=599 => Verdict::Transient { detail, retry_after: retry_after() },
        _ => Verdict::Permanent { detail },
    }
}

/// The status and the vendor's code, if its answer has one that looks like a code and not like somebody's data.
pub(super) fn detail(answer: &Answer) -> String {
    match code(&answer.body) {
        Some(code) => format!("HTTP {}, {code}", answer.status),
        None => format!("HTTP {}", answer.status),
    }
}

/// The code of an error: `error_code` (Apollo), `code` (Twilio), `errorCode`, or `status.code` (BatchData).
fn code(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let nested = value.get("status").and_then(|status| status.get("code"));
    let code = ["error_code", "errorCode", "code"].iter().find_map(|name| value.get(name)).or(nested)?;
    let code = super::lenient::text_of(code)?;
    let is_code = code.len() <= 40 && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        || (code.len() <= 6 && code.bytes().all(|byte| byte.is_ascii_digit()));
    is_code.then_some(code)
}

/// The words of an error, lower-case, to look for what they are about; never shown.
pub(super) fn words(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).to_lowercase()
}
