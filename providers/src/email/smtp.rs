//! Handing messages to a mail server.
//!
//! The library's transport says of an error what it is, not how far the message had come, and that is what decides whether it
//! may have been taken. So the conversation is held here, command by command, over the library's connection.

use std::fmt;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::{Error, client};
use tokio::sync::Mutex;
use tokio::time::timeout_at;

use super::compose::{ComposeError, compose, message_id};
use super::refusal::{Stage, outcome};
use super::{EmailProvider, OutgoingEmail, RefusalAction, SendOutcome, SmtpSettings, SmtpTls};

/// Connections that are kept for the next message.
const IDLE: usize = 4;

/// How long they are kept: servers close them after some minutes (RFC 5321 §4.5.3.2: five).
const KEPT: Duration = Duration::from_secs(60);

/// Why no mail server can be reached.
#[derive(Debug, thiserror::Error)]
#[error("TLS to the mail server cannot be set up: install ca-certificates, and look at the host's name")]
pub struct NoTls(#[source] Error);

/// A mail server that takes our messages.
pub struct Smtp {
    settings: SmtpSettings,
    tls: Option<TlsParameters>,
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Smtp {
    /// The server of these settings; connects when there is something to send.
    ///
    /// # Errors
    /// A `NoTls` fault where the line is to be private and this machine trusts nobody.
    pub fn new(settings: SmtpSettings) -> Result<Self, NoTls> {
        let tls = match settings.tls {
            SmtpTls::None => None,
            SmtpTls::Implicit | SmtpTls::StartTls => {
                let builder = TlsParameters::builder(settings.host.clone());
                let native = builder.certificate_store(client::CertificateStore::Default);
                Some(native.build_rustls().map_err(NoTls)?)
            }
        };
        Ok(Self { settings, tls, idle: Mutex::new(Vec::new()) })
    }

    /// A connection that is greeted and logged in.
    async fn connect(&self) -> Result<AsyncSmtpConnection, (Error, Stage)> {
        let SmtpSettings { host, port, login, timeout, .. } = &self.settings;
        let at_connect = |error| (error, Stage::Greeting);
        let hello = ClientId::default();
        let implicit = self.tls.clone().filter(|_| self.settings.tls == SmtpTls::Implicit);
        let server = (host.as_str(), *port);
        let connecting = AsyncSmtpConnection::connect_tokio1(server, Some(*timeout), &hello, implicit, None);
        let mut connection = connecting.await.map_err(at_connect)?;
        if let Some(tls) = self.tls.clone().filter(|_| self.settings.tls == SmtpTls::StartTls) {
            connection.starttls(tls, &hello).await.map_err(at_connect)?;
        }
        if let Some((user, password)) = login {
            let credentials = Credentials::new(user.clone(), password.expose().to_owned());
            let logged_in = connection.auth(DEFAULT_MECHANISMS, &credentials).await;
            logged_in.map_err(|error| (error, Stage::Login))?;
        }
        Ok(connection)
    }

    /// A kept connection that still answers, or a new one.
    async fn connection(&self) -> Result<AsyncSmtpConnection, (Error, Stage)> {
        loop {
            let Some((mut kept, since)) = self.idle.lock().await.pop() else { break };
            if since.elapsed() < KEPT && kept.command(Rset).await.is_ok() {
                return Ok(kept);
            }
        }
        self.connect().await
    }

    async fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle.lock().await;
        if idle.len() < IDLE {
            idle.push((connection, Instant::now()));
        }
    }

    /// Everything but the clock. `stage` says how far it came, for whoever loses patience.
    async fn hand_over(&self, letter: &Letter, stage: &mut Stage) -> Result<(), SendOutcome> {
        let failed = |(error, stage): (Error, Stage)| outcome(&error, stage);
        let mut connection = self.connection().await.map_err(failed)?;
        let mut parameters = Vec::new();
        if !letter.bytes.is_ascii() && connection.server_info().supports_feature(Extension::EightBitMime) {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        *stage = Stage::Sender;
        let told = connection.command(Mail::new(Some(letter.from.clone()), parameters)).await;
        let told = match told {
            Ok(_) => {
                *stage = Stage::Recipient;
                connection.command(Rcpt::new(letter.to.clone(), Vec::new())).await
            }
            refused => refused,
        };
        let told = match told {
            Ok(_) => {
                *stage = Stage::Data;
                connection.command(Data).await
            }
            refused => refused,
        };
        if let Err(error) = told {
            // It said no and is there for the next one.
            if error.status().is_some() {
                self.keep(connection).await;
            }
            return Err(outcome(&error, *stage));
        }
        // From here on it may have been taken.
        *stage = Stage::Message;
        let taken = connection.message(&letter.bytes).await;
        if taken.is_ok() {
            self.keep(connection).await;
        }
        taken.map(drop).map_err(|error| outcome(&error, Stage::Message))
    }
}

/// A message, written.
struct Letter {
    from: Address,
    to: Address,
    bytes: Vec<u8>,
}

fn write(email: &OutgoingEmail) -> Result<Letter, ComposeError> {
    let message = compose(email)?;
    let from = message.envelope().from().cloned().ok_or(ComposeError::Sender)?;
    let to = message.envelope().to().first().cloned().ok_or(ComposeError::Recipient)?;
    Ok(Letter { from, to, bytes: message.formatted() })
}

#[async_trait]
impl EmailProvider for Smtp {
    fn name(&self) -> &'static str {
        "smtp"
    }

    async fn send(&self, email: &OutgoingEmail) -> SendOutcome {
        let letter = match write(email) {
            Ok(letter) => letter,
            Err(error) => {
                let (code, action) = match error {
                    ComposeError::Recipient => ("recipient", RefusalAction::MarkInvalid),
                    ComposeError::Sender => ("sender", RefusalAction::ConfigStop),
                    ComposeError::Unsubscribe => ("unsubscribe", RefusalAction::ConfigStop),
                    ComposeError::Unwritable => ("unwritable", RefusalAction::TemplateFault),
                };
                return SendOutcome::Refused { code: code.to_owned(), action };
            }
        };
        let deadline = tokio::time::Instant::now() + self.settings.timeout;
        let mut stage = Stage::Greeting;
        let handed_over = timeout_at(deadline, self.hand_over(&letter, &mut stage)).await;
        let outcome = match handed_over {
            Ok(Ok(())) => {
                SendOutcome::Accepted { external_id: message_id(email), segments: None, price: None }
            }
            Ok(Err(outcome)) => outcome,
            Err(_) if stage == Stage::Message => SendOutcome::Unknown { why: "timed_out".to_owned() },
            Err(_) => SendOutcome::NotSent { detail: format!("no answer in time, at {stage:?}") },
        };
        tracing::debug!(provider = "smtp", ended = outcome.as_str(), "handed a message to a mail server");
        outcome
    }
}
