//! Teams: the tenants, and what each may do.

use domain::id::{TeamId, TypedId};
use domain::reply::ClientLine;
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Database, DbError, Result, Stored, TeamTransaction};

pub use entity::Model as Team;

const GIB: u64 = 1 << 30;

/// [`TeamSettings::on_hold_hours`] where a team does not say: a day, after which daily budgets are full again.
pub const ON_HOLD_HOURS: u32 = 24;

/// A team's limits and preferences. Stored as what differs from the defaults, which are here: a field that is
/// missing in the stored JSON has its default, one that this version does not know is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TeamSettings {
    /// The share of a file's rows, 0 to 1, that may be set aside before the upload fails.
    pub reject_share: f64,
    /// The largest file, in bytes.
    pub max_file_bytes: u64,
    /// How many uploads may be under way at once.
    pub max_open_uploads: u64,
    /// How many bytes of files may be stored altogether.
    pub storage_quota_bytes: u64,
    /// Requests a minute of one user.
    pub requests_per_minute_user: u32,
    /// Requests a minute of all its users together.
    pub requests_per_minute_team: u32,
    /// SIC codes the team is after, whole (`1711`) or their beginning (`17`): leads in them score higher.
    pub target_sics: Vec<String>,
    /// Where the team is, as `America/Chicago`: its days begin there. New York where it is not said. The database refuses
    /// what it knows no such zone of (`teams_time_zone`).
    pub time_zone: Option<String>,
    /// After how many hours vendors are asked again about leads that wait for money or for a vendor; 0: never.
    pub on_hold_hours: u32,
    /// Whether somebody else than its author must approve a campaign.
    pub four_eyes: bool,
    /// After how many hours an approval lapses that nobody has acted upon.
    pub approval_ttl_hours: u32,
    /// The share of refused messages, 0 to 1, above which a campaign is paused.
    pub error_rate_pause: f64,
    /// The most messages a minute of all its campaigns together; no limit of its own where it is not said.
    pub send_per_minute: Option<u32>,
    /// The most messages a day of all its campaigns together.
    pub send_per_day: Option<u32>,
    /// Whether answers may go out that nobody approved one by one, where everything else agrees.
    pub auto_reply: bool,
    /// The line of business, by whose rules replies are read and answered.
    pub reply_line: ClientLine,
    /// After how many hours a suggestion lapses that nobody has decided about.
    pub suggestion_ttl_hours: u32,
    /// Whether silence is followed up.
    pub follow_up: bool,
    /// The vendors, by their words, of which the team confirms opt-outs itself, by one text: those that do not do so by
    /// themselves. Twilio answers STOP.
    pub confirm_opt_outs: Vec<String>,
}

impl Default for TeamSettings {
    fn default() -> Self {
        Self {
            reject_share: 0.5,
            max_file_bytes: 2 * GIB,
            max_open_uploads: 20,
            storage_quota_bytes: 200 * GIB,
            requests_per_minute_user: 100,
            requests_per_minute_team: 1_000,
            target_sics: Vec::new(),
            time_zone: None,
            on_hold_hours: ON_HOLD_HOURS,
            four_eyes: true,
            approval_ttl_hours: 72,
            error_rate_pause: 0.2,
            send_per_minute: None,
            send_per_day: None,
            auto_reply: false,
            reply_line: ClientLine::HomeownerAdvisor,
            suggestion_ttl_hours: 24,
            follow_up: true,
            confirm_opt_outs: Vec::new(),
        }
    }
}

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A tenant.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "teams")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<TeamId>,
        /// Its name, unique.
        pub name: String,
        /// What differs from [`TeamSettings::default`].
        pub settings: Json,
        /// When it was made.
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The settings in a team's `settings`.
///
/// # Errors
/// [`DbError::Unreadable`] where a stored value is of another type.
pub fn settings_of(stored: &serde_json::Value) -> Result<TeamSettings> {
    TeamSettings::deserialize(stored).map_err(|error| DbError::unreadable("teams.settings", error))
}

/// Every team, for sweeps: who there is is the installation's, what they have is behind their walls.
///
/// # Errors
/// Any [`DbError`].
pub async fn all(database: &Database) -> Result<Vec<TeamId>> {
    let rows: Vec<(Uuid,)> =
        sqlx::query_as("SELECT id FROM teams ORDER BY id").fetch_all(database.pool()).await?;
    Ok(rows.into_iter().map(|(id,)| TeamId::from_uuid(id)).collect())
}

/// The running transaction's team.
///
/// # Errors
/// [`DbError::NotFound`] where it is no more.
pub async fn get(team: &TeamTransaction) -> Result<Team> {
    entity::Entity::find_by_id(Stored(team.team_id()))
        .one(team)
        .await?
        .ok_or_else(|| DbError::not_found("team", team.team_id()))
}

/// The running transaction's team's limits and preferences.
///
/// # Errors
/// As [`get`] and [`settings_of`].
pub async fn settings(team: &TeamTransaction) -> Result<TeamSettings> {
    settings_of(&get(team).await?.settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_stored_has_its_default() {
        let settings = settings_of(&serde_json::json!({"reject_share": 0.1, "from_a_newer_version": 1}));
        let expected = TeamSettings { reject_share: 0.1, ..TeamSettings::default() };
        assert_eq!(settings.ok(), Some(expected));
        assert!(settings_of(&serde_json::json!({"max_file_bytes": "much"})).is_err());
    }
}
