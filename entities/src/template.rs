//! Templates of texts, in versions. A version is never changed: what was approved is what is sent.

use chrono::{DateTime, Utc};
use domain::id::{TeamId, TemplateId, TemplateVersionId, TypedId, UserId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::from_row::from_row;
use crate::page::{Order, Page, PageRequest, page};
use crate::{BulkTransaction, DbError, Result, Stored, TeamTransaction, fresh_id};

pub use entity::Model as Template;

/// The constraint that keeps names apart.
pub const NAME_CONSTRAINT: &str = "templates_name";

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A template; what it says is its newest version's.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "templates")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub team_id: Stored<TeamId>,
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<TemplateId>,
        /// Its name, unique in the team.
        pub name: String,
        /// `sms`, `email` or `voice`.
        pub channel: String,
        /// Its newest version.
        pub version: i32,
        /// Who made it.
        pub created_by: Option<Stored<UserId>>,
        /// When.
        pub created_at: DateTimeUtc,
        /// When it was put away: no new campaign takes it.
        pub archived_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a version says, with what was found out about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVersion {
    /// Of an e-mail.
    pub subject: Option<String>,
    /// What it says.
    pub body: String,
    /// The variables it uses.
    pub variables: Vec<String>,
    /// `gsm7` or `ucs2`.
    pub encoding: &'static str,
    /// How many segments it has as it stands.
    pub segments: u16,
    /// Whether it says how to opt out.
    pub opt_out_wording: bool,
}

/// A version of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its id.
    pub id: TemplateVersionId,
    /// The template it is one of.
    pub template: TemplateId,
    /// Which, from 1.
    pub version: i32,
    /// Of an e-mail.
    pub subject: Option<String>,
    /// What it says.
    pub body: String,
    /// The variables it uses.
    pub variables: Vec<String>,
    /// `gsm7` or `ucs2`.
    pub encoding: String,
    /// How many segments it has as it stands.
    pub segments: i16,
    /// Whether it says how to opt out.
    pub opt_out_wording: bool,
    /// Who wrote it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: DateTime<Utc>,
}

struct Row {
    id: Uuid,
    template_id: Uuid,
    version: i32,
    subject: Option<String>,
    body: String,
    variables: Vec<String>,
    encoding: String,
    segments: i16,
    opt_out_wording: bool,
    created_by: Option<Uuid>,
    created_at: DateTime<Utc>,
}
from_row!(Row {
    id,
    template_id,
    version,
    subject,
    body,
    variables,
    encoding,
    segments,
    opt_out_wording,
    created_by,
    created_at
});

impl From<Row> for Version {
    fn from(row: Row) -> Self {
        Self {
            id: TemplateVersionId::from_uuid(row.id),
            template: TemplateId::from_uuid(row.template_id),
            version: row.version,
            subject: row.subject,
            body: row.body,
            variables: row.variables,
            encoding: row.encoding,
            segments: row.segments,
            opt_out_wording: row.opt_out_wording,
            created_by: row.created_by.map(UserId::from_uuid),
            created_at: row.created_at,
        }
    }
}

