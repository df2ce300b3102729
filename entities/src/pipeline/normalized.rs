//! Normalized rows: the typed form on which every later stage works.

use domain::normalize::NormalizedRow;
use uuid::Uuid;

use super::staging::Staging;
use crate::{BulkTransaction, CopyBuffer, Result};

/// The exact keys of one row, as `resolution::keys` derives them.
#[derive(Debug, Clone, Copy)]
pub struct RowKeys {
    /// What makes it the same business; `None` where no business is named.
    pub business: Option<Uuid>,
    /// What makes it the same person; `None` where no person is named.
    pub persona: Option<Uuid>,
    /// What makes it the same lead.
    pub lead: Uuid,
    /// E-mail and phone; `None` where there is neither.
    pub fingerprint: Option<Uuid>,
}

/// What belongs to a row beside its normalized fields.
#[derive(Debug, Clone, Copy)]
pub struct RowPlace<'a> {
    /// Number of the row, from 1.
    pub row_no: i32,
    /// Line of the file, from 1.
    pub line_no: i64,
    /// The id of whatever is first made from the row.
    pub row_id: Uuid,
    /// Its keys.
    pub keys: RowKeys,
    /// `domain::lead::LeadFacts`, the bits.
    pub facts: u32,
    /// Columns of the file that map to no field, as a JSON object.
    pub extras: Option<&'a str>,
}

/// Collects normalized rows for [`land`].
#[derive(Debug, Default)]
pub struct NormalizedBuffer(CopyBuffer);

impl NormalizedBuffer {
    /// A buffer with room for `bytes`.
    pub fn with_capacity(bytes: usize) -> Self {
        Self(CopyBuffer::with_capacity(bytes))
    }

    /// Adds a row, in the order of the columns of `normalized_rows`.
    pub fn push(&mut self, place: &RowPlace<'_>, row: &NormalizedRow) {
        self.0
            .i32(place.row_no)
            .i64(place.line_no)
            .uuid(place.row_id)
            .opt_uuid(place.keys.business)
            .opt_uuid(place.keys.persona)
            .uuid(place.keys.lead)
            .opt_uuid(place.keys.fingerprint)
            .opt_text(row.vendor_record_id.as_deref())
            .opt_text(row.company.as_deref())
            .opt_text(row.company_display.as_deref())
            .opt_text(row.legal_suffix)
            .opt_text(row.dba.as_deref())
            .opt_text(row.given_name.as_deref())
            .opt_text(row.middle_name.as_deref())
            .opt_text(row.family_name.as_deref())
            .opt_text(row.name_suffix)
            .opt_text(row.title.as_deref())
            .opt_text(row.seniority.map(|seniority| seniority.as_str()))
            .opt_text(row.email.as_ref().map(|email| email.expose()))
            .opt_text(row.email_class.map(|class| class.as_str()))
            .opt_text(row.phone.as_ref().map(|phone| phone.expose()))
            .opt_text(row.phone_extension.as_deref())
            .opt_text(row.phone_class.map(|class| class.as_str()))
            .opt_text(row.phone_2.as_ref().map(|phone| phone.expose()))
            .opt_text(row.phone_2_class.map(|class| class.as_str()))
            .opt_text(row.street.as_deref())
            .opt_text(row.unit.as_deref())
            .opt_text(row.city.as_deref())
            .opt_text(row.state)
            .opt_text(row.zip5.as_deref())
            .opt_text(row.zip4.as_deref())
            .opt_text(row.county.as_deref())
            .opt_text(row.time_zone)
            .opt_text(row.website.as_deref())
            .opt_i32(row.employees_min)
            .opt_i32(row.employees_max)
            .opt_i64(row.revenue_min)
            .opt_i64(row.revenue_max)
            .opt_text(row.revenue_tier.map(|tier| tier.as_str()))
            .opt_text(row.sic_delivered.as_deref())
            .opt_text(row.sic4)
            .opt_text(row.sic_description.as_deref())
            .opt_i16(row.subsector)
            .opt_i16(row.year_founded)
            .i32(place.facts.cast_signed())
            .i32(row.flags.bits().cast_signed())
            .opt_text(place.extras);
        self.0.end_row();
    }
}

/// Makes room for the rows of a chunk, which come by [`send`].
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn open(tx: &mut BulkTransaction) -> Result<()> {
    tx.execute(
        "CREATE TEMP TABLE normalized_in (LIKE normalized_rows) ON COMMIT DROP; \
         ALTER TABLE normalized_in DROP COLUMN team_id, DROP COLUMN data_source_id",
    )
    .await?;
    Ok(())
}

/// Sends the buffer's rows, and empties it for the next.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn send(tx: &mut BulkTransaction, rows: &mut NormalizedBuffer) -> Result<u64> {
    let sent = tx.copy_in("normalized_in", &rows.0).await?;
    rows.0.clear();
    Ok(sent)
}

/// Lands the rows that were sent.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn land(tx: &mut BulkTransaction, staging: &Staging) -> Result<u64> {
    let sql = staging.sql(tx, "INSERT INTO {normalized} SELECT {team}, {source}, n.* FROM normalized_in n");
    tx.execute(sql).await
}
