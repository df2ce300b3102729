//! When an answer may go out that nobody approved. The rule is that it may not.

use serde::{Deserialize, Serialize};

use super::{Classification, ConversationState, Intent};
use crate::named::named_enum;

/// What a team lets go out by itself. Data of the team; nothing goes out until it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AutoReplyPolicy {
    /// Whether anything does.
    pub enabled: bool,
    /// How sure the reading of the reply and the suggestion must be, of 100. Never less than
    /// [`LEAST_CONFIDENCE`](Self::LEAST_CONFIDENCE).
    pub least_confidence: u8,
    /// How many answers to objections a conversation gets. Never more than [`MOST_REBUTTALS`](Self::MOST_REBUTTALS).
    pub most_rebuttals: u16,
    /// How many answers in all. Never more than [`MOST_AUTOMATIC`](Self::MOST_AUTOMATIC).
    pub most_automatic: u16,
}

impl AutoReplyPolicy {
    /// A team can ask for more confidence, not for less.
    pub const LEAST_CONFIDENCE: u8 = 70;
    /// A team can allow fewer rebuttals, not more.
    pub const MOST_REBUTTALS: u16 = 3;
    /// A team can allow fewer automatic answers, not more.
    pub const MOST_AUTOMATIC: u16 = 6;
}

impl Default for AutoReplyPolicy {
    fn default() -> Self {
        Self {
            enabled: false,
            least_confidence: Self::LEAST_CONFIDENCE,
            most_rebuttals: Self::MOST_REBUTTALS,
            most_automatic: Self::MOST_AUTOMATIC,
        }
    }
}

/// What has happened in a conversation so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoFar {
    /// Where it is.
    pub state: ConversationState,
    /// Answers that went out without approval.
    pub automatic: u16,
    /// Those among all answers that went against an objection or a no.
    pub rebuttals: u16,
    /// Whether a lead is known to be the other side.
    pub has_lead: bool,
}

named_enum! {
    /// Why a person has to approve an answer.
    ApprovalNeeded {
        /// The conversation is held or closed.
        NotOpen = "not_open",
        /// The team lets nothing out by itself.
        NotEnabled = "not_enabled",
        /// They opted out, perhaps.
        OptOut = "opt_out",
        /// Nobody knows whose number it is, or it is somebody else's.
        WrongPerson = "wrong_person",
        /// What they said is not understood.
        NotUnderstood = "not_understood",
        /// The reading or the answer is not sure enough.
        NotSure = "not_sure",
        /// As many rebuttals went out as may.
        Rebuttals = "rebuttals",
        /// As many automatic answers went out as may.
        Automatic = "automatic",
    }
}

/// Whether an answer to this reply may go out by itself. The gate is asked after this, as for everything that goes out.
/// `suggested` is how sure the answer is, of 100.
///
/// # Errors
/// The first reason for which a person has to approve it.
pub const fn may_answer(
    policy: &AutoReplyPolicy,
    so_far: &SoFar,
    reply: &Classification,
    suggested: u8,
) -> Result<(), ApprovalNeeded> {
    let sure = max(policy.least_confidence, AutoReplyPolicy::LEAST_CONFIDENCE);
    let rebuttals = min(policy.most_rebuttals, AutoReplyPolicy::MOST_REBUTTALS);
    let automatic = min(policy.most_automatic, AutoReplyPolicy::MOST_AUTOMATIC);
    if !matches!(so_far.state, ConversationState::Open) {
        return Err(ApprovalNeeded::NotOpen);
    }
    if !policy.enabled {
        return Err(ApprovalNeeded::NotEnabled);
    }
    if matches!(reply.intent, Intent::OptOut) {
        return Err(ApprovalNeeded::OptOut);
    }
    if !so_far.has_lead || matches!(reply.intent, Intent::WrongNumber) {
        return Err(ApprovalNeeded::WrongPerson);
    }
    if reply.needs_person || matches!(reply.intent, Intent::Other) {
        return Err(ApprovalNeeded::NotUnderstood);
    }
    if reply.confidence < sure || suggested < sure {
        return Err(ApprovalNeeded::NotSure);
    }
    if reply.intent.is_pushback() && so_far.rebuttals >= rebuttals {
        return Err(ApprovalNeeded::Rebuttals);
    }
    if so_far.automatic >= automatic {
        return Err(ApprovalNeeded::Automatic);
    }
    Ok(())
}

