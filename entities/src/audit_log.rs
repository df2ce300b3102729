//! The audit log: every change by a person, and what the system took back. Entries are never changed.

use chrono::Utc;
use domain::id::{AuditId, TeamId, TypedId, UserId};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, Set};

use crate::page::{Order, Page, PageRequest, page};
use crate::{BulkTransaction, Result, Stored, TeamTransaction, fresh_id};

pub use entity::Model as AuditEntry;

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// One entry.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_log")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<AuditId>,
        /// Whose.
        pub team_id: Stored<TeamId>,
        /// Who did it; `None` where the system itself acted.
        pub user_id: Option<Stored<UserId>>,
        /// What was done, as `upload.cancel`.
        pub action: String,
        /// To what: a rendered id.
        pub subject: String,
        /// More of it; ids, counts and names of fields, no personal data.
        pub details: Json,
        /// When.
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Writes down that `user_id` (or the system) did `action` to `subject`.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn record(
    team: &TeamTransaction,
    user_id: Option<UserId>,
    action: &str,
    subject: &str,
    details: serde_json::Value,
) -> Result<AuditEntry> {
    let entry = entity::ActiveModel {
        id: Set(fresh_id::<AuditId>().into()),
        team_id: Set(team.team_id().into()),
        user_id: Set(user_id.map(Stored)),
        action: Set(action.to_owned()),
        subject: Set(subject.to_owned()),
        details: Set(details),
        created_at: Set(Utc::now()),
    };
    Ok(entry.insert(team).await?)
}

/// As [`record`], in a transaction for many rows at once.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn record_in_bulk(
    tx: &mut BulkTransaction,
    user_id: Option<UserId>,
    action: &str,
    subject: &str,
    details: &serde_json::Value,
) -> Result<()> {
    let team = tx.team_id().uuid();
    let query = sqlx::query(
        "INSERT INTO audit_log (id, team_id, user_id, action, subject, details) VALUES ($1, $2, $3, $4, $5, $6)",
    );
    let user = user_id.map(TypedId::uuid);
    let details = sqlx::types::Json(details);
    let id = fresh_id::<AuditId>().uuid();
    tx.run(query.bind(id).bind(team).bind(user).bind(action).bind(subject).bind(details)).await?;
    Ok(())
}

/// The team's log, newest first; of one subject where one is named.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn list(
    team: &TeamTransaction,
    subject: Option<&str>,
    request: PageRequest<AuditId>,
) -> Result<Page<AuditEntry, AuditId>> {
    let mut select = entity::Entity::find().filter(entity::Column::TeamId.eq(Stored(team.team_id())));
    if let Some(subject) = subject {
        select = select.filter(entity::Column::Subject.eq(subject));
    }
    page(team, select, entity::Column::Id, Order::NewestFirst, request, |entry| entry.id.0).await
}
