//! Lists that are pulled from vendors page by page, until a record is known.

mod held;
mod page_log;
mod page_records;
mod pass;
mod record;
pub mod schedule;

use std::time::Duration;

use domain::enrichment::QuerySignature;
use domain::id::{PullId, PullScheduleId, TeamId, TypedId, UserId};
use domain::named_enum;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, Set};
use uuid::Uuid;

use crate::page::{Order, Page, PageRequest, page};
use crate::{BulkTransaction, Database, DbError, Result, Stored, TeamTransaction, fresh_id};

pub use entity::Model as Pull;
pub use held::{HeldPull, hold};
pub use page_log::{Bookmark, PulledPage, bookmark, is_logged, log_page, seen};
pub use page_records::{PageLeads, upsert_page};
pub use pass::{Pass, known, pass, rewind};
pub use record::{Upserted, VendorRecord, upsert};

named_enum! {
    /// How far a pull has come.
    PullState {
        /// Nobody has begun it.
        Requested = "requested",
        /// It is under way.
        Running = "running",
        /// It is through.
        Completed = "completed",
        /// A person stopped it.
        Stopped = "stopped",
        /// It could not go on.
        Failed = "failed",
    }
}

named_enum! {
    /// What ended a pull.
    EndedBy {
        /// A record came that was known.
        Known = "known",
        /// There were no more.
        End = "end",
        /// As many pages as were wanted.
        Limit = "limit",
        /// A person.
        Person = "person",
        /// There was no money left.
        Budget = "budget",
        /// Something went wrong.
        Failure = "failure",
    }
}

impl EndedBy {
    /// The state that a pull is in when it ended so.
    pub const fn state(self) -> PullState {
        match self {
            Self::Known | Self::End | Self::Limit => PullState::Completed,
            Self::Person => PullState::Stopped,
            Self::Budget | Self::Failure => PullState::Failed,
        }
    }
}

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A pull.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "pulls")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<PullId>,
        /// Whose.
        pub team_id: Stored<TeamId>,
        /// Which vendor's list, by the vendor's word.
        pub source: String,
        /// What makes it the same question.
        pub query_sig: String,
        /// The question.
        pub pull_params: Json,
        /// How far it has come: [`PullState`].
        pub state: String,
        /// Pages fetched.
        pub pages: i32,
        /// Records in them.
        pub records: i32,
        /// Leads they made.
        pub leads_new: i32,
        /// Leads that were known.
        pub leads_known: i32,
        /// What ended it: [`EndedBy`].
        pub ended_by: Option<String>,
        /// What went wrong, without personal data.
        pub failure: Option<String>,
        /// The most pages to fetch.
        pub most_pages: Option<i32>,
        /// When a person asked it to stop.
        pub stop_requested_at: Option<DateTimeUtc>,
        /// The workflow that does it.
        pub workflow_id: Option<String>,
        /// The schedule that it is one of.
        pub schedule_id: Option<Stored<PullScheduleId>>,
        /// Who asked for it.
        pub created_by: Option<Stored<UserId>>,
        /// When.
        pub created_at: DateTimeUtc,
        /// When it began.
        pub started_at: Option<DateTimeUtc>,
        /// When it ended.
        pub ended_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A pull to be made.
#[derive(Debug, Clone)]
pub struct NewPull {
    /// Which vendor's list, by the vendor's word.
    pub source: String,
    /// The signature of the question.
    pub query_sig: QuerySignature,
    /// The question: `{zip_codes, filters, sort}`.
    pub pull_params: serde_json::Value,
    /// The most pages to fetch.
    pub most_pages: Option<i32>,
    /// The schedule that it is one of.
    pub schedule: Option<PullScheduleId>,
    /// Who asks for it.
    pub created_by: Option<UserId>,
}

/// Makes a pull.
///
/// # Errors
/// Any [`DbError`].
pub async fn create(team: &TeamTransaction, new: NewPull) -> Result<Pull> {
    let pull = entity::ActiveModel {
        id: Set(fresh_id::<PullId>().into()),
        team_id: Set(team.team_id().into()),
        source: Set(new.source),
        query_sig: Set(new.query_sig.to_string()),
        pull_params: Set(new.pull_params),
        state: Set(PullState::Requested.as_str().to_owned()),
        most_pages: Set(new.most_pages),
        schedule_id: Set(new.schedule.map(Stored)),
        created_by: Set(new.created_by.map(Stored)),
        created_at: Set(chrono::Utc::now()),
        ..Default::default()
    };
    Ok(pull.insert(team).await?)
}

