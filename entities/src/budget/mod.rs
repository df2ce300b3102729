//! What may be spent, and what was, in micro-dollars.
//!
//! Money is put aside before a call ([`reserve`]) and turned into what it cost ([`settle`]) or given back ([`release`])
//! after it, and [`correct`]ed where it turns out to have been another amount. Each is one statement that locks the budgets concerned in one order, so that no two spenders together
//! pass a limit, and each does its work once however often it is repeated (`docs/adr/0019-paid-calls-and-budgets.md`).

mod limit;
mod many;
mod scope;
mod spend;

use chrono::NaiveDate;
use domain::id::{BudgetId, TeamId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, Statement,
};

pub use entity::Model as Budget;
pub use limit::{Limit, set_limit};
pub(crate) use many::settle_ids;
pub use many::{put_aside, release_many, reserve_many, settle_many};
pub use scope::Scope;
pub use spend::{Reservation, correct, release, reserve, settle};

use crate::{DbError, Result, Stored, TeamTransaction};

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A limit, and what was spent under it.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "budgets")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<BudgetId>,
        /// Whose.
        pub team_id: Stored<TeamId>,
        /// `team`, `campaign`, `provider`, `enrichment` or `day`.
        pub scope: String,
        /// What the scope is about: a campaign, a provider, an enrichment; empty where it is everything.
        pub subject: String,
        /// Of scope `day`: which; `None` for what every day begins with.
        pub day: Option<NaiveDate>,
        /// The most to be spent, in micro-dollars; `None`: no limit.
        pub limit_micros: Option<i64>,
        /// The most expensive calls; `None`: no limit.
        pub limit_calls: Option<i32>,
        /// Put aside for calls that are under way, in micro-dollars.
        pub reserved_micros: i64,
        /// Spent, in micro-dollars.
        pub spent_micros: i64,
        /// Expensive calls made or under way.
        pub calls: i32,
        /// The highest threshold, in percent, that an alert was made of.
        pub alerted: i16,
        /// When it was made.
        pub created_at: DateTimeUtc,
        /// When anything of it last changed.
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The team's budgets: what holds always, what every day begins with, and the day that it is now.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(team: &TeamTransaction) -> Result<Vec<Budget>> {
    let today = today(team).await?;
    Ok(entity::Entity::find()
        .filter(entity::Column::TeamId.eq(Stored(team.team_id())))
        .filter(Condition::any().add(entity::Column::Day.is_null()).add(entity::Column::Day.eq(today)))
        .order_by_asc(entity::Column::Scope)
        .order_by_asc(entity::Column::Subject)
        .order_by_asc(entity::Column::Day)
        .all(team)
        .await?)
}

/// Which day it is where the team is.
///
/// # Errors
/// Any [`DbError`].
pub async fn today(team: &TeamTransaction) -> Result<NaiveDate> {
    let asked = Statement::from_string(DbBackend::Postgres, "SELECT team_day() AS day");
    let row =
        team.query_one_raw(asked).await?.ok_or_else(|| DbError::not_found("day of team", team.team_id()))?;
    Ok(row.try_get("", "day")?)
}
