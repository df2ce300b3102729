//! Who is one and who is two, with the weights that ship.

use crate::field::Field::{self, Company, Date, Email, Identifier, Name, Phone, State, Street, Zip};
use crate::{Comparison, Conflict, Decision, Model, Record, RuleSet};

fn compare(rules: RuleSet, a: &[(Field, &str)], b: &[(Field, &str)]) -> Comparison {
    let read = |row: &[(Field, &str)]| Record::new(row.iter().copied());
    Model::shipped(rules, 100_000).compare(&read(a), &read(b))
}

fn decides(a: &[(Field, &str)], b: &[(Field, &str)], expected: Decision) -> Comparison {
    let comparison = compare(RuleSet::Persons, a, b);
    assert_eq!(comparison.decision, expected, "{}", comparison.sentence());
    comparison
}

const OFFICE: [(Field, &str); 4] =
    [(Company, "Acme Roofs LLC"), (Street, "12 Main St"), (Zip, "89111"), (Phone, "702-919-1300")];

fn at_office(name: &'static str) -> Vec<(Field, &'static str)> {
    [&OFFICE[..], &[(Name, name)]].concat()
}

#[test]
fn two_colleagues_on_one_switchboard_are_two() {
    let comparison = decides(&at_office("Zoe Lindqvist"), &at_office("Peter Karlsen"), Decision::Apart);
    assert_eq!(comparison.relation.map(|related| related.to).as_deref(), Some("colleagues"));
    decides(&at_office("Zoe Lindqvist"), &at_office("Zoe Lindqvits"), Decision::Merge);
}

#[test]
fn husband_and_wife_are_two_and_a_nickname_is_one() {
    let home = [(Street, "9 Oak Ave"), (Zip, "89111"), (Phone, "702-919-1300")];
    let who = |name| [&home[..], &[(Name, name)]].concat();
    let comparison = compare(RuleSet::Persons, &who("Robert Lindqvist"), &who("Mary Lindqvist"));
    assert_ne!(comparison.decision, Decision::Merge, "{}", comparison.sentence());
    assert_eq!(comparison.conflict, Some(Conflict::Relatives));
    decides(&who("Robert Lindqvist"), &who("Bob Lindqvist"), Decision::Merge);
    decides(&who("Robert Lindqvist Jr"), &who("Robert Lindqvist Sr"), Decision::Review);
}

#[test]
fn two_dates_of_birth_or_identifiers_are_two_whatever_else_agrees() {
    let all = |date, number| {
        let more =
            [(Name, "Zoe Lindqvist"), (Email, "zoe.lindqvist@gmail.com"), (Date, date), (Identifier, number)];
        [&OFFICE[..], &more].concat()
    };
    for (a, b, conflict) in [
        (all("1978-12-11", ""), all("1954-03-31", ""), Conflict::Date),
        (all("", "294669999"), all("", "201777719"), Conflict::Identifier),
        (all("1978-12-11", "294669999"), all("1954-03-31", "201777719"), Conflict::Date),
    ] {
        let comparison = decides(&a, &b, Decision::Review);
        assert_eq!(comparison.conflict, Some(conflict));
    }
    // One of the two is mistyped, the other agrees.
    decides(&all("1978-12-11", "294669999"), &all("1954-03-31", "294669999"), Decision::Merge);
}

#[test]
fn name_and_phone_both_different_are_two() {
    let a = [(Name, "Zoe Lindqvist"), (Phone, "702-919-1300"), (Email, "office.team@acme-roofs.com")];
    let b = [(Name, "Peter Karlsen"), (Phone, "212-736-5000"), (Email, "office.team@acme-roofs.com")];
    assert_eq!(compare(RuleSet::Persons, &a, &b).conflict, Some(Conflict::NameAndPhone));
}

#[test]
fn a_function_s_address_does_not_identify_a_person() {
    let who = |name| [(Name, name), (Email, "info@acme-roofs.com")];
    let comparison = compare(RuleSet::Persons, &who("Andrew Anderson"), &who("Andy Anderson"));
    assert_ne!(comparison.decision, Decision::Merge, "{}", comparison.sentence());
}

#[test]
fn rows_that_name_nobody_are_what_their_business_is() {
    let comparison = decides(&OFFICE, &OFFICE, Decision::Merge);
    assert_eq!(comparison.rules, RuleSet::Businesses);
}

#[test]
fn a_person_is_no_business() {
    let person = [(Name, "Zoe Lindqvist"), (Phone, "702-919-1300")];
    let comparison = compare(RuleSet::Persons, &person, &OFFICE);
    assert_eq!(comparison.conflict, Some(Conflict::Kind));
    assert_ne!(comparison.decision, Decision::Merge);
}

#[test]
fn two_branches_of_one_chain_are_two_businesses() {
    let branch = |street, zip, phone| {
        [(Company, "Kowalski Roofing Inc"), (Street, street), (Zip, zip), (State, "NV"), (Phone, phone)]
    };
    let one = branch("12 Main St", "89111", "702-919-1300");
    let other = branch("9 Oak Ave", "89502", "775-322-4000");
    assert_ne!(compare(RuleSet::Businesses, &one, &other).decision, Decision::Merge);
    let again = branch("12 Main Street", "89111-2201", "(702) 919-1300");
    assert_eq!(compare(RuleSet::Businesses, &one, &again).decision, Decision::Merge);
}

#[test]
fn a_rare_name_weighs_more_and_so_does_a_short_list() {
    let who = |name| [(Name, name), (Zip, "89111")];
    let weight = |name| compare(RuleSet::Persons, &who(name), &who(name)).weight;
    assert!(weight("Zebulon Lindqvist") > weight("John Smith") + 5.0);
    let read = |name| Record::new(who(name));
    let among = |records| {
        Model::shipped(RuleSet::Persons, records).compare(&read("Zoe Lind"), &read("Zoe Lind")).weight
    };
    assert!(among(10_000) > among(1_000_000));
}
