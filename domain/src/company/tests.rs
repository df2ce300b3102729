//! What reading companies must get right.

use super::*;
use proptest::prelude::*;

fn check(cell: &str, key: &str, suffix: Option<&str>, dba: Option<&str>) {
    let company = parse_company(cell).unwrap_or_else(|| panic!("{cell:?} is a company"));
    assert_eq!(
        (company.key.as_str(), company.legal_suffix, company.dba.as_deref()),
        (key, suffix, dba),
        "{cell:?}"
    );
}

#[test]
fn legal_forms_come_off() {
    check("Acme Plumbing, Inc.", "ACME PLUMBING", Some("INC"), None);
    check("ACME L.L.C.", "ACME", Some("LLC"), None);
    check("Acme L L C", "ACME", Some("LLC"), None);
    check("Doe & Roe, P.A.", "DOE AND ROE", Some("PA"), None);
    check("Acme Limited Liability Company", "ACME", Some("LLC"), None);
    check("Acme Co., Inc.", "ACME", Some("INC"), None);
    check("Acme CO.INC.", "ACME", Some("INC"), None);
    check("Smith & Co", "SMITH", Some("CO"), None);
    check("The Incorporated", "INCORPORATED", None, None);
    check("LLC", "LLC", None, None);
    check("Cisco", "CISCO", None, None);
    check("Family Trust", "FAMILY TRUST", None, None);
}

#[test]
fn spelling_does_not_matter() {
    check("The Smith & Sons Company", "SMITH AND SONS", Some("CO"), None);
    check("SMITH AND SONS", "SMITH AND SONS", None, None);
    check("Joe's Bar+Grill", "JOES BAR AND GRILL", None, None);
    check("Joe’s  Bar-Grill", "JOES BAR GRILL", None, None);
    check("A.B.C. Towing", "ABC TOWING", None, None);
    check("St. John Church", "ST JOHN CHURCH", None, None);
    check("Café Olé", "CAFE OLE", None, None);
    check("AT&T", "AT AND T", None, None);
}

#[test]
fn trade_names_are_kept() {
    check("X LLC dba Y", "X", Some("LLC"), Some("Y"));
    check("X Holdings, Inc. d/b/a Joe's Pizza", "X HOLDINGS", Some("INC"), Some("Joe's Pizza"));
    check("X Inc (DBA Y Shop)", "X", Some("INC"), Some("Y Shop"));
    check("X doing business as Y", "X", None, Some("Y"));
    check("X D.B.A. Y", "X", None, Some("Y"));
    check("DBA Y", "Y", None, Some("Y"));
    check("Sandbar Inn", "SANDBAR INN", None, None);
}

#[test]
fn no_company() {
    for none in ["", "N/A", "-", "dba", "()", "&"] {
        let parsed = parse_company(none);
        assert!(parsed.as_ref().is_none_or(|company| !company.key.is_empty()), "{none:?}: {parsed:?}");
    }
    assert_eq!(parse_company("N/A"), None);
}

#[test]
fn the_shown_name_is_as_delivered() {
    let shown = |cell: &str| parse_company(cell).map(|company| company.display);
    assert_eq!(shown("  The  Smith & Sons Co., Inc. ").as_deref(), Some("The Smith & Sons Co., Inc."));
    assert_eq!(shown("X LLC dba Y").as_deref(), Some("X LLC"));
}

#[test]
fn companies_and_people_are_told_apart() {
    for company in
        ["ACME LLC", "Smith Plumbing", "Jones & Sons Roofing", "84 Lumber", "Doe Dental", "ABC INC."]
    {
        assert!(is_like_company(company) && !is_like_person(company), "{company}");
    }
    for person in
        ["Benton, John B Jr", "LYSTRA C. BEECHAM", "Mary Smith", "Chanay, Jeffrey A Esq", "JOHN DEERE"]
    {
        assert!(is_like_person(person) && !is_like_company(person), "{person}");
    }
    for neither in ["Morlong", "JUNG W & WOO J NO", "Zortex Quimble"] {
        assert!(!is_like_person(neither), "{neither}");
    }
}

proptest! {
    #[test]
    fn a_normalized_name_stays(cell in any::<String>()) {
        if let Some(company) = parse_company(&cell) {
            prop_assert_eq!(company_key(&company.key).0, company.key);
        }
        let _ = (is_like_company(&cell), is_like_person(&cell));
    }

    #[test]
    fn a_likely_name_stays(cell in "(The |the )?([A-Za-z.'&-]{1,6} ){1,4}(Inc[.]?|L[.]L[.]C[.]?|Co|and|P A|dba|, Ltd[.]? Co){0,3}") {
        if let Some(company) = parse_company(&cell) {
            prop_assert_eq!(&company_key(&company.key).0, &company.key);
            prop_assert_eq!(parse_company(&cell.to_uppercase()).map(|upper| upper.key), Some(company.key));
        }
    }
}
