//! Data sources: uploaded files and how far each has come.

use std::time::Duration;

use chrono::Utc;
use domain::FailureCode;
use domain::id::{DataSourceId, MappingProfileId, TeamId, TypedId, UserId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, Set, Statement,
};
use sqlx::postgres::types::PgInterval;
use uuid::Uuid;

use crate::page::{Order, Page, PageRequest, page};
use crate::{Database, DbError, Result, Stored, TeamTransaction};

mod status;

pub use entity::Model as DataSource;
pub use status::SourceStatus;

/// The source of a list of which nobody says whose it is.
pub const LIST: &str = "list";

/// A file that has been stored.
#[derive(Debug, Clone)]
pub struct NewDataSource {
    /// Its id; made before the file is stored, since the object's key holds it.
    pub id: DataSourceId,
    /// What the file was called.
    pub original_name: String,
    /// Where it is stored.
    pub object_key: String,
    /// Where its metadata is stored.
    pub metadata_key: String,
    /// How large it is.
    pub size_bytes: u64,
    /// SHA-256 of its content, hex.
    pub sha256: String,
    /// Whose list it is, as `leads.source` has it: [`LIST`] or a vendor's name.
    pub lead_source: String,
    /// What the uploader says of it.
    pub description: Option<String>,
    /// The sector bucket it is meant for.
    pub bucket_id: Option<String>,
    /// The SIC code it is meant for.
    pub sic_code: Option<String>,
    /// How to read it.
    pub mapping_profile_id: Option<MappingProfileId>,
    /// The earlier file of the same name, which this one follows.
    pub follows_id: Option<DataSourceId>,
    /// Whether its leads are to be enriched when it is through.
    pub enrich: bool,
    /// Who uploaded it.
    pub uploaded_by: Option<UserId>,
}

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// An uploaded file.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "data_sources")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<DataSourceId>,
        /// Whose.
        pub team_id: Stored<TeamId>,
        /// How far it has come.
        pub status: SourceStatus,
        /// What the file was called.
        pub original_name: String,
        /// Where it is stored.
        pub object_key: String,
        /// Where its metadata is stored.
        pub metadata_key: String,
        /// How large it is.
        pub size_bytes: i64,
        /// SHA-256 of its content, hex.
        pub sha256: String,
        /// Whose list it is: `list` or a vendor's name. Record numbers are unique within it.
        pub lead_source: String,
        /// What the uploader says of it.
        pub description: Option<String>,
        /// The sector bucket it is meant for.
        pub bucket_id: Option<String>,
        /// The SIC code it is meant for.
        pub sic_code: Option<String>,
        /// How to read it.
        pub mapping_profile_id: Option<Stored<MappingProfileId>>,
        /// The earlier file of the same name.
        pub follows_id: Option<Stored<DataSourceId>>,
        /// Whether its leads are to be enriched when it is through.
        pub enrich: bool,
        /// `intake::FileShape`, once it was inspected.
        pub shape: Option<Json>,
        /// Why it failed: see [`Model::failure`].
        pub failure_code: Option<String>,
        /// What happened, where, and what to do.
        pub failure_detail: Option<String>,
        /// Rows that are not blank.
        pub rows_read: i64,
        /// Rows set aside.
        pub rows_rejected: i64,
        /// Rows that landed on a lead of this file or an earlier one.
        pub duplicates: i64,
        /// Leads created.
        pub leads: i64,
        /// Businesses not known before.
        pub businesses: i64,
        /// People not known before.
        pub personas: i64,
        /// Leads that probably decide.
        pub decision_makers: i64,
        /// Blocks made.
        pub blocks: i64,
        /// Rows with phone, e-mail, address; states, counties, cities.
        pub stats: Option<Json>,
        /// Where the normalized rows are archived.
        pub archive_key: Option<String>,
        /// How often a person started it, from 1.
        pub attempt: i32,
        /// Who uploaded it.
        pub uploaded_by: Option<Stored<UserId>>,
        /// When it was stored.
        pub created_at: DateTimeUtc,
        /// When work on it began, the last time.
        pub started_at: Option<DateTimeUtc>,
        /// When it came to an end, good or bad.
        pub completed_at: Option<DateTimeUtc>,
        /// When anything about it last changed.
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

