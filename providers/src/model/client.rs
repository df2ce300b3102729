//! Asking a model.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use http_body_util::Full;
use serde_json::{Value, json};

use super::{ModelAnswer, ModelFault, ModelQuestion, reply};
use crate::Secret;
use crate::notice::{EndpointUrl, NoticeSettings};
use crate::transport::{Reach, Sent, Transport};

/// How long a model has for an answer. Rules have answered by then what is to be answered at once.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Where a team's model is, and by what it is let in.
#[derive(Clone, PartialEq, Eq)]
pub struct ModelAccount {
    /// The address that `/chat/completions` is put behind, as `https://api.openai.com/v1`.
    pub base_url: EndpointUrl,
    /// The model's name, as the server knows it.
    pub model: String,
    /// The key; servers in one's own house often want none.
    pub key: Option<Secret>,
}

impl fmt::Debug for ModelAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelAccount")
            .field("base_url", &self.base_url)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

impl ModelAccount {
    /// Where questions go.
    fn address(&self) -> String {
        format!("{}/chat/completions", self.base_url.uri().to_string().trim_end_matches('/'))
    }

    fn request(&self, question: &ModelQuestion) -> http::Result<Request<Full<Bytes>>> {
        let body = body(&self.model, question).to_string();
        let mut request = Request::post(self.address())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, concat!("lead-refinery/", env!("CARGO_PKG_VERSION")));
        if let Some(key) = &self.key {
            let mut login = HeaderValue::try_from(format!("Bearer {}", key.expose()))?;
            login.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, login);
        }
        request.body(Full::new(Bytes::from(body)))
    }
}

/// The question in the vendor's words. Neither temperature nor seed: models that think refuse them.
fn body(model: &str, question: &ModelQuestion) -> Value {
    json!({
        "model": model,
        "messages": [
            { "role": "system", "content": question.instructions },
            { "role": "user", "content": question.message },
        ],
        "response_format": {
            "type": "json_schema",
            "json_schema": { "name": question.schema_name, "strict": true, "schema": question.schema },
        },
        "max_completion_tokens": question.most_tokens,
        // Where the vendor keeps answers to show them later: not these.
        "store": false,
    })
}

/// What asks the models of all teams.
#[derive(Debug, Clone)]
pub struct ModelClient {
    transport: Arc<Transport>,
    settings: NoticeSettings,
    timeout: Duration,
}

impl ModelClient {
    /// A client that reaches what endpoints of teams may be: a team names its model's address as it does theirs. Where no
    /// certificate authorities are installed it reaches nobody over HTTPS, and says so each time.
    pub fn new(settings: NoticeSettings) -> Self {
        let reach = if settings.private_addresses { Reach::Anywhere } else { Reach::Public };
        let transport = Transport::reaching(reach, true).unwrap_or_else(|error| {
            tracing::warn!(%error, "no model is reached over HTTPS");
            Transport::without_https(reach)
        });
        Self { transport: Arc::new(transport), settings, timeout: TIMEOUT }
    }

    /// The same with less patience: for tests.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Asks once. Redirects are not followed.
    ///
    /// # Errors
    /// [`ModelFault`] says why there is no answer, and whether it may have cost something.
    pub async fn ask(
        &self,
        account: &ModelAccount,
        question: &ModelQuestion,
    ) -> Result<ModelAnswer, ModelFault> {
        if !self.settings.private_addresses
            && let Err(error) = account.base_url.must_be_open()
        {
            return Err(ModelFault::Unreachable { detail: error.to_string() });
        }
        let Ok(request) = account.request(question) else {
            return Err(ModelFault::Refused { code: "address_or_key_unusable".to_owned() });
        };
        match self.transport.send(request, self.timeout).await {
            Sent::Answered(answer) => reply::read(&answer),
            Sent::NeverLeft(detail) => Err(ModelFault::Unreachable { detail }),
            Sent::Lost { why, .. } => Err(ModelFault::Lost { why: why.as_str() }),
        }
    }
}
