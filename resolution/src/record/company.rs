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
    record.add(Part::Company, spelled_out(&name.key).as_bytes());
    if let Some(trade) = name.dba.as_deref().and_then(parse_company) {
        record.add(Part::Company, spelled_out(&trade.key).as_bytes());
    }
}

/// Words that lists abbreviate in names of businesses, each with its full form.
const ABBREVIATIONS: [(&str, &str); 44] = [
    ("ACAD", "ACADEMY"),
    ("ACCT", "ACCOUNTING"),
    ("AMER", "AMERICAN"),
    ("ASSN", "ASSOCIATION"),
    ("ASSOC", "ASSOCIATES"),
    ("BLDG", "BUILDING"),
    ("BROS", "BROTHERS"),
    ("CENTRE", "CENTER"),
    ("CNTR", "CENTER"),
    ("COMM", "COMMUNITY"),
    ("CONST", "CONSTRUCTION"),
    ("CONSTR", "CONSTRUCTION"),
    ("CONTR", "CONTRACTORS"),
    ("CTR", "CENTER"),
    ("DEPT", "DEPARTMENT"),
    ("DEV", "DEVELOPMENT"),
    ("DIST", "DISTRIBUTORS"),
    ("ELEC", "ELECTRIC"),
    ("ELEM", "ELEMENTARY"),
    ("ENG", "ENGINEERING"),
    ("ENT", "ENTERPRISES"),
    ("EQUIP", "EQUIPMENT"),
    ("FDN", "FOUNDATION"),
    ("FNDN", "FOUNDATION"),
    ("FT", "FORT"),
    ("GOVT", "GOVERNMENT"),
    ("GRP", "GROUP"),
    ("HOSP", "HOSPITAL"),
    ("HTG", "HEATING"),
    ("IND", "INDUSTRIES"),
    ("INS", "INSURANCE"),
    ("INTL", "INTERNATIONAL"),
    ("MFG", "MANUFACTURING"),
    ("MGMT", "MANAGEMENT"),
    ("MT", "MOUNT"),
    ("NATL", "NATIONAL"),
    ("PROP", "PROPERTIES"),
    ("RESTR", "RESTAURANT"),
    ("SCH", "SCHOOL"),
    ("SVC", "SERVICE"),
    ("SVCS", "SERVICES"),
    ("SYS", "SYSTEMS"),
    ("TECH", "TECHNOLOGIES"),
    ("UNIV", "UNIVERSITY"),
];

/// The name with its abbreviations spelled out.
fn spelled_out(key: &str) -> std::borrow::Cow<'_, str> {
    // Abbreviations have two to six letters, most words have more.
    let full = |word: &str| {
        let known = || ABBREVIATIONS.binary_search_by(|(short, _)| (*short).cmp(word)).ok();
        (2..=6).contains(&word.len()).then(known).flatten()
    };
    if !key.split(' ').any(|word| full(word).is_some()) {
        return std::borrow::Cow::Borrowed(key);
    }
    let words = key.split(' ').map(|word| full(word).map_or(word, |at| ABBREVIATIONS[at].1));
    std::borrow::Cow::Owned(words.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_are_in_order_and_spelled_out() {
        assert!(ABBREVIATIONS.is_sorted());
        assert_eq!(spelled_out("ACME DEV CTR"), "ACME DEVELOPMENT CENTER");
        assert_eq!(spelled_out("ACME"), "ACME");
    }
}
