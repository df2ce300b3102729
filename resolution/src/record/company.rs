//! Names of businesses.

use domain::company::parse_company;

use super::writer::Writer;
use super::{Part, plain};

/// A company cell: the name without legal form, and the trade name behind "dba".
pub(super) fn company(value: &str, record: &mut Writer) {
    let mut key = std::mem::take(&mut record.scratch);
    key.clear();
    if plain::company(value, &mut key) {
        add(&key, record);
    } else if let Some(name) = parse_company(value)
        && add(name.key.as_bytes(), record)
        && let Some(trade) = name.dba.as_deref().and_then(parse_company)
    {
        record.add(Part::Company, &spelled_out(trade.key.as_bytes()));
    }
    record.scratch = key;
}

/// Adds a name, unless it says that there is none.
fn add(key: &[u8], record: &mut Writer) -> bool {
    let none =
        matches!(key, b"NONE" | b"NA" | b"N A" | b"UNKNOWN" | b"NULL" | b"SELF EMPLOYED" | b"NOT APPLICABLE");
    if !none {
        record.add(Part::Company, &spelled_out(key));
    }
    !none
}

/// The full form of a word that lists abbreviate in names of businesses.
fn full(word: &[u8]) -> Option<&'static [u8]> {
    Some(match word {
        b"ACAD" => b"ACADEMY",
        b"ACCT" => b"ACCOUNTING",
        b"AMER" => b"AMERICAN",
        b"ASSN" => b"ASSOCIATION",
        b"ASSOC" => b"ASSOCIATES",
        b"BLDG" => b"BUILDING",
        b"BROS" => b"BROTHERS",
        b"CENTRE" => b"CENTER",
        b"CNTR" => b"CENTER",
        b"COMM" => b"COMMUNITY",
        b"CONST" => b"CONSTRUCTION",
        b"CONSTR" => b"CONSTRUCTION",
        b"CONTR" => b"CONTRACTORS",
        b"CTR" => b"CENTER",
        b"DEPT" => b"DEPARTMENT",
        b"DEV" => b"DEVELOPMENT",
        b"DIST" => b"DISTRIBUTORS",
        b"ELEC" => b"ELECTRIC",
        b"ELEM" => b"ELEMENTARY",
        b"ENG" => b"ENGINEERING",
        b"ENT" => b"ENTERPRISES",
        b"EQUIP" => b"EQUIPMENT",
        b"FDN" => b"FOUNDATION",
        b"FNDN" => b"FOUNDATION",
        b"FT" => b"FORT",
        b"GOVT" => b"GOVERNMENT",
        b"GRP" => b"GROUP",
        b"HOSP" => b"HOSPITAL",
        b"HTG" => b"HEATING",
        b"IND" => b"INDUSTRIES",
        b"INS" => b"INSURANCE",
        b"INTL" => b"INTERNATIONAL",
        b"MFG" => b"MANUFACTURING",
        b"MGMT" => b"MANAGEMENT",
        b"MT" => b"MOUNT",
        b"NATL" => b"NATIONAL",
        b"PROP" => b"PROPERTIES",
        b"RESTR" => b"RESTAURANT",
        b"SCH" => b"SCHOOL",
        b"SVC" => b"SERVICE",
        b"SVCS" => b"SERVICES",
        b"SYS" => b"SYSTEMS",
        b"TECH" => b"TECHNOLOGIES",
        b"UNIV" => b"UNIVERSITY",
        _ => return None,
    })
}

/// The name with its abbreviations spelled out.
fn spelled_out(key: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    let words = || key.split(|byte| *byte == b' ');
    if words().all(|word| full(word).is_none()) {
        return std::borrow::Cow::Borrowed(key);
    }
    let mut spelled = Vec::with_capacity(key.len() + 16);
    for word in words() {
        if !spelled.is_empty() {
            spelled.push(b' ');
        }
        spelled.extend_from_slice(full(word).unwrap_or(word));
    }
    std::borrow::Cow::Owned(spelled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_are_spelled_out() {
        assert_eq!(*spelled_out(b"ACME DEV CTR"), *b"ACME DEVELOPMENT CENTER");
        assert_eq!(*spelled_out(b"ACME"), *b"ACME");
    }
}
