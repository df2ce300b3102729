//! What makes two rows the same thing, and what must not.

use domain::email::parse_email;
use domain::phone::parse_phone;
use proptest::prelude::*;

use super::*;

/// A row with what keys are made of, as its fields read once normalized. Empty texts are absent values.
#[derive(Clone, Default)]
struct Row<'a> {
    company: &'a str,
    given: &'a str,
    family: &'a str,
    suffix: Option<&'static str>,
    email: &'a str,
    phone: &'a str,
    street: &'a str,
    city: &'a str,
    state: Option<&'static str>,
    zip: &'a str,
    website: &'a str,
}

impl Row<'_> {
    fn keys(&self) -> Keys {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let email = (!self.email.is_empty()).then(|| parse_email(self.email).expect("an address"));
        let phone = (!self.phone.is_empty()).then(|| parse_phone(self.phone, "").expect("a number"));
        keys(&NormalizedRow {
            company: text(self.company),
            given_name: text(self.given),
            family_name: text(self.family),
            name_suffix: self.suffix,
            email_class: email.as_ref().map(|parsed| parsed.class),
            email: email.map(|parsed| parsed.email),
            phone: phone.map(|parsed| parsed.phone),
            street: text(self.street),
            city: text(self.city),
            state: self.state,
            zip5: text(self.zip),
            website: text(self.website),
            ..NormalizedRow::default()
        })
    }
}

const SWITCHBOARD: &str = "(212) 736-5000";

fn ann() -> Row<'static> {
    Row {
        company: "ACME PLUMBING",
        given: "Ann",
        family: "Lee",
        email: "ann.lee@acmeplumbing.com",
        phone: SWITCHBOARD,
        street: "12 MAIN ST",
        city: "Austin",
        state: Some("TX"),
        zip: "78701",
        ..Row::default()
    }
}

#[test]
fn two_people_on_one_switchboard_are_two_leads_at_one_business() {
    let ann = Row { email: "", ..ann() };
    let bob = Row { given: "Bob", ..ann.clone() };
    let (ann, bob) = (ann.keys(), bob.keys());
    assert_eq!(ann.fingerprint, bob.fingerprint);
    assert_eq!(ann.business, bob.business);
    assert_ne!(ann.lead, bob.lead);
    assert_ne!(ann.persona, bob.persona);
}

#[test]
fn father_and_son_on_one_phone_are_two() {
    let father = Row { suffix: Some("Sr"), ..ann() };
    let son = Row { suffix: Some("Jr"), ..ann() };
    assert_ne!(father.keys().lead, son.keys().lead);
    assert_ne!(father.keys().persona, son.keys().persona);
}

#[test]
fn blank_never_matches_blank() {
    let without = Row { email: "", phone: "", ..ann() };
    let other = Row { company: "ZENITH ROOFING", ..without.clone() };
    let (one, two) = (without.keys(), other.keys());
    assert_eq!((one.fingerprint, two.fingerprint), (None, None));
    assert_ne!(one.lead, two.lead);
    assert_ne!(one.business, two.business);
    assert_ne!(one.persona, two.persona);
    // Nor do two people of whom only the name is known, unless the name is the same.
    let ann = Row { given: "Ann", family: "Lee", ..Row::default() };
    let bob = Row { given: "Bob", ..ann.clone() };
    assert_ne!(ann.keys().persona, bob.keys().persona);
    assert_eq!(ann.keys(), ann.clone().keys());
}

#[test]
fn nobody_and_nothing_named_has_no_key() {
    let phone_only = Row { phone: SWITCHBOARD, ..Row::default() }.keys();
    assert_eq!((phone_only.business, phone_only.persona), (None, None));
    assert!(phone_only.fingerprint.is_some());
    let signs = Row { company: "---", given: "?", phone: SWITCHBOARD, ..Row::default() }.keys();
    assert_eq!((signs.business, signs.persona), (None, None));
}

#[test]
fn a_fingerprint_is_what_sql_would_compute() {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest("ann.lee@acmeplumbing.com+12127365000");
    let fingerprint = ann().keys().fingerprint.expect("e-mail and phone");
    assert_eq!(fingerprint.as_bytes().as_slice(), &digest[..16]);
}

#[test]
fn with_a_fingerprint_company_and_place_do_not_make_another_lead() {
    let moved = Row { company: "ACME PLUMBING AND HEATING", street: "9 OAK AVE", zip: "78702", ..ann() };
    assert_eq!(moved.keys().lead, ann().keys().lead);
    assert_eq!(moved.keys().persona, ann().keys().persona);
    assert_ne!(moved.keys().business, ann().keys().business);
}

#[test]
fn a_business_is_told_by_zip_else_city_else_phone_else_domain() {
    let acme = |row: Row<'static>| Row { company: "ACME PLUMBING", ..row }.keys().business;
    let texas = Row { state: Some("TX"), ..Row::default() };
    let zip = acme(Row { zip: "78701", ..texas.clone() });
    assert_eq!(zip, acme(Row { zip: "78701", city: "Austin", phone: SWITCHBOARD, ..texas.clone() }));
    assert_ne!(zip, acme(Row { zip: "78702", ..texas.clone() }));
    let city = acme(Row { city: "Austin", ..texas.clone() });
    assert_eq!(city, acme(Row { city: "AUSTIN", phone: SWITCHBOARD, ..texas.clone() }));
    assert_ne!(city, acme(Row { city: "Austin", state: Some("MN"), ..Row::default() }));
    let phone = acme(Row { phone: SWITCHBOARD, ..Row::default() });
    assert_eq!(phone, acme(Row { phone: "212.736.5000", website: "acme.com", ..Row::default() }));
    let domain = acme(Row { website: "acme.com", ..Row::default() });
    assert_eq!(domain, acme(Row { email: "info@acme.com", ..Row::default() }));
    assert_ne!(domain, acme(Row { email: "acme@gmail.com", ..Row::default() }), "gmail is not its own");
    assert_ne!(domain, phone);
}

