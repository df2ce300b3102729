//! Memberships: who belongs to a team, as what.

use std::fmt;
use std::str::FromStr;

use domain::id::{TeamId, UserId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use crate::{Result, Stored, TeamTransaction};

pub use entity::Model as Membership;

/// What a member may do. Each role may do what the ones before it may.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    sea_orm::EnumIter,
    sea_orm::DeriveActiveEnum,
)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    #[sea_orm(string_value = "viewer")]
    Viewer,
    /// Uploads, builds blocks, drafts campaigns, works the inbox.
    #[sea_orm(string_value = "operator")]
    Operator,
    /// Releases campaigns.
    #[sea_orm(string_value = "approver")]
    Approver,
    /// Manages keys, members and limits.
    #[sea_orm(string_value = "admin")]
    Admin,
}

impl Role {
    /// All roles, from the least to the most.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Operator, Self::Approver, Self::Admin];

    /// The role as it is stored and written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Approver => "approver",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a role; use viewer, operator, approver or admin")]
pub struct UnknownRole(String);

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A user in a team.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "memberships")]
    pub struct Model {
        /// The team.
        #[sea_orm(primary_key, auto_increment = false)]
        pub team_id: Stored<TeamId>,
        /// The user.
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: Stored<UserId>,
        /// As what.
        pub role: Role,
        /// Since when.
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The team's members.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn list(team: &TeamTransaction) -> Result<Vec<Membership>> {
    let mine = entity::Column::TeamId.eq(Stored(team.team_id()));
    Ok(entity::Entity::find().filter(mine).all(team).await?)
}
