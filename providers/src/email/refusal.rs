//! What a mail server's refusal asks of us (RFC 5321, RFC 3463).

use std::error::Error as _;
use std::time::Duration;

use lettre::transport::smtp;

use super::{RefusalAction, SendOutcome};

/// How far a message had come when the server spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Greeting, encryption: nothing of the message was said.
    Greeting,
    /// Our login.
    Login,
    /// `MAIL FROM`.
    Sender,
    /// `RCPT TO`.
    Recipient,
    /// `DATA`, before the message.
    Data,
    /// Behind the message: without an answer nobody knows.
    Message,
}

/// A busy server or a greylist: four more tries, a quarter of an hour apart.
const LATER: RefusalAction = RefusalAction::RetryLater { after: Duration::from_secs(15 * 60), times: 4 };

/// How a send ended that the library calls an error.
pub(super) fn outcome(error: &smtp::Error, stage: Stage) -> SendOutcome {
    let Some(status) = error.status() else {
        return match stage {
            Stage::Message if error.is_timeout() => unknown("timed_out"),
            // Lost, or nonsense: the library calls both the same.
            Stage::Message => unknown("no_answer"),
            _ => not_sent(error, stage),
        };
    };
    let status: u16 = status.into();
    let detail = error.source().and_then(|words| enhanced(&words.to_string()));
    let code =
        detail.map_or_else(|| format!("smtp_{status}"), |(a, b, c)| format!("smtp_{status}_{a}.{b}.{c}"));
    let detail = detail.map(|(_, subject, detail)| (subject, detail));
    match (stage, status) {
        // The service closes; too many of us.
        (_, 421) => SendOutcome::RateLimited { retry_after: None },
        (Stage::Login, 454) => SendOutcome::RateLimited { retry_after: None },
        (_, 400..=499) => SendOutcome::Refused { code, action: LATER },
        (Stage::Greeting | Stage::Login, _) | (_, 530 | 535 | 538) => SendOutcome::AccountStop { code },
        _ => SendOutcome::Refused { code, action: permanent(stage, status, detail) },
    }
}

fn permanent(stage: Stage, status: u16, detail: Option<(u16, u16)>) -> RefusalAction {
    match (stage, detail) {
        // Bad mailbox or system, syntax, moved, no mail for the domain; disabled.
        (_, Some((1, 1 | 2 | 3 | 6 | 10) | (2, 1))) => RefusalAction::MarkInvalid,
        // Our own address.
        (_, Some((1, 7 | 8))) => RefusalAction::ConfigStop,
        (_, Some((2, 2))) => RefusalAction::RetryLater { after: Duration::from_secs(24 * 60 * 60), times: 2 },
        // Too large, or not to be converted.
        (_, Some((3, 4) | (2, 3) | (6, _))) => RefusalAction::TemplateFault,
        // Policy: about who we are before the message, about what it says behind it.
        (Stage::Sender, Some((7, _))) => RefusalAction::ConfigStop,
        (Stage::Recipient, Some((7, _))) => RefusalAction::SuppressSoft,
        (_, Some((7, _))) => RefusalAction::ContentStop,
        (Stage::Sender, _) => RefusalAction::ConfigStop,
        (Stage::Recipient, _) if matches!(status, 550 | 551 | 553) => RefusalAction::MarkInvalid,
        (Stage::Data | Stage::Message, _) if status == 552 => RefusalAction::TemplateFault,
        (Stage::Message, _) if matches!(status, 550 | 554) => RefusalAction::ContentStop,
        _ => RefusalAction::GiveUp,
    }
}

fn unknown(why: &str) -> SendOutcome {
    SendOutcome::Unknown { why: why.to_owned() }
}

fn not_sent(error: &smtp::Error, stage: Stage) -> SendOutcome {
    let what = if error.is_timeout() { "no answer in time" } else { "no connection, or it was lost" };
    SendOutcome::NotSent { detail: format!("{what}, at {stage:?}, before the message") }
}

/// The enhanced status code at the beginning of what a server says: `5.1.1`. Its words are not kept: they often repeat the
/// address.
fn enhanced(words: &str) -> Option<(u16, u16, u16)> {
    let first = words.split_whitespace().next()?;
    let mut parts = first.split('.').map(|part| part.parse::<u16>().ok().filter(|number| *number < 1_000));
    let code = (parts.next()??, parts.next()??, parts.next()??);
    (parts.next().is_none() && matches!(code.0, 4 | 5)).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enhanced_codes_are_read_and_nothing_else() {
        assert_eq!(enhanced("5.1.1 <ann@x.example> unknown"), Some((5, 1, 1)));
        for words in ["", "no such user", "5.1", "5.1.1.1", "2.0.0 ok", "5.x.1", "5.1.99999"] {
            assert_eq!(enhanced(words), None, "{words}");
        }
    }

    #[test]
    fn permanent_refusals_by_where_and_why() {
        use RefusalAction as A;
        for (stage, status, detail, action) in [
            (Stage::Recipient, 550, Some((1, 1)), A::MarkInvalid),
            (Stage::Recipient, 550, None, A::MarkInvalid),
            (Stage::Recipient, 550, Some((7, 1)), A::SuppressSoft),
            (Stage::Sender, 550, Some((7, 1)), A::ConfigStop),
            (Stage::Sender, 553, None, A::ConfigStop),
            (Stage::Message, 554, None, A::ContentStop),
            (Stage::Message, 550, Some((7, 26)), A::ContentStop),
            (Stage::Message, 552, Some((3, 4)), A::TemplateFault),
            (Stage::Recipient, 501, None, A::GiveUp),
        ] {
            assert_eq!(permanent(stage, status, detail), action, "{stage:?} {status} {detail:?}");
        }
    }
}
