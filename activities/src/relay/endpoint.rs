//! Tells teams' endpoints what happened: each notice at least once, in no certain order, again and again for three days. An
//! endpoint that is out of order for five is told nothing any more, and a person hears of it.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use domain::FailureCode;
use domain::id::TeamId;
use entities::webhook_endpoint::{self, Due, Failure};
use futures::stream::{self, StreamExt};
use providers::notice::{EndpointSecret, EndpointUrl, Told};
use rand::Rng as _;
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};

use crate::{Fault, Resources};

/// How often somebody looks whether there is something to be told.
const PAUSE: Duration = Duration::from_secs(1);

/// How often what was told is forgotten, and after how long.
const FORGET_PAUSE: Duration = Duration::from_secs(60 * 60);
const FORGET_AFTER: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Teams that are looked after in one look.
const TEAMS: i32 = 50;

/// Notices of all teams that are on their way at once, from one worker.
const AT_ONCE: usize = 32;

/// How long a notice is left to the worker that has taken it: longer than all that one look takes can be on their way.
const LEASE: Duration = Duration::from_secs(10 * 60);

/// How long to wait after the first failure, the second and so on: three days in all.
const WAITS: [Duration; 10] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 60 * 60),
    Duration::from_secs(6 * 60 * 60),
    Duration::from_secs(12 * 60 * 60),
    Duration::from_secs(24 * 60 * 60),
    Duration::from_secs(24 * 60 * 60),
];

/// How long an endpoint may be out of order.
const PATIENCE: Duration = Duration::from_secs(5 * 24 * 60 * 60);

/// Tells until the future is dropped. What fails is logged and tried again at the next look.
pub async fn run(resources: Resources) {
    let mut look = interval(PAUSE);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut forget = interval(FORGET_PAUSE);
    loop {
        tokio::select! {
            _ = look.tick() => {
                if let Err(fault) = tell_due(&resources).await {
                    tracing::warn!(code = %fault.code(), message = fault.message(), "endpoints are not told");
                }
            }
            _ = forget.tick() => {
                match webhook_endpoint::forget_told(&resources.db, FORGET_AFTER).await {
                    Ok(0) => {}
                    Ok(rows) => tracing::info!(rows, "what was told long ago is forgotten"),
                    Err(error) => tracing::warn!(%error, "what was told long ago is not forgotten"),
                }
            }
        }
    }
}

/// Tells what is to be told now; answers how many notices that were.
async fn tell_due(resources: &Resources) -> Result<usize, Fault> {
    let mut all = Vec::new();
    for team in webhook_endpoint::teams_with_notices(&resources.db, TEAMS).await? {
        let mut tx = resources.db.team_bulk(team).await?;
        let due = webhook_endpoint::take_due(&mut tx, LEASE).await?;
        tx.commit().await?;
        all.extend(due.into_iter().map(|due| (team, due)));
    }
    let count = all.len();
    stream::iter(all)
        .for_each_concurrent(AT_ONCE, |(team, due)| async move {
            if let Err(fault) = tell(resources, team, &due).await {
                let (code, message) = (fault.code(), fault.message());
                tracing::warn!(notice = %due.id, endpoint = %due.endpoint, %code, message, "a notice is left for later");
            }
        })
        .await;
    Ok(count)
}

/// Tells one, and notes what came of it.
async fn tell(resources: &Resources, team: TeamId, due: &Due) -> Result<(), Fault> {
    let told = send(resources, due).await?;
    let mut tx = resources.db.team_bulk(team).await?;
    let (status, why, wanted, endpoint_down) = match told {
        Told::Taken { status } => {
            webhook_endpoint::told(&mut tx, due, status).await?;
            tx.commit().await?;
            tracing::info!(notice = %due.id, endpoint = %due.endpoint, status, "an endpoint was told");
            return Ok(());
        }
        Told::Gone => (Some(410), "the endpoint answers 410: it is gone".to_owned(), None, true),
        Told::Refused { status, retry_after } => {
            // What it says of this notice it need not say of the next; what it says of itself, it does.
            let itself = status == 429 || status >= 500;
            (Some(status), format!("the endpoint answers {status}"), retry_after, itself)
        }
        Told::Unreached { why } => (None, format!("the endpoint is not reached: {why}"), None, true),
    };
    let gone = status == Some(410);
    let again =
        if gone { None } else { wait_after(due.attempts, wanted, rand::rng().random_range(0.9..1.1)) };
    tracing::info!(notice = %due.id, endpoint = %due.endpoint, ?status, ?again, "an endpoint did not take a notice");
    let failure = Failure { status, why: &why, again, endpoint_down, patience: PATIENCE };
    let out_of_patience = webhook_endpoint::not_told(&mut tx, due, failure).await?;
    if gone || out_of_patience {
        let why = if gone { why } else { format!("it has taken nothing for days; last: {why}") };
        webhook_endpoint::give_up(&mut tx, due.endpoint, &why).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// How long to wait after that many earlier attempts and this one; `None`: it is given up. What the endpoint asks for is kept
/// to, where that is longer.
fn wait_after(attempts: i32, wanted: Option<Duration>, jitter: f64) -> Option<Duration> {
    let wait = usize::try_from(attempts).ok().and_then(|attempt| WAITS.get(attempt))?;
    Some(wait.mul_f64(jitter).max(wanted.unwrap_or_default()))
}

async fn send(resources: &Resources, due: &Due) -> Result<Told, Fault> {
    let broken = |what: &str| Fault::permanent(FailureCode::SystemInternal, what);
    let (sealed, key_id) = &due.secret;
    let secret = resources
        .keys
        .open(key_id, sealed)
        .map_err(|error| broken("the secret of an endpoint cannot be read").because(error))?;
    let secret = String::from_utf8(secret)
        .map_err(|error| broken("the secret of an endpoint is no text").because(error))?;
    let secret = EndpointSecret::parse(&secret)
        .map_err(|error| broken("the secret of an endpoint is none").because(error))?;
    let url: EndpointUrl = match due.url.parse() {
        Ok(url) => url,
        Err(error) => return Ok(Told::Unreached { why: format!("its address {error}") }),
    };
    let body = body(due).to_string().into_bytes();
    Ok(resources.notifier.tell(&url, &secret, &due.id.to_string(), Utc::now(), body).await)
}

/// What an endpoint reads: what happened, when, and ids and counts.
fn body(due: &Due) -> serde_json::Value {
    let at = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Millis, true);
    json!({ "type": due.kind, "timestamp": at(due.happened_at), "data": due.payload })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_three_days_and_end() {
        let waits: Vec<_> = (0..).map_while(|attempt| wait_after(attempt, None, 1.0)).collect();
        assert!(waits.is_sorted(), "{waits:?}");
        let all: Duration = waits.iter().sum();
        assert!((2..4).contains(&(all.as_secs() / 86_400)), "{all:?}");
        let hour = Duration::from_secs(3_600);
        assert_eq!(wait_after(0, Some(hour), 1.0), Some(hour), "the endpoint says so");
        assert!(wait_after(6, Some(hour), 0.9).is_some_and(|wait| wait > hour), "at least ours");
    }
}
