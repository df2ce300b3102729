//! What reading whole rows must get right.

use super::*;
use crate::email::EmailClass;
use crate::phone::PhoneKind;
use crate::size::RevenueTier;
use crate::title::Seniority;
use proptest::prelude::*;

fn row(listing: Listing<'_>) -> NormalizedRow {
    normalize(&listing, &Requirements::none()).unwrap_or_else(|rejection| panic!("{listing:?}: {rejection}"))
}

#[test]
fn a_row_of_layout_a() {
    let row = row(Listing {
        company: "Benton Plumbing, Inc.",
        contact: "Mr. John B Butt Jr",
        title: "Owner",
        email: "JButt@BentonPlumbing.com",
        address: "6649 North Blue Gum Street Suite 5",
        city: "NEW ORLEANS",
        state: "Louisiana",
        zip: "70116-1234",
        county: "Orleans Parish",
        area_code: "504",
        phone: "621-8927 x12",
        mobile: "(504) 845-1427",
        website: "http://www.bentonplumbing.com/",
        employees: "10 to 19",
        revenue: "$1 Million - $2.5 Million",
        sic_code: "171102",
        sic_description: "Plumbing Contractors",
        year_founded: "1987.0",
        ..Listing::default()
    });
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    assert_eq!((text(&row.company).as_str(), row.legal_suffix), ("BENTON PLUMBING", Some("INC")));
    assert_eq!(text(&row.company_display), "Benton Plumbing, Inc.");
    assert_eq!(
        (text(&row.given_name), text(&row.middle_name), text(&row.family_name)),
        ("John".into(), "B".into(), "Butt".into())
    );
    assert_eq!((row.name_suffix, row.seniority), (Some("Jr"), Some(Seniority::Owner)));
    assert_eq!(row.email.as_ref().map(|email| email.expose()), Some("jbutt@bentonplumbing.com"));
    assert_eq!(row.email_class, Some(EmailClass::Business));
    assert_eq!(row.phone.as_ref().map(|phone| phone.expose()), Some("+15046218927"));
    assert_eq!((row.phone_extension.as_deref(), row.phone_class), (Some("12"), Some(PhoneKind::Main)));
    assert_eq!(row.phone_2.as_ref().map(|phone| phone.national()), Some("5048451427"));
    assert_eq!(row.phone_2_class, Some(PhoneKind::Mobile));
    assert_eq!((text(&row.street).as_str(), text(&row.unit).as_str()), ("6649 N BLUE GUM ST", "STE 5"));
    assert_eq!((text(&row.city).as_str(), text(&row.county).as_str()), ("New Orleans", "Orleans"));
    assert_eq!(
        (row.state, row.zip5.as_deref(), row.zip4.as_deref()),
        (Some("LA"), Some("70116"), Some("1234"))
    );
    assert_eq!(
        (row.time_zone, row.website.as_deref()),
        (Some("America/Chicago"), Some("bentonplumbing.com"))
    );
    assert_eq!((row.employees_min, row.employees_max), (Some(10), Some(19)));
    assert_eq!((row.revenue_min, row.revenue_max), (Some(1_000_000), Some(2_500_000)));
    assert_eq!(row.revenue_tier, Some(RevenueTier::MainStreet));
    assert_eq!((row.sic_delivered.as_deref(), row.sic4), (Some("171102"), Some("1711")));
    assert!(row.subsector.is_some());
    assert_eq!(
        (row.sic_description.as_deref(), row.year_founded),
        (Some("Plumbing Contractors"), Some(1987))
    );
    assert!(row.flags.is_empty(), "{:?}", row.flags);
}

#[test]
fn rows_with_nothing_are_rejected_and_say_so() {
    let refused =
        |listing: Listing<'_>| normalize(&listing, &Requirements::none()).expect_err("nothing usable");
    let empty = refused(Listing { city: "Chicago", company: "N/A", ..Listing::default() });
    assert_eq!((empty.code, empty.column), (FailureCode::NormalizeEmptyRow, "row"));
    assert!(empty.got.contains("N/A"), "{}", empty.got);
    assert!(!format!("{empty:?} {empty}").contains("N/A"), "what was there is not for logs");
    refused(Listing { phone: "000-0000", email: "none@none.com", contact: "-", ..Listing::default() });
    assert_eq!(refused(Listing::default()).got, "none of them");
}

#[test]
fn any_one_way_to_know_somebody_is_enough() {
    for listing in [
        Listing { company: "Acme", ..Listing::default() },
        Listing { dba: "Acme", ..Listing::default() },
        Listing { contact: "John Butt", ..Listing::default() },
        Listing { last_name: "Butt", ..Listing::default() },
        Listing { email: "art@venere.org", ..Listing::default() },
        Listing { phone: "504-621-8927", ..Listing::default() },
        Listing { mobile: "504-621-8927", ..Listing::default() },
    ] {
        row(listing);
    }
}

#[test]
fn required_fields_must_be_usable() {
    let requirements = Requirements::new([ListingField::Phone, ListingField::State]);
    let check = |listing: Listing<'_>, column: &str| {
        let got = normalize(&listing, &requirements).err().map(|rejection| rejection.column);
        assert_eq!(got.unwrap_or(""), column, "{listing:?}");
    };
    check(Listing { company: "Acme", phone: "123", state: "TX", ..Listing::default() }, "phone");
    check(Listing { company: "Acme", phone: "504-621-8927", state: "??", ..Listing::default() }, "state");
    check(Listing { company: "Acme", phone: "504-621-8927", zip: "70116", ..Listing::default() }, "");
    assert!(Requirements::from_names(["phone", "no_such_field"]).is_err());
}

