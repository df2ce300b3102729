//! Alerts: what a person should see to, once per matter.

use domain::id::{AlertId, TeamId, TypedId as _, UserId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::page::{Order, Page, PageRequest, page};
use crate::{BulkTransaction, Result, Stored, TeamTransaction};

pub use entity::Model as Alert;

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// Something a person should see to.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "alerts")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub team_id: Stored<TeamId>,
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<AlertId>,
        /// What happened: `budget.threshold`, `provider.paused`.
        pub kind: String,
        /// To what: a budget's scope, a provider.
        pub subject: String,
        /// Numbers and words that explain it, without personal data.
        pub detail: Json,
        /// What makes it the same matter.
        pub dedup_key: String,
        /// When.
        pub created_at: DateTimeUtc,
        /// When somebody took note of it.
        pub acknowledged_at: Option<DateTimeUtc>,
        /// Who did.
        pub acknowledged_by: Option<Stored<UserId>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Something to tell. `detail` is without personal data.
#[derive(Debug, Clone, Copy)]
pub struct NewAlert<'a> {
    /// What happened, in a word.
    pub kind: &'a str,
    /// To what.
    pub subject: &'a str,
    /// What explains it.
    pub detail: &'a serde_json::Value,
    /// What makes it the same matter.
    pub dedup_key: &'a str,
}

/// Makes an alert, unless there was one of the same matter. Answers whether it is new.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn raise(tx: &mut BulkTransaction, alert: NewAlert<'_>) -> Result<bool> {
    let team = tx.team_id();
    let query = sqlx::query(
        "INSERT INTO alerts (team_id, kind, subject, detail, dedup_key) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT ON CONSTRAINT alerts_once DO NOTHING",
    );
    let query = query
        .bind(domain::id::TypedId::uuid(team))
        .bind(alert.kind)
        .bind(alert.subject)
        .bind(alert.detail)
        .bind(alert.dedup_key);
    Ok(tx.run(query).await? > 0)
}

/// The team's alerts, newest first; `open`: only those nobody has taken note of.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn list(
    team: &TeamTransaction,
    open: bool,
    request: PageRequest<AlertId>,
) -> Result<Page<Alert, AlertId>> {
    let mut select = entity::Entity::find().filter(entity::Column::TeamId.eq(Stored(team.team_id())));
    if open {
        select = select.filter(entity::Column::AcknowledgedAt.is_null());
    }
    page(team, select, entity::Column::Id, Order::NewestFirst, request, |alert| alert.id.0).await
}

/// Notes that somebody has taken note of an alert; of the first who did.
///
/// # Errors
/// [`crate::DbError::NotFound`] where there is none.
pub async fn acknowledge(tx: &mut BulkTransaction, id: AlertId, by: UserId) -> Result<()> {
    let query = sqlx::query(
        "UPDATE alerts SET acknowledged_at = coalesce(acknowledged_at, clock_timestamp()),
                acknowledged_by = coalesce(acknowledged_by, $3) WHERE team_id = $1 AND id = $2",
    );
    match tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(by.uuid())).await? {
        0 => Err(crate::DbError::not_found("alert", id)),
        _ => Ok(()),
    }
}
