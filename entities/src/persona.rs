//! Personas: people.

use std::fmt;

use domain::id::{DataSourceId, PersonaId, TeamId};
use sea_orm::EntityTrait;

use crate::{DbError, Result, Stored, TeamTransaction};

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
