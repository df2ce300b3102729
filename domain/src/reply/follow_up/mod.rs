//! Following up: what happens by itself when nothing happens.
//!
//! Rules are data: a trigger, how long after it, for whom, and what is done. [`due`] says for one conversation at one moment which
//! of them are due and what stops them; a dry run over history asks the same function. Nothing is sent here: what a rule
//! sends goes through the gate, which knows windows, suppressions, consent, caps and budget.

mod facts;
mod rule;

use chrono::{DateTime, Duration, Utc};

pub use facts::{FollowUpFacts, Occasion};
pub use rule::{
    FollowUpAction, FollowUpConditions, FollowUpRule, FollowUpRuleFault, FollowUpRules, FollowUpRulesFault,
    TaskPriority, Trigger,
};

use super::ConversationState;
use crate::named::named_enum;

/// No lead is followed up more often than this, in all campaigns together.
pub const MOST_PER_LEAD: u8 = 3;

named_enum! {
    /// What stops following up.
    Guardrail {
        /// Somebody has switched it off.
        SwitchedOff = "switched_off",
        /// They opted out.
        OptedOut = "opted_out",
        /// The conversation is held.
        Held = "held",
        /// The conversation is closed.
        Closed = "closed",
        /// They wrote since.
        Replied = "replied",
        /// A person has seen to it since.
        PersonActed = "person_acted",
        /// We wrote since.
        Answered = "answered",
        /// The lead was followed up as often as it may.
        TooMany = "too_many",
    }
}

/// One rule that is due in one conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Due<'r> {
    /// The rule.
    pub rule: &'r FollowUpRule,
    /// When what it follows up happened: with rule and conversation it is the name of this following up, so that it happens
    /// once.
    pub occasion: DateTime<Utc>,
    /// Since when it is due.
    pub due_at: DateTime<Utc>,
    /// What stops it, if something does; it is noted and never done for this occasion.
    pub stopped_by: Option<Guardrail>,
    /// Whether a person has to approve what is sent: the lead was never written to by this team before.
    pub needs_approval: bool,
}

/// Which rules are due in a conversation, in their order. One that has fired for its occasion is not due again.
pub fn due<'r>(rules: &'r [FollowUpRule], facts: &FollowUpFacts, now: DateTime<Utc>) -> Vec<Due<'r>> {
    let pending = rules.iter().filter_map(|rule| pending(rule, facts));
    pending.filter(|due| due.due_at <= now).collect()
}

/// When the next rule will be due if nothing happens until then: for one timer. What is due already is now.
pub fn next_due(rules: &[FollowUpRule], facts: &FollowUpFacts) -> Option<DateTime<Utc>> {
    let pending = rules.iter().filter_map(|rule| pending(rule, facts));
    pending.filter(|due| due.stopped_by.is_none()).map(|due| due.due_at).min()
}

/// What a rule would do if its time had come.
fn pending<'r>(rule: &'r FollowUpRule, facts: &FollowUpFacts) -> Option<Due<'r>> {
    if !rule.enabled || !rule.conditions.hold_for(facts) {
        return None;
    }
    let occasion = facts.occasion(rule.trigger)?;
    if facts.fired.iter().any(|fired| fired.rule == rule.name && fired.at == occasion) {
        return None;
    }
    let due_at = occasion + Duration::minutes(i64::from(rule.after_minutes));
    let stopped_by = guardrail(rule, facts, occasion);
    let needs_approval = facts.is_first_contact && rule.actions.iter().any(FollowUpAction::writes);
    Some(Due { rule, occasion, due_at, stopped_by, needs_approval })
}

/// What stops a rule, the most final first.
fn guardrail(rule: &FollowUpRule, facts: &FollowUpFacts, occasion: DateTime<Utc>) -> Option<Guardrail> {
    let since = |at: Option<DateTime<Utc>>| at.is_some_and(|at| at > occasion);
    let writes = rule.actions.iter().any(FollowUpAction::writes);
    if facts.is_opted_out {
        return Some(Guardrail::OptedOut);
    }
    match facts.state {
        ConversationState::Closed => return Some(Guardrail::Closed),
        ConversationState::Held => return Some(Guardrail::Held),
        ConversationState::Open => {}
    }
    if since(facts.last_inbound_at) {
        return Some(Guardrail::Replied);
    }
    if since(facts.person_at) || since(facts.contacted_at) {
        return Some(Guardrail::PersonActed);
    }
    if rule.trigger.ends_with_answer() && since(facts.last_outbound_at) {
        return Some(Guardrail::Answered);
    }
    if facts.is_switched_off {
        return Some(Guardrail::SwitchedOff);
    }
    // Work for people is no contact.
    (writes && facts.contacts_of_lead >= MOST_PER_LEAD).then_some(Guardrail::TooMany)
}

#[cfg(test)]
mod tests;
