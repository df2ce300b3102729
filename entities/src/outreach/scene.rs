//! What a campaign says, from whom, within which limits and under which rules.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::campaign::{Channel, ConsentBasis, Limits, OnWindowClose, expected_cost};
use domain::gate::Windows;
use domain::id::{CampaignId, LeadId, SenderId, TemplateVersionId, TypedId};
use domain::message::Template;
use domain::money::MicroDollars;
use uuid::Uuid;

use super::rules;
use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result};

/// One step of a campaign, with its text.
#[derive(Debug, Clone)]
pub struct SceneStep {
    /// Which, from 1.
    pub number: u8,
    /// How long after the step before.
    pub delay: Duration,
    /// Whether it is only for those who have not answered.
    pub only_silent: bool,
    /// The version of the template.
    pub version: TemplateVersionId,
    /// `sms`, `email` or `voice`.
    pub channel: String,
    /// What it says.
    pub template: Template,
    /// Of an e-mail.
    pub subject: Option<Template>,
}

/// A number or address that messages are sent from.
#[derive(Clone, PartialEq, Eq)]
pub struct SceneSender {
    /// Its row.
    pub id: SenderId,
    /// The vendor, by its word.
    pub provider: String,
    /// `sms`, `email` or `voice`.
    pub channel: String,
    /// E.164, or an e-mail address.
    pub address: String,
    /// The name that people see an e-mail is from.
    pub display_name: String,
    /// Where the sender of e-mail is, for the post; empty for a number.
    pub postal_address: String,
    /// Where answers to e-mail go, where not to the address itself.
    pub reply_to: Option<String>,
    /// The brand that carriers know.
    pub brand: Option<String>,
    /// Segments a second, as the carriers registered it, in thousandths.
    pub per_second_milli: Option<u32>,
    /// Segments a day.
    pub per_day: Option<u32>,
    /// Segments a minute to AT&T's customers.
    pub att_per_minute: Option<u32>,
    /// Segments a day of the whole brand to T-Mobile's customers.
    pub tmobile_per_day: Option<u32>,
}

impl fmt::Debug for SceneSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SceneSender")
            .field("id", &self.id)
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}

/// What a campaign says, from whom, within which limits and under which rules, as it was read at one moment. Who it is for
/// is [`crate::audience`].
#[derive(Debug, Clone)]
pub struct Scene {
    /// The campaign.
    pub campaign: CampaignId,
    /// By which way.
    pub channel: Channel,
    /// Its steps, in order.
    pub steps: Vec<SceneStep>,
    /// Whom it is sent from: one, or a pool.
    pub senders: Vec<SceneSender>,
    /// When it may be sent, as its author says; the law's hours come on top.
    pub windows: Windows,
    /// What becomes of messages that a window's end leaves unsent.
    pub on_window_close: OnWindowClose,
    /// How much may be sent and spent.
    pub limits: Limits,
    /// When it begins.
    pub starts_at: Option<DateTime<Utc>>,
    /// When it ends, whatever is left.
    pub expires_at: Option<DateTime<Utc>>,
    /// On what grounds its author says that people may be written to.
    pub basis: ConsentBasis,
    /// The rules of the gate.
    pub rules: rules::Rules,
    /// What one segment of a text costs.
    pub segment_price: MicroDollars,
    /// What one e-mail costs.
    pub email_price: MicroDollars,
    /// What one call costs.
    pub call_price: MicroDollars,
}

struct CampaignRow {
    channel: String,
    sender_id: Option<Uuid>,
    sender_pool: Option<String>,
    windows: serde_json::Value,
    on_window_close: String,
    daily_limit: i32,
    per_minute_limit: i32,
    budget_micros: Option<i64>,
    starts_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    consent_basis: String,
}
from_row!(CampaignRow {
    channel,
    sender_id,
    sender_pool,
    windows,
    on_window_close,
    daily_limit,
    per_minute_limit,
    budget_micros,
    starts_at,
    expires_at,
    consent_basis,
});

