//! One row as its company would fill it in, before anything is misspelt.

use std::sync::LazyLock;

use super::random::Random;
use super::words::{FAMILY, FIRST, GIVEN, SECOND, STREET_KINDS, STREETS, SUFFIX, TITLES, TRADES, UNITS};

/// How many columns a row has.
pub(super) const COLUMNS: usize = 18;

/// The header: layout A with title, fax and country.
pub(super) const HEADER: [&str; COLUMNS] = [
    "Company Name",
    "Contact Name",
    "Title",
    "Email Address",
    "Street Address",
    "City",
    "State",
    "Zip Code",
    "County",
    "Area Code",
    "Phone Number",
    "Fax Number",
    "Website URL",
    "Number of Employees",
    "Annual Revenue",
    "SIC Code",
    "SIC Description",
    "Country",
];

/// Numbers of the columns, where they are changed by name.
pub(super) mod column {
    pub(in super::super) const COMPANY: usize = 0;
    pub(in super::super) const CONTACT: usize = 1;
    pub(in super::super) const TITLE: usize = 2;
    pub(in super::super) const EMAIL: usize = 3;
    pub(in super::super) const STREET: usize = 4;
    pub(in super::super) const CITY: usize = 5;
    pub(in super::super) const STATE: usize = 6;
    pub(in super::super) const ZIP: usize = 7;
    pub(in super::super) const AREA_CODE: usize = 9;
    pub(in super::super) const PHONE: usize = 10;
    pub(in super::super) const WEBSITE: usize = 12;
    pub(in super::super) const EMPLOYEES: usize = 13;
    pub(in super::super) const REVENUE: usize = 14;
    pub(in super::super) const SIC: usize = 15;
}

/// The cells of a row.
pub(super) type Row = [String; COLUMNS];

struct Place {
    city: &'static str,
    state: &'static str,
    county: &'static str,
    zip: &'static str,
    area_code: &'static str,
}

static PLACES: LazyLock<Vec<Place>> = LazyLock::new(|| {
    let codes = |state: &str| {
        include_str!("area_codes.txt")
            .lines()
            .filter_map(|line| line.split_once('|'))
            .find(|(of, _)| *of == state)
            .map_or("", |(_, codes)| codes)
    };
    let places = include_str!("places.txt").lines().enumerate();
    places
        .filter_map(|(number, line)| {
            let mut cells = line.split('|');
            let (city, state, county, zip) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
            let codes: Vec<&str> = codes(state).split(' ').collect();
            Some(Place { city, state, county, zip, area_code: codes.get(number % codes.len())? })
        })
        .collect()
});

/// Every state in the table of places, for rows that are given a wrong one.
pub(super) fn some_state(random: &mut Random) -> &'static str {
    place(random).state
}

fn place(random: &mut Random) -> &'static Place {
    let places = &*PLACES;
    &places[usize::try_from(random.below(places.len() as u64)).unwrap_or(0)]
}

/// Row `index` of the list that `seed` names. No two share a phone number, a mail or a web domain.
pub(super) fn original(seed: u64, index: u64) -> Row {
    let random = &mut Random::of(seed, index, 1);
    let place = place(random);
    let (sic, trade, trade_words, _) = trade(random);
    let (first, second) = (random.pick(&FIRST), random.pick(&SECOND));
    let space = if second.is_empty() { "" } else { " " };
    let stem = format!("{first}{space}{second} {}", random.pick(&trade_words));
    let suffix = random.pick(&SUFFIX);
    let company = if suffix.is_empty() { stem.clone() } else { format!("{stem} {suffix}") };
    let domain = format!("{}-{}.example", letters(&stem), base36(index));

    let given = GIVEN[usize::try_from(random.below(GIVEN.len() as u64)).unwrap_or(0)].0;
    let family = random.pick(&FAMILY);
    let named = !random.per_mille(70);
    let email = email(random, given, family, &domain, index, named);
    let (employees, revenue) = size(random);
    let (local, fax) = (local_number(index), local_number(index + 3_900_000));
    [
        company,
        if named { format!("{given} {family}") } else { String::new() },
        if named { random.pick(&TITLES).to_owned() } else { String::new() },
        email,
        street(random),
        place.city.to_owned(),
        place.state.to_owned(),
        place.zip.to_owned(),
        place.county.to_owned(),
        place.area_code.to_owned(),
        format!("{}-{}", &local[..3], &local[3..]),
        if random.per_mille(350) {
            format!("{}-{}-{}", place.area_code, &fax[..3], &fax[3..])
        } else {
            String::new()
        },
        if random.per_mille(700) { format!("www.{domain}") } else { String::new() },
        employees,
        revenue,
        sic.to_owned(),
        trade.to_owned(),
        "USA".to_owned(),
    ]
}

