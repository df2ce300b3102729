//! Templates that are sent to be looked at, to the team's own numbers and addresses: taken, called once, written down.
//!
//! They belong to no campaign, so neither hours nor caps nor consents hold for them: whom they go to has proved that they are the
//! team's. Switches, suppressions, budgets and the sender's own account hold, and a lead gets none.

use std::time::Duration;

use chrono::Utc;
use domain::id::TeamId;
use entities::budget::{self, Reservation, Scope};
use entities::test_send::{self, Ended, Open};
use entities::{sender, suppression};
use providers::sms::{MessageText, OutgoingText, SendOutcome};
use tokio::time::{MissedTickBehavior, interval};

use super::mail::Letter;
use super::vendor::{Outgoing, Vendor};
use crate::{Fault, Resources};

/// How often somebody looks for one.
const PAUSE: Duration = Duration::from_secs(1);
/// Teams that are served in one look.
const TEAMS: i32 = 20;
/// Tests of one team in one look.
const EACH: usize = 5;

/// Sends what is to be sent until the future is dropped.
pub async fn run(resources: Resources) {
    let mut look = interval(PAUSE);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        match send_all(&resources).await {
            Ok(0) => {}
            Ok(sent) => tracing::info!(sent, "tests of templates were sent"),
            Err(fault) => {
                tracing::warn!(code = %fault.code(), message = fault.message(), "tests of templates wait");
            }
        }
    }
}

async fn send_all(resources: &Resources) -> Result<u64, Fault> {
    let mut sent = 0;
    for team in test_send::teams(&resources.db, TEAMS).await? {
        for _ in 0..EACH {
            if !send_next(resources, team).await? {
                break;
            }
            sent += 1;
        }
    }
    Ok(sent)
}

/// Sends the next one of a team; answers whether there was one.
async fn send_next(resources: &Resources, team: TeamId) -> Result<bool, Fault> {
    let now = Utc::now();
    let policy = &resources.texters.policy;
    let mut tx = resources.db.team_bulk(team).await?;
    let Some(open) = test_send::take(&mut tx, policy.lease, now).await? else { return Ok(false) };
    if open.lost {
        // It may have left: it counts as paid for, and is not sent again.
        test_send::settle(&mut tx, open.id, Ended::Unknown, now).await?;
        budget::settle_many(&mut tx, &[(open.id, open.price)]).await?;
        tx.commit().await?;
        return Ok(true);
    }
    let withheld = match &open.withheld {
        Some(why) => Some(why.clone()),
        None => {
            let brand = open.brand.as_deref();
            let found = suppression::withheld(&mut tx, &open.to, open.sender, brand, &open.from).await?;
            found.map(|why| why.as_str().to_owned())
        }
    };
    let withheld = match withheld {
        None => no_money(&mut tx, &open).await?.then(|| "budget".to_owned()),
        why => why,
    };
    if let Some(why) = withheld {
        test_send::settle(&mut tx, open.id, Ended::Withheld(&why), now).await?;
        tx.commit().await?;
        return Ok(true);
    }
    let prepared = prepare(resources, team, &mut tx, &open).await;
    // Whoever dies from here on leaves a call that was begun.
    tx.commit().await?;
    let outcome = match prepared {
        Ok((vendor, message)) => vendor.send(&message, policy.call_timeout).await,
        Err(fault) => SendOutcome::NotSent { detail: fault.message().to_owned() },
    };
    write_down(resources, team, &open, &outcome).await?;
    Ok(true)
}

/// Puts the money aside; answers whether there is none.
async fn no_money(tx: &mut entities::BulkTransaction, open: &Open) -> Result<bool, Fault> {
    let scopes = [
        Scope::Team,
        Scope::Day,
        Scope::Provider(open.provider.clone()),
        Scope::ProviderDay(open.provider.clone()),
    ];
    let reserved = budget::reserve_many(tx, &[(open.id, open.price)], &scopes).await?;
    Ok(reserved.iter().any(|(_, reservation)| matches!(reservation, Reservation::Exhausted { .. })))
}

/// Who takes it, and what leaves.
async fn prepare(
    resources: &Resources,
    team: TeamId,
    tx: &mut entities::BulkTransaction,
    open: &Open,
) -> Result<(Vendor, Outgoing), Fault> {
    let unable = |what: &str| Fault::permanent(domain::FailureCode::CampaignSenderMissing, what);
    let vendor = Vendor::of(resources, team, &open.provider)?;
    let key = open.id.to_string();
    let message = match open.channel.as_str() {
        "email" => {
            let from = sender::mail_sender(tx, Some(open.sender)).await?;
            let from = from.ok_or_else(|| unable("the sender has no postal address"))?;
            let letter = Letter {
                key: &key,
                campaign: None,
                to: &open.to,
                subject: open.subject.as_deref().unwrap_or_default(),
                body: &open.body,
            };
            let email = resources.mail.write(team, &from, letter);
            Outgoing::Email(Box::new(email.map_err(|fault| unable(&fault.to_string()))?))
        }
        _ => Outgoing::Text(Box::new(OutgoingText {
            key,
            from: open.from.parse().map_err(|_| unable("the sender's number is none"))?,
            to: open.to.parse().map_err(|_| unable("the recipient's number is none"))?,
            text: MessageText::from(open.body.as_str()),
            status_callback: None,
            validity: None,
        })),
    };
    Ok((vendor, message))
}

async fn write_down(
    resources: &Resources,
    team: TeamId,
    open: &Open,
    outcome: &SendOutcome,
) -> Result<(), Fault> {
    let mut tx = resources.db.team_bulk(team).await?;
    let (ended, costs) = match outcome {
        SendOutcome::Accepted { external_id, .. } => (Ended::Accepted { external_id }, true),
        SendOutcome::Refused { code, .. } | SendOutcome::AccountStop { code } => {
            (Ended::Refused(code), false)
        }
        SendOutcome::RateLimited { .. } => (Ended::Refused("rate_limited"), false),
        SendOutcome::NotSent { .. } => (Ended::Refused("not_sent"), false),
        SendOutcome::Unknown { .. } => (Ended::Unknown, true),
    };
    test_send::settle(&mut tx, open.id, ended, Utc::now()).await?;
    if costs {
        budget::settle_many(&mut tx, &[(open.id, open.price)]).await?;
    } else {
        budget::release_many(&mut tx, &[open.id]).await?;
    }
    tx.commit().await?;
    tracing::info!(%team, test = %open.id, outcome = outcome.as_str(), "a test of a template was sent");
    Ok(())
}
