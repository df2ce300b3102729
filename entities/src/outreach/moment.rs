//! How things stand at the moment of sending: switches, the campaign's state, the money that is left.

use chrono::{DateTime, Utc};
use domain::campaign::CampaignState;
use domain::gate::{Approval, KillSwitch};
use domain::id::{CampaignId, SenderId, TypedId};
use domain::money::MicroDollars;
use uuid::Uuid;

use crate::budget::Scope;
use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result};

/// How things stand, for every message of a campaign alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// The switches that are on: the widest of everything, team and campaign, and the senders that are stopped.
    pub switch: Option<KillSwitch>,
    /// Senders that a switch of their own stops.
    pub stopped_senders: Vec<SenderId>,
    /// How far the campaign has come.
    pub state: CampaignState,
    /// Whether what would be sent is what was released.
    pub approval: Approval,
    /// The least that any budget has left; `None` where there is none.
    pub budget_left: Option<MicroDollars>,
    /// When that budget begins anew.
    pub budget_renews_at: Option<DateTime<Utc>>,
}

struct Row {
    state: String,
    released: bool,
    lapsed: bool,
    switch: Option<String>,
    stopped: Option<Vec<Uuid>>,
}
from_row!(Row { state, released, lapsed, switch, stopped });

impl Moment {
    /// A campaign that runs and has whatever it needs: what would happen if it were released as it is.
    pub const fn if_released(budget_left: Option<MicroDollars>) -> Self {
        Self {
            switch: None,
            stopped_senders: Vec::new(),
            state: CampaignState::Running,
            approval: Approval::Approved,
            budget_left,
            budget_renews_at: None,
        }
    }

    /// How things stand now.
    ///
    /// # Errors
    /// [`DbError::NotFound`] where there is no such campaign; any other [`DbError`].
    pub async fn read(
        tx: &mut BulkTransaction,
        campaign: CampaignId,
        provider: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let query = sqlx::query_as::<_, Row>(
            "SELECT c.state, coalesce(c.approved_hash = c.preview_hash, false) AS released,
                    c.state IN ('approved', 'scheduled') AND coalesce(c.approval_expires_at <= $3, false) AS lapsed,
                    kill_switch_on(c.id, NULL) AS switch,
                    (SELECT array_agg(k.subject) FROM kill_switches k
                      WHERE k.team_id = c.team_id AND k.scope = 'sender' AND k.lifted_at IS NULL) AS stopped
               FROM campaigns c WHERE c.team_id = $1 AND c.id = $2",
        );
        let row = tx.first(query.bind(tx.team_id().uuid()).bind(campaign.uuid()).bind(now)).await?;
        let row = row.ok_or_else(|| DbError::not_found("campaign", campaign))?;
        let state: CampaignState =
            row.state.parse().map_err(|error| DbError::unreadable("campaigns.state", error))?;
        let switch = row.switch.as_deref().map(str::parse).transpose();
        let (budget_left, budget_renews_at) = left(tx, &Scope::of_message(Some(campaign), provider)).await?;
        Ok(Self {
            switch: switch.map_err(|error| DbError::unreadable("kill_switch_on", error))?,
            stopped_senders: row.stopped.unwrap_or_default().into_iter().map(SenderId::from_uuid).collect(),
            approval: match (state.is_approved(), row.released, row.lapsed) {
                (true, true, true) => Approval::Expired,
                (true, true, false) => Approval::Approved,
                (true, false, _) => Approval::Stale,
                (false, ..) => Approval::Missing,
            },
            state,
            budget_left,
            budget_renews_at,
        })
    }
}

/// The least that is left in any of these budgets, and when that one begins anew.
pub(super) async fn left(
    tx: &mut BulkTransaction,
    scopes: &[Scope],
) -> Result<(Option<MicroDollars>, Option<DateTime<Utc>>)> {
    let (kinds, subjects): (Vec<&str>, Vec<String>) = scopes.iter().map(Scope::columns).unzip();
    let query = sqlx::query_as::<_, (i64, Option<DateTime<Utc>>)>(
        "SELECT b.limit_micros - b.reserved_micros - b.spent_micros,
                CASE WHEN b.day IS NOT NULL THEN (b.day + 1)::timestamp AT TIME ZONE team_time_zone() END
           FROM budgets b JOIN unnest($2::text[], $3::text[]) u (scope, subject)
                  ON b.scope = u.scope AND b.subject = u.subject
          WHERE b.team_id = $1 AND b.limit_micros IS NOT NULL
            AND b.day IS NOT DISTINCT FROM CASE WHEN b.scope = 'day' THEN team_day() END
          ORDER BY 1 LIMIT 1",
    );
    let least = tx.first(query.bind(tx.team_id().uuid()).bind(kinds).bind(subjects)).await?;
    Ok(least.map_or((None, None), |(left, renews)| (Some(MicroDollars::new(left)), renews)))
}
