//! Mapping profiles: saved ways of reading files.

use std::collections::BTreeMap;

use chrono::Utc;
use domain::id::{MappingProfileId, TeamId, UserId};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};

use crate::{DbError, Result, Stored, TeamTransaction, fresh_id};

pub use entity::Model as MappingProfile;

/// The name of the constraint that a second profile of the same name violates.
pub const NAME_CONSTRAINT: &str = "mapping_profiles_name";

/// What a profile says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewMappingProfile {
    /// What it is called, once in a team.
    pub name: String,
    /// From headers of the file to fields.
    pub columns: BTreeMap<String, String>,
    /// The fields without which a row is set aside.
    pub required_fields: Vec<String>,
    /// What stands between cells, where it is not to be detected.
    pub delimiter: Option<String>,
    /// How characters are encoded, where it is not to be detected.
    pub encoding: Option<String>,
}

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A saved way of reading files.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "mapping_profiles")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<MappingProfileId>,
        /// Whose.
        pub team_id: Stored<TeamId>,
        /// What it is called.
        pub name: String,
        /// From headers of the file to fields.
        pub columns: Json,
        /// The fields without which a row is set aside.
        pub required_fields: Vec<String>,
        /// What stands between cells; `None`: detected.
        pub delimiter: Option<String>,
        /// How characters are encoded; `None`: detected.
        pub encoding: Option<String>,
        /// Who made it.
        pub created_by: Option<Stored<UserId>>,
        /// When.
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl MappingProfile {
    /// From headers of the file to fields.
    ///
    /// # Errors
    /// [`DbError::Unreadable`] where what is stored is something else.
    pub fn columns(&self) -> Result<BTreeMap<String, String>> {
        serde::Deserialize::deserialize(&self.columns)
            .map_err(|error| DbError::unreadable("mapping_profiles.columns", error))
    }
}

/// Saves a profile.
///
/// # Errors
/// [`DbError::Conflict`] with [`NAME_CONSTRAINT`] where the team has one of this name.
pub async fn create(
    team: &TeamTransaction,
    created_by: Option<UserId>,
    profile: NewMappingProfile,
) -> Result<MappingProfile> {
    let profile = entity::ActiveModel {
        id: Set(fresh_id::<MappingProfileId>().into()),
        team_id: Set(team.team_id().into()),
        name: Set(profile.name),
        columns: Set(serde_json::json!(profile.columns)),
        required_fields: Set(profile.required_fields),
        delimiter: Set(profile.delimiter),
        encoding: Set(profile.encoding),
        created_by: Set(created_by.map(Stored)),
        created_at: Set(Utc::now()),
    };
    Ok(profile.insert(team).await?)
}

/// The team's profile with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(team: &TeamTransaction, id: MappingProfileId) -> Result<MappingProfile> {
    entity::Entity::find_by_id(Stored(id))
        .filter(entity::Column::TeamId.eq(Stored(team.team_id())))
        .one(team)
        .await?
        .ok_or_else(|| DbError::not_found("mapping profile", id))
}

/// The team's profile with this name, if any.
///
/// # Errors
/// Any [`DbError`].
pub async fn find_by_name(team: &TeamTransaction, name: &str) -> Result<Option<MappingProfile>> {
    Ok(entity::Entity::find()
        .filter(entity::Column::TeamId.eq(Stored(team.team_id())))
        .filter(entity::Column::Name.eq(name))
        .one(team)
        .await?)
}

/// The team's profiles, by name.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(team: &TeamTransaction) -> Result<Vec<MappingProfile>> {
    let mine = entity::Column::TeamId.eq(Stored(team.team_id()));
    Ok(entity::Entity::find().filter(mine).order_by_asc(entity::Column::Name).all(team).await?)
}
