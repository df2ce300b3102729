//! How fast and how many: the limits of the campaign, its team, its sender, its brand and the carriers.

use std::time::Duration;

use domain::id::CampaignId;
use entities::BulkTransaction;
use entities::campaign::change::{self, Held};
use entities::outreach::SceneSender;
use entities::rate_limit::Bucket;
use entities::throttle::{Applies, Daily, Pace, Unit};

use super::Batch;
use crate::Fault;
use crate::sending::limits;

const MINUTE: Duration = Duration::from_secs(60);
/// By which all that the team's campaigns send is counted.
const ALL_CAMPAIGNS: &str = "send:campaigns";

/// The campaign as it is now: its limits may have been changed a moment ago.
pub(super) async fn current(tx: &mut BulkTransaction, campaign: CampaignId) -> Result<Held, Fault> {
    Ok(change::look(tx, campaign).await?)
}

/// One after the other, so far apart.
pub(super) fn paces(batch: &Batch, now: &Held, sender: &SceneSender) -> Vec<Pace> {
    let mut paces = vec![Pace {
        bucket: Bucket::Team(format!("send:{}", batch.of.campaign)),
        interval: limits::apart(MINUTE, now.per_minute),
        unit: Unit::Messages,
        applies: Applies::All,
    }];
    paces.extend(batch.team_limits.0.map(|most| Pace {
        bucket: Bucket::Team(ALL_CAMPAIGNS.to_owned()),
        interval: limits::apart(MINUTE, most),
        unit: Unit::Messages,
        applies: Applies::All,
    }));
    paces.extend(limits::paces(sender));
    paces
}

/// So many a day.
pub(super) fn dailies(batch: &Batch, now: &Held, sender: &SceneSender) -> Vec<Daily> {
    let mut dailies = vec![Daily {
        counter: batch.of.campaign.to_string(),
        zone: None,
        limit: now.per_day,
        unit: Unit::Messages,
        applies: Applies::All,
    }];
    dailies.extend(batch.team_limits.1.map(|limit| Daily {
        counter: ALL_CAMPAIGNS.to_owned(),
        zone: None,
        limit,
        unit: Unit::Messages,
        applies: Applies::All,
    }));
    dailies.extend(limits::dailies(sender));
    dailies
}
