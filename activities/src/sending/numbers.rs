//! Numbers that were ordered are bought: chosen, written down, paid once, and entered as senders.
//!
//! Which number it is to be stands in the order before the vendor is asked to sell it, and that it is asked stands there before the
//! call. So whoever finds an order of which nobody knows what came looks among the numbers we have for that very one, and asks again
//! for that one alone, once the vendor has had the time to write it down.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::id::TeamId;
use domain::phone::Phone;
use entities::alert::{self, NewAlert};
use entities::budget::{self, Scope};
use entities::number_order::OrderState;
use entities::number_order::buying::{self, Known, NUMBER_CONSTRAINT, Open};
use entities::{BulkTransaction, audit_log};
use providers::sms::{Bought, NumberOffer, OwnedNumber, SmsFault, SmsProvider};
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};

use super::doors;
use crate::{Fault, Resources};

/// How often somebody looks for an order.
const PAUSE: Duration = Duration::from_secs(1);
/// Teams that are served in one look.
const TEAMS: i32 = 20;
/// Steps of one team's orders in one look.
const EACH: usize = 5;
/// How long an order is left to whoever has it in hand: longer than its calls take.
const LEASE: Duration = Duration::from_secs(120);
/// How long a look may go on asking for offers.
const LOOKING: Duration = Duration::from_secs(80);
/// Offers of one area code that are asked for: another order may have chosen the first ones.
const OFFERS: u16 = 10;
/// Numbers that the vendor may fail to sell, until nobody tries any more.
const MOST_LOST: i16 = 5;
/// How long an order waits for a worker that has the key to its vendor.
const NO_KEY: Duration = Duration::from_secs(10 * 60);
/// How long an order waits for a vendor that cannot be asked, or does not deliver.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// Buys what was ordered until the future is dropped.
pub async fn run(resources: Resources) {
    let mut look = interval(PAUSE);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        if let Err(fault) = buy_all(&resources).await {
            tracing::warn!(code = %fault.code(), message = fault.message(), "orders of numbers wait");
        }
    }
}

async fn buy_all(resources: &Resources) -> Result<(), Fault> {
    for team in buying::teams(&resources.db, TEAMS).await? {
        // What is wrong with one team's orders keeps no other's from being bought.
        if let Err(fault) = buy_some(resources, team).await {
            let (code, message) = (fault.code(), fault.message());
            tracing::warn!(%team, %code, message, "the orders of a team are left for later");
        }
    }
    Ok(())
}

async fn buy_some(resources: &Resources, team: TeamId) -> Result<(), Fault> {
    for _ in 0..EACH {
        let mut tx = resources.db.team_bulk(team).await?;
        let order = buying::take(&mut tx, LEASE).await?;
        tx.commit().await?;
        let Some(order) = order else { break };
        match resources.texters.get(&order.wanted.provider).cloned() {
            Some(vendor) => Purchase { resources, team, order, vendor }.step().await?,
            // Another worker may know it; an order that was asked for already waits until one does.
            None if order.called_at.is_some() || age(order.created_at) < NO_KEY => {
                let mut tx = resources.db.team_bulk(team).await?;
                buying::note(&mut tx, order.id, Known::Waits("no_key"), PAUSE).await?;
                tx.commit().await?;
            }
            None => fail(resources, team, &order, "no_key", false).await?,
        }
    }
    Ok(())
}

/// An order in hand.
struct Purchase<'a> {
    resources: &'a Resources,
    team: TeamId,
    order: Open,
    vendor: Arc<dyn SmsProvider>,
}