#[test]
fn cells_that_cannot_be_read_are_flagged_and_left_out() {
    let check = |listing: Listing<'_>, flag: RowFlags| {
        let row = row(listing);
        assert!(row.flags.contains(flag), "{listing:?}: {:?} lacks {flag:?}", row.flags);
        row
    };
    let known = Listing { company: "Acme", state: "TX", sic_code: "1711", ..Listing::default() };
    let bad = check(Listing { phone: "123", ..known }, RowFlags::INVALID_PHONE);
    assert_eq!(bad.phone, None);
    check(Listing { phone: "999-999-9999", ..known }, RowFlags::INVALID_PHONE);
    check(Listing { email: "nobody at acme", ..known }, RowFlags::INVALID_EMAIL);
    check(Listing { email: "info@acme.com", ..known }, RowFlags::ROLE_EMAIL);
    check(Listing { state: "Ontario", ..known }, RowFlags::UNKNOWN_STATE);
    check(Listing { sic_code: "", ..known }, RowFlags::MISSING_SIC);
    check(Listing { phone: "800-621-8927", ..known }, RowFlags::TOLL_FREE_PHONE);
    check(Listing { phone: "900-621-8927", ..known }, RowFlags::PREMIUM_PHONE);
    check(Listing { zip: "10001", ..known }, RowFlags::STATE_ZIP_DISAGREE);
    check(Listing { country: "Canada", ..known }, RowFlags::FOREIGN);
    let sample = check(Listing { phone: "512-555-0123", ..known }, RowFlags::FICTITIOUS_PHONE);
    assert!(sample.phone.is_some());
    let empty = row(Listing { phone: "N/A", email: "NULL", ..known });
    assert!(empty.flags.is_empty(), "{:?}", empty.flags);
}

#[test]
fn companies_in_the_contact_column_and_people_in_the_company_column() {
    let listing = Listing { contact: "ACME LLC", ..Listing::default() };
    let acme = row(listing);
    assert_eq!((acme.company.as_deref(), acme.has_person()), (Some("ACME"), false));
    assert!(acme.flags.contains(RowFlags::CONTACT_IS_COMPANY));

    let sole =
        row(Listing { company: "LYSTRA C. BEECHAM", dba: "CHARDAY'S BARBER CUTS", ..Listing::default() });
    assert_eq!((sole.given_name.as_deref(), sole.family_name.as_deref()), (Some("Lystra"), Some("Beecham")));
    assert_eq!(sole.dba.as_deref(), Some("CHARDAY'S BARBER CUTS"));
    assert!(sole.flags.contains(RowFlags::COMPANY_IS_PERSON));

    let named = row(Listing {
        company: "Benton, John B Jr",
        first_name: "James",
        last_name: "Butt",
        ..Listing::default()
    });
    assert_eq!(named.given_name.as_deref(), Some("James"));
    assert!(!named.flags.contains(RowFlags::COMPANY_IS_PERSON));
}

#[test]
fn the_first_phone_that_serves_is_the_phone() {
    let both = row(Listing { phone: "504-621-8927", phone_2: "504-845-1427", ..Listing::default() });
    assert_eq!(both.phone_2_class, Some(PhoneKind::Direct));
    let only_mobile = row(Listing { phone: "bad", mobile: "504-845-1427", ..Listing::default() });
    assert_eq!(only_mobile.phone_class, Some(PhoneKind::Mobile));
    let premium = row(Listing { phone: "900-621-8927", mobile: "504-845-1427", ..Listing::default() });
    assert_eq!(
        (premium.phone_class, premium.phone_2_class),
        (Some(PhoneKind::Mobile), Some(PhoneKind::Premium))
    );
    let same = row(Listing { phone: "504-621-8927", phone_2: "(504) 6218927", ..Listing::default() });
    assert_eq!(same.phone_2, None);
}

#[test]
fn a_row_hides_what_it_says() {
    let row = row(Listing {
        company: "Acme",
        email: "art@venere.org",
        phone: "504-621-8927",
        ..Listing::default()
    });
    let shown = format!("{row:?}");
    assert!(!shown.contains("venere") && !shown.contains("621") && !shown.contains("ACME"), "{shown}");
}

proptest! {
    #[test]
    fn no_row_panics_and_no_text_is_empty(cells in prop::collection::vec((0..ListingField::ALL.len(), any::<String>()), 0..12)) {
        let mut listing = Listing::default();
        for (field, cell) in &cells {
            listing.set(ListingField::ALL[*field], cell);
        }
        if let Ok(row) = normalize(&listing, &Requirements::none()) {
            let texts = [
                &row.company, &row.company_display, &row.dba, &row.given_name, &row.middle_name, &row.family_name, &row.title,
                &row.street, &row.unit, &row.city, &row.zip5, &row.county, &row.website, &row.sic_delivered, &row.sic_description,
            ];
            prop_assert!(texts.iter().all(|text| text.as_deref() != Some("")));
            prop_assert!(texts.iter().all(|text| text.as_deref().is_none_or(|text| !text.contains(char::is_control))));
            prop_assert_eq!(row.company.is_some(), row.company_display.is_some());
            prop_assert_eq!(row.phone.is_some(), row.phone_class.is_some());
        }
    }

    #[test]
    fn states_and_zips_stay(state in "[A-Za-z .]{2,14}", zip in "[0-9]{3,9}") {
        let once = row(Listing { company: "Acme", state: &state, zip: &zip, ..Listing::default() });
        let (state, zip) = (once.state.unwrap_or(""), once.zip5.clone().unwrap_or_default());
        let again = row(Listing { company: "Acme", state, zip: &zip, zip4: once.zip4.as_deref().unwrap_or(""), ..Listing::default() });
        prop_assert_eq!((again.state, again.zip5, again.zip4, again.time_zone), (once.state, once.zip5, once.zip4, once.time_zone));
    }
}
