//! Delivery reports that did not come: the vendor is asked for them.

use chrono::{TimeDelta, Utc};
use domain::FailureCode;
use entities::message::{self, Report};
use entities::outreach;
use workflows::campaign::CampaignRef;

use crate::{Fault, Resources};

/// The most messages that a vendor is asked about at once.
const AT_ONCE: u32 = 100;

/// Asks vendors about messages whose reports are missing; answers how many are awaited still.
pub(super) async fn fetch(resources: &Resources, of: CampaignRef) -> Result<u32, Fault> {
    let missed_after = TimeDelta::from_std(resources.texters.policy.missed_after).unwrap_or_default();
    let mut after = None;
    loop {
        let mut tx = resources.db.team_bulk(of.team).await?;
        let missing =
            outreach::unreported(&mut tx, of.campaign, after, Utc::now() - missed_after, AT_ONCE).await?;
        tx.commit().await?;
        let Some(last) = missing.last() else { break };
        after = Some(last.message);
        let mut providers: Vec<&str> = missing.iter().map(|one| one.provider.as_str()).collect();
        providers.sort_unstable();
        providers.dedup();
        for word in providers {
            let Some(provider) = resources.texters.get(word) else { continue };
            let ids: Vec<String> = missing
                .iter()
                .filter(|one| one.provider == word)
                .map(|one| one.external_id.clone())
                .collect();
            let told = match provider.reports(&ids).await {
                Ok(told) => told,
                Err(fault) if fault.may_repeat() => {
                    return Err(Fault::transient(FailureCode::SendProviderError, fault));
                }
                Err(fault) => {
                    tracing::warn!(%fault, "reports cannot be asked for; they are waited for");
                    continue;
                }
            };
            let keys: Vec<String> =
                told.iter().map(|one| providers::sms::SmsEvent::Status(one.clone()).key()).collect();
            let reports: Vec<Report<'_>> = told
                .iter()
                .zip(&keys)
                .map(|(one, key)| Report {
                    external_id: &one.external_id,
                    delivery_key: key,
                    status: one.status,
                    error_code: one.error_code.as_deref(),
                    price: one.price,
                    segments: one.segments,
                    happened_at: one.at.unwrap_or_else(Utc::now),
                })
                .collect();
            let mut tx = resources.db.team_bulk(of.team).await?;
            message::report(&mut tx, word, &reports, Utc::now()).await?;
            tx.commit().await?;
        }
    }
    let mut tx = resources.db.team_bulk(of.team).await?;
    let awaited = outreach::awaited(&mut tx, of.campaign).await?;
    tx.commit().await?;
    Ok(awaited)
}
