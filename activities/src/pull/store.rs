//! A page becomes leads, in one transaction with the note that it was fetched, the bookmark and the counts.

use chrono::{DateTime, Utc};
use entities::pull::{self, EndedBy, PulledPage, VendorRecord};
use futures::FutureExt;
use providers::lists::{ListPage, ListedProperty};
use workflows::pull::PageOutput;

use super::ask::Asking;
use super::told;
use crate::Fault;
use crate::enrich::again::again;

/// Stores a page, unless an earlier attempt has. `after` is when the list was last read to its end or to something known.
pub(super) async fn store(
    asking: &Asking,
    page: &ListPage,
    after: Option<DateTime<Utc>>,
) -> Result<PageOutput, Fault> {
    let records: Vec<VendorRecord> = page.records.iter().map(record).collect();
    let marks: Vec<String> = page.records.iter().map(|record| clean(&record.mark)).collect();
    again(|| write(asking, page, &records, &marks, after).boxed()).await
}

async fn write(
    asking: &Asking,
    page: &ListPage,
    records: &[VendorRecord],
    marks: &[String],
    after: Option<DateTime<Utc>>,
) -> Result<PageOutput, Fault> {
    let id = asking.pull.pull;
    let number = i32::try_from(asking.page).unwrap_or(i32::MAX);
    let mut tx = asking.resources.db.team_bulk(asking.pull.team).await?;
    let held = pull::hold(&mut tx, id).await?;
    if pull::is_logged(&mut tx, id, number).await? {
        return Ok(told(&held));
    }
    let sig = asking.question.signature();
    let known = match after {
        Some(after) => pull::known(&mut tx, &held.source, &sig, marks, after).await?,
        None => false,
    };
    let leads = pull::upsert_page(&mut tx, &held.source, records).await?;
    let pulled = PulledPage {
        number,
        vendor_ids: marks,
        leads_new: leads.new,
        leads_known: leads.known,
        moves_bookmark: true,
    };
    pull::log_page(&mut tx, id, pulled).await?;
    if let Some(by) = ended_by(asking, page, known, held.pages + 1, held.most_pages) {
        pull::end(&mut tx, id, by, None).await?;
    }
    let held = pull::hold(&mut tx, id).await?;
    tx.commit().await?;
    if leads.without_key > 0 {
        tracing::warn!(records = leads.without_key, "records without id, address and parcel made no lead");
    }
    Ok(told(&held))
}

/// What ends the pull behind this page; `None` where there is another.
fn ended_by(
    asking: &Asking,
    page: &ListPage,
    known: bool,
    pages: i32,
    most_pages: Option<i32>,
) -> Option<EndedBy> {
    let through = asking.window.skip.saturating_add(page.records.len().try_into().unwrap_or(u64::MAX));
    if known {
        Some(EndedBy::Known)
    } else if page.records.is_empty() || page.found.is_some_and(|found| through >= found) {
        // Fewer than were asked for are no sign of the end: some pages are short.
        Some(EndedBy::End)
    } else if most_pages.is_some_and(|most| pages >= most) {
        Some(EndedBy::Limit)
    } else {
        None
    }
}

/// Text that PostgreSQL takes: it refuses the character 0.
fn clean(text: &str) -> String {
    text.chars().filter(|character| *character != '\0').collect()
}

fn record(listed: &ListedProperty) -> VendorRecord {
    let text = |text: &Option<String>| text.as_deref().map(clean);
    VendorRecord {
        vendor_record_id: text(&listed.id),
        vendor_list_id: None,
        address_line1: text(&listed.street),
        address_line2: None,
        city: text(&listed.city),
        state: text(&listed.state),
        postal_code: text(&listed.zip),
        county: text(&listed.county),
        apn: text(&listed.apn),
        mak: None,
        owner_first_name: text(&listed.owner_first),
        owner_last_name: text(&listed.owner_last),
        owner_full_name: text(&listed.owner_full),
        owner_company: text(&listed.owner_company),
        property_value: listed.value,
        estimated_equity: listed.equity,
        age: None,
    }
}
