//! What comes in from outside: kept once, opt-outs obeyed, and put into its conversation, all in one transaction. One way for
//! webhooks and for what the vendor's own record says that no webhook brought.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::gate::RuleSet;
use domain::reply::opt_out::Keyword;
use domain::reply::{ConversationState, HoldReason};

use crate::conversation::{self, Opened};
use crate::message::{self, Received};
use crate::suppression::{self, OptOut, SuppressedKind, SuppressionMethod, SuppressionScope};
use crate::{BulkTransaction, Result};

/// The classifier's words for what is known at once.
const OPT_OUT: &str = "opt-out";
const CALLED: &str = "called-phone-line";

/// What the vendor made of a text by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VendorHeard {
    /// The person is opted out, and has been told.
    Stop,
    /// The person is opted in again.
    Start,
}

/// A text or a call that came in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Inbound<'a> {
    /// The vendor, by its word.
    pub provider: &'a str,
    /// By which the vendor knows it.
    pub external_id: &'a str,
    /// From whom, as E.164.
    pub from: &'a str,
    /// To which of ours.
    pub to: &'a str,
    /// What it says; `None`: it is a call.
    pub text: Option<&'a str>,
    /// What the vendor made of it.
    pub heard: Option<VendorHeard>,
}

impl fmt::Debug for Inbound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inbound(…)")
    }
}

/// What a whole message asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// To be left alone.
    Stop,
    /// To be written to again.
    Start,
    /// Something else.
    Else,
}

/// The vendor's own reading counts as much as ours.
fn said(text: &str, vendors: Option<VendorHeard>) -> Said {
    let rules = RuleSet::shipped();
    match (vendors, rules.words().keyword(text)) {
        (Some(VendorHeard::Stop), _) | (_, Some(Keyword::OptOut(_))) => Said::Stop,
        (Some(VendorHeard::Start), _) | (_, Some(Keyword::OptIn(_))) => Said::Start,
        _ => Said::Else,
    }
}

/// Takes something in, once: `None` where it was there. An opt-out suppresses, cancels and silences before anything else is
/// done with it, and a word that opts in again lifts what a word had said.
///
/// # Errors
/// [`crate::DbError::Contention`] where it met a worker in another order: repeat the transaction; any other
/// [`crate::DbError`].
pub async fn take_in(
    tx: &mut BulkTransaction,
    inbound: &Inbound<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Opened>> {
    let said = inbound.text.map_or(Said::Else, |text| said(text, inbound.heard));
    let received = Received {
        channel: if inbound.text.is_some() { "sms" } else { "voice" },
        provider: inbound.provider,
        external_id: inbound.external_id,
        from: inbound.from,
        to: inbound.to,
        body: inbound.text.unwrap_or_default(),
        classification: match (said, inbound.text) {
            (_, None) => Some(CALLED),
            (Said::Stop, _) => Some(OPT_OUT),
            _ => None,
        },
    };
    let Some(kept) = message::receive(tx, &received, now).await? else { return Ok(None) };
    match said {
        Said::Stop => {
            conversation::lock_with(tx, inbound.from).await?;
            let who = OptOut {
                kind: SuppressedKind::Phone,
                value: inbound.from,
                scope: SuppressionScope::Team,
                subject: "",
                method: SuppressionMethod::Keyword,
                source: inbound.provider,
            };
            suppression::opt_out(tx, &who, now).await?;
        }
        // Only what such a word had said is taken back, so that a YES to a question changes nothing.
        Said::Start => {
            let phone = SuppressedKind::Phone;
            suppression::opt_in(tx, phone, inbound.from, None, Some(inbound.to), now).await?;
        }
        Said::Else => {}
    }
    let mut opened = conversation::of_message(tx, &received, &kept, now).await?;
    match said {
        Said::Stop => {
            conversation::silence(tx, inbound.from, HoldReason::OptedOut, now).await?;
            opened.state = ConversationState::Held;
        }
        Said::Start => {
            conversation::opted_in(tx, inbound.from, now).await?;
        }
        Said::Else => {}
    }
    Ok(Some(opened))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_opts_out_is_heard_however_it_is_written() {
        for text in ["STOP", " stop. ", "Unsubscribe!", "opt out"] {
            assert_eq!(said(text, None), Said::Stop, "{text}");
        }
        assert_eq!(said("START", None), Said::Start);
        assert_eq!(said("Do not stop now", None), Said::Else, "a word in a sentence needs judgement");
        assert_eq!(said("arret", Some(VendorHeard::Stop)), Said::Stop, "the vendor heard it");
        assert_eq!(
            said("STOP", Some(VendorHeard::Start)),
            Said::Stop,
            "to be left alone goes before all else"
        );
    }
}
