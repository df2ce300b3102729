//! When what is allowed may leave: slots of the throttles, and when there are some again.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::id::SenderId;
use entities::BulkTransaction;
use entities::outreach::Moment;
use entities::rate_limit::Bucket;
use entities::throttle::{self, Drawn, Wanted};

use super::claim::Allowed;
use super::{Batch, limits, pump};
use crate::Fault;
use crate::sending::carrier;

/// When the first of these may go out from `at` on, when another day begins: most of them are asleep then, and none of them is
/// looked at before.
pub(super) fn opens(batch: &Batch, allowed: &[Allowed<'_>], at: DateTime<Utc>) -> DateTime<Utc> {
    let moment = Moment::if_released(None);
    let first = allowed.iter().filter_map(|(due, person, ..)| {
        let verdict = batch.scene.judge(person, batch.scene.step(due.step)?, &moment, at).ok()?.verdict;
        if verdict.allowed { Some(at) } else { verdict.next_allowed_at }
    });
    first.min().unwrap_or(at)
}

/// When something that is allowed may leave.
pub(super) struct Slot {
    /// Its place among what is allowed.
    pub(super) place: usize,
    /// How long from now.
    pub(super) after: Duration,
    pub(super) takes: Vec<(Bucket, Duration)>,
}

/// Slots for what is allowed; how long to wait for more, or until when a daily limit closes.
pub(super) async fn draw(
    batch: &Batch,
    tx: &mut BulkTransaction,
    allowed: &[Allowed<'_>],
    now: DateTime<Utc>,
) -> Result<(Vec<Slot>, Option<Duration>, Option<DateTime<Utc>>), Fault> {
    let (mut granted, mut wait, mut closed) = (Vec::new(), None::<Duration>, None::<DateTime<Utc>>);
    let current = limits::current(tx, batch.of.campaign).await?;
    let senders: BTreeSet<SenderId> = allowed.iter().map(|(_, _, judged, _)| judged.sender.id).collect();
    for sender in senders {
        let theirs: Vec<usize> =
            (0..allowed.len()).filter(|place| allowed[*place].2.sender.id == sender).collect();
        let Some(first) = theirs.first().map(|place| allowed[*place].2.sender) else { continue };
        let paces = limits::paces(batch, &current, first);
        let dailies = limits::dailies(batch, &current, first);
        let wanted: Vec<Wanted<'_>> = theirs
            .iter()
            .map(|place| {
                let (_, person, judged, _) = &allowed[*place];
                Wanted { segments: judged.text.segments, carrier: carrier::class(person.carrier.as_deref()) }
            })
            .collect();
        let drawn = throttle::draw(tx, &paces, &dailies, &wanted, pump::horizon(batch), now).await?;
        for ((place, drawn), text) in theirs.into_iter().zip(drawn).zip(&wanted) {
            match drawn {
                Drawn::Slot(after) => {
                    granted.push(Slot { place, after, takes: throttle::takes(&paces, *text) });
                }
                Drawn::Later(later) => wait = Some(wait.map_or(later, |wait| wait.min(later))),
                Drawn::Closed(until) => closed = Some(closed.map_or(until, |closed| closed.min(until))),
            }
        }
    }
    Ok((granted, wait, closed))
}
