//! Senders: numbers and addresses from which something is sent. A number is one that a vendor gave, never made up.

use std::fmt;

use domain::id::{SenderId, TeamId, TypedId, UserId};
use domain::named_enum;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::from_row::from_row;
use crate::page::{Order, Page, PageRequest, page};
use crate::{BulkTransaction, DbError, Result, Stored, TeamTransaction, fresh_id};

pub use entity::Model as Sender;

/// The constraint that keeps a number from being entered twice.
pub const ADDRESS_CONSTRAINT: &str = "senders_address";

named_enum! {
    /// Whether a sender may be used.
    SenderState {
        /// It may.
        Active = "active",
        /// Not before a person has seen to it.
        Paused = "paused",
        /// Never again.
        Retired = "retired",
    }
}

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A number or address.
    #[derive(Clone, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "senders")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub team_id: Stored<TeamId>,
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<SenderId>,
        /// `sms`, `email` or `voice`.
        pub channel: String,
        /// The vendor, by its word.
        pub provider: String,
        /// E.164, or an address in lower case.
        pub address: String,
        /// What people call it.
        pub name: String,
        /// The pool it belongs to.
        pub pool: Option<String>,
        /// Its area code.
        pub area_code: Option<String>,
        /// As people see it, of an e-mail address; its name where there is none.
        pub display_name: Option<String>,
        /// Where the sender of e-mail is, for the post: every message says it.
        pub postal_address: Option<String>,
        /// Where answers to e-mail go, where not to the address itself.
        pub reply_to: Option<String>,
        /// [`SenderState`].
        pub state: String,
        /// Why it is not active.
        pub state_reason: Option<String>,
        /// The brand that carriers know.
        pub brand: Option<String>,
        /// The vendor's group or service.
        pub provider_group: Option<String>,
        /// Segments a second.
        pub per_second: Option<f32>,
        /// Segments a day.
        pub daily_limit: Option<i32>,
        /// Segments a minute to AT&T's customers.
        pub att_per_minute: Option<i32>,
        /// Segments a day of the whole brand to T-Mobile's customers.
        pub tmobile_per_day: Option<i32>,
        /// Who entered it.
        pub created_by: Option<Stored<UserId>>,
        /// When.
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("id", &self.id)
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}

/// What is registered for a sender, as carriers and its vendor have it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Registered {
    /// The brand that carriers know.
    pub brand: Option<String>,
    /// The vendor's group or service.
    pub provider_group: Option<String>,
    /// Segments a second.
    pub per_second: Option<f32>,
    /// Segments a day.
    pub daily_limit: Option<i32>,
    /// Segments a minute to AT&T's customers.
    pub att_per_minute: Option<i32>,
    /// Segments a day of the whole brand to T-Mobile's customers.
    pub tmobile_per_day: Option<i32>,
}

/// What an e-mail says of whom it is from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letterhead {
    /// As people see it; its name where there is none.
    pub display_name: Option<String>,
    /// Where the sender is, for the post. Without one no e-mail is sent from it.
    pub postal_address: Option<String>,
    /// Where answers go, where not to the address itself; in lower case.
    pub reply_to: Option<String>,
}

/// A sender to be entered.
#[derive(Clone, PartialEq)]
pub struct NewSender {
    /// `sms`, `email` or `voice`.
    pub channel: &'static str,
    /// The vendor, by its word.
    pub provider: String,
    /// E.164, or an address in lower case.
    pub address: String,
    /// What people call it.
    pub name: String,
    /// The pool it belongs to.
    pub pool: Option<String>,
    /// Its area code.
    pub area_code: Option<String>,
    /// What is registered for it.
    pub registered: Registered,
    /// What its e-mails say of whom they are from; nothing for what is no e-mail address.
    pub letterhead: Letterhead,
}

impl fmt::Debug for NewSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSender").field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// Enters a sender.
///
/// # Errors
/// [`DbError::Conflict`] with [`ADDRESS_CONSTRAINT`] where the team has it already.
pub async fn create(tx: &mut BulkTransaction, new: &NewSender, by: Option<UserId>) -> Result<SenderId> {
    let id: SenderId = fresh_id();
    let query = sqlx::query(
        "INSERT INTO senders (team_id, id, channel, provider, address, name, pool, area_code, brand, provider_group, per_second,
                              daily_limit, att_per_minute, tmobile_per_day, created_by, display_name, postal_address, reply_to)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(new.channel).bind(&new.provider);
    let query = query.bind(&new.address).bind(&new.name).bind(&new.pool).bind(&new.area_code);
    let registered = &new.registered;
    let query = query.bind(&registered.brand).bind(&registered.provider_group).bind(registered.per_second);
    let query =
        query.bind(registered.daily_limit).bind(registered.att_per_minute).bind(registered.tmobile_per_day);
    let head = &new.letterhead;
    let query = query.bind(by.map(TypedId::uuid)).bind(&head.display_name);
    tx.run(query.bind(&head.postal_address).bind(&head.reply_to)).await?;
    Ok(id)
}