const INSERT_VERSION: &str = "
INSERT INTO template_versions (team_id, id, template_id, version, subject, body, variables, encoding, segments, opt_out_wording,
                               created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// Makes a template, with its first version.
///
/// # Errors
/// [`DbError::Conflict`] with [`NAME_CONSTRAINT`] where there is one of this name.
pub async fn create(
    tx: &mut BulkTransaction,
    name: &str,
    channel: &str,
    version: &NewVersion,
    by: Option<UserId>,
) -> Result<TemplateId> {
    let id: TemplateId = fresh_id();
    let query = sqlx::query(
        "INSERT INTO templates (team_id, id, name, channel, created_by) VALUES ($1, $2, $3, $4, $5)",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(name).bind(channel);
    tx.run(query.bind(by.map(TypedId::uuid))).await?;
    insert_version(tx, id, 1, version, by).await?;
    Ok(id)
}

/// Gives a template another version, which new campaigns take from then on. Answers its number.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such template, or it was put away.
pub async fn revise(
    tx: &mut BulkTransaction,
    id: TemplateId,
    version: &NewVersion,
    by: Option<UserId>,
) -> Result<i32> {
    let query = sqlx::query_as::<_, (i32,)>(
        "UPDATE templates SET version = version + 1 WHERE team_id = $1 AND id = $2 AND archived_at IS NULL RETURNING version",
    );
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(id.uuid())).await?;
    let (number,) = row.ok_or_else(|| DbError::not_found("template", id))?;
    insert_version(tx, id, number, version, by).await?;
    Ok(number)
}

async fn insert_version(
    tx: &mut BulkTransaction,
    id: TemplateId,
    number: i32,
    version: &NewVersion,
    by: Option<UserId>,
) -> Result<()> {
    let fresh: TemplateVersionId = fresh_id();
    let segments = i16::try_from(version.segments.max(1)).unwrap_or(i16::MAX);
    let query = sqlx::query(INSERT_VERSION).bind(tx.team_id().uuid()).bind(fresh.uuid()).bind(id.uuid());
    let query = query.bind(number).bind(&version.subject).bind(&version.body).bind(&version.variables);
    let query = query.bind(version.encoding).bind(segments).bind(version.opt_out_wording);
    tx.run(query.bind(by.map(TypedId::uuid))).await?;
    Ok(())
}

/// The team's template with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(team: &TeamTransaction, id: TemplateId) -> Result<Template> {
    entity::Entity::find_by_id((Stored(team.team_id()), Stored(id)))
        .one(team)
        .await?
        .ok_or_else(|| DbError::not_found("template", id))
}

/// The team's templates, newest first; `archived`: also those that were put away.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(
    team: &TeamTransaction,
    archived: bool,
    request: PageRequest<TemplateId>,
) -> Result<Page<Template, TemplateId>> {
    let mut select = entity::Entity::find().filter(entity::Column::TeamId.eq(Stored(team.team_id())));
    if !archived {
        select = select.filter(entity::Column::ArchivedAt.is_null());
    }
    page(team, select, entity::Column::Id, Order::NewestFirst, request, |template| template.id.0).await
}

/// The versions of a template, newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn versions(tx: &mut BulkTransaction, id: TemplateId) -> Result<Vec<Version>> {
    let query = sqlx::query_as::<_, Row>(
        "SELECT id, template_id, version, subject, body, variables, encoding, segments, opt_out_wording, created_by, created_at
           FROM template_versions WHERE team_id = $1 AND template_id = $2 ORDER BY version DESC",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(id.uuid())).await?;
    Ok(rows.into_iter().map(Version::from).collect())
}

/// The newest version of each of these templates, or of them that are the team's.
///
/// # Errors
/// Any [`DbError`].
pub async fn newest(tx: &mut BulkTransaction, ids: &[TemplateId]) -> Result<Vec<Version>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let query = sqlx::query_as::<_, Row>(
        "SELECT v.id, v.template_id, v.version, v.subject, v.body, v.variables, v.encoding, v.segments, v.opt_out_wording,
                v.created_by, v.created_at
           FROM templates t JOIN template_versions v ON v.team_id = $1 AND v.template_id = t.id AND v.version = t.version
          WHERE t.team_id = $1 AND t.id = ANY($2)",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(ids)).await?;
    Ok(rows.into_iter().map(Version::from).collect())
}

/// Puts a template away, or takes it out again. Campaigns that have it keep it. Answers whether anything changed.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such template.
pub async fn archive(tx: &mut BulkTransaction, id: TemplateId, away: bool) -> Result<bool> {
    let query = sqlx::query_as::<_, (bool,)>(
        "UPDATE templates t SET archived_at = CASE WHEN $3 THEN coalesce(t.archived_at, clock_timestamp()) END
           FROM templates o WHERE t.team_id = $1 AND t.id = $2 AND o.team_id = $1 AND o.id = $2
         RETURNING (o.archived_at IS NOT NULL) <> $3",
    );
    let changed = tx.first(query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(away)).await?;
    changed.map(|(changed,)| changed).ok_or_else(|| DbError::not_found("template", id))
}
