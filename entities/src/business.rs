//! Businesses.

use std::fmt;

use chrono::Utc;
use domain::id::{BusinessId, DataSourceId, TeamId, TypedId};
use domain::normalize::NormalizedRow;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use crate::{DbError, Result, Stored, TeamTransaction, fresh_id, merge};

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

/// The business with this key, or whoever it was merged into; made from the row where there is none.
pub(crate) async fn ensure(
    team: &TeamTransaction,
    key: uuid::Uuid,
    row: &NormalizedRow,
) -> Result<BusinessId> {
    use entity::{ActiveModel, Column, Entity};

    if let Some(root) = merge::root_of_key(team, merge::Kind::Business, key).await? {
        return Ok(BusinessId::from_uuid(root));
    }

    let shown = row.company_display.clone().or_else(|| row.company.clone()).unwrap_or_default();
    let text = |text: Option<&str>| Set(text.map(str::to_owned));
    let business = ActiveModel {
        team_id: Set(team.team_id().into()),
        id: Set(fresh_id::<BusinessId>().into()),
        match_key: Set(key),
        name: Set(row.company.clone().unwrap_or_else(|| shown.clone())),
        display_name: Set(shown),
        legal_suffix: text(row.legal_suffix),
        dba: Set(row.dba.clone()),
        phone: text(row.phone.as_ref().map(|phone| phone.expose())),
        email: text(row.email.as_ref().map(|email| email.expose())),
        street: Set(row.street.clone()),
        unit: Set(row.unit.clone()),
        city: Set(row.city.clone()),
        state: text(row.state),
        zip5: Set(row.zip5.clone()),
        zip4: Set(row.zip4.clone()),
        county: Set(row.county.clone()),
        time_zone: text(row.time_zone),
        website: Set(row.website.clone()),
        employees_min: Set(row.employees_min),
        employees_max: Set(row.employees_max),
        revenue_min: Set(row.revenue_min),
        revenue_max: Set(row.revenue_max),
        revenue_tier: text(row.revenue_tier.map(|tier| tier.as_str())),
        sic_delivered: Set(row.sic_delivered.clone()),
        sic4: text(row.sic4),
        sic_description: Set(row.sic_description.clone()),
        subsector: Set(row.subsector),
        year_founded: Set(row.year_founded),
        created_at: Set(Utc::now()),
        ..Default::default()
    };
    let known = OnConflict::columns([Column::TeamId, Column::MatchKey]).do_nothing().to_owned();
    Entity::insert(business).on_conflict(known).exec_without_returning(team).await?;
    Entity::find()
        .filter(Column::TeamId.eq(Stored(team.team_id())))
        .filter(Column::MatchKey.eq(key))
        .one(team)
        .await?
        .map(|business| business.id.0)
        .ok_or_else(|| DbError::not_found("business with key", key))
}
