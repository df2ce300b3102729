//! Templates that are sent to be looked at, to the team's own numbers and addresses: taken, called once, written down.
//!
//! They belong to no campaign, so neither hours nor caps nor consents hold for them: whom they go to has proved that they are the
//! team's. Switches, suppressions, budgets and the sender's own account hold, and a lead gets none.

use std::time::Duration;

use chrono::Utc;
use domain::id::TeamId;
use entities::BulkTransaction;
use entities::budget::{self, Scope};
use entities::sender::{self, MailSender};
use entities::suppression::{self, Withheld};
use entities::test_send::{self, Ended, Open, Patience};
use providers::sms::{MessageText, OutgoingText, SendOutcome};
use tokio::time::{MissedTickBehavior, interval};

use super::doors;
use super::mail::Letter;
use super::vendor::{Outgoing, SMTP, Vendor};
use crate::{Fault, Resources};

/// How often somebody looks for one.
const PAUSE: Duration = Duration::from_secs(1);
/// Teams that are served in one look.
const TEAMS: i32 = 20;
/// Tests of one team in one look.
const EACH: usize = 5;
/// How long a test waits for a worker that knows its vendor.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

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

/// What is wrong with one team's tests keeps no other team's from being sent.
async fn send_all(resources: &Resources) -> Result<u64, Fault> {
    let mail = resources.mail.ready().is_ok().then_some(SMTP);
    let reached: Vec<&str> = resources.texters.names().chain(mail).collect();
    let mut sent = 0;
    for team in test_send::teams(&resources.db, TEAMS).await? {
        for _ in 0..EACH {
            match send_next(resources, team, &reached).await {
                Ok(true) => sent += 1,
                Ok(false) => break,
                Err(fault) => {
                    let (code, message) = (fault.code(), fault.message());
                    tracing::warn!(%team, %code, message, "a team's tests of templates wait");
                    break;
                }
            }
        }
    }
    Ok(sent)
}

/// Sends the next one of a team that goes by a vendor that is `reached` from here; answers whether there was one.
async fn send_next(resources: &Resources, team: TeamId, reached: &[&str]) -> Result<bool, Fault> {
    let now = Utc::now();
    let policy = &resources.texters.policy;
    let mut tx = resources.db.team_bulk(team).await?;
    let patience = Patience { for_word: policy.lease, for_vendor: PATIENCE };
    let Some(open) = test_send::take(&mut tx, reached, patience, now).await? else { return Ok(false) };
    if open.lost {
        // It may have left: it counts as paid for, and is not sent again.
        test_send::settle(&mut tx, open.id, Ended::Unknown, now).await?;
        budget::settle_many(&mut tx, &[(open.id, open.price)]).await?;
        tx.commit().await?;
        return Ok(true);
    }
    let ready = match forbidden(&mut tx, &open).await? {
        Some(why) => Err(why),
        None => {
            let from = sender::mail_sender(&mut tx, Some(open.sender)).await?;
            let callback = doors::address(&mut tx, &resources.keys, &open.provider).await?;
            match prepare(resources, team, from.as_ref(), callback, &open) {
                Ok(ready) => {
                    let scopes = Scope::of_message(None, Some(&open.provider));
                    let paid = budget::put_aside(&mut tx, open.id, open.price, &scopes).await?;
                    if paid { Ok(ready) } else { Err("budget".to_owned()) }
                }
                Err(fault) => {
                    tracing::warn!(%team, test = %open.id, message = fault.message(), "a test of a template cannot be sent");
                    Err(Withheld::Sender.as_str().to_owned())
                }
            }
        }
    };
    let (vendor, message) = match ready {
        Ok(ready) => ready,
        Err(why) => {
            test_send::settle(&mut tx, open.id, Ended::Withheld(&why), now).await?;
            tx.commit().await?;
            return Ok(true);
        }
    };
    // Whoever dies from here on leaves a call that was begun.
    tx.commit().await?;
    let outcome = vendor.send(&message, policy.call_timeout).await;
    write_down(resources, team, &open, &outcome).await?;
    Ok(true)
}

/// Why it may not be sent, by all but money.
async fn forbidden(tx: &mut BulkTransaction, open: &Open) -> Result<Option<String>, Fault> {
    if open.withheld.is_some() {
        return Ok(open.withheld.clone());
    }
    let found = suppression::withheld(tx, &open.to, open.sender, open.brand.as_deref(), &open.from).await?;
    Ok(found.map(|why| why.as_str().to_owned()))
}

/// Who takes it, and what leaves; `from`: of an e-mail.
fn prepare(
    resources: &Resources,
    team: TeamId,
    from: Option<&MailSender>,
    callback: Option<String>,
    open: &Open,
) -> Result<(Vendor, Outgoing), Fault> {
    let unable = |what: &str| Fault::permanent(domain::FailureCode::CampaignSenderMissing, what);
    let vendor = Vendor::of(resources, team, &open.provider)?;
    let key = open.id.to_string();
    let message = match open.channel.as_str() {
        "email" => {
            let from = from.ok_or_else(|| unable("the sender has no postal address"))?;
            let letter = Letter {
                key: &key,
                campaign: None,
                to: &open.to,
                subject: open.subject.as_deref().unwrap_or_default(),
                body: &open.body,
            };
            let email = resources.mail.write(team, from, letter);
            Outgoing::Email(Box::new(email.map_err(|fault| unable(&fault.to_string()))?))
        }
        _ => Outgoing::Text(Box::new(OutgoingText {
            key,
            from: open.from.parse().map_err(|_| unable("the sender's number is none"))?,
            to: open.to.parse().map_err(|_| unable("the recipient's number is none"))?,
            text: MessageText::from(open.body.as_str()),
            status_callback: callback,
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
