//! A conversation as callers see it.

use chrono::{DateTime, Utc};
use domain::id::{
    BucketMovementId, CampaignId, ConversationId, InboxItemId, LeadId, MessageId, ReclassificationId,
    SenderId, SuggestionId, UserId, VerdictId,
};
use entities::{conversation, inbox_item};
use serde::Serialize;
use utoipa::ToSchema;
use workflows::conversation::ConversationProgress;

use crate::auth::Caller;
use crate::problem::Problem;
use crate::state::AppState;

/// The most messages that are shown, the last ones.
const MESSAGES: u32 = 1_000;
/// The most verdicts, suggestions and corrections that are shown, the last ones.
const DECISIONS: u32 = 200;

/// A message of a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationMessage {
    #[schema(value_type = String)]
    id: MessageId,
    /// `outbound` or `inbound`.
    direction: String,
    /// `sms`, `email` or `voice`.
    channel: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    text: String,
    /// Of one that went out.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
    /// What one that came in was taken for.
    #[serde(skip_serializing_if = "Option::is_none")]
    classification: Option<String>,
    /// Which step of a campaign it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<i16>,
    at: DateTime<Utc>,
}

/// What the gate said of something that was to go out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationVerdict {
    #[schema(value_type = String)]
    id: VerdictId,
    allowed: bool,
    /// The rule that decided.
    rule: String,
    rule_set: String,
    next_allowed_at: Option<DateTime<Utc>>,
    judged_at: DateTime<Utc>,
}

/// What was proposed to be answered, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplySuggestion {
    #[schema(value_type = String, example = "sug_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: SuggestionId,
    /// What it answers.
    #[schema(value_type = Option<String>)]
    item: Option<InboxItemId>,
    /// `playbook`, `model`, `person`, `follow_up`, `deliverable` or `confirmation`.
    origin: String,
    /// `proposed`, `approved`, `edited`, `sending`, `sent`, `failed`, `rejected`, `taken_over`, `stale` or `expired`.
    state: String,
    text: String,
    /// Other texts, at most two.
    #[schema(value_type = Object)]
    alternatives: serde_json::Value,
    intent: Option<String>,
    /// 0 to 100.
    confidence: Option<i16>,
    next_action: Option<String>,
    notes: String,
    /// What a person made of it.
    edited_text: Option<String>,
    /// Whether a rule of the team released it.
    automatic: bool,
    #[schema(value_type = Option<String>)]
    decided_by: Option<UserId>,
    decided_at: Option<DateTime<Utc>>,
    why: Option<String>,
    /// Until when it can be released.
    expires_at: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
    /// Why it was not sent: the gate's rule, or the vendor's code.
    refusal: Option<String>,
    created_at: DateTime<Utc>,
}

/// A move of an item to another bucket.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BucketMove {
    #[schema(value_type = String)]
    id: BucketMovementId,
    #[schema(value_type = String)]
    item: InboxItemId,
    from: String,
    to: String,
    /// Absent where a rule did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    by: Option<UserId>,
    why: String,
    at: DateTime<Utc>,
}

/// A person's correction of what an item was taken for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Correction {
    #[schema(value_type = String)]
    id: ReclassificationId,
    #[schema(value_type = String)]
    item: InboxItemId,
    from: Option<String>,
    from_confidence: Option<i16>,
    to: String,
    #[schema(value_type = String)]
    by: UserId,
    why: String,
    at: DateTime<Utc>,
}

/// A conversation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Conversation {
    #[schema(value_type = String, example = "conv_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: ConversationId,
    #[schema(example = "sms")]
    channel: String,
    provider: String,
    ours: String,
    theirs: String,
    #[schema(value_type = Option<String>)]
    sender: Option<SenderId>,
    /// Whose it is; absent where nobody was written to there.
    #[schema(value_type = Option<String>)]
    lead: Option<LeadId>,
    /// Others who are reached at the same number, the one written to last first.
    #[schema(value_type = Vec<String>)]
    other_leads: Vec<LeadId>,
    #[schema(value_type = Option<String>)]
    campaign: Option<CampaignId>,
    /// `open`, `held` (nothing may be sent until somebody clears it) or `closed`.
    state: String,
    hold_reason: Option<String>,
    /// `cold_open`, `warming_up`, `hot_response`, `handling_pushback` or `follow_up`.
    stage: String,
    /// `hot`, `warm` or `cold`.
    temperature: Option<String>,
    /// Answers that nobody approved one by one: six at the most.
    auto_replies: i16,
    /// Answers to objections among them: three at the most.
    rebuttals: i16,
    inbound_count: i32,
    outbound_count: i32,
    last_inbound_at: Option<DateTime<Utc>>,
    last_outbound_at: Option<DateTime<Utc>>,
    #[schema(value_type = Option<String>)]
    assigned_to: Option<UserId>,
    #[schema(value_type = Option<String>)]
    claimed_by: Option<UserId>,
    claimed_until: Option<DateTime<Utc>>,
    /// Who answers from now on; nothing is suggested meanwhile.
    #[schema(value_type = Option<String>)]
    taken_over_by: Option<UserId>,
    /// `closed`, `converted` or `lost`.
    closed_as: Option<String>,
    close_reason: Option<String>,
    close_notes: Option<String>,
    #[schema(value_type = Option<String>)]
    processed_by: Option<UserId>,
    processed_at: Option<DateTime<Utc>>,
    /// How often it was opened anew.
    reopened: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// What was said, the first of it first: the last 1,000 messages.
    messages: Vec<ConversationMessage>,
    /// What the gate said, the last first.
    verdicts: Vec<ConversationVerdict>,
    /// What was proposed, the last first.
    suggestions: Vec<ReplySuggestion>,
    movements: Vec<BucketMove>,
    /// What people put right, the last first.
    reclassifications: Vec<Correction>,
    /// How far its workflow is; absent where none runs, or no worker answers in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub(super) progress: Option<ConversationProgress>,
    /// Its workflow in the Temporal UI.
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow_url: Option<String>,
}

