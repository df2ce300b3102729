//! What vendors' and carriers' codes ask of us.

use std::time::Duration;

use super::{RefusalAction, SmsProviderId};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

impl SmsProviderId {
    /// What a code asks of us: one that came with the answer to a send, or with a report. A code nobody knows asks to give
    /// up that one message.
    pub fn action(self, code: &str) -> RefusalAction {
        match self {
            Self::Twilio => twilio(code),
            Self::SignalHouse => signalhouse(code),
        }
    }

    /// Whether a code says that the account is served no more, so that no message of anybody will be.
    pub fn stops_account(self, code: &str) -> bool {
        match self {
            // 20003 authentication [V]; 20005 not active, 20008 test credentials, 30002 suspended [K].
            Self::Twilio => matches!(code, "20003" | "20005" | "20008" | "30002"),
            Self::SignalHouse => false,
        }
    }
}

/// Twilio's error list. Unmarked: \[V\].
fn twilio(code: &str) -> RefusalAction {
    match code {
        // No valid recipient; not able to receive texts; [K] none given.
        "21211" | "21614" | "21604" => RefusalAction::MarkInvalid,
        // [K] Unknown destination: permanent after one.
        "30005" => RefusalAction::MarkInvalid,
        // A landline; landline or unreachable carrier, not to be tried again.
        "21635" | "30006" => RefusalAction::MarkLandline,
        "21610" => RefusalAction::Suppress,
        // [K] Blocked by the handset or its carrier.
        "30004" => RefusalAction::SuppressSoft,
        // Our number cannot text, or not there, or is unverified; [K] not ours, no number in the service, country not
        // enabled; unregistered for 10DLC or toll-free.
        "21606" | "21608" | "21612" | "21212" | "21408" | "21603" | "21659" | "21660" | "21703" | "30032"
        | "30034" => RefusalAction::ConfigStop,
        // [K] Filtered by a carrier.
        "30007" => RefusalAction::ContentStop,
        // [K] Longer than 1600 characters; no text at all.
        "21617" | "21602" | "21619" => RefusalAction::TemplateFault,
        // Usually a handset that is off: one or two more, much later.
        "30003" => RefusalAction::RetryLater { after: HOUR, times: 2 },
        // [K] Unknown error: once more.
        "30008" => RefusalAction::RetryLater { after: 15 * MINUTE, times: 1 },
        // [K] Queues that are full, Twilio's (30001) or that of our number (21611); the carrier's rate for the campaign.
        "30001" | "21611" => RefusalAction::RetryLater { after: 5 * MINUTE, times: 5 },
        "30022" => RefusalAction::RetryLater { after: MINUTE, times: 10 },
        // [K] T-Mobile's daily cap of the brand.
        "30023" => RefusalAction::HoldUntilPacificMidnight,
        // [K] Timeout and internal error behind the API.
        "30410" | "30500" => RefusalAction::Reconcile,
        _ => RefusalAction::GiveUp,
    }
}

/// SignalHouse documents one code of its own, `OUT` \[V\]; carriers' codes stand inside of its reasons, see
/// [`of_reason`]. The words in lower case are ours.
fn signalhouse(code: &str) -> RefusalAction {
    match code {
        // Opted out of the campaign; on the global do-not-contact list.
        "OUT" | "dnc" => RefusalAction::Suppress,
        "landline" => RefusalAction::MarkLandline,
        "inactive" => RefusalAction::MarkInvalid,
        "moderation" => RefusalAction::ContentStop,
        "daily_cap" => RefusalAction::HoldUntilPacificMidnight,
        "rate_cap" => RefusalAction::RetryLater { after: MINUTE, times: 10 },
        "unreachable" => RefusalAction::RetryLater { after: HOUR, times: 2 },
        "sender" => RefusalAction::ConfigStop,
        "text" => RefusalAction::TemplateFault,
        _ => RefusalAction::GiveUp,
    }
}

