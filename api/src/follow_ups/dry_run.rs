//! `POST /v1/follow-up-rules/dry-run`: what a rule would have done in the past.

use std::collections::{BTreeMap, HashMap};

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use domain::id::{ConversationId, InboxItemId, LeadId};
use domain::reply::{ClientLine, FollowUpAction, FollowUpRule, due};
use domain::role::Permission;
use entities::follow_up::{self, Known};
use entities::team;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::state::AppState;

use super::rules::checked;

/// How many days are looked at where it is not said, and at the most.
const DAYS: u32 = 30;
const MAX_DAYS: u32 = 365;
/// How many occasions are looked at.
const OCCASIONS: u32 = 10_000;
/// How many of them are shown.
const EXAMPLES: usize = 20;

/// Which rule, and how far back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FollowUpDryRun)]
pub(crate) struct Asked {
    /// The rule, as for `POST /v1/follow-up-rules`.
    #[schema(value_type = Object)]
    rule: Value,
    /// How many days back, 1 to 365; 30 where it is not said.
    #[serde(default)]
    days: Option<u32>,
    /// The line of business: `homeowner_advisor`, `real_estate`, `deal_sourcing` or `white_label`; the team's own
    /// (`reply_line`) where it is not said.
    #[serde(default)]
    line: Option<String>,
}

/// An occasion on which it would have done something.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DryRunExample {
    #[schema(value_type = String)]
    conversation: ConversationId,
    #[schema(value_type = String)]
    item: InboxItemId,
    due_at: DateTime<Utc>,
    /// What would have stopped it; absent where nothing would.
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_by: Option<String>,
}

/// What a rule would have done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DryRun {
    /// What it would have looked at: messages that it waits upon and that were due in those days.
    occasions: usize,
    /// How often it would have acted, before the gate is asked.
    would_act: usize,
    /// How often it would have been stopped, by what: `replied`, `person_acted`, `answered`, `opted_out`, `too_many` …
    stopped: BTreeMap<String, usize>,
    /// How often its conditions do not hold.
    not_meant: usize,
    /// Whether there was more than is looked at.
    truncated: bool,
    /// The first of those that it would have acted on or been stopped at.
    examples: Vec<DryRunExample>,
}

/// Tries a rule on the past, with what was known when each occasion was due. Nothing is sent, and nothing is kept.
#[utoipa::path(
    post, path = "/v1/follow-up-rules/dry-run", tag = "inbox", request_body = Asked,
    responses((status = 200, body = DryRun)),
)]
pub(crate) async fn dry_run(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(asked): JsonBody<Asked>,
) -> Result<Json<DryRun>, Problem> {
    caller.may(Permission::Read)?;
    let mut rule = checked(asked.rule)?;
    // It is asked what it would do, so that it is in force here.
    rule.enabled = true;
    let days = asked.days.unwrap_or(DAYS);
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(Problem::invalid("/days", format!("must be 1 to {MAX_DAYS}")));
    }
    let line = match asked.line.as_deref() {
        None => own_line(&state, &caller).await?,
        Some(word) => word
            .parse()
            .map_err(|error: domain::named::UnknownName| Problem::invalid("/line", error.to_string()))?,
    };
    let now = Utc::now();
    let since = now - TimeDelta::days(i64::from(days));
    let mut tx = caller.bulk_transaction(&state).await?;
    let past = follow_up::past(&mut tx, &rule, line, since, now, OCCASIONS).await?;
    tx.commit().await?;
    Ok(Json(tried(&rule, past)))
}

/// The line by whose rules the team's replies are read.
async fn own_line(state: &AppState, caller: &Caller) -> Result<ClientLine, Problem> {
    let tx = caller.transaction(state).await?;
    let settings = team::settings(&tx).await?;
    tx.commit().await?;
    Ok(settings.reply_line)
}

fn tried(rule: &FollowUpRule, past: Vec<Known>) -> DryRun {
    let occasions = past.len();
    let rules = std::slice::from_ref(rule);
    let writes = rule.actions.iter().any(FollowUpAction::writes);
    let mut contacts: HashMap<LeadId, u8> = HashMap::new();
    let mut run = DryRun {
        occasions,
        would_act: 0,
        stopped: BTreeMap::new(),
        not_meant: 0,
        truncated: occasions as u64 >= u64::from(OCCASIONS),
        examples: Vec::new(),
    };
    for mut one in past {
        // What it would have sent before counts as sent.
        if let Some(lead) = one.lead {
            let before = contacts.get(&lead).copied().unwrap_or_default();
            one.facts.contacts_of_lead = one.facts.contacts_of_lead.saturating_add(before);
        }
        let found = due(rules, &one.facts, one.at);
        let Some(due) = found.first() else {
            run.not_meant += 1;
            continue;
        };
        let stopped_by = due.stopped_by.map(|guardrail| guardrail.as_str().to_owned());
        match (&stopped_by, one.lead) {
            (Some(word), _) => *run.stopped.entry(word.clone()).or_default() += 1,
            (None, lead) => {
                run.would_act += 1;
                if let Some(lead) = lead.filter(|_| writes) {
                    *contacts.entry(lead).or_default() += 1;
                }
            }
        }
        if run.examples.len() < EXAMPLES {
            run.examples.push(DryRunExample {
                conversation: one.conversation,
                item: one.item,
                due_at: one.at,
                stopped_by,
            });
        }
    }
    run
}
