//! Messages: what went out and what came in, and what vendors reported of it.
//!
//! A report may come before the message is known, twice, late or never, in any order. It is kept once, by the key that
//! the vendor repeats, and moves the message's status forward only; one that comes too early waits for its message.

mod inbound;
mod report;

use chrono::{DateTime, Utc};
use domain::id::{CampaignId, IntentId, LeadId, MessageId, TeamId, TypedId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::page::{Order, Page, PageRequest, page};
use crate::{BulkTransaction, Result, Stored, TeamTransaction};

pub use entity::Model as Message;
pub use inbound::{Kept, Received, receive};
pub use report::{Report, Reported, report, settle_unreported};

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A message.
    #[derive(Clone, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "messages")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub team_id: Stored<TeamId>,
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<MessageId>,
        /// `outbound` or `inbound`.
        pub direction: String,
        /// `sms`, `email` or `voice`.
        pub channel: String,
        /// The campaign it belongs to.
        pub campaign_id: Option<Stored<CampaignId>>,
        /// The lead it went to or came from.
        pub lead_id: Option<Stored<LeadId>>,
        /// The intent that it fulfils.
        pub intent_id: Option<Stored<IntentId>>,
        /// Which step, from 1.
        pub step: Option<i16>,
        /// The vendor, by its word.
        pub provider: String,
        /// By which the vendor knows it.
        pub external_id: String,
        /// Number or address it came from.
        pub from_value: String,
        /// Number or address it went to.
        pub to_value: String,
        /// Of an e-mail.
        pub subject: Option<String>,
        /// What it says.
        pub body: String,
        /// How many segments.
        pub segments: Option<i16>,
        /// `domain::message::MessageStatus`; of an inbound one `None`.
        pub status: Option<String>,
        /// The vendor's code of what went wrong.
        pub error_code: Option<String>,
        /// What it costs, in micro-dollars.
        pub price_micros: i64,
        /// When the vendor took it.
        pub sent_at: Option<DateTimeUtc>,
        /// When it arrived.
        pub delivered_at: Option<DateTimeUtc>,
        /// When it was given up.
        pub failed_at: Option<DateTimeUtc>,
        /// When it came in.
        pub received_at: Option<DateTimeUtc>,
        /// When its row was made.
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl std::fmt::Debug for Message {
    /// Without numbers and text.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("direction", &self.direction)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// The messages of a lead, newest first.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn of_lead(
    team: &TeamTransaction,
    lead: LeadId,
    request: PageRequest<MessageId>,
) -> Result<Page<Message, MessageId>> {
    let select = entity::Entity::find()
        .filter(entity::Column::TeamId.eq(Stored(team.team_id())))
        .filter(entity::Column::LeadId.eq(Stored(lead)));
    page(team, select, entity::Column::Id, Order::NewestFirst, request, |message| message.id.0).await
}

/// Keeps everybody else who writes about these messages of vendors waiting, to the end of the transaction: a report and the
/// acceptance of its message see each other, whichever comes first. Taken in one order by all.
pub(crate) async fn lock_external<'a>(
    tx: &mut BulkTransaction,
    external: impl Iterator<Item = &'a str>,
) -> Result<()> {
    let mut ids: Vec<&str> = external.collect();
    if ids.is_empty() {
        return Ok(());
    }
    ids.sort_unstable();
    ids.dedup();
    let query = sqlx::query(
        "SELECT pg_advisory_xact_lock(hashtextextended('message:' || $1::uuid || ':' || e.id, 0))
           FROM (SELECT id FROM unnest($2::text[]) WITH ORDINALITY e (id, place) ORDER BY place OFFSET 0) e",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(ids)).await?;
    Ok(())
}

/// The messages of intents that were accepted: their rows, what was reported of them before, and where their leads are.
const KEEP: &str = "
INSERT INTO messages (team_id, direction, channel, campaign_id, lead_id, intent_id, step, provider, external_id, sender_id,
                      from_value, to_value, subject, body, text_hash, segments, carrier, template_version_id, status,
                      price_micros, sent_at, conversation_id)
SELECT i.team_id, 'outbound', i.channel, i.campaign_id, i.lead_id, i.id, i.step, i.provider, i.external_id, i.sender_id,
       i.from_value, i.to_value, i.subject, i.body, i.text_hash, i.segments, i.carrier, i.template_version_id, 'queued',
       coalesce(i.price_micros, 0), coalesce(i.called_at, $3), i.conversation_id
  FROM send_intents i WHERE i.team_id = $1 AND i.id = ANY($2) AND i.state = 'accepted' ORDER BY i.id
ON CONFLICT (team_id, intent_id) WHERE intent_id IS NOT NULL DO NOTHING";

const LEADS: &str = "
WITH sent AS (SELECT campaign_id, lead_id, max(step) AS step FROM send_intents
               WHERE team_id = $1 AND id = ANY($2) AND state = 'accepted' GROUP BY 1, 2),
     moved AS (UPDATE campaign_leads c
                  SET step = greatest(c.step, s.step), state = CASE c.state WHEN 'pending' THEN 'sent' ELSE c.state END,
                      updated_at = $3
                 FROM sent s WHERE c.team_id = $1 AND c.campaign_id = s.campaign_id AND c.lead_id = s.lead_id)
UPDATE leads l SET status = 'contacted'
  FROM sent s WHERE l.team_id = $1 AND l.id = s.lead_id AND l.status IN ('new', 'enriched', 'contactable')";

pub(crate) async fn keep_accepted(
    tx: &mut BulkTransaction,
    intents: &[Uuid],
    now: DateTime<Utc>,
) -> Result<()> {
    let team = tx.team_id().uuid();
    tx.run(sqlx::query(KEEP).bind(team).bind(intents).bind(now)).await?;
    tx.run(sqlx::query(LEADS).bind(team).bind(intents).bind(now)).await?;
    report::apply_early(tx, intents, now).await
}

/// Notes that messages have left of which nothing more will be heard: a mail server took them.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn have_left(tx: &mut BulkTransaction, intents: &[IntentId]) -> Result<()> {
    let ids: Vec<Uuid> = intents.iter().map(|intent| intent.uuid()).collect();
    let query = sqlx::query(
        "UPDATE messages SET status = 'sent' WHERE team_id = $1 AND intent_id = ANY($2) AND status = 'queued'",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(ids)).await?;
    Ok(())
}
