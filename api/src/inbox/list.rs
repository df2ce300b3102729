//! `GET /v1/inbox`: what waits, the hottest first; `GET /v1/inbox/counts`: how much of it.

use axum::Json;
use axum::extract::State;
use chrono::Utc;
use domain::id::{CampaignId, UserId};
use domain::reply::{Bucket, Temperature};
use domain::role::Permission;
use entities::inbox_item::{self, Assigned, Cursor};
use entities::page::{DEFAULT_PAGE, MAX_PAGE};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Caller;
use crate::extract::Params;
use crate::page::Page;
use crate::problem::Problem;
use crate::state::AppState;

use super::view::InboxItem;

/// Which items.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Which {
    /// `email_captures`, `hot_responses`, `objections`, `do_not_contact` or `other`.
    #[param(value_type = Option<String>)]
    bucket: Option<Bucket>,
    /// `unread`, `read` or `archived`; unread and read where it is not said.
    status: Option<String>,
    /// `hot`, `warm` or `cold`.
    #[param(value_type = Option<String>)]
    temperature: Option<Temperature>,
    /// `me`, `nobody`, or a user's id.
    assigned: Option<String>,
    /// Answers to this campaign.
    #[param(value_type = Option<String>)]
    campaign: Option<CampaignId>,
    /// Those that somebody snoozed, instead of those that nobody did.
    snoozed: bool,
    /// Those of which nobody knows whose they are.
    no_lead_match: bool,
    /// Those that a person has to look at.
    needs_person: bool,
    /// How many, 1 to 200; 50 where it is not said.
    limit: Option<u64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

impl Which {
    fn checked(&self, caller: &Caller) -> Result<(inbox_item::Which, Option<Cursor>, u64), Problem> {
        let (read, archived) = match self.status.as_deref() {
            None => (None, false),
            Some("unread") => (Some(false), false),
            Some("read") => (Some(true), false),
            Some("archived") => (None, true),
            Some(_) => return Err(Problem::invalid("status", "must be unread, read or archived")),
        };
        let assigned = match self.assigned.as_deref() {
            None => None,
            Some("me") => Some(Assigned::To(caller.user)),
            Some("nobody") => Some(Assigned::Nobody),
            Some(id) => {
                let user: UserId = id
                    .parse()
                    .map_err(|_| Problem::invalid("assigned", "must be me, nobody or a user's id"))?;
                Some(Assigned::To(user))
            }
        };
        let limit = self.limit.unwrap_or(DEFAULT_PAGE);
        if !(1..=MAX_PAGE).contains(&limit) {
            return Err(Problem::invalid("limit", format!("must be 1 to {MAX_PAGE}")));
        }
        let after = self
            .cursor
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(|error: inbox_item::CursorError| Problem::invalid("cursor", error.to_string()))?;
        let which = inbox_item::Which {
            bucket: self.bucket,
            read,
            archived,
            temperature: self.temperature,
            assigned,
            campaign: self.campaign,
            snoozed: self.snoozed,
            no_lead_match: self.no_lead_match,
            needs_person: self.needs_person,
        };
        Ok((which, after, limit))
    }
}

/// What came in and waits for somebody: the hottest first, and of those the newest.
#[utoipa::path(
    get, path = "/v1/inbox", tag = "inbox", params(Which), responses((status = 200, body = Page<InboxItem>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<InboxItem>>, Problem> {
    caller.may(Permission::Read)?;
    let (which, after, limit) = which.checked(&caller)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let (items, next) = inbox_item::list(&mut tx, which, after, limit, Utc::now()).await?;
    tx.commit().await?;
    let items = items.into_iter().map(Into::into).collect();
    Ok(Json(Page { items, next_cursor: next.map(|cursor| cursor.to_string()) }))
}

/// How much waits in a bucket.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct BucketCount {
    #[schema(value_type = String, example = "hot_responses")]
    bucket: Bucket,
    /// Its name on screen.
    title: &'static str,
    /// Its colour on screen, a word of CSS.
    colour: &'static str,
    /// What was not put away.
    waiting: i64,
    /// What nobody has read.
    unread: i64,
    /// What is hot and nobody has dealt with.
    hot: i64,
}

/// How much waits, by bucket.
pub(super) async fn counted(state: &AppState, caller: &Caller) -> Result<Vec<BucketCount>, Problem> {
    let mut tx = caller.bulk_transaction(state).await?;
    let counts = inbox_item::counts(&mut tx).await?;
    tx.commit().await?;
    let of = |bucket: Bucket| {
        let found = counts.iter().find(|count| count.bucket == bucket.as_str());
        BucketCount {
            bucket,
            title: bucket.title(),
            colour: bucket.colour(),
            waiting: found.map_or(0, |count| count.waiting),
            unread: found.map_or(0, |count| count.unread),
            hot: found.map_or(0, |count| count.hot),
        }
    };
    Ok(Bucket::ALL.iter().copied().map(of).collect())
}

/// How much waits in each bucket.
#[utoipa::path(
    get, path = "/v1/inbox/counts", tag = "inbox", responses((status = 200, body = Page<BucketCount>)),
)]
pub(crate) async fn counts(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<Page<BucketCount>>, Problem> {
    caller.may(Permission::Read)?;
    Ok(Json(Page { items: counted(&state, &caller).await?, next_cursor: None }))
}
