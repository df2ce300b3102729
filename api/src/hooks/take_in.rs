//! What a delivery says is done.

use chrono::{DateTime, Utc};
use domain::reply::ConversationState;
use entities::inbound::{self, Inbound, VendorHeard};
use entities::message::{self, Report};
use entities::{BulkTransaction, DbError, conversation};
use providers::sms::webhook::Parsed;
use providers::sms::{OptOutType, SmsEvent, SmsProviderId};

/// Does what a delivery says: statuses move forward, and what came in is kept, obeyed and put into its conversation. Answers how
/// many messages and calls were new.
pub(super) async fn take_in(
    tx: &mut BulkTransaction,
    vendor: SmsProviderId,
    parsed: &Parsed,
    now: DateTime<Utc>,
) -> Result<u32, DbError> {
    let keys: Vec<String> = parsed.events.iter().map(SmsEvent::key).collect();
    let reports: Vec<Report<'_>> = parsed
        .events
        .iter()
        .zip(&keys)
        .filter_map(|(event, key)| match event {
            SmsEvent::Status(report) => Some(Report {
                external_id: &report.external_id,
                delivery_key: key,
                status: report.status,
                error_code: report.error_code.as_deref(),
                price: report.price,
                segments: report.segments,
                happened_at: report.at.unwrap_or(now),
            }),
            SmsEvent::Received { .. } | SmsEvent::Called { .. } | SmsEvent::Other { .. } => None,
        })
        .collect();
    message::report(tx, vendor.as_str(), &reports, now).await?;
    let mut new = 0;
    for event in &parsed.events {
        let inbound = match event {
            SmsEvent::Received { external_id, from, to, text, opt_out, .. } => Inbound {
                provider: vendor.as_str(),
                external_id,
                from: from.expose(),
                to: to.expose(),
                text: Some(text.expose()),
                heard: match opt_out {
                    Some(OptOutType::Stop) => Some(VendorHeard::Stop),
                    Some(OptOutType::Start) => Some(VendorHeard::Start),
                    Some(OptOutType::Help) | None => None,
                },
            },
            SmsEvent::Called { external_id, from, to, .. } => Inbound {
                provider: vendor.as_str(),
                external_id,
                from: from.expose(),
                to: to.expose(),
                text: None,
                heard: None,
            },
            SmsEvent::Status(_) | SmsEvent::Other { .. } => continue,
        };
        let Some(opened) = inbound::take_in(tx, &inbound, now).await? else { continue };
        new += 1;
        // Whom the vendor has told by itself we do not tell again.
        if opened.state == ConversationState::Held && inbound.heard != Some(VendorHeard::Stop) {
            conversation::confirm_opt_out(tx, opened.item, now).await?;
        }
    }
    Ok(new)
}
