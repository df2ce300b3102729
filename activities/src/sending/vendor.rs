//! Whoever takes messages, by whatever way: vendors of texts, the mail server, and people who call.

use std::sync::Arc;
use std::time::Duration;

use domain::FailureCode;
use domain::id::TeamId;
use entities::suppression::SuppressedKind;
use providers::email::{EmailProvider, OutgoingEmail};
use providers::sms::{OutgoingText, SendOutcome, SmsProvider};

use super::calls::{self, CallToMake};
use crate::{Fault, Resources};

/// The word of the mail server as a vendor.
pub(crate) const SMTP: &str = "smtp";
/// The word of people who call.
pub(crate) const PERSON: &str = "person";

/// The most messages that a mail server is given at once: each is a connection, and servers count them.
const MAIL_AT_ONCE: usize = 8;

/// What is about to leave.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// A text.
    Text(Box<OutgoingText>),
    /// An e-mail.
    Email(Box<OutgoingEmail>),
    /// A call that a person is to make.
    Call(Box<CallToMake>),
}

impl Outgoing {
    /// To whom: a number (E.164) or an address.
    pub(crate) fn to(&self) -> &str {
        match self {
            Self::Text(text) => text.to.expose(),
            Self::Email(email) => email.to.expose(),
            Self::Call(call) => &call.phone,
        }
    }

    /// What that is, where nobody is to be written to there any more.
    pub(crate) const fn kind(&self) -> SuppressedKind {
        match self {
            Self::Text(_) | Self::Call(_) => SuppressedKind::Phone,
            Self::Email(_) => SuppressedKind::Email,
        }
    }

    /// Whether nothing more is heard of it once it was taken: no report comes, and what it costs is known.
    pub(crate) const fn ends_when_taken(&self) -> bool {
        matches!(self, Self::Email(_) | Self::Call(_))
    }
}

/// Whoever takes messages.
#[derive(Debug, Clone)]
pub(crate) enum Vendor {
    /// Texts.
    Texts(Arc<dyn SmsProvider>),
    /// E-mail.
    Mail(Arc<dyn EmailProvider>),
    /// People, who call.
    People(Box<Resources>, TeamId),
}

impl Vendor {
    /// The one of this word.
    ///
    /// # Errors
    /// [`FailureCode::CampaignSenderMissing`] where this worker cannot reach it.
    pub(crate) fn of(resources: &Resources, team: TeamId, word: &str) -> Result<Self, Fault> {
        match word {
            SMTP => match resources.mail.ready() {
                Ok(server) => Ok(Self::Mail(server.clone())),
                Err(fault) => {
                    Err(Fault::permanent(FailureCode::CampaignSenderMissing, fault.to_string())
                        .because(fault))
                }
            },
            PERSON => Ok(Self::People(Box::new(resources.clone()), team)),
            _ => resources.texters.get(word).cloned().map(Self::Texts).ok_or_else(|| {
                let what =
                    format!("this worker has no key to {word}; set it (.env.sample has its name) and resume");
                Fault::permanent(FailureCode::CampaignSenderMissing, what)
            }),
        }
    }

    /// The most messages that it is given at once, where `all` are the most of one batch.
    pub(crate) fn at_once(&self, all: usize) -> usize {
        match self {
            Self::Texts(_) => all.max(1),
            Self::Mail(_) => all.clamp(1, MAIL_AT_ONCE),
            // Each is a row in one queue, which is written by one at a time.
            Self::People(..) => 1,
        }
    }

    /// Hands a message over, within `limit`.
    pub(crate) async fn send(&self, message: &Outgoing, limit: Duration) -> SendOutcome {
        let handing_over = async {
            match (self, message) {
                (Self::Texts(vendor), Outgoing::Text(text)) => vendor.send(text).await,
                (Self::Mail(server), Outgoing::Email(email)) => server.send(email).await,
                (Self::People(resources, team), Outgoing::Call(call)) => {
                    calls::put(resources, *team, call).await
                }
                _ => SendOutcome::NotSent {
                    detail: "the sender is of another channel than the step".to_owned(),
                },
            }
        };
        match tokio::time::timeout(limit, handing_over).await {
            Ok(outcome) => outcome,
            Err(_late) => SendOutcome::Unknown { why: "timed_out".to_owned() },
        }
    }
}
