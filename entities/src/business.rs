//! Businesses.

use std::fmt;

use domain::id::{BusinessId, DataSourceId, TeamId};
use sea_orm::EntityTrait;

use crate::{DbError, Result, Stored, TeamTransaction};

pub use entity::Model as Business;

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A business.
    #[derive(Clone, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "businesses")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub team_id: Stored<TeamId>,
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<BusinessId>,
        /// What makes a row the same business.
        pub match_key: Uuid,
        /// Name to compare by: upper case, without legal form.
        pub name: String,
        /// Name to show.
        pub display_name: String,
        /// Legal form.
        pub legal_suffix: Option<String>,
        /// The name it trades under.
        pub dba: Option<String>,
        /// Main number, E.164.
        pub phone: Option<String>,
        /// Address.
        pub email: Option<String>,
        /// Street line.
        pub street: Option<String>,
        /// Suite or unit.
        pub unit: Option<String>,
        /// City.
        pub city: Option<String>,
        /// State, two letters.
        pub state: Option<String>,
        /// ZIP, five digits.
        pub zip5: Option<String>,
        /// The four behind it.
        pub zip4: Option<String>,
        /// County.
        pub county: Option<String>,
        /// IANA time zone.
        pub time_zone: Option<String>,
        /// Domain of the website.
        pub website: Option<String>,
        /// Employees, at least.
        pub employees_min: Option<i32>,
        /// Employees, at most.
        pub employees_max: Option<i32>,
        /// Yearly revenue in dollars, at least.
        pub revenue_min: Option<i64>,
        /// Yearly revenue in dollars, at most.
        pub revenue_max: Option<i64>,
        /// Size by revenue.
        pub revenue_tier: Option<String>,
        /// SIC code as delivered.
        pub sic_delivered: Option<String>,
        /// SIC code, four digits.
        pub sic4: Option<String>,
        /// SIC description.
        pub sic_description: Option<String>,
        /// `domain::sector`'s number of the subsector.
        pub subsector: Option<i16>,
        /// Year of foundation.
        pub year_founded: Option<i16>,
        /// Columns of the file that map to no field.
        pub extras: Option<Json>,
        /// The file that first named it; `None` where it was entered by hand.
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

/// Which one; what is known of it may be personal data.
impl fmt::Debug for Business {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Business").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The team's business with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(team: &TeamTransaction, id: BusinessId) -> Result<Business> {
    entity::Entity::find_by_id((Stored(team.team_id()), Stored(id)))
        .one(team)
        .await?
        .ok_or_else(|| DbError::not_found("business", id))
}
