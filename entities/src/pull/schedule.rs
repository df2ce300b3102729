//! Lists that are pulled again and again: a question, and how often it is asked.
//!
//! A schedule is a row, and a sweep makes pulls of those that are due: the row, its pull and the time of the next one change in
//! one transaction, so that any number of sweeps make one pull.

use chrono::{DateTime, TimeDelta, Utc};
use domain::enrichment::QuerySignature;
use domain::id::{PullId, PullScheduleId, TeamId, TypedId, UserId};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Set};
use uuid::Uuid;

use super::NewPull;
use crate::page::{Order, Page, PageRequest, page};
use crate::{Database, DbError, Result, Stored, TeamTransaction, fresh_id};

pub use entity::Model as PullSchedule;

/// The longest time between two pulls: a year.
pub const MOST_HOURS: i32 = 8_784;

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A list that is pulled again and again.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "pull_schedules")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<PullScheduleId>,
        /// Whose.
        pub team_id: Stored<TeamId>,
        /// Which vendor's list, by the vendor's word.
        pub source: String,
        /// What makes it the same question.
        pub query_sig: String,
        /// The question.
        pub pull_params: Json,
        /// The most pages of each pull.
        pub most_pages: Option<i32>,
        /// Hours from one pull to the next.
        pub every_hours: i32,
        /// When the next one is due; `None`: the schedule was ended.
        pub next_at: Option<DateTimeUtc>,
        /// The pull that was made last.
        pub last_pull_id: Option<Stored<PullId>>,
        /// Who asked for it.
        pub created_by: Option<Stored<UserId>>,
        /// When.
        pub created_at: DateTimeUtc,
        /// When it was ended.
        pub ended_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// A schedule to be made.
#[derive(Debug, Clone)]
pub struct NewSchedule {
    /// Which vendor's list, by the vendor's word.
    pub source: String,
    /// The signature of the question.
    pub query_sig: QuerySignature,
    /// The question: `{zip_codes, filters, sort}`.
    pub pull_params: serde_json::Value,
    /// The most pages of each pull.
    pub most_pages: Option<i32>,
    /// Hours from one pull to the next, 1 to [`MOST_HOURS`].
    pub every_hours: i32,
    /// Who asks for it.
    pub created_by: Option<UserId>,
}

/// Makes a schedule whose next pull is due when its hours are over: the first one is the caller's to make.
///
/// # Errors
/// [`DbError::Conflict`] with `pull_schedules_question` where there is one of this question, with
/// `pull_schedules_every_hours_check` for hours out of range.
pub async fn create(team: &TeamTransaction, new: NewSchedule) -> Result<PullSchedule> {
    let now = Utc::now();
    let schedule = ActiveModel {
        id: Set(fresh_id::<PullScheduleId>().into()),
        team_id: Set(team.team_id().into()),
        source: Set(new.source),
        query_sig: Set(new.query_sig.to_string()),
        pull_params: Set(new.pull_params),
        most_pages: Set(new.most_pages),
        every_hours: Set(new.every_hours),
        next_at: Set(Some(now + TimeDelta::hours(new.every_hours.into()))),
        created_by: Set(new.created_by.map(Stored)),
        created_at: Set(now),
        ..Default::default()
    };
    Ok(schedule.insert(team).await?)
}

/// The team's schedule with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(team: &TeamTransaction, id: PullScheduleId) -> Result<PullSchedule> {
    Entity::find_by_id(Stored(id))
        .filter(Column::TeamId.eq(Stored(team.team_id())))
        .one(team)
        .await?
        .ok_or_else(|| DbError::not_found("pull schedule", id))
}

/// The team's schedules, newest first, the ended ones among them.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(
    team: &TeamTransaction,
    request: PageRequest<PullScheduleId>,
) -> Result<Page<PullSchedule, PullScheduleId>> {
    let select = Entity::find().filter(Column::TeamId.eq(Stored(team.team_id())));
    page(team, select, Column::Id, Order::NewestFirst, request, |schedule| schedule.id.0).await
}

