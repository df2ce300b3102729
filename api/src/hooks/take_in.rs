//! What a delivery says is done.

use chrono::{DateTime, Utc};
use domain::gate::RuleSet;
use domain::reply::opt_out::Keyword;
use entities::message::{self, Received, Report};
use entities::suppression::{self, OptOut, SuppressedKind, SuppressionMethod, SuppressionScope};
use entities::{BulkTransaction, DbError};
use providers::sms::webhook::Parsed;
use providers::sms::{OptOutType, SmsEvent, SmsProviderId};

/// The classifier's word for an opt-out.
const OPT_OUT: &str = "opt-out";

/// Does what a delivery says: statuses move forward, what came in is kept, and whoever opts out is suppressed at once.
pub(super) async fn take_in(
    tx: &mut BulkTransaction,
    vendor: SmsProviderId,
    parsed: &Parsed,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let keys: Vec<String> = parsed.events.iter().map(SmsEvent::key).collect();
    let reports: Vec<Report<'_>> = parsed
        .events
        .iter()
        .zip(&keys)
        .filter_map(|(event, key)| match event {
            SmsEvent::Status(report) => Some(Report {
                external_id: &report.external_id,
                delivery_key: key,
                status: report.status,
                error_code: report.error_code.as_deref(),
                price: report.price,
                segments: report.segments,
                happened_at: report.at.unwrap_or(now),
            }),
            SmsEvent::Received { .. } | SmsEvent::Other { .. } => None,
        })
        .collect();
    message::report(tx, vendor.as_str(), &reports, now).await?;
    for event in &parsed.events {
        if let SmsEvent::Received { external_id, from, to, text, opt_out, .. } = event {
            let (from, to) = (from.expose(), to.expose());
            let said = said(text.expose(), *opt_out);
            let received = Received {
                channel: "sms",
                provider: vendor.as_str(),
                external_id,
                from,
                to,
                body: text.expose(),
                classification: (said == Said::Stop).then_some(OPT_OUT),
            };
            if message::receive(tx, &received, now).await?.is_some() {
                obey(tx, vendor, said, from, to, now).await?;
            }
        }
    }
    Ok(())
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
fn said(text: &str, vendors: Option<OptOutType>) -> Said {
    let rules = RuleSet::shipped();
    match (vendors, rules.words().keyword(text)) {
        (Some(OptOutType::Stop), _) | (_, Some(Keyword::OptOut(_))) => Said::Stop,
        (Some(OptOutType::Start), _) | (_, Some(Keyword::OptIn(_))) => Said::Start,
        _ => Said::Else,
    }
}

async fn obey(
    tx: &mut BulkTransaction,
    vendor: SmsProviderId,
    said: Said,
    from: &str,
    to: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    match said {
        Said::Stop => {
            let who = OptOut {
                kind: SuppressedKind::Phone,
                value: from,
                scope: SuppressionScope::Team,
                subject: "",
                method: SuppressionMethod::Keyword,
                source: vendor.as_str(),
            };
            suppression::opt_out(tx, &who, now).await.map(drop)
        }
        // Only what such a word had said is taken back, so that a YES to a question changes nothing.
        Said::Start => {
            suppression::opt_in(tx, SuppressedKind::Phone, from, None, Some(to), now).await.map(drop)
        }
        Said::Else => Ok(()),
    }
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
        assert_eq!(said("arret", Some(OptOutType::Stop)), Said::Stop, "the vendor heard it");
        assert_eq!(
            said("STOP", Some(OptOutType::Start)),
            Said::Stop,
            "to be left alone goes before all else"
        );
    }
}