#[test]
fn a_role_address_does_not_tell_a_person() {
    let info = Row { email: "info@acmeplumbing.com", phone: "", ..ann() };
    let none = Row { email: "", phone: "", ..ann() };
    assert_eq!(info.keys().persona, none.keys().persona, "both are told by the business");
    let own = Row { phone: "", ..ann() };
    let elsewhere = Row { company: "ZENITH", zip: "10001", ..own.clone() };
    assert_eq!(own.keys().persona, elsewhere.keys().persona, "told by the address of her own");
}

#[test]
fn a_person_without_company_is_told_by_where_they_live() {
    let home = Row { company: "", email: "", phone: "", ..ann() };
    let same = Row { street: "12 Main St.", ..home.clone() };
    let next_door = Row { street: "14 MAIN ST", ..home.clone() };
    assert_eq!(home.keys().persona, same.keys().persona);
    assert_ne!(home.keys().persona, next_door.keys().persona);
    assert_eq!(home.keys().business, None);
}

/// Keys are stored and compared with those of later files: whatever changes them must fail here.
#[test]
fn keys_are_what_they_were() {
    let Keys { business, persona, lead, fingerprint } = ann().keys();
    let told = [business, persona, Some(lead), fingerprint];
    let told = told.map(|key| key.map(|key| key.to_string()).unwrap_or_default());
    assert_eq!(
        told,
        [
            "c304342f-86e3-ad04-8cb7-1ce23f6cf78f",
            "a3552ba3-e125-1471-bcec-8b11370e3388",
            "a41570e4-adce-bc36-dfd9-a36f3e368a70",
            "553ab0c6-1748-6ec5-e42c-6bb541ff0d28"
        ]
    );
}

/// The same letters and digits in other case, with other signs between them.
fn respelled(text: &str, noise: &[u8]) -> String {
    let mut noise = noise.iter().cycle();
    text.chars()
        .flat_map(|letter| {
            let way = noise.next().copied().unwrap_or(0);
            let letter = if way % 2 == 0 { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() };
            [
                Some(letter),
                match way % 7 {
                    0 => Some('.'),
                    1 => Some('-'),
                    2 => Some(' '),
                    _ => None,
                },
            ]
        })
        .flatten()
        .collect()
}

fn phone_as(digits: &str, way: u8) -> String {
    let (area, exchange, line) = (&digits[..3], &digits[3..6], &digits[6..]);
    match way % 6 {
        0 => digits.to_owned(),
        1 => format!("({area}) {exchange}-{line}"),
        2 => format!("{area}.{exchange}.{line}"),
        3 => format!("+1 {area} {exchange} {line}"),
        4 => format!("1-{area}-{exchange}-{line}"),
        _ => format!("{area}-{exchange}-{line} x12"),
    }
}

proptest! {
    #[test]
    fn spelling_and_format_do_not_matter(
        company in "[A-Z]{2,8}( [A-Z]{1,8}){0,2}",
        given in "[A-Z][a-z]{1,8}",
        family in "[A-Z][a-z]{1,8}",
        street in "[1-9][0-9]{0,3} [A-Z]{2,8} ST",
        digits in "212736[0-9]{4}",
        has in any::<(bool, bool)>(),
        noise in prop::collection::vec(any::<u8>(), 1..20),
        ways in any::<(u8, u8)>(),
    ) {
        let email = format!("{given}@{family}.com");
        let (phone, other_phone) = (phone_as(&digits, ways.0), phone_as(&digits, ways.1));
        let only = |there: bool, text: &'_ str| if there { text.to_owned() } else { String::new() };
        let (email, phone) = (only(has.0, &email), only(has.1, &phone));
        let one = Row {
            company: &company, given: &given, family: &family, street: &street, email: &email, phone: &phone,
            zip: "10001", state: Some("NY"), ..Row::default()
        };
        let (company, street) = (respelled(&company, &noise), respelled(&street, &noise));
        let (given, family) = (respelled(&given, &noise), respelled(&family, &noise));
        let (email, phone) = (email.to_uppercase(), only(has.1, &other_phone));
        let other = Row {
            company: &company, given: &given, family: &family, street: &street, email: &email, phone: &phone,
            ..one
        };
        prop_assert_eq!(one.keys(), other.keys());
    }

    #[test]
    fn another_name_is_another_lead_and_person(
        one in "[A-Z][a-z]{1,6}", other in "[A-Z][a-z]{1,6}", has in any::<(bool, bool)>(),
    ) {
        prop_assume!(one.to_lowercase() != other.to_lowercase());
        let email = if has.0 { "ann.lee@acmeplumbing.com" } else { "" };
        let phone = if has.1 { SWITCHBOARD } else { "" };
        let one = Row { given: &one, email, phone, ..ann() };
        let other = Row { given: &other, ..one.clone() };
        prop_assert_ne!(one.keys().lead, other.keys().lead);
        prop_assert_ne!(one.keys().persona, other.keys().persona);
        prop_assert_eq!(one.keys().business, other.keys().business);
    }

    #[test]
    fn keys_of_different_kinds_never_meet(given in "[A-Z][a-z]{0,6}") {
        let Keys { business, persona, lead, fingerprint } = Row { given: &given, ..ann() }.keys();
        let kinds: std::collections::BTreeSet<_> = [business, persona, Some(lead), fingerprint].into();
        prop_assert_eq!(kinds.len(), 4);
    }
}
