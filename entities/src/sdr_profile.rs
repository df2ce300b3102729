//! Profiles of those in whose voice texts are written: opener, follow-up, closer.

use domain::id::{SdrProfileId, TeamId, TypedId, UserId};
use domain::named_enum;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::page::{Order, Page, PageRequest, page};
use crate::{BulkTransaction, DbError, Result, Stored, TeamTransaction, fresh_id};

pub use entity::Model as SdrProfile;

/// The constraint that keeps names apart.
pub const NAME_CONSTRAINT: &str = "sdr_profiles_name";

named_enum! {
    /// What a profile is for.
    SdrRole {
        /// Writes first, and answers what comes in.
        Opener = "opener",
        /// Follows up.
        FollowUp = "follow_up",
        /// Books and closes.
        Closer = "closer",
        /// Prepares leads.
        Preparation = "preparation",
        /// Orchestrates campaigns.
        Orchestration = "orchestration",
    }
}

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A profile.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sdr_profiles")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub team_id: Stored<TeamId>,
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<SdrProfileId>,
        /// Its name, unique in the team.
        pub name: String,
        /// [`SdrRole`].
        pub role: String,
        /// Who speaks, and how.
        pub voice: String,
        /// In which tone.
        pub tone: String,
        /// How it signs.
        pub signature: String,
        /// Who made it.
        pub created_by: Option<Stored<UserId>>,
        /// When.
        pub created_at: DateTimeUtc,
        /// When it was put away.
        pub archived_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a profile says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name, unique in the team.
    pub name: String,
    /// What it is for.
    pub role: SdrRole,
    /// Who speaks, and how.
    pub voice: String,
    /// In which tone.
    pub tone: String,
    /// How it signs.
    pub signature: String,
}

/// Makes a profile.
///
/// # Errors
/// [`DbError::Conflict`] with [`NAME_CONSTRAINT`] where there is one of this name.
pub async fn create(tx: &mut BulkTransaction, new: &Profile, by: Option<UserId>) -> Result<SdrProfileId> {
    let id: SdrProfileId = fresh_id();
    let query = sqlx::query(
        "INSERT INTO sdr_profiles (team_id, id, name, role, voice, tone, signature, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(&new.name).bind(new.role.as_str());
    let query = query.bind(&new.voice).bind(&new.tone).bind(&new.signature);
    tx.run(query.bind(by.map(TypedId::uuid))).await?;
    Ok(id)
}

/// Writes a profile anew.
///
/// # Errors
/// [`DbError::NotFound`] where there is none; [`DbError::Conflict`] as [`create`].
pub async fn update(tx: &mut BulkTransaction, id: SdrProfileId, profile: &Profile) -> Result<()> {
    let query = sqlx::query(
        "UPDATE sdr_profiles SET name = $3, role = $4, voice = $5, tone = $6, signature = $7 WHERE team_id = $1 AND id = $2",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(&profile.name);
    let query = query.bind(profile.role.as_str()).bind(&profile.voice).bind(&profile.tone);
    let changed = tx.run(query.bind(&profile.signature)).await?;
    if changed == 0 { Err(DbError::not_found("SDR profile", id)) } else { Ok(()) }
}

/// The team's profile with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(team: &TeamTransaction, id: SdrProfileId) -> Result<SdrProfile> {
    entity::Entity::find_by_id((Stored(team.team_id()), Stored(id)))
        .one(team)
        .await?
        .ok_or_else(|| DbError::not_found("SDR profile", id))
}

/// The team's profiles that are not put away, newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(
    team: &TeamTransaction,
    request: PageRequest<SdrProfileId>,
) -> Result<Page<SdrProfile, SdrProfileId>> {
    let select = entity::Entity::find()
        .filter(entity::Column::TeamId.eq(Stored(team.team_id())))
        .filter(entity::Column::ArchivedAt.is_null());
    page(team, select, entity::Column::Id, Order::NewestFirst, request, |profile| profile.id.0).await
}