/// Ends a schedule: no more pulls are made of it. Answers it as it is then; ended again it stays as it was.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn end(team: &TeamTransaction, id: PullScheduleId) -> Result<PullSchedule> {
    let schedule = get(team, id).await?;
    if schedule.next_at.is_none() {
        return Ok(schedule);
    }
    let mut schedule = ActiveModel::from(schedule);
    schedule.next_at = Set(None);
    schedule.ended_at = Set(Some(Utc::now()));
    Ok(schedule.update(team).await?)
}

/// Notes the pull that a schedule was made with.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such schedule.
pub async fn made(team: &TeamTransaction, id: PullScheduleId, pull: PullId) -> Result<()> {
    let mut schedule = ActiveModel::from(get(team, id).await?);
    schedule.last_pull_id = Set(Some(pull.into()));
    schedule.update(team).await?;
    Ok(())
}

/// Schedules whose next pull is due, of all teams.
///
/// # Errors
/// Any [`DbError`].
pub async fn due(database: &Database) -> Result<Vec<(TeamId, PullScheduleId)>> {
    let query = sqlx::query_as::<_, (Uuid, Uuid)>("SELECT team_id, schedule_id FROM pull_schedules_due()");
    let rows = query.fetch_all(database.pool()).await?;
    Ok(rows
        .into_iter()
        .map(|(team, schedule)| (TeamId::from_uuid(team), PullScheduleId::from_uuid(schedule)))
        .collect())
}

/// Makes the pull of a schedule that is due, and says when the next one is. `None` where none was made: it is not due any
/// more, another sweep is at it, or the pull before has not ended, which then goes on instead.
///
/// # Errors
/// Any [`DbError`].
pub async fn make_due(
    team: &TeamTransaction,
    id: PullScheduleId,
    now: DateTime<Utc>,
) -> Result<Option<PullId>> {
    let held = Entity::find_by_id(Stored(id))
        .filter(Column::TeamId.eq(Stored(team.team_id())))
        .filter(Column::NextAt.lte(now))
        .lock_with_behavior(
            sea_orm::sea_query::LockType::Update,
            sea_orm::sea_query::LockBehavior::SkipLocked,
        )
        .one(team)
        .await?;
    let Some(schedule) = held else { return Ok(None) };
    let sig = QuerySignature::read(&schedule.query_sig)
        .ok_or_else(|| DbError::unreadable("pull_schedules.query_sig", "not 64 hex digits"))?;
    let open = super::open(team, &schedule.source, &sig).await?;
    let made = if open.is_some() {
        None
    } else {
        let new = NewPull {
            source: schedule.source.clone(),
            query_sig: sig,
            pull_params: schedule.pull_params.clone(),
            most_pages: schedule.most_pages,
            schedule: Some(id),
            created_by: schedule.created_by.map(|user| user.0),
        };
        Some(super::create(team, new).await?.id.0)
    };
    let next = next_after(schedule.next_at.unwrap_or(now), schedule.every_hours, now);
    let mut schedule = ActiveModel::from(schedule);
    schedule.next_at = Set(Some(next));
    if let Some(pull) = made {
        schedule.last_pull_id = Set(Some(pull.into()));
    }
    schedule.update(team).await?;
    Ok(made)
}

/// The first time after `now` that is a whole number of times after `due`: pulls that were missed are not made up for.
fn next_after(due: DateTime<Utc>, every_hours: i32, now: DateTime<Utc>) -> DateTime<Utc> {
    let every = TimeDelta::hours(i64::from(every_hours.max(1)));
    let missed = (now - due).num_seconds().max(0) / every.num_seconds();
    let times = i32::try_from(missed + 1).unwrap_or(i32::MAX);
    due + every * times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_pull_keeps_its_time_of_day_and_missed_ones_are_left_out() {
        let at = |hour: i64| DateTime::UNIX_EPOCH + TimeDelta::hours(hour);
        assert_eq!(next_after(at(24), 24, at(24)), at(48));
        assert_eq!(next_after(at(24), 24, at(30)), at(48));
        assert_eq!(next_after(at(24), 24, at(24 * 10 + 1)), at(24 * 11));
    }
}