impl Purchase<'_> {
    async fn step(&self) -> Result<(), Fault> {
        let Some(number) = self.order.number.filter(|_| self.order.state != OrderState::Wanted) else {
            return match tokio::time::timeout(LOOKING, self.choose()).await {
                Ok(chosen) => chosen,
                Err(_late) => self.note(Known::NotAsked("slow")).await,
            };
        };
        // What is ours already is never bought again.
        let owned = match self.own(&number).await {
            Ok(owned) => owned,
            Err(fault) if self.order.called_at.is_none() => return self.put_off(&fault).await,
            // It may be ours: it is looked for until somebody can say.
            Err(fault) => return self.note(Known::Waits(word(&fault))).await,
        };
        match (owned, self.order.called_at) {
            (Some(owned), Some(_)) => self.bought(&owned).await,
            // Somebody else's, bought elsewhere since it was offered.
            (Some(_), None) => self.lost("owned").await,
            (None, None) => self.buy(number).await,
            (None, Some(called)) if self.order.state == OrderState::Ordered => {
                if age(called) < PATIENCE {
                    return self.note(Known::Waits("ordered")).await;
                }
                // It may come yet, and be charged: it counts as paid for.
                fail(self.resources, self.team, &self.order, "not_delivered", true).await
            }
            (None, Some(called)) if age(called) < self.resources.texters.policy.missed_after => {
                self.note(Known::Waits("unknown")).await
            }
            (None, Some(_)) => self.buy(number).await,
        }
    }

    /// Chooses a number nobody else has chosen, and puts the money aside.
    async fn choose(&self) -> Result<(), Fault> {
        for code in &self.order.wanted.area_codes {
            let offers = match self.vendor.offers(code, OFFERS).await {
                Ok(offers) => offers,
                Err(fault) => return self.put_off(&fault).await,
            };
            for offer in offers {
                let mut tx = self.resources.db.team_bulk(self.team).await?;
                match buying::choose(&mut tx, self.order.id, &offer.number).await {
                    Ok(true) => {}
                    Ok(false) => return Ok(()),
                    Err(error) if error.violates(NUMBER_CONSTRAINT) => continue,
                    Err(error) => return Err(error.into()),
                }
                let scopes = Scope::of_message(None, Some(&self.order.wanted.provider));
                if budget::put_aside(&mut tx, self.order.id, self.order.wanted.price, &scopes).await? {
                    // Somebody looks at once: what is chosen is bought in a step of its own.
                    buying::note(&mut tx, self.order.id, Known::NotAsked("chosen"), Duration::ZERO).await?;
                } else {
                    told_of_failure(&mut tx, &self.order, "budget", false).await?;
                }
                tx.commit().await?;
                return Ok(());
            }
        }
        fail(self.resources, self.team, &self.order, "none_offered", false).await
    }

    /// The number as we have it at the vendor; `None` where we have not.
    async fn own(&self, number: &Phone) -> Result<Option<OwnedNumber>, SmsFault> {
        let own = self.vendor.numbers().await?;
        Ok(own.into_iter().find(|own| own.number == *number))
    }

    /// Asks the vendor to sell the number.
    async fn buy(&self, number: Phone) -> Result<(), Fault> {
        let mut tx = self.resources.db.team_bulk(self.team).await?;
        let hook = doors::address(&mut tx, &self.resources.keys, &self.order.wanted.provider).await?;
        let is_open = buying::call(&mut tx, self.order.id).await?;
        tx.commit().await?;
        if !is_open {
            return Ok(());
        }
        let (offer, key) = (NumberOffer { number, state: None }, self.order.id.to_string());
        match self.vendor.buy(&offer, &key, hook.as_deref()).await {
            Ok(Bought::Now(owned)) => self.bought(&owned).await,
            Ok(Bought::Ordered) => self.note(Known::Ordered).await,
            Ok(Bought::Unknown) => self.note(Known::Waits("unknown")).await,
            Err(SmsFault::Refused { code, .. }) => {
                // Of a number that an earlier call may have bought after all it says that it is sold.
                let owned = match self.order.called_at {
                    Some(_) => match self.own(&number).await {
                        Ok(owned) => owned,
                        Err(fault) => return self.note(Known::Waits(word(&fault))).await,
                    },
                    None => None,
                };
                match owned {
                    Some(owned) => self.bought(&owned).await,
                    None => self.lost(&code).await,
                }
            }
            Err(fault) => self.put_off(&fault).await,
        }
    }

    /// It is ours.
    async fn bought(&self, owned: &OwnedNumber) -> Result<(), Fault> {
        let (order, mut tx) = (&self.order, self.resources.db.team_bulk(self.team).await?);
        let Some(sender) = buying::bought(&mut tx, order, &owned.number, owned.ready).await? else {
            return Ok(());
        };
        budget::settle_many(&mut tx, &[(order.id, order.wanted.price)]).await?;
        let details = json!({ "sender": sender, "ready": owned.ready });
        audit_log::record_in_bulk(&mut tx, None, "number_order.bought", &order.id.to_string(), &details)
            .await?;
        tx.commit().await?;
        tracing::info!(team = %self.team, order = %order.id, %sender, "a number was bought");
        Ok(())
    }

    /// The vendor does not sell this one.
    async fn lost(&self, why: &str) -> Result<(), Fault> {
        if self.order.lost + 1 >= MOST_LOST {
            return fail(self.resources, self.team, &self.order, &format!("refused: {why}"), false).await;
        }
        self.note(Known::Lost(why)).await
    }

    /// The vendor could not be asked, and surely sold nothing: but for an earlier call of which nobody knows what came.
    async fn put_off(&self, fault: &SmsFault) -> Result<(), Fault> {
        if fault.may_repeat() && age(self.order.created_at) < PATIENCE {
            let known = match self.order.called_at {
                Some(_) => Known::Waits(word(fault)),
                None => Known::NotAsked(word(fault)),
            };
            return self.note_after(known, rest(self, fault)).await;
        }
        tracing::warn!(team = %self.team, order = %self.order.id, %fault, "a number cannot be bought");
        let why = match fault {
            SmsFault::NotConfigured { setting, .. } => format!("not_configured: {setting}"),
            SmsFault::AccountStop { code, .. } => format!("account_stop: {code}"),
            SmsFault::Refused { code, .. } => format!("refused: {code}"),
            other => word(other).to_owned(),
        };
        fail(self.resources, self.team, &self.order, &why, false).await
    }

    async fn note(&self, known: Known<'_>) -> Result<(), Fault> {
        let waits = match known {
            Known::Lost(_) => Duration::ZERO,
            // Soon at first, and seldom later.
            _ => (age(self.order.created_at) / 4).clamp(PAUSE, 300 * PAUSE),
        };
        self.note_after(known, waits).await
    }

    async fn note_after(&self, known: Known<'_>, again: Duration) -> Result<(), Fault> {
        let mut tx = self.resources.db.team_bulk(self.team).await?;
        buying::note(&mut tx, self.order.id, known, again).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// How long a vendor is left alone.
fn rest(purchase: &Purchase<'_>, fault: &SmsFault) -> Duration {
    let default = purchase.resources.texters.policy.default_retry_after;
    match fault {
        SmsFault::RateLimited { retry_after: Some(wait), .. } => (*wait).min(PATIENCE),
        _ => default,
    }
}

/// There will be no number; a person hears of it.
async fn fail(resources: &Resources, team: TeamId, order: &Open, why: &str, paid: bool) -> Result<(), Fault> {
    let mut tx = resources.db.team_bulk(team).await?;
    told_of_failure(&mut tx, order, why, paid).await?;
    tx.commit().await?;
    Ok(())
}

async fn told_of_failure(tx: &mut BulkTransaction, order: &Open, why: &str, paid: bool) -> Result<(), Fault> {
    if !buying::fail(tx, order.id, why).await? {
        return Ok(());
    }
    if paid {
        budget::settle_many(tx, &[(order.id, order.wanted.price)]).await?;
    } else {
        budget::release_many(tx, &[order.id]).await?;
    }
    let (subject, detail) = (order.id.to_string(), json!({ "provider": order.wanted.provider, "why": why }));
    let dedup_key = format!("number_order.failed:{subject}");
    let alert =
        NewAlert { kind: "number_order.failed", subject: &subject, detail: &detail, dedup_key: &dedup_key };
    alert::raise(tx, alert).await?;
    audit_log::record_in_bulk(tx, None, "number_order.failed", &subject, &json!({ "why": why })).await?;
    tracing::warn!(order = %order.id, provider = order.wanted.provider, why, "a number was not bought");
    Ok(())
}

/// What kept a vendor from answering, in a word.
const fn word(fault: &SmsFault) -> &'static str {
    match fault {
        SmsFault::Unreachable { .. } => "unreachable",
        SmsFault::RateLimited { .. } => "rate_limited",
        SmsFault::AccountStop { .. } => "account_stop",
        SmsFault::Refused { .. } => "refused",
        SmsFault::Unreadable { .. } => "unreadable",
        SmsFault::NotConfigured { .. } => "not_configured",
    }
}

fn age(since: DateTime<Utc>) -> Duration {
    (Utc::now() - since).to_std().unwrap_or_default()
}