impl DataSource {
    /// Why it failed.
    ///
    /// # Errors
    /// [`DbError::Unreadable`] where a newer version wrote a code that this one does not know.
    pub fn failure(&self) -> Result<Option<FailureCode>> {
        let code = self.failure_code.as_deref().map(str::parse);
        code.transpose().map_err(|error| DbError::unreadable("data_sources.failure_code", error))
    }
}

fn mine(team: &TeamTransaction) -> Select<Entity> {
    Entity::find().filter(Column::TeamId.eq(Stored(team.team_id())))
}

/// Notes a stored file, as `uploaded`.
///
/// # Errors
/// Any [`DbError`].
pub async fn insert(team: &TeamTransaction, new: NewDataSource) -> Result<DataSource> {
    let size_bytes =
        i64::try_from(new.size_bytes).map_err(|error| DbError::unreadable("size of the file", error))?;
    let now = Utc::now();
    let source = ActiveModel {
        id: Set(new.id.into()),
        team_id: Set(team.team_id().into()),
        status: Set(SourceStatus::Uploaded),
        original_name: Set(new.original_name),
        object_key: Set(new.object_key),
        metadata_key: Set(new.metadata_key),
        size_bytes: Set(size_bytes),
        sha256: Set(new.sha256),
        lead_source: Set(new.lead_source),
        description: Set(new.description),
        bucket_id: Set(new.bucket_id),
        sic_code: Set(new.sic_code),
        mapping_profile_id: Set(new.mapping_profile_id.map(Stored)),
        follows_id: Set(new.follows_id.map(Stored)),
        enrich: Set(new.enrich),
        uploaded_by: Set(new.uploaded_by.map(Stored)),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    Ok(source.insert(team).await?)
}

/// The team's file with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(team: &TeamTransaction, id: DataSourceId) -> Result<DataSource> {
    mine(team)
        .filter(Column::Id.eq(Stored(id)))
        .one(team)
        .await?
        .ok_or_else(|| DbError::not_found("upload", id))
}

/// The team's files, newest first; those in `status` where one is named. `failed` is the list of what waits
/// for a person.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(
    team: &TeamTransaction,
    status: Option<SourceStatus>,
    request: PageRequest<DataSourceId>,
) -> Result<Page<DataSource, DataSourceId>> {
    let mut select = mine(team);
    if let Some(status) = status {
        select = select.filter(Column::Status.eq(status));
    }
    page(team, select, Column::Id, Order::NewestFirst, request, |source| source.id.0).await
}

/// The latest file with this content that is here or on its way, if any.
///
/// # Errors
/// Any [`DbError`].
pub async fn find_live_by_sha256(team: &TeamTransaction, sha256: &str) -> Result<Option<DataSource>> {
    let same = mine(team).filter(Column::Sha256.eq(sha256));
    Ok(same.filter(Column::Status.is_in(SourceStatus::LIVE)).order_by_desc(Column::Id).one(team).await?)
}

/// The latest file with this name that is here or on its way, if any.
///
/// # Errors
/// Any [`DbError`].
pub async fn find_live_by_name(team: &TeamTransaction, original_name: &str) -> Result<Option<DataSource>> {
    let same = mine(team).filter(Column::OriginalName.eq(original_name));
    Ok(same.filter(Column::Status.is_in(SourceStatus::LIVE)).order_by_desc(Column::Id).one(team).await?)
}

/// What a team has stored and under way, against its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Files stored or being processed.
    pub open: u64,
    /// Bytes of all files that are still stored: all but those cancelled or undone.
    pub stored_bytes: u64,
}

/// What the team has stored and under way. Take [`TeamTransaction::lock`] first where a decision follows, so
/// that two uploads do not both see room for one.
///
/// # Errors
/// Any [`DbError`].
pub async fn usage(team: &TeamTransaction) -> Result<Usage> {
    let row = team
        .query_one_raw(Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT count(*) FILTER (WHERE status IN ('uploaded', 'processing')) AS open, \
                    (coalesce(sum(size_bytes) FILTER (WHERE status NOT IN ('cancelled', 'undone')), 0))::bigint \
                        AS stored_bytes \
               FROM data_sources WHERE team_id = $1",
            [Stored(team.team_id()).into()],
        ))
        .await?
        .ok_or_else(|| DbError::unreadable("usage", "no row"))?;
    let (open, stored): (i64, i64) = (row.try_get("", "open")?, row.try_get("", "stored_bytes")?);
    Ok(Usage { open: open.cast_unsigned(), stored_bytes: stored.cast_unsigned() })
}

