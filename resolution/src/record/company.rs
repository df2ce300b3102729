//! Names of businesses.

use domain::company::parse_company;

use super::Part;
use super::writer::Writer;

/// A company cell: the name without legal form, and the trade name behind "dba".
pub(super) fn company(value: &str, record: &mut Writer) {
    let Some(name) = parse_company(value) else { return };
    if matches!(
        name.key.as_str(),
        "NONE" | "NA" | "N A" | "UNKNOWN" | "NULL" | "SELF EMPLOYED" | "NOT APPLICABLE"
    ) {
        return;
    }
    record.add(Part::Company, name.key.as_bytes());
    if let Some(trade) = name.dba.as_deref().and_then(parse_company) {
        record.add(Part::Company, trade.key.as_bytes());
    }
}