fn trade(random: &mut Random) -> (&'static str, &'static str, [&'static str; 3], u64) {
    let all: u64 = TRADES.iter().map(|trade| trade.3).sum();
    let mut left = random.below(all);
    for trade in TRADES {
        if left < trade.3 {
            return trade;
        }
        left -= trade.3;
    }
    TRADES[0]
}

/// How many exchanges there are from 200 to 999 without the eight N11 and 555.
const EXCHANGES: u64 = 791;

static EXCHANGE_LIST: LazyLock<Vec<u32>> =
    LazyLock::new(|| (200..1_000).filter(|number| number % 100 != 11 && *number != 555).collect());

/// Seven digits of a number that exists in no other row: the index, shuffled over all exchanges that are given out
/// to subscribers (no N11, and not 555).
fn local_number(index: u64) -> String {
    let shuffled = (index % (EXCHANGES * 10_000)).wrapping_mul(1_299_709) % (EXCHANGES * 10_000);
    let (exchange, line) = (shuffled / 10_000, shuffled % 10_000);
    let exchange = EXCHANGE_LIST[usize::try_from(exchange).unwrap_or(0)];
    format!("{exchange}{line:04}")
}

fn email(random: &mut Random, given: &str, family: &str, domain: &str, index: u64, named: bool) -> String {
    let (given, family) = (letters(given), letters(family));
    match random.below(100) {
        0..25 => String::new(),
        25..45 => format!("{}@{domain}", random.pick(&["info", "sales", "office", "contact"])),
        _ if !named => format!("info@{domain}"),
        45..55 => format!("{given}{family}.made.up.{}@gmail.com", base36(index)),
        55..80 => format!("{given}.{family}@{domain}"),
        _ => format!("{}{family}@{domain}", &given[..1]),
    }
}

fn street(random: &mut Random) -> String {
    let number = 1 + random.below(9_899);
    let way = random.pick(&["", "", "", "", "N ", "S ", "E ", "W "]);
    let name = random.pick(&STREETS);
    let street = if name.contains(' ') {
        format!("{number} {name}")
    } else {
        format!("{number} {way}{name} {}", random.pick(&STREET_KINDS))
    };
    if random.per_mille(180) {
        let unit = random.pick(&UNITS);
        let space = if unit == "#" { "" } else { " " };
        format!("{street} {unit}{space}{}", 1 + random.below(480))
    } else {
        street
    }
}

/// Employees and revenue, as numbers. Most firms are small.
fn size(random: &mut Random) -> (String, String) {
    let employees = match random.below(100) {
        0..55 => 1 + random.below(9),
        55..85 => 10 + random.below(40),
        85..97 => 50 + random.below(200),
        _ => 250 + random.below(3_000),
    };
    let revenue = employees * (60_000 + random.below(140_000)) / 1_000 * 1_000;
    (employees.to_string(), revenue.to_string())
}

/// Lower-case letters only.
pub(super) fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphabetic).map(|sign| sign.to_ascii_lowercase()).collect()
}

fn base36(mut number: u64) -> String {
    let mut signs = Vec::new();
    loop {
        let digit = u32::try_from(number % 36).unwrap_or(0);
        signs.push(char::from_digit(digit, 36).unwrap_or('0'));
        number /= 36;
        if number == 0 {
            return signs.iter().rev().collect();
        }
    }
}
