//! Personas: people.

use std::fmt;

use chrono::Utc;
use domain::id::{DataSourceId, PersonaId, TeamId, TypedId};
use domain::normalize::NormalizedRow;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use crate::{DbError, Result, Stored, TeamTransaction, fresh_id, merge};

pub use entity::Model as Persona;

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A person.
    #[derive(Clone, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "personas")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub team_id: Stored<TeamId>,
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<PersonaId>,
        /// What makes a row the same person.
        pub match_key: Uuid,
        /// Given name.
        pub given_name: Option<String>,
        /// Middle name or initial.
        pub middle_name: Option<String>,
        /// Family name.
        pub family_name: Option<String>,
        /// Jr, III.
        pub name_suffix: Option<String>,
        /// How sure it is that this is one person, 0 to 100.
        pub confidence_score: i16,
        /// People that turned out to be this one.
        pub merged_from_ids: Vec<Uuid>,
        /// The file that first named the person; `None` where entered by hand.
        pub data_source_id: Option<Stored<DataSourceId>>,
        /// Row of that file, from 1.
        pub source_row: Option<i32>,
        /// When it was made.
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Which one; the rest is personal data.
impl fmt::Debug for Persona {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Persona").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The team's persona with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(team: &TeamTransaction, id: PersonaId) -> Result<Persona> {
    entity::Entity::find_by_id((Stored(team.team_id()), Stored(id)))
        .one(team)
        .await?
        .ok_or_else(|| DbError::not_found("person", id))
}

/// The person with this key, or whoever it was merged into; made from the row where there is none.
pub(crate) async fn ensure(
    team: &TeamTransaction,
    key: uuid::Uuid,
    row: &NormalizedRow,
) -> Result<PersonaId> {
    use entity::{ActiveModel, Column, Entity};

    if let Some(root) = merge::root_of_key(team, merge::Kind::Persona, key).await? {
        return Ok(PersonaId::from_uuid(root));
    }

    let persona = ActiveModel {
        team_id: Set(team.team_id().into()),
        id: Set(fresh_id::<PersonaId>().into()),
        match_key: Set(key),
        given_name: Set(row.given_name.clone()),
        middle_name: Set(row.middle_name.clone()),
        family_name: Set(row.family_name.clone()),
        name_suffix: Set(row.name_suffix.map(str::to_owned)),
        created_at: Set(Utc::now()),
        ..Default::default()
    };
    let known = OnConflict::columns([Column::TeamId, Column::MatchKey]).do_nothing().to_owned();
    Entity::insert(persona).on_conflict(known).exec_without_returning(team).await?;
    Entity::find()
        .filter(Column::TeamId.eq(Stored(team.team_id())))
        .filter(Column::MatchKey.eq(key))
        .one(team)
        .await?
        .map(|persona| persona.id.0)
        .ok_or_else(|| DbError::not_found("person with key", key))
}