/// The team's pull with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(team: &TeamTransaction, id: PullId) -> Result<Pull> {
    entity::Entity::find_by_id(Stored(id))
        .filter(entity::Column::TeamId.eq(Stored(team.team_id())))
        .one(team)
        .await?
        .ok_or_else(|| DbError::not_found("pull", id))
}

/// The team's pulls, newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(
    team: &TeamTransaction,
    state: Option<PullState>,
    request: PageRequest<PullId>,
) -> Result<Page<Pull, PullId>> {
    let mut select = entity::Entity::find().filter(entity::Column::TeamId.eq(Stored(team.team_id())));
    if let Some(state) = state {
        select = select.filter(entity::Column::State.eq(state.as_str()));
    }
    page(team, select, entity::Column::Id, Order::NewestFirst, request, |pull| pull.id.0).await
}

/// The pull of this question that has not ended, if there is one: two at once would fetch the same pages. To the end of the
/// transaction nobody else who asks this first makes one.
///
/// # Errors
/// Any [`DbError`].
pub async fn open(team: &TeamTransaction, source: &str, sig: &QuerySignature) -> Result<Option<PullId>> {
    let key = format!("pull:{}:{source}:{sig}", team.team_id());
    team.lock(&key).await?;
    let open = [PullState::Requested, PullState::Running].map(PullState::as_str);
    let found = entity::Entity::find()
        .filter(entity::Column::TeamId.eq(Stored(team.team_id())))
        .filter(entity::Column::Source.eq(source))
        .filter(entity::Column::QuerySig.eq(sig.as_str()))
        .filter(entity::Column::State.is_in(open))
        .one(team)
        .await?;
    Ok(found.map(|pull| pull.id.0))
}

/// Pulls that nobody has begun: those of schedules, and those whose start got lost longer than `patience` ago. Of all teams.
///
/// # Errors
/// Any [`DbError`].
pub async fn to_begin(database: &Database, patience: Duration) -> Result<Vec<(TeamId, PullId)>> {
    let query = sqlx::query_as::<_, (Uuid, Uuid)>(
        "SELECT team_id, pull_id FROM pulls_to_begin($1 * interval '1 microsecond')",
    );
    let micros = i64::try_from(patience.as_micros()).unwrap_or(i64::MAX);
    let rows = query.bind(micros).fetch_all(database.pool()).await?;
    Ok(rows.into_iter().map(|(team, pull)| (TeamId::from_uuid(team), PullId::from_uuid(pull))).collect())
}

/// Begins a pull, under a workflow. Answers whether that was still to be done.
///
/// # Errors
/// Any [`DbError`].
pub async fn start(tx: &mut BulkTransaction, id: PullId, workflow_id: &str) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE pulls SET state = 'running', workflow_id = $3, started_at = clock_timestamp() \
          WHERE team_id = $1 AND id = $2 AND state = 'requested'",
    );
    Ok(tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(workflow_id)).await? > 0)
}

/// Notes that a person wants it to stop: it ends before its next page. Answers whether it was still to end.
///
/// # Errors
/// Any [`DbError`].
pub async fn request_stop(tx: &mut BulkTransaction, id: PullId) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE pulls SET stop_requested_at = coalesce(stop_requested_at, clock_timestamp()) \
          WHERE team_id = $1 AND id = $2 AND state IN ('requested', 'running')",
    );
    Ok(tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid())).await? > 0)
}

/// Ends a pull; `failure` says what went wrong, without personal data. Answers whether that was still to be done.
///
/// # Errors
/// Any [`DbError`].
pub async fn end(tx: &mut BulkTransaction, id: PullId, by: EndedBy, failure: Option<&str>) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE pulls SET state = $3, ended_by = $4, failure = $5, ended_at = clock_timestamp() \
          WHERE team_id = $1 AND id = $2 AND state IN ('requested', 'running')",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid());
    Ok(tx.run(query.bind(by.state().as_str()).bind(by.as_str()).bind(failure)).await? > 0)
}