struct StepRow {
    step: i16,
    delay_us: i64,
    only_silent: bool,
    template_version_id: Uuid,
    channel: String,
    body: String,
    subject: Option<String>,
}
from_row!(StepRow { step, delay_us, only_silent, template_version_id, channel, body, subject });

struct SenderRow {
    id: Uuid,
    provider: String,
    channel: String,
    address: String,
    display_name: String,
    postal_address: Option<String>,
    reply_to: Option<String>,
    brand: Option<String>,
    per_second: Option<f32>,
    daily_limit: Option<i32>,
    att_per_minute: Option<i32>,
    tmobile_per_day: Option<i32>,
}
from_row!(SenderRow {
    id,
    provider,
    channel,
    address,
    display_name,
    postal_address,
    reply_to,
    brand,
    per_second,
    daily_limit,
    att_per_minute,
    tmobile_per_day
});

/// An address without a postal address sends no e-mail (CAN-SPAM).
const SENDERS: &str = "
SELECT id, provider, channel, address, coalesce(display_name, name) AS display_name, postal_address, reply_to, brand, per_second,
       daily_limit, att_per_minute, tmobile_per_day
  FROM senders WHERE team_id = $1 AND state = 'active' AND (channel <> 'email' OR postal_address IS NOT NULL)";

/// The active sender at this number or address, if there is one.
pub(super) async fn sender_by_address(
    tx: &mut BulkTransaction,
    channel: &str,
    address: &str,
) -> Result<Option<SceneSender>> {
    // A call is answered by a text.
    let channel = if channel == "voice" { "sms" } else { channel };
    let sql = format!("{SENDERS} AND channel = $2 AND address = $3 ORDER BY id LIMIT 1");
    // All of it is text of this file.
    let query = sqlx::query_as::<_, SenderRow>(sqlx::AssertSqlSafe(sql));
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(channel).bind(address)).await?;
    Ok(row.map(sender))
}

impl Scene {
    /// Reads it as it is, with the rules that hold at `at`, or with the rule set of a named version.
    ///
    /// # Errors
    /// [`DbError::NotFound`] where there is no such campaign or rule set; [`DbError::Unreadable`] for a text or a value that
    /// this version does not know.
    pub async fn read(
        tx: &mut BulkTransaction,
        campaign: CampaignId,
        rule_set: Option<&str>,
        at: DateTime<Utc>,
    ) -> Result<Self> {
        let team = tx.team_id().uuid();
        let row: CampaignRow = tx
            .first(
                sqlx::query_as(
                    "SELECT channel, sender_id, sender_pool, windows, on_window_close, daily_limit, per_minute_limit,
                            budget_micros, starts_at, expires_at, consent_basis
                       FROM campaigns WHERE team_id = $1 AND id = $2",
                )
                .bind(team)
                .bind(campaign.uuid()),
            )
            .await?
            .ok_or_else(|| DbError::not_found("campaign", campaign))?;
        let steps: Vec<StepRow> = tx
            .all(
                sqlx::query_as(
                    "SELECT s.step, (extract(epoch FROM s.delay) * 1000000)::bigint AS delay_us, s.only_silent,
                            s.template_version_id, t.channel, v.body, v.subject
                       FROM campaign_steps s
                       JOIN templates t ON t.team_id = s.team_id AND t.id = s.template_id
                       JOIN template_versions v ON v.team_id = s.team_id AND v.id = s.template_version_id
                      WHERE s.team_id = $1 AND s.campaign_id = $2 ORDER BY s.step",
                )
                .bind(team)
                .bind(campaign.uuid()),
            )
            .await?;
        let senders: Vec<SenderRow> = tx
            .all(
                sqlx::query_as(sqlx::AssertSqlSafe(format!(
                    "{SENDERS} AND (id = $2 OR ($2::uuid IS NULL AND pool = $3)) ORDER BY id"
                )))
                .bind(team)
                .bind(row.sender_id)
                .bind(&row.sender_pool),
            )
            .await?;
        let unreadable =
            |what: &'static str| move |error: &dyn fmt::Display| DbError::unreadable(what, error);
        let count = |value: i32| u32::try_from(value).unwrap_or_default();
        Ok(Self {
            campaign,
            channel: row.channel.parse().map_err(|error| unreadable("campaigns.channel")(&error))?,
            steps: steps.into_iter().map(step).collect::<Result<_>>()?,
            senders: senders.into_iter().map(sender).collect(),
            windows: windows(&row.windows)?,
            on_window_close: row
                .on_window_close
                .parse()
                .map_err(|error| unreadable("campaigns.on_window_close")(&error))?,
            limits: Limits {
                per_day: count(row.daily_limit),
                per_minute: count(row.per_minute_limit),
                budget: row.budget_micros.map(MicroDollars::new),
            },
            starts_at: row.starts_at,
            expires_at: row.expires_at,
            basis: row
                .consent_basis
                .parse()
                .map_err(|error| unreadable("campaigns.consent_basis")(&error))?,
            rules: rules::Rules::read(tx, rule_set, at).await?,
            segment_price: expected_cost(Channel::Sms, 1),
            email_price: expected_cost(Channel::Email, 1),
            call_price: expected_cost(Channel::Voice, 1),
        })
    }