/// An address that the team's e-mail may come from.
#[derive(Clone, PartialEq, Eq)]
pub struct MailSender {
    /// Its row.
    pub id: SenderId,
    /// The address.
    pub address: String,
    /// The name it is from, as people see it.
    pub display_name: String,
    /// Where the sender is, for the post.
    pub postal_address: String,
    /// Where answers go, where not to the address itself.
    pub reply_to: Option<String>,
    /// The brand whose suppressions hold for it.
    pub brand: Option<String>,
}
from_row!(MailRow { id, address, display_name, postal_address, reply_to, brand });

struct MailRow {
    id: Uuid,
    address: String,
    display_name: String,
    postal_address: String,
    reply_to: Option<String>,
    brand: Option<String>,
}

impl fmt::Debug for MailSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailSender").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The sender of e-mail with this id, or the team's oldest one: active, and with a postal address. `None` where there is none.
///
/// # Errors
/// Any [`DbError`].
pub async fn mail_sender(tx: &mut BulkTransaction, id: Option<SenderId>) -> Result<Option<MailSender>> {
    let query = sqlx::query_as::<_, MailRow>(
        "SELECT id, address, coalesce(display_name, name) AS display_name, postal_address, reply_to, brand FROM senders
          WHERE team_id = $1 AND channel = 'email' AND state = 'active' AND postal_address IS NOT NULL
            AND ($2::uuid IS NULL OR id = $2) ORDER BY id LIMIT 1",
    );
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(id.map(TypedId::uuid))).await?;
    Ok(row.map(|row| MailSender {
        id: SenderId::from_uuid(row.id),
        address: row.address,
        display_name: row.display_name,
        postal_address: row.postal_address,
        reply_to: row.reply_to,
        brand: row.brand,
    }))
}

/// Sets whether a sender may be used, and why not. A retired one stays retired. Answers whether anything changed.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such sender.
pub async fn set_state(
    tx: &mut BulkTransaction,
    id: SenderId,
    state: SenderState,
    reason: Option<&str>,
) -> Result<bool> {
    let team = tx.team_id().uuid();
    let query = sqlx::query(
        "UPDATE senders SET state = $3, state_reason = $4
          WHERE team_id = $1 AND id = $2 AND state <> 'retired' AND (state, state_reason) IS DISTINCT FROM ($3, $4)",
    );
    let reason = reason.filter(|_| state != SenderState::Active);
    if tx.run(query.bind(team).bind(id.uuid()).bind(state.as_str()).bind(reason)).await? > 0 {
        return Ok(true);
    }
    let known = sqlx::query_as::<_, (bool,)>("SELECT true FROM senders WHERE team_id = $1 AND id = $2");
    let known = tx.first(known.bind(team).bind(id.uuid())).await?;
    known.map(|_| false).ok_or_else(|| DbError::not_found("sender", id))
}

/// What is to be different of a [`Letterhead`]; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LetterheadPatch {
    /// Another name; `Some(None)`: none of its own, so that the sender's is shown.
    pub display_name: Option<Option<String>>,
    /// Another place. It is never taken away: nothing is sent without one.
    pub postal_address: Option<String>,
    /// Where answers go; `Some(None)`: to the address itself.
    pub reply_to: Option<Option<String>>,
}

/// Changes what an e-mail address's messages say of whom they are from. Answers whether there is such an address.
///
/// # Errors
/// Any [`DbError`].
pub async fn set_letterhead(tx: &mut BulkTransaction, id: SenderId, patch: &LetterheadPatch) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE senders SET display_name = CASE WHEN $3 THEN $4 ELSE display_name END,
                postal_address = coalesce($5, postal_address), reply_to = CASE WHEN $6 THEN $7 ELSE reply_to END
          WHERE team_id = $1 AND id = $2 AND channel = 'email'",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid());
    let query =
        query.bind(patch.display_name.is_some()).bind(patch.display_name.as_ref().and_then(Option::as_ref));
    let query = query.bind(&patch.postal_address).bind(patch.reply_to.is_some());
    Ok(tx.run(query.bind(patch.reply_to.as_ref().and_then(Option::as_ref))).await? > 0)
}

/// The team's sender with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(team: &TeamTransaction, id: SenderId) -> Result<Sender> {
    entity::Entity::find_by_id((Stored(team.team_id()), Stored(id)))
        .one(team)
        .await?
        .ok_or_else(|| DbError::not_found("sender", id))
}

/// The team's senders, newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(team: &TeamTransaction, request: PageRequest<SenderId>) -> Result<Page<Sender, SenderId>> {
    let select = entity::Entity::find().filter(entity::Column::TeamId.eq(Stored(team.team_id())));
    page(team, select, entity::Column::Id, Order::NewestFirst, request, |sender| sender.id.0).await
}
