//! What follows from how a call ended: for the message, the person, the vendor and the campaign.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::FailureCode;
use domain::geo::TimeZone;
use entities::send_intent::{MAX_ATTEMPTS, Outcome};
use entities::suppression::SuppressionReason;
use providers::sms::{RefusalAction, SendOutcome};

use super::texters::SendPolicy;

/// How soon what never left is tried again.
const SOON: Duration = Duration::from_secs(5);

/// What follows from how a call ended.
#[derive(Debug, PartialEq)]
pub(crate) struct Follows<'a> {
    /// For the message.
    pub(crate) outcome: Outcome<'a>,
    /// For the person: nobody is written to at this number any more.
    pub(crate) suppress: Option<SuppressionReason>,
    /// For the sender: it is left alone for so long.
    pub(crate) rest: Option<Duration>,
    /// For the campaign: it waits for a person.
    pub(crate) halt: Option<(FailureCode, String)>,
    /// Whether the vendor was reached and answered as it should.
    pub(crate) got_through: bool,
    /// Whether the whole account is stopped.
    pub(crate) account_stopped: bool,
}

impl<'a> Follows<'a> {
    const fn of(outcome: Outcome<'a>) -> Self {
        Self { outcome, suppress: None, rest: None, halt: None, got_through: true, account_stopped: false }
    }
}

/// What follows from `outcome` of the call number `attempt`, from 1.
pub(crate) fn follows<'a>(
    outcome: &'a SendOutcome,
    attempt: u8,
    now: DateTime<Utc>,
    policy: &SendPolicy,
) -> Follows<'a> {
    match outcome {
        SendOutcome::Accepted { external_id, segments, price } => {
            Follows::of(Outcome::Accepted { external_id, segments: *segments, price: *price })
        }
        SendOutcome::Refused { code, action } => refused(code, *action, attempt, now),
        SendOutcome::RateLimited { retry_after } => {
            let wait = retry_after.unwrap_or(policy.default_retry_after);
            Follows { rest: Some(wait), ..Follows::of(Outcome::Back { due_at: now + wait, tried: false }) }
        }
        SendOutcome::AccountStop { code } => Follows {
            halt: Some((
                FailureCode::SendAccountStopped,
                format!(
                    "the vendor does not serve the account any more ({code}); see to its balance and keys, then resume"
                ),
            )),
            account_stopped: true,
            ..Follows::of(Outcome::Back { due_at: now, tried: false })
        },
        SendOutcome::NotSent { .. } => {
            Follows { got_through: false, ..Follows::of(Outcome::Back { due_at: now + SOON, tried: false }) }
        }
        SendOutcome::Unknown { .. } => Follows { got_through: false, ..Follows::of(Outcome::Unknown) },
    }
}

fn refused(code: &str, action: RefusalAction, attempt: u8, now: DateTime<Utc>) -> Follows<'_> {
    let over = Follows::of(Outcome::Refused { code });
    let suppress = |reason| Follows { suppress: Some(reason), ..Follows::of(Outcome::Refused { code }) };
    match action {
        RefusalAction::MarkInvalid => suppress(SuppressionReason::Invalid),
        RefusalAction::MarkLandline => suppress(SuppressionReason::Landline),
        RefusalAction::Suppress => suppress(SuppressionReason::OptOut),
        RefusalAction::SuppressSoft => suppress(SuppressionReason::Carrier),
        RefusalAction::RetryLater { after, times } => {
            let most = i16::from(times).saturating_add(1).min(MAX_ATTEMPTS);
            if i16::from(attempt) < most {
                Follows::of(Outcome::Back { due_at: now + after, tried: true })
            } else {
                over
            }
        }
        RefusalAction::HoldUntilPacificMidnight => {
            let midnight = pacific_midnight(now);
            let wait = (midnight - now).to_std().unwrap_or_default();
            Follows { rest: Some(wait), ..Follows::of(Outcome::Back { due_at: midnight, tried: false }) }
        }
        RefusalAction::ConfigStop => Follows {
            halt: Some((
                FailureCode::SendProviderError,
                format!("the sender is not set up for this ({code}); see to it at the vendor, then resume"),
            )),
            ..Follows::of(Outcome::Back { due_at: now, tried: false })
        },
        RefusalAction::TemplateFault => Follows {
            halt: Some((
                FailureCode::CampaignTemplateInvalid,
                format!(
                    "the vendor does not take the text ({code}); cancel, correct the template and copy the campaign"
                ),
            )),
            ..over
        },
        RefusalAction::Reconcile => Follows::of(Outcome::Unknown),
        RefusalAction::ContentStop | RefusalAction::GiveUp => over,
    }
}

/// The next midnight in California, when T-Mobile begins a new day.
fn pacific_midnight(now: DateTime<Utc>) -> DateTime<Utc> {
    let today = TimeZone::Pacific.local(now).date;
    today.succ_opt().map_or(now + TimeDelta::hours(24), |tomorrow| TimeZone::Pacific.earliest(tomorrow, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn refusal(action: RefusalAction) -> SendOutcome {
        SendOutcome::Refused { code: "30008".to_owned(), action }
    }

    #[test]
    fn a_message_is_tried_as_often_as_its_code_allows_and_three_times_at_the_most() {
        let (now, policy) = (at("2026-11-23T15:00:00Z"), SendPolicy::default());
        let again = |times, attempt| {
            let outcome = refusal(RefusalAction::RetryLater { after: Duration::from_secs(60), times });
            matches!(follows(&outcome, attempt, now, &policy).outcome, Outcome::Back { tried: true, .. })
        };
        assert!(again(1, 1) && !again(1, 2), "once more and not twice");
        assert!(again(9, 2) && !again(9, 3));
    }

    #[test]
    fn a_cap_of_the_day_holds_until_midnight_in_california() {
        let policy = SendPolicy::default();
        for (now, midnight) in [
            ("2026-11-23T15:00:00Z", "2026-11-24T08:00:00Z"),
            ("2026-11-24T07:59:59Z", "2026-11-24T08:00:00Z"),
            // The clocks go back that night.
            ("2026-10-31T20:00:00Z", "2026-11-01T07:00:00Z"),
        ] {
            let outcome = refusal(RefusalAction::HoldUntilPacificMidnight);
            let follows = follows(&outcome, 1, at(now), &policy);
            assert_eq!(follows.outcome, Outcome::Back { due_at: at(midnight), tried: false });
        }
    }

    #[test]
    fn what_may_have_left_is_never_sent_again_by_itself() {
        let (now, policy) = (at("2026-11-23T15:00:00Z"), SendPolicy::default());
        for outcome in
            [SendOutcome::Unknown { why: "timed_out".to_owned() }, refusal(RefusalAction::Reconcile)]
        {
            assert_eq!(follows(&outcome, 1, now, &policy).outcome, Outcome::Unknown);
        }
    }

    #[test]
    fn a_bad_number_is_the_persons_matter_and_a_stopped_account_the_campaigns() {
        let (now, policy) = (at("2026-11-23T15:00:00Z"), SendPolicy::default());
        let bad = refusal(RefusalAction::MarkInvalid);
        let follows_bad = follows(&bad, 1, now, &policy);
        assert_eq!(follows_bad.suppress, Some(SuppressionReason::Invalid));
        assert_eq!(follows_bad.halt, None);
        let stop = SendOutcome::AccountStop { code: "20003".to_owned() };
        let halt = follows(&stop, 1, now, &policy).halt.expect("it waits for a person");
        assert_eq!(halt.0, FailureCode::SendAccountStopped);
    }
}
