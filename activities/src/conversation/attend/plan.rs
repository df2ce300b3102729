//! Plans what is to follow upon silence, by the team's rules as they are now.

use chrono::{DateTime, TimeDelta, Utc};
use domain::id::ConversationId;
use domain::reply::{ClientLine, FollowUpConditions, Intent, Trigger};
use entities::reply::{self, Newest, Occasion, RuleInForce};
use entities::{BulkTransaction, follow_up_rule};
use serde::Deserialize;

use crate::Fault;

/// Plans what is to follow upon the newest item of each conversation.
pub(super) async fn plan(
    tx: &mut BulkTransaction,
    conversations: &[ConversationId],
    line: ClientLine,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let newest: Vec<(Trigger, Newest)> = reply::newest(tx, conversations)
        .await?
        .into_iter()
        .filter_map(|item| Some((trigger(&item.intent)?, item)))
        .collect();
    if newest.is_empty() {
        return Ok(());
    }
    follow_up_rule::ensure_shipped(tx).await?;
    let rules = reply::rules_in_force(tx).await?;
    let occasions: Vec<Occasion> = newest
        .iter()
        .flat_map(|(trigger, item)| {
            let meant = rules.iter().filter(move |rule| is_meant(rule, *trigger, line, item.lead_score));
            meant.map(|rule| occasion(rule, item))
        })
        .collect();
    reply::plan_follow_ups(tx, &occasions, now).await?;
    Ok(())
}

/// Whether a rule is about such an item. A condition that this version does not know keeps the rule from acting.
fn is_meant(rule: &RuleInForce, trigger: Trigger, line: ClientLine, lead_score: i16) -> bool {
    rule.trigger == trigger.as_str()
        && FollowUpConditions::deserialize(&rule.conditions).is_ok_and(|wanted| {
            (wanted.lines.is_empty() || wanted.lines.contains(&line))
                && lead_score >= i16::from(wanted.least_score)
        })
}

fn occasion(rule: &RuleInForce, item: &Newest) -> Occasion {
    Occasion {
        conversation: item.conversation,
        rule: rule.id,
        rule_version: rule.version,
        trigger: rule.trigger.clone(),
        item: item.item,
        due_at: item.received_at + TimeDelta::minutes(i64::from(rule.after_minutes)),
        actions: rule.actions.clone(),
    }
}

/// What silence after this may ask for.
fn trigger(intent: &str) -> Option<Trigger> {
    match intent.parse().ok()? {
        Intent::EmailCapture => Some(Trigger::EmailCapturedSilent),
        Intent::Interested => Some(Trigger::InterestedWithoutEmail),
        Intent::Question => Some(Trigger::QuestionUnanswered),
        Intent::CalledPhoneLine => Some(Trigger::CalledNotContacted),
        _ => None,
    }
}
