//! Users: people who sign in or hold keys. They may be members of several teams.

use domain::id::UserId;
use sea_orm::EntityTrait;

use crate::{DbError, Result, Stored, TeamTransaction};

pub use entity::Model as User;

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A person.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<UserId>,
        /// The address, unique; lower case.
        pub email: String,
        /// How the person is called.
        pub name: String,
        /// When it was made.
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The user with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(team: &TeamTransaction, id: UserId) -> Result<User> {
    entity::Entity::find_by_id(Stored(id)).one(team).await?.ok_or_else(|| DbError::not_found("user", id))
}