/// The conversation as it is now.
pub(super) async fn now(
    state: &AppState,
    caller: &Caller,
    id: ConversationId,
) -> Result<Conversation, Problem> {
    let mut tx = caller.bulk_transaction(state).await?;
    let row = conversation::get(&mut tx, id).await?;
    let messages = conversation::messages(&mut tx, &row, MESSAGES).await?;
    let verdicts = conversation::verdicts(&mut tx, &row, DECISIONS).await?;
    let suggestions = conversation::suggestions(&mut tx, id, DECISIONS, Utc::now()).await?;
    let movements = conversation::movements(&mut tx, id).await?;
    let corrections = inbox_item::reclassifications(&mut tx, Some(id), DECISIONS).await?;
    tx.commit().await?;
    Ok(Conversation {
        id: row.id,
        channel: row.channel,
        provider: row.provider,
        ours: row.our_address,
        theirs: row.their_address,
        sender: row.sender,
        lead: row.lead,
        other_leads: row.other_leads,
        campaign: row.campaign,
        state: row.state,
        hold_reason: row.hold_reason,
        stage: row.stage,
        temperature: row.temperature,
        auto_replies: row.auto_replies,
        rebuttals: row.rebuttals,
        inbound_count: row.inbound_count,
        outbound_count: row.outbound_count,
        last_inbound_at: row.last_inbound_at,
        last_outbound_at: row.last_outbound_at,
        assigned_to: row.assigned_to,
        claimed_by: row.claimed_by,
        claimed_until: row.claimed_until,
        taken_over_by: row.taken_over_by,
        closed_as: row.closed_as,
        close_reason: row.close_reason,
        close_notes: row.close_notes,
        processed_by: row.processed_by,
        processed_at: row.processed_at,
        reopened: row.reopened,
        created_at: row.created_at,
        updated_at: row.updated_at,
        messages: messages.into_iter().map(Into::into).collect(),
        verdicts: verdicts.into_iter().map(Into::into).collect(),
        suggestions: suggestions.into_iter().map(Into::into).collect(),
        movements: movements.into_iter().map(Into::into).collect(),
        reclassifications: corrections.into_iter().map(Into::into).collect(),
        progress: None,
        workflow_url: state.workflow_url(&workflows::conversation::workflow_id(id)),
    })
}

impl From<conversation::Said> for ConversationMessage {
    fn from(said: conversation::Said) -> Self {
        Self {
            id: said.id,
            direction: said.direction,
            channel: said.channel,
            subject: said.subject,
            text: said.body,
            status: said.status,
            error_code: said.error_code,
            classification: said.classification,
            step: said.step,
            at: said.at,
        }
    }
}

impl From<conversation::Verdict> for ConversationVerdict {
    fn from(verdict: conversation::Verdict) -> Self {
        Self {
            id: verdict.id,
            allowed: verdict.allowed,
            rule: verdict.rule,
            rule_set: verdict.rule_set,
            next_allowed_at: verdict.next_allowed_at,
            judged_at: verdict.judged_at,
        }
    }
}

impl From<conversation::Suggested> for ReplySuggestion {
    fn from(suggested: conversation::Suggested) -> Self {
        Self {
            id: suggested.id,
            item: suggested.item,
            origin: suggested.origin,
            state: suggested.state,
            text: suggested.text,
            alternatives: suggested.alternatives,
            intent: suggested.intent,
            confidence: suggested.confidence,
            next_action: suggested.next_action,
            notes: suggested.notes,
            edited_text: suggested.edited_text,
            automatic: suggested.automatic,
            decided_by: suggested.decided_by,
            decided_at: suggested.decided_at,
            why: suggested.why,
            expires_at: suggested.expires_at,
            sent_at: suggested.sent_at,
            refusal: suggested.refusal,
            created_at: suggested.created_at,
        }
    }
}

impl From<conversation::Movement> for BucketMove {
    fn from(movement: conversation::Movement) -> Self {
        Self {
            id: movement.id,
            item: movement.item,
            from: movement.from,
            to: movement.to,
            by: movement.by,
            why: movement.why,
            at: movement.at,
        }
    }
}

impl From<inbox_item::Reclassification> for Correction {
    fn from(kept: inbox_item::Reclassification) -> Self {
        Self {
            id: kept.id,
            item: kept.item,
            from: kept.from,
            from_confidence: kept.from_confidence,
            to: kept.to,
            by: kept.by,
            why: kept.why,
            at: kept.at,
        }
    }
}
