//! Made-up lists with the dirt real ones have. The same seed gives the same list.

use std::fmt::Write as _;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};

/// The header of [`list`].
pub const HEADER: &str = "Company Name,Contact Name,Title,Email Address,Street Address,City,State,Zip Code,County,\
                          Phone Number,Website URL,Number of Employees,Annual Revenue,SIC Code,SIC Description";

const TRADES: [(&str, &str, &str); 5] = [
    ("Plumbing", "171105", "Plumbing Contractors"),
    ("Roofing", "176103", "Roofing Contractors"),
    ("Dental", "802101", "Dentists"),
    ("Trucking", "421309", "Trucking"),
    ("Bakery", "546102", "Bakers-Retail"),
];
const PLACES: [(&str, &str, &str, &str, &str); 5] = [
    ("Austin", "TX", "78701", "Travis", "512"),
    ("Dallas", "TX", "75201", "Dallas", "214"),
    ("Tampa", "FL", "33602", "Hillsborough", "813"),
    ("Buffalo", "NY", "14202", "Erie", "716"),
    ("Fresno", "CA", "93721", "Fresno", "559"),
];
const GIVEN: [&str; 8] = ["Maria", "James", "Linda", "Robert", "Patricia", "John", "Susan", "Miguel"];
/// Names of families and streets are made of these: no two rows are alike by chance.
const SYLLABLES: [&str; 24] = [
    "bar", "kel", "mon", "tru", "vis", "dor", "lan", "quen", "hap", "zor", "fim", "gus", "nel", "pra", "sot",
    "wex", "yad", "cru", "jop", "ruth", "ith", "ombe", "ark", "ulm",
];
const TITLES: [&str; 5] = ["Owner", "President", "Office Manager", "CEO", "Sales Rep"];

/// What is in a list, by how it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Made {
    /// Rows that are not blank.
    pub rows: u64,
    /// Rows with neither name nor e-mail nor phone, or with too many cells.
    pub unusable: u64,
    /// Rows that say again what an earlier row says, spelled otherwise.
    pub repeated: u64,
}

/// A list of `rows` rows: about 3 % say an earlier row again in other spelling, 2 % cannot be used, some hold commas
/// and line breaks in quotes. Every other row is a business, a person and a lead of its own.
pub fn list(rows: u32, seed: u64) -> (Vec<u8>, Made) {
    let mut chance = StdRng::seed_from_u64(seed);
    let mut text = format!("{HEADER}\r\n");
    let mut made = Made::default();
    let mut earlier: Vec<Row> = Vec::new();
    for number in 0..rows {
        made.rows += 1;
        match chance.random_range(0..100) {
            0..3 if !earlier.is_empty() => {
                made.repeated += 1;
                if let Some(row) = earlier.choose(&mut chance) {
                    row.in_other_spelling().write(&mut text);
                }
            }
            3 => {
                made.unusable += 1;
                text.push_str(",,,,1 Nowhere St,Austin,TX,78701,Travis,,,,,,\r\n");
            }
            4 => {
                made.unusable += 1;
                text.push_str(
                    "Too,Many,Cells,a@example.com,x,x,TX,78701,x,5125550100,x,1,1,1711,x,x,x,x,x,x,x,x\r\n",
                );
            }
            _ => {
                let row = Row::new(number, &mut chance);
                row.write(&mut text);
                earlier.push(row);
            }
        }
    }
    (text.into_bytes(), made)
}

#[derive(Debug, Clone)]
struct Row {
    company: String,
    contact: String,
    title: &'static str,
    email: String,
    street: String,
    place: (&'static str, &'static str, &'static str, &'static str, &'static str),
    phone: String,
    website: String,
    employees: u32,
    revenue: u64,
    trade: (&'static str, &'static str, &'static str),
}

impl Row {
    fn new(number: u32, chance: &mut StdRng) -> Self {
        let trade = TRADES[chance.random_range(0..TRADES.len())];
        let place = PLACES[chance.random_range(0..PLACES.len())];
        let given = GIVEN[chance.random_range(0..GIVEN.len())];
        let (family, partner, street) = (name(chance), name(chance), name(chance));
        let comma = if chance.random_bool(0.1) { ", " } else { " " };
        let line_break = if chance.random_bool(0.05) { "\n" } else { " " };
        let domain = format!("{}{}{number}.com", family.to_lowercase(), trade.0.to_lowercase());
        Self {
            company: format!("{family} & {partner}{line_break}{}{comma}LLC", trade.0),
            contact: format!("{given} {family}"),
            title: TITLES[chance.random_range(0..TITLES.len())],
            email: format!("{}@{domain}", given.to_lowercase()),
            street: format!("{} {street} Street", chance.random_range(100..9_900)),
            place,
            phone: format!(
                "({}) {}-{:04}",
                place.4,
                chance.random_range(220..990),
                chance.random_range(0..10_000)
            ),
            website: format!("www.{domain}"),
            employees: chance.random_range(1..60),
            revenue: chance.random_range(1..90) * 100_000,
            trade,
        }
    }

    fn in_other_spelling(&self) -> Self {
        let digits: String = self.phone.chars().filter(char::is_ascii_digit).collect();
        Self {
            company: self.company.to_uppercase().replace(", LLC", " L.L.C."),
            contact: self.contact.to_uppercase(),
            email: self.email.to_uppercase(),
            phone: format!("{}-{}-{}", &digits[..3], &digits[3..6], &digits[6..]),
            ..self.clone()
        }
    }

    fn write(&self, text: &mut String) {
        let (city, state, zip, county, _) = self.place;
        let (_, sic, description) = self.trade;
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "\"{}\",{},{},{},{},{city},{state},{zip},{county},{},{},{},{},{sic},{description}\r\n",
            self.company,
            self.contact,
            self.title,
            self.email,
            self.street,
            self.phone,
            self.website,
            self.employees,
            self.revenue
        );
    }
}

/// A name of four syllables.
fn name(chance: &mut StdRng) -> String {
    let mut name: String = (0..4).map(|_| SYLLABLES[chance.random_range(0..SYLLABLES.len())]).collect();
    name[..1].make_ascii_uppercase();
    name
}
