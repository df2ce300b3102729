//! What campaigns did, what it cost and what is to come: the views over the ledger, read.

use chrono::{DateTime, NaiveDate, Utc};
use domain::id::{CampaignId, TypedId};
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result};

/// What was sent in an hour of a day with one template to one carrier, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatsRow {
    /// The day, where the team is.
    pub day: NaiveDate,
    /// The hour of it, 0 to 23.
    pub hour: i16,
    /// The version of the template.
    pub template_version_id: Option<Uuid>,
    /// `sms`, `email` or `voice`.
    pub channel: String,
    /// Who carries the numbers; `unknown` where nobody has looked.
    pub carrier: String,
    /// Messages that the vendor took.
    pub sent: i64,
    /// Those that arrived.
    pub delivered: i64,
    /// Those that did not.
    pub failed: i64,
    /// E-mails that did not.
    pub bounced: i64,
    /// Segments.
    pub segments: i64,
    /// What they cost, in micro-dollars.
    pub spent_micros: i64,
    /// Messages that came in.
    pub replied: i64,
    /// Of those: interested, or with an e-mail address.
    pub positive: i64,
    /// Questions.
    pub neutral: i64,
    /// Not interested.
    pub negative: i64,
    /// Opt-outs.
    pub opted_out: i64,
    /// E-mail addresses.
    pub captured: i64,
}
from_row!(StatsRow {
    day,
    hour,
    template_version_id,
    channel,
    carrier,
    sent,
    delivered,
    failed,
    bounced,
    segments,
    spent_micros,
    replied,
    positive,
    neutral,
    negative,
    opted_out,
    captured
});

/// The campaign's hours, the first first.
///
/// # Errors
/// Any [`DbError`].
pub async fn hours(tx: &mut BulkTransaction, campaign: CampaignId) -> Result<Vec<StatsRow>> {
    let query = sqlx::query_as(
        "SELECT day, hour, template_version_id, channel, carrier, sent, delivered, failed, bounced, segments, spent_micros,
                replied, positive, neutral, negative, opted_out, captured
           FROM campaign_stats WHERE team_id = $1 AND campaign_id = $2 ORDER BY day, hour, template_version_id, carrier",
    );
    tx.all(query.bind(tx.team_id().uuid()).bind(campaign.uuid())).await
}

/// How many messages failed with one code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failures {
    /// The vendor's code.
    pub code: String,
    /// How many.
    pub failed: i64,
}
from_row!(Failures { code, failed });

/// What failed and why, the most frequent first.
///
/// # Errors
/// Any [`DbError`].
pub async fn failures(tx: &mut BulkTransaction, campaign: CampaignId) -> Result<Vec<Failures>> {
    let query = sqlx::query_as(
        "SELECT code, failed FROM campaign_failures WHERE team_id = $1 AND campaign_id = $2 ORDER BY failed DESC, code",
    );
    tx.all(query.bind(tx.team_id().uuid()).bind(campaign.uuid())).await
}

/// People of a campaign, counted by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// All of them.
    pub leads: i64,
    /// Left out.
    pub excluded: i64,
    /// Written to.
    pub sent: i64,
    /// Reached.
    pub delivered: i64,
    /// Answered.
    pub responded: i64,
    /// Opted out.
    pub opted_out: i64,
    /// Interested, or gave an e-mail address.
    pub positive: i64,
    /// Asked something.
    pub neutral: i64,
    /// Not interested.
    pub negative: i64,
    /// Gave an e-mail address.
    pub captured: i64,
    /// Qualified.
    pub qualified: i64,
    /// Booked a meeting.
    pub meetings: i64,
    /// Became customers.
    pub deals: i64,
}
from_row!(Totals {
    leads,
    excluded,
    sent,
    delivered,
    responded,
    opted_out,
    positive,
    neutral,
    negative,
    captured,
    qualified,
    meetings,
    deals
});

/// A share; `None` of nothing.
fn share(part: i64, whole: i64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "people of one campaign, far below 2^52")]
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Totals {
    /// Answered of those written to.
    pub fn response_rate(&self) -> Option<f64> {
        share(self.responded, self.sent)
    }

    /// Positive of those who answered.
    pub fn positive_rate(&self) -> Option<f64> {
        share(self.positive, self.responded)
    }

    /// E-mail addresses of those written to.
    pub fn capture_rate(&self) -> Option<f64> {
        share(self.captured, self.sent)
    }

    /// Reached of those written to.
    pub fn delivery_rate(&self) -> Option<f64> {
        share(self.delivered, self.sent)
    }
}

/// The campaign's people, counted.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such campaign.
pub async fn totals(tx: &mut BulkTransaction, campaign: CampaignId) -> Result<Totals> {
    let query = sqlx::query_as(
        "SELECT leads, excluded, sent, delivered, responded, opted_out, positive, neutral, negative, captured, qualified,
                meetings, deals
           FROM campaign_totals WHERE team_id = $1 AND campaign_id = $2",
    );
    let totals = tx.first(query.bind(tx.team_id().uuid()).bind(campaign.uuid())).await?;
    totals.ok_or_else(|| DbError::not_found("campaign", campaign))
}

/// What a campaign cost, in micro-dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Costs {
    /// Texts.
    pub sms_micros: i64,
    /// E-mails.
    pub email_micros: i64,
    /// Calls.
    pub voice_micros: i64,
    /// What was ever asked about its people.
    pub enrichment_micros: i64,
}
from_row!(Costs { sms_micros, email_micros, voice_micros, enrichment_micros });

impl Costs {
    /// All of it.
    pub const fn total_micros(&self) -> i64 {
        self.sms_micros + self.email_micros + self.voice_micros + self.enrichment_micros
    }
}

/// What the campaign cost.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such campaign.
pub async fn costs(tx: &mut BulkTransaction, campaign: CampaignId) -> Result<Costs> {
    let query = sqlx::query_as(
        "SELECT sms_micros, email_micros, voice_micros, enrichment_micros FROM campaign_costs
          WHERE team_id = $1 AND campaign_id = $2",
    );
    let costs = tx.first(query.bind(tx.team_id().uuid()).bind(campaign.uuid())).await?;
    costs.ok_or_else(|| DbError::not_found("campaign", campaign))
}

/// How many texts of a campaign are to go out in an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarRow {
    /// The campaign.
    pub campaign_id: Uuid,
    /// Its name.
    pub name: String,
    /// `domain::campaign::CampaignState`.
    pub state: String,
    /// When the hour begins.
    pub hour: DateTime<Utc>,
    /// How many.
    pub texts: i64,
}
from_row!(CalendarRow { campaign_id, name, state, hour, texts });

/// What is to go out across campaigns from `from` to before `until`, by hour.
///
/// # Errors
/// Any [`DbError`].
pub async fn calendar(
    tx: &mut BulkTransaction,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<CalendarRow>> {
    let query = sqlx::query_as(
        "SELECT campaign_id, name, state, hour, texts FROM campaign_calendar
          WHERE team_id = $1 AND hour >= $2 AND hour < $3 ORDER BY hour, campaign_id LIMIT 10000",
    );
    tx.all(query.bind(tx.team_id().uuid()).bind(from).bind(until)).await
}
