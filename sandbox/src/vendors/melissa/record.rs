//! What Melissa answers about one record. Result codes are joined by commas: AS01 the address is delivered to, AE02 no
//! such street; VR01 the person lives there; NS01 the name parses; PS01 a good phone, PS07 mobile, PS08 wire, PS09
//! voice over IP; ES01 a good mailbox, EE01 none; DA10, DA30 and DA40 name, phone and e-mail were appended.

use serde_json::{Map, Value};

use super::request::{Call, Question};
use crate::vendor::Vendor;
use crate::world::{Line, LineKind, Person, World, phone_tie};

/// What stands where there is nothing.
const BLANK: &str = " ";

/// The record about `question`, with `person` if somebody is known.
pub(super) fn record(world: &World, call: &Call, question: &Question, person: Option<&Person>) -> Value {
    let told = &question.identity;
    let mut codes: Vec<&str> = Vec::new();
    let address_is_given = !told.street.trim().is_empty();
    // The address is looked up even where nobody is known at it.
    let place = person.cloned().or_else(|| world.person(told)).map(|person| person.property);
    if address_is_given {
        codes.push("AS01");
    }
    if !told.last.trim().is_empty() {
        codes.push("NS01");
    }
    if person.is_some() && address_is_given {
        codes.push("VR01");
    }
    let given_name = format!("{} {}", told.first.trim(), told.last.trim());
    let mut name = given_name.trim().to_owned();
    if let Some(person) = person.filter(|person| call.append && !is_the_same(&name, &person.full_name())) {
        name = person.full_name();
        codes.push("DA10");
    }
    let phone = phone(world, call, &told.phone, person, &mut codes);
    let email = email(world, call, &told.email, person, &mut codes);

    let mut record = Map::new();
    let mut set = |column: &str, value: &str| {
        let value = if value.trim().is_empty() { BLANK } else { value };
        record.insert(column.to_owned(), value.into());
    };
    set("RecordID", &question.id);
    set("Results", &codes.join(","));
    set("NameFull", &name);
    set("CompanyName", told.company.trim());
    set("EmailAddress", &email);
    set("PhoneNumber", &phone);
    set("AddressExtras", "");
    set("RecordExtras", "");
    set("Reserved", "");
    set("AddressLine1", told.street.trim());
    set("AddressLine2", "");
    let place = place.filter(|_| address_is_given);
    let address = place.as_ref().map(|place| &place.address);
    set("City", address.map_or(told.city.trim(), |address| &address.city));
    set("State", address.map_or(told.state.trim(), |address| &address.state));
    set("PostalCode", address.map_or(told.zip.trim(), |address| &address.zip));
    let mak = place.as_ref().map_or("", |place| &place.mak);
    set("AddressKey", mak);
    set("MelissaAddressKey", mak);
    set("MelissaAddressKeyBase", "");
    if call.wants("Latitude", "GrpGeocode") {
        set("Latitude", place.as_ref().map_or("", |place| &place.latitude));
        set("Longitude", place.as_ref().map_or("", |place| &place.longitude));
    }
    if call.wants("CountyName", "GrpCensus") {
        set("CountyName", address.map_or("", |address| &address.county));
    }
    if call.wants("NameFirst", "GrpNameDetails") {
        let mut words = name.splitn(2, ' ');
        set("NameFirst", words.next().unwrap_or_default());
        set("NameLast", words.next().unwrap_or_default());
    }
    demographics(call, person, &mut set);
    Value::Object(record)
}

/// The columns of `GrpDemographicBasic`, each also to be had alone.
fn demographics(call: &Call, person: Option<&Person>, set: &mut impl FnMut(&str, &str)) {
    let born = |person: &Person| format!("{}{:02}", person.birth_year(), person.birth_month);
    let columns: [(&str, String); 6] = [
        ("DateOfBirth", person.map(born).unwrap_or_default()),
        (
            "DateOfDeath",
            person.filter(|person| person.deceased).map(|_| "202501".to_owned()).unwrap_or_default(),
        ),
        (
            "Gender",
            person.map(|person| if person.woman { "Female" } else { "Male" }.to_owned()).unwrap_or_default(),
        ),
        ("HouseholdIncome", person.map(|_| "$75,000 - $99,999".to_owned()).unwrap_or_default()),
        (
            "LengthOfResidence",
            person.map(|person| format!("{} years", 2026 - person.property.bought)).unwrap_or_default(),
        ),
        ("OwnRent", person.map(own_rent).unwrap_or_default()),
    ];
    for (column, value) in columns {
        if call.wants(column, "GrpDemographicBasic") {
            set(column, &value);
        }
    }
}

fn own_rent(person: &Person) -> String {
    if person.property.owner_occupied { "Definite Owner" } else { "Renter" }.to_owned()
}

fn is_the_same(given: &str, known: &str) -> bool {
    given.eq_ignore_ascii_case(known)
}

/// The phone as given and checked, or one that is appended.
fn phone(world: &World, call: &Call, given: &str, person: Option<&Person>, codes: &mut Vec<&str>) -> String {
    let digits = phone_tie(given);
    let own = person.and_then(|person| world.lines_known(Vendor::Melissa, person).into_iter().next());
    let line = match own.filter(|_| call.append && (digits.is_empty() || call.append_always)) {
        Some(line) => {
            codes.push("DA30");
            line
        }
        None if digits.len() == 10 => world.line(&digits),
        None if digits.is_empty() => return String::new(),
        None => {
            codes.push("PE01");
            return given.trim().to_owned();
        }
    };
    codes.extend(["PS01", line_code(&line)]);
    line.number
}

fn line_code(line: &Line) -> &'static str {
    match line.kind {
        LineKind::Mobile => "PS07",
        LineKind::Landline => "PS08",
        LineKind::FixedVoip | LineKind::NonFixedVoip => "PS09",
    }
}

/// The address as given and checked, or one that is appended.
fn email(world: &World, call: &Call, given: &str, person: Option<&Person>, codes: &mut Vec<&str>) -> String {
    let given = given.trim();
    let own = person.and_then(|person| {
        world.mailboxes_known(Vendor::Melissa, person).into_iter().find(|mailbox| mailbox.verified)
    });
    match own.filter(|_| call.append && (given.is_empty() || call.append_always)) {
        Some(mailbox) => {
            codes.extend(["DA40", "ES01"]);
            mailbox.address
        }
        None => {
            match given.split_once('@') {
                Some((local, host)) if !local.is_empty() && host.contains('.') => codes.push("ES01"),
                _ if given.is_empty() => {}
                _ => codes.push("EE01"),
            }
            given.to_owned()
        }
    }
}