/// Brings a file from one of the states `from` to `to`, and notes the time. Where it is in `to` already,
/// nothing changes: a repeated step finds its work done.
///
/// # Errors
/// [`DbError::NotFound`]; [`DbError::WrongState`] where it is in neither.
pub async fn set_status(
    team: &TeamTransaction,
    id: DataSourceId,
    from: &[SourceStatus],
    to: SourceStatus,
) -> Result<DataSource> {
    let source = locked(team, id).await?;
    if source.status == to {
        return Ok(source);
    }
    expect_state(&source, from)?;
    let now = Utc::now();
    let mut source = ActiveModel::from(source);
    source.status = Set(to);
    source.updated_at = Set(now);
    if to == SourceStatus::Processing {
        source.started_at = Set(Some(now));
    }
    if to.is_end() {
        source.completed_at = Set(Some(now));
    }
    Ok(source.update(team).await?)
}

/// Puts a failed or cancelled file back to `uploaded` for another attempt, with another way of reading it
/// where one is named.
///
/// # Errors
/// [`DbError::NotFound`]; [`DbError::WrongState`] where it neither failed nor was cancelled.
pub async fn restart(
    team: &TeamTransaction,
    id: DataSourceId,
    mapping_profile_id: Option<MappingProfileId>,
) -> Result<DataSource> {
    let source = locked(team, id).await?;
    expect_state(&source, &[SourceStatus::Failed, SourceStatus::Cancelled])?;
    let attempt = source.attempt + 1;
    let mut source = ActiveModel::from(source);
    source.status = Set(SourceStatus::Uploaded);
    source.attempt = Set(attempt);
    source.shape = Set(None);
    source.failure_code = Set(None);
    source.failure_detail = Set(None);
    source.started_at = Set(None);
    source.completed_at = Set(None);
    source.updated_at = Set(Utc::now());
    for count in [&mut source.rows_read, &mut source.rows_rejected, &mut source.duplicates, &mut source.leads]
    {
        *count = Set(0);
    }
    if let Some(profile) = mapping_profile_id {
        source.mapping_profile_id = Set(Some(profile.into()));
    }
    Ok(source.update(team).await?)
}

/// Files that were stored longer than `older_than` ago and that nobody has begun to work on, of all teams:
/// for the sweep that starts them.
///
/// # Errors
/// Any [`DbError`].
pub async fn left_uploaded(database: &Database, older_than: Duration) -> Result<Vec<(TeamId, DataSourceId)>> {
    let interval = PgInterval {
        months: 0,
        days: 0,
        microseconds: i64::try_from(older_than.as_micros()).unwrap_or(i64::MAX),
    };
    let rows: Vec<(Uuid, Uuid)> =
        sqlx::query_as("SELECT team_id, data_source_id FROM sources_left_uploaded($1)")
            .bind(interval)
            .fetch_all(database.pool())
            .await?;
    Ok(rows
        .into_iter()
        .map(|(team, source)| (TeamId::from_uuid(team), DataSourceId::from_uuid(source)))
        .collect())
}

async fn locked(team: &TeamTransaction, id: DataSourceId) -> Result<DataSource> {
    mine(team)
        .filter(Column::Id.eq(Stored(id)))
        .lock_exclusive()
        .one(team)
        .await?
        .ok_or_else(|| DbError::not_found("upload", id))
}

fn expect_state(source: &DataSource, wanted: &[SourceStatus]) -> Result<()> {
    if wanted.contains(&source.status) {
        return Ok(());
    }
    Err(DbError::WrongState {
        what: "upload",
        id: source.id.to_string(),
        found: source.status.to_string(),
        wanted: wanted.iter().map(|status| status.as_str()).collect::<Vec<_>>().join(" or "),
    })
}