const fn max(one: u8, other: u8) -> u8 {
    if one > other { one } else { other }
}

const fn min(one: u16, other: u16) -> u16 {
    if one < other { one } else { other }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON: AutoReplyPolicy =
        AutoReplyPolicy { enabled: true, least_confidence: 70, most_rebuttals: 3, most_automatic: 6 };
    const FRESH: SoFar = SoFar { state: ConversationState::Open, automatic: 0, rebuttals: 0, has_lead: true };

    fn reply(intent: Intent, confidence: u8) -> Classification {
        Classification::plain(intent, confidence)
    }

    #[test]
    fn nothing_goes_out_by_itself_unless_the_team_says_so() {
        let sure = reply(Intent::Question, 100);
        assert_eq!(
            may_answer(&AutoReplyPolicy::default(), &FRESH, &sure, 100),
            Err(ApprovalNeeded::NotEnabled)
        );
        assert_eq!(may_answer(&ON, &FRESH, &sure, 100), Ok(()));
    }

    #[test]
    fn each_limit_holds_by_itself() {
        let question = reply(Intent::Question, 90);
        let objection = reply(Intent::ObjectionPrice, 90);
        let cases = [
            (SoFar { state: ConversationState::Held, ..FRESH }, &question, 90, ApprovalNeeded::NotOpen),
            (SoFar { state: ConversationState::Closed, ..FRESH }, &question, 90, ApprovalNeeded::NotOpen),
            (SoFar { has_lead: false, ..FRESH }, &question, 90, ApprovalNeeded::WrongPerson),
            (SoFar { automatic: 6, ..FRESH }, &question, 90, ApprovalNeeded::Automatic),
            (SoFar { rebuttals: 3, ..FRESH }, &objection, 90, ApprovalNeeded::Rebuttals),
            (FRESH, &question, 69, ApprovalNeeded::NotSure),
            (FRESH, &reply(Intent::Question, 69), 90, ApprovalNeeded::NotSure),
            (FRESH, &reply(Intent::Other, 99), 90, ApprovalNeeded::NotUnderstood),
            (FRESH, &reply(Intent::OptOut, 99), 90, ApprovalNeeded::OptOut),
            (FRESH, &reply(Intent::WrongNumber, 99), 90, ApprovalNeeded::WrongPerson),
        ];
        for (so_far, reply, suggested, expected) in cases {
            assert_eq!(may_answer(&ON, &so_far, reply, suggested), Err(expected));
        }
        assert_eq!(may_answer(&ON, &SoFar { rebuttals: 3, ..FRESH }, &question, 90), Ok(()), "no rebuttal");
    }

    #[test]
    fn a_team_can_be_stricter_than_the_house_and_not_laxer() {
        let lax =
            AutoReplyPolicy { enabled: true, least_confidence: 1, most_rebuttals: 99, most_automatic: 99 };
        let unsure = reply(Intent::Question, 60);
        assert_eq!(may_answer(&lax, &FRESH, &unsure, 60), Err(ApprovalNeeded::NotSure));
        let many = SoFar { automatic: 6, ..FRESH };
        assert_eq!(may_answer(&lax, &many, &reply(Intent::Question, 90), 90), Err(ApprovalNeeded::Automatic));
        let strict = AutoReplyPolicy { most_automatic: 0, ..ON };
        assert_eq!(
            may_answer(&strict, &FRESH, &reply(Intent::Question, 90), 90),
            Err(ApprovalNeeded::Automatic)
        );
    }
}
