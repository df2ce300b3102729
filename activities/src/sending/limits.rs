//! How fast a sender may send: by its registration, its brand and the carriers. The same rows for all who send from it.

use std::time::Duration;

use domain::geo::TimeZone;
use domain::id::SenderId;
use entities::outreach::SceneSender;
use entities::rate_limit::Bucket;
use entities::throttle::{Applies, Daily, Pace, Unit};

use super::carrier;

const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);
/// A text leaves a moment after its slot. With a hundredth more time between slots than a limit asks for, one that was late
/// and one that was not do not make one too many in any minute.
const SLACK: u32 = 100;

/// The time between two of so many in a window.
pub(crate) fn apart(window: Duration, most: u32) -> Duration {
    (window + window / SLACK) / most.max(1)
}

/// The name of the bucket of a sender, which is also blocked where its vendor wants to be left alone.
pub(crate) fn sender_bucket(sender: SenderId) -> Bucket {
    Bucket::Team(format!("send:{sender}"))
}

/// One after the other, so far apart.
pub(crate) fn paces(sender: &SceneSender) -> Vec<Pace> {
    let mut paces = vec![Pace {
        bucket: sender_bucket(sender.id),
        // Without a registered rate only a block that the vendor asked for counts.
        interval: sender.per_second_milli.map_or(Duration::ZERO, |milli| apart(SECOND * 1_000, milli)),
        unit: Unit::Segments,
        applies: Applies::All,
    }];
    if let Some(segments) = sender.att_per_minute {
        let whose = sender.brand.clone().unwrap_or_else(|| sender.id.to_string());
        paces.push(Pace {
            bucket: Bucket::Team(format!("send:{whose}:{}", carrier::ATT)),
            interval: apart(MINUTE, segments),
            unit: Unit::Segments,
            applies: Applies::Carrier(carrier::ATT.to_owned()),
        });
    }
    paces
}

/// So many a day.
pub(crate) fn dailies(sender: &SceneSender) -> Vec<Daily> {
    let mut dailies = Vec::new();
    if let Some(limit) = sender.per_day {
        let counter = sender.id.to_string();
        dailies.push(Daily { counter, zone: None, limit, unit: Unit::Segments, applies: Applies::All });
    }
    if let Some(limit) = sender.tmobile_per_day {
        let whose = sender.brand.clone().unwrap_or_else(|| sender.id.to_string());
        dailies.push(Daily {
            counter: format!("brand:{whose}:{}", carrier::T_MOBILE),
            // T-Mobile's day begins at midnight in California.
            zone: Some(TimeZone::Pacific.iana().to_owned()),
            limit,
            unit: Unit::Segments,
            applies: Applies::Carrier(carrier::T_MOBILE.to_owned()),
        });
    }
    dailies
}