    /// The step with this number, from 1.
    pub fn step(&self, number: u8) -> Option<&SceneStep> {
        self.steps.iter().find(|step| step.number == number)
    }

    /// Whom a lead is written to from by a way, `sms`, `email` or `voice`: always the same of a pool, as long as it is the same
    /// pool.
    pub fn sender_for(&self, lead: LeadId, channel: &str) -> Option<&SceneSender> {
        let by_it = || self.senders.iter().filter(|sender| sender.channel == channel);
        let senders = u128::try_from(by_it().count()).ok().filter(|senders| *senders > 0)?;
        // The low bits of an id are chance.
        let place = usize::try_from(lead.uuid().as_u128() % senders).ok()?;
        by_it().nth(place)
    }

    /// Whether each step has somebody to send it.
    pub fn has_senders(&self) -> bool {
        let has = |channel: &str| self.senders.iter().any(|sender| sender.channel == channel);
        !self.senders.is_empty() && self.steps.iter().all(|step| has(&step.channel))
    }
}

/// A campaign's own hours as its row has them.
pub(crate) fn windows(stored: &serde_json::Value) -> Result<Windows> {
    match stored {
        serde_json::Value::Object(fields) if fields.is_empty() => Ok(Windows::NONE),
        windows => serde::Deserialize::deserialize(windows)
            .map_err(|error| DbError::unreadable("campaigns.windows", error)),
    }
}

fn step(row: StepRow) -> Result<SceneStep> {
    let template = |text: &str| {
        Template::parse(text).map_err(|error| DbError::unreadable("template_versions.body", error))
    };
    Ok(SceneStep {
        number: u8::try_from(row.step).unwrap_or_default(),
        delay: Duration::from_micros(row.delay_us.unsigned_abs()),
        only_silent: row.only_silent,
        version: TemplateVersionId::from_uuid(row.template_version_id),
        channel: row.channel,
        template: template(&row.body)?,
        subject: row.subject.as_deref().map(template).transpose()?,
    })
}

fn sender(row: SenderRow) -> SceneSender {
    let count = |limit: Option<i32>| limit.and_then(|limit| u32::try_from(limit).ok());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate above 0 and far below 4 million"
    )]
    let milli = row
        .per_second
        .filter(|rate| rate.is_finite() && *rate > 0.0)
        .map(|rate| (rate * 1_000.0).ceil() as u32);
    SceneSender {
        id: SenderId::from_uuid(row.id),
        provider: row.provider,
        channel: row.channel,
        address: row.address,
        display_name: row.display_name,
        postal_address: row.postal_address.unwrap_or_default(),
        reply_to: row.reply_to,
        brand: row.brand,
        per_second_milli: milli,
        per_day: count(row.daily_limit),
        att_per_minute: count(row.att_per_minute),
        tmobile_per_day: count(row.tmobile_per_day),
    }
}
