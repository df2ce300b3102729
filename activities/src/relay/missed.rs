//! What came in and no webhook brought: vendors' own records are read from where they were read to, and a little before, and
//! whatever is not there is taken in the way a webhook is. What is there changes nothing.

use chrono::{DateTime, TimeDelta, Utc};
use entities::event_reading;
use entities::inbound::{self, Inbound, VendorHeard};
use entities::message::{self, Report};
use providers::sms::{OptOutType, SmsEvent, SmsProvider};

use crate::{Fault, Resources};

/// How far a record is read again: vendors write down what happened a moment after they told of it.
const OVERLAP: TimeDelta = TimeDelta::minutes(10);
/// How far the first reading goes back.
const FIRST: TimeDelta = TimeDelta::hours(24);
/// What is younger than this is still on its way by a webhook.
const YOUNG: TimeDelta = TimeDelta::seconds(30);
/// The most pages of one look.
const PAGES: usize = 50;

/// Takes in what was missed; answers how much was new.
pub(super) async fn take_in(resources: &Resources) -> Result<u64, Fault> {
    let mut new = 0;
    for word in resources.texters.names() {
        let Some(provider) = resources.texters.get(word) else { continue };
        let now = Utc::now();
        // One worker reads; the others find that it was read a moment ago.
        let Some(read_until) = event_reading::claim(&resources.db, word, now - YOUNG).await? else {
            continue;
        };
        let since = read_until.map_or(now - FIRST, |until| until - OVERLAP);
        match of_vendor(resources, provider.as_ref(), since).await {
            Ok(found) => {
                event_reading::done(&resources.db, word, now - YOUNG).await?;
                if found > 0 {
                    tracing::warn!(
                        provider = word,
                        found,
                        "events came by no webhook and were read from the vendor's record"
                    );
                }
                new += found;
            }
            Err(fault) => {
                tracing::warn!(
                    provider = word,
                    message = fault.message(),
                    "a vendor's record cannot be read"
                );
            }
        }
    }
    Ok(new)
}

async fn of_vendor(
    resources: &Resources,
    provider: &dyn SmsProvider,
    since: DateTime<Utc>,
) -> Result<u64, Fault> {
    let mut page: Option<String> = None;
    let mut new = 0;
    for _ in 0..PAGES {
        let read = provider.events_since(since, page.as_deref()).await;
        let read = read.map_err(|fault| Fault::transient(domain::FailureCode::SendProviderError, fault))?;
        for event in &read.events {
            new += u64::from(one(resources, provider.id().as_str(), event).await?);
        }
        page = read.next;
        if page.is_none() {
            break;
        }
    }
    Ok(new)
}

/// Takes one event in, for the team whose number or message it is. One of which nobody can say whose it is, is nobody's.
async fn one(resources: &Resources, vendor: &str, event: &SmsEvent) -> Result<bool, Fault> {
    let now = Utc::now();
    match event {
        SmsEvent::Received { external_id, from, to, text, opt_out, .. } => {
            let Some(team) = event_reading::team_of_number(&resources.db, vendor, to.expose()).await? else {
                return Ok(false);
            };
            let inbound = Inbound {
                provider: vendor,
                external_id,
                from: from.expose(),
                to: to.expose(),
                text: Some(text.expose()),
                heard: match opt_out {
                    Some(OptOutType::Stop) => Some(VendorHeard::Stop),
                    Some(OptOutType::Start) => Some(VendorHeard::Start),
                    Some(OptOutType::Help) | None => None,
                },
            };
            let mut tx = resources.db.team_bulk(team).await?;
            let opened = inbound::take_in(&mut tx, &inbound, now).await?;
            tx.commit().await?;
            Ok(opened.is_some())
        }
        SmsEvent::Status(report) => {
            let external_id = report.external_id.as_str();
            let Some(team) = event_reading::team_of_message(&resources.db, vendor, external_id).await? else {
                return Ok(false);
            };
            let delivery_key = event.key();
            let report = Report {
                external_id,
                delivery_key: &delivery_key,
                status: report.status,
                error_code: report.error_code.as_deref(),
                price: report.price,
                segments: report.segments,
                happened_at: report.at.unwrap_or(now),
            };
            let mut tx = resources.db.team_bulk(team).await?;
            let changed = message::report(&mut tx, vendor, &[report], now).await?;
            tx.commit().await?;
            Ok(!changed.is_empty())
        }
        SmsEvent::Called { .. } | SmsEvent::Other { .. } => Ok(false),
    }
}
