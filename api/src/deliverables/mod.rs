//! Deliverables: what is owed to people who left an address.

mod send;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::id::{ConversationId, DeliverableId, LeadId, LetterId, UserId};
use domain::reply::DeliverableKind;
use domain::role::Permission;
use entities::deliverable::{self, DeliverableState};
use entities::letter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::{Id, Params};
use crate::page::{self, Page};
use crate::problem::Problem;
use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get)).routes(routes!(send::send))
}

/// What is owed to somebody who left an address.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deliverable {
    #[schema(value_type = String, example = "dlvr_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: DeliverableId,
    #[schema(value_type = String)]
    conversation: ConversationId,
    #[schema(value_type = Option<String>)]
    lead: Option<LeadId>,
    /// `valuation_report`, `exit_preparation`, `white_label_pitch` or `user_to_owner_pitch`.
    kind: String,
    /// Who makes it: `valuation-queue`, `content-queue` or `sales-queue`.
    queue: String,
    /// Where it goes.
    address: String,
    /// `requested`, `handed_over`, `made`, `sending`, `sent`, `failed` or `cancelled`.
    state: String,
    /// The code of what went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    created_at: DateTime<Utc>,
    made_at: Option<DateTime<Utc>>,
    sent_at: Option<DateTime<Utc>>,
    delivered_at: Option<DateTime<Utc>>,
    opened_at: Option<DateTime<Utc>>,
    /// What was written for it last; absent in lists, and where nobody has.
    #[serde(skip_serializing_if = "Option::is_none")]
    letter: Option<Letter>,
}

/// What was written for a deliverable, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliverableLetterSent)]
pub(crate) struct Letter {
    #[schema(value_type = String, example = "ltr_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: LetterId,
    /// `planned`, `calling`, `accepted`, `refused`, `unknown` (it may have arrived, and is not sent again) or `withheld`.
    state: String,
    subject: String,
    text: String,
    /// The mail server's code, or what withholds or holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// When it is tried next, where it is planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<DateTime<Utc>>,
    called_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    #[schema(value_type = Option<String>)]
    created_by: Option<UserId>,
    created_at: DateTime<Utc>,
}

impl From<letter::Letter> for Letter {
    fn from(row: letter::Letter) -> Self {
        Self {
            id: row.id,
            due_at: (row.state == "planned").then_some(row.due_at),
            state: row.state,
            subject: row.subject,
            text: row.body,
            why: row.why,
            called_at: row.called_at,
            ended_at: row.ended_at,
            created_by: row.by,
            created_at: row.created_at,
        }
    }
}

impl From<deliverable::Deliverable> for Deliverable {
    fn from(row: deliverable::Deliverable) -> Self {
        Self {
            id: row.id,
            conversation: row.conversation,
            lead: row.lead,
            kind: row.kind,
            queue: row.queue,
            address: row.address,
            state: row.state,
            failure: row.failure,
            created_at: row.created_at,
            made_at: row.made_at,
            sent_at: row.sent_at,
            delivered_at: row.delivered_at,
            opened_at: row.opened_at,
            letter: None,
        }
    }
}

/// Which deliverables.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Which {
    /// `requested`, `handed_over`, `made`, `sending`, `sent`, `failed` or `cancelled`.
    #[param(value_type = Option<String>)]
    state: Option<DeliverableState>,
    /// `valuation_report`, `exit_preparation`, `white_label_pitch` or `user_to_owner_pitch`.
    #[param(value_type = Option<String>)]
    kind: Option<DeliverableKind>,
    /// Asked for in this conversation.
    #[param(value_type = Option<String>)]
    conversation: Option<ConversationId>,
    /// How many, 1 to 200; 50 where it is not said.
    limit: Option<u64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// What is owed, was sent or could not be, newest first.
#[utoipa::path(
    get, path = "/v1/deliverables", tag = "inbox", params(Which), responses((status = 200, body = Page<Deliverable>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<Deliverable>>, Problem> {
    caller.may(Permission::Read)?;
    let request = page::request(which.limit, which.cursor.as_deref())?;
    let wanted =
        deliverable::Which { state: which.state, kind: which.kind, conversation: which.conversation };
    let mut tx = caller.bulk_transaction(&state).await?;
    let found = deliverable::list(&mut tx, wanted, request).await?;
    tx.commit().await?;
    Ok(Json(Page::of(found, Into::into)))
}

/// One deliverable, with what was written for it last.
#[utoipa::path(
    get, path = "/v1/deliverables/{id}", tag = "inbox", params(("id" = String, Path)),
    responses((status = 200, body = Deliverable)),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<DeliverableId>,
) -> Result<Json<Deliverable>, Problem> {
    caller.may(Permission::Read)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let found = send::answer(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(found))
}