/// The word of ours for the reason SignalHouse gives for a failure. That moderation, the landline filter and the carriers'
/// caps fail a message with a reason is documented \[V\], their wording is not \[K\]: so a reason is read by what it is about,
/// and one that is about nothing we know is `failed`.
pub(super) fn of_reason(reason: &str) -> &'static str {
    let reason = reason.to_lowercase();
    let speaks_of = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    if speaks_of(&["landline", "land line"]) {
        "landline"
    } else if speaks_of(&["inactive", "invalid number", "not in service", "disconnected", "unallocated"]) {
        "inactive"
    } else if speaks_of(&["opted out", "opt-out", "opt out", "opted_out"]) {
        "OUT"
    } else if speaks_of(&["do not contact", "dnc"]) {
        "dnc"
    } else if speaks_of(&["daily", "per day"]) {
        "daily_cap"
    } else if speaks_of(&["per minute", "per-minute", "throughput", "rate limit", "throttl"]) {
        "rate_cap"
    } else if speaks_of(&["moderation", "content", "spam", "filtered"]) {
        "moderation"
    } else if speaks_of(&["unreachable", "handset", "absent subscriber"]) {
        "unreachable"
    } else {
        "failed"
    }
}

/// The code, if it looks like one and not like somebody's data.
pub(super) fn code_like(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = !text.is_empty()
        && text.len() <= 40
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    // A telephone number has more digits than any code.
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (fits && digits < 7).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guides_table() {
        use RefusalAction as A;
        let expected: &[(&[&str], A)] = &[
            (&["21211", "21614"], A::MarkInvalid),
            (&["21606", "21608", "21612", "30034"], A::ConfigStop),
            (&["21610"], A::Suppress),
            (&["21617"], A::TemplateFault),
            (&["21635", "30006"], A::MarkLandline),
            (&["30001"], A::RetryLater { after: Duration::from_secs(300), times: 5 }),
            (&["30003"], A::RetryLater { after: HOUR, times: 2 }),
            (&["30004"], A::SuppressSoft),
            (&["30005"], A::MarkInvalid),
            (&["30007"], A::ContentStop),
            (&["30008"], A::RetryLater { after: Duration::from_secs(900), times: 1 }),
            (&["30022"], A::RetryLater { after: MINUTE, times: 10 }),
            (&["30023"], A::HoldUntilPacificMidnight),
            (&["30410", "30500"], A::Reconcile),
            (&["99999", ""], A::GiveUp),
        ];
        for (codes, action) in expected {
            for code in *codes {
                assert_eq!(SmsProviderId::Twilio.action(code), *action, "{code}");
            }
        }
        for code in ["20003", "30002"] {
            assert!(SmsProviderId::Twilio.stops_account(code), "{code}");
        }
        assert!(!SmsProviderId::Twilio.stops_account("21610"));
        assert_eq!(SmsProviderId::SignalHouse.action("OUT"), A::Suppress);
    }

    #[test]
    fn reasons_are_read_by_what_they_are_about() {
        for (reason, word) in [
            ("Recipient number is a landline", "landline"),
            ("Blocked by the Moderation API", "moderation"),
            ("T-Mobile daily segment cap reached", "daily_cap"),
            ("AT&T per-minute segment limit exceeded", "rate_cap"),
            ("RECIPIENT_OPTED_OUT", "OUT"),
            ("Something new", "failed"),
        ] {
            assert_eq!(of_reason(reason), word, "{reason}");
        }
    }

    #[test]
    fn what_may_be_a_number_or_a_sentence_is_no_code() {
        assert_eq!(code_like(" 30007 ").as_deref(), Some("30007"));
        assert_eq!(code_like("OUT").as_deref(), Some("OUT"));
        for text in ["", "15125550123", "not a code", "é", &"X".repeat(41)] {
            assert_eq!(code_like(text), None, "{text}");
        }
    }
}
