//! The labelled sets, each by the columns it has, and no thresholds.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use resolution::{Decision, Field, Records, Resolution, RuleSet};

use crate::sample;

/// A list whose rows are labelled.
pub(crate) struct Set {
    pub(crate) rules: RuleSet,
    pub(crate) records: Records,
    pub(crate) truth: Vec<String>,
    pub(crate) rows: Vec<String>,
    /// First row of the second list, when two are linked.
    pub(crate) border: Option<usize>,
}

type Load = fn() -> Result<Set, String>;

/// All sets with their names.
pub(crate) const ALL: [(&str, Load); 16] = [
    ("FEBRL 1", || febrl(&["dataset1"], true)),
    ("FEBRL 2", || febrl(&["dataset2"], true)),
    ("FEBRL 3", || febrl(&["dataset3"], true)),
    ("FEBRL 4 (link)", || febrl(&["dataset4a", "dataset4b"], true)),
    ("FEBRL 1 without identifier and birth date", || febrl(&["dataset1"], false)),
    ("FEBRL 2 without identifier and birth date", || febrl(&["dataset2"], false)),
    ("FEBRL 3 without identifier and birth date", || febrl(&["dataset3"], false)),
    ("FEBRL 4 (link) without identifier and birth date", || febrl(&["dataset4a", "dataset4b"], false)),
    ("splink_fake_1000", splink_fake),
    ("Senzing truth set", senzing),
    ("Chicago early childhood", chicago),
    ("generated leads, 20,000, persons", || generated(20_000, RuleSet::Persons)),
    ("generated leads, 20,000, businesses", || generated(20_000, RuleSet::Businesses)),
    ("generated leads, 300,000, persons", || generated(300_000, RuleSet::Persons)),
    ("generated leads, 300,000, businesses", || generated(300_000, RuleSet::Businesses)),
    ("generated people, 14 records each, 240,000", || many_records_each(240_000)),
];

/// A column and what it is.
type Columns<'c> = &'c [(&'c str, Field)];

impl Set {
    fn new(rules: RuleSet) -> Self {
        Self { rules, records: Records::new(), truth: Vec::new(), rows: Vec::new(), border: None }
    }

    fn push(&mut self, truth: String, values: &[(Field, String)]) {
        self.records.push(values.iter().map(|(field, value)| (*field, value.as_str())));
        self.truth.push(truth);
        self.rows.push(values.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(" | "));
    }

    /// Adds the rows of a CSV file; `truth` names the entity of a row, or leaves the row out.
    fn read(
        &mut self,
        csv: &[u8],
        columns: Columns<'_>,
        truth: impl Fn(&HashMap<String, String>) -> Option<String>,
    ) -> Result<(), String> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(csv);
        let header = reader.byte_headers().map_err(|error| error.to_string())?.clone();
        let header: Vec<String> =
            header.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        for (column, _) in columns {
            if !header.iter().any(|name| name == column) {
                return Err(format!("no column {column:?}; the file has {header:?}"));
            }
        }
        for row in reader.byte_records() {
            let row = row.map_err(|error| error.to_string())?;
            let cells = row.iter().map(|cell| String::from_utf8_lossy(cell).into_owned());
            let row: HashMap<String, String> = header.iter().cloned().zip(cells).collect();
            if let Some(truth) = truth(&row) {
                let value =
                    |(column, field): &(&str, Field)| (*field, row.get(*column).cloned().unwrap_or_default());
                self.push(truth, &columns.iter().map(value).collect::<Vec<_>>());
            }
        }
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "finds the lists; the engine itself reads no environment")]
fn folder(variable: &str) -> Result<PathBuf, String> {
    std::env::var_os(variable).map(PathBuf::from).ok_or_else(|| format!("{variable} is not set"))
}

#[expect(clippy::disallowed_methods, reason = "reads the lists; the engine itself reads no file")]
fn read(folder: &Path, file: &str) -> Result<Vec<u8>, String> {
    let path = folder.join(file);
    std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))
}

fn matching(file: &str) -> Result<Vec<u8>, String> {
    read(&folder("REFINERY_TEST_DATA")?.join("lists/matching"), file)
}

fn febrl(files: &[&str], strong: bool) -> Result<Set, String> {
    const WEAK: Columns<'_> = &[
        ("given_name", Field::Given),
        ("surname", Field::Family),
        ("street_number", Field::Street),
        ("address_1", Field::Street),
        ("address_2", Field::Unit),
        ("suburb", Field::City),
        ("postcode", Field::Zip),
        ("state", Field::State),
    ];
    const STRONG: Columns<'_> = &[("date_of_birth", Field::Date), ("soc_sec_id", Field::Identifier)];
    let columns = if strong { [WEAK, STRONG].concat() } else { WEAK.to_vec() };
    let folder = folder("FEBRL_DATA")?;
    let mut set = Set::new(RuleSet::Persons);
    for file in files {
        if !set.truth.is_empty() {
            set.border = Some(set.truth.len());
        }
        set.read(&read(&folder, &format!("{file}.csv"))?, &columns, |row| {
            row.get("rec_id").and_then(|id| id.split('-').nth(1)).map(str::to_owned)
        })?;
    }
    Ok(set)
}

fn splink_fake() -> Result<Set, String> {
    let columns = [
        ("first_name", Field::Given),
        ("surname", Field::Family),
        ("dob", Field::Date),
        ("city", Field::City),
        ("email", Field::Email),
    ];
    let mut set = Set::new(RuleSet::Persons);
    set.read(&matching("splink_fake_1000.csv")?, &columns, |row| row.get("cluster").cloned())?;
    Ok(set)
}

fn chicago() -> Result<Set, String> {
    let columns = [
        ("Site name", Field::Company),
        ("Address", Field::Street),
        ("Zip", Field::Zip),
        ("Phone", Field::Phone),
        ("Website", Field::Website),
        ("Email Address", Field::Email),
    ];
    let mut set = Set::new(RuleSet::Businesses);
    set.read(&matching("chicago_early_childhood_true_ids.csv")?, &columns, |row| {
        row.get("True Id").filter(|id| !id.is_empty()).cloned()
    })?;
    Ok(set)
}

fn senzing() -> Result<Set, String> {
    const COLUMNS: [(&str, Field, &str); 21] = [
        ("PRIMARY_NAME_FULL", Field::Name, ""),
        ("PRIMARY_NAME_FIRST", Field::Given, ""),
        ("PRIMARY_NAME_LAST", Field::Family, ""),
        ("PRIMARY_NAME_ORG", Field::Company, ""),
        ("SECONDARY_NAME_ORG", Field::Company, ""),
        ("DATE_OF_BIRTH", Field::Date, ""),
        ("PASSPORT_NUMBER", Field::Identifier, "passport"),
        ("DRIVERS_LICENSE_NUMBER", Field::Identifier, "license"),
        ("SSN_NUMBER", Field::Identifier, "ssn"),
        ("NATIONAL_ID_NUMBER", Field::Identifier, "national"),
        ("TAX_ID_NUMBER", Field::Identifier, "tax"),
        ("LEI_NUMBER", Field::Identifier, "lei"),
        ("EMAIL_ADDRESS", Field::Email, ""),
        ("ADDR_FULL", Field::Street, ""),
        ("ADDR_LINE1", Field::Street, ""),
        ("ADDR_CITY", Field::City, ""),
        ("ADDR_STATE", Field::State, ""),
        ("ADDR_POSTAL_CODE", Field::Zip, ""),
        ("PHONE_NUMBER", Field::Phone, ""),
        ("EMPLOYER", Field::Company, ""),
        ("WEBSITE", Field::Website, ""),
    ];
    let mut truth = HashMap::new();
    let key = matching("senzing_actual_truthset_key.csv")?;
    for row in csv::Reader::from_reader(key.as_slice()).records() {
        let row = row.map_err(|error| error.to_string())?;
        let cell = |at| row.get(at).unwrap_or_default().to_owned();
        truth.insert((cell(2), cell(3)), cell(1));
    }
    let mut set = Set::new(RuleSet::Persons);
    for file in ["customers", "reference", "watchlist"] {
        let csv = matching(&format!("senzing_{file}.csv"))?;
        let mut reader = csv::Reader::from_reader(csv.as_slice());
        for row in reader.deserialize::<HashMap<String, String>>() {
            let row = row.map_err(|error| error.to_string())?;
            let cell = |column: &str| row.get(column).map(|cell| cell.trim()).unwrap_or_default();
            let id = (cell("DATA_SOURCE").to_owned(), cell("RECORD_ID").to_owned());
            let Some(entity) = truth.get(&id) else { continue };
            let values = COLUMNS.iter().filter(|(column, ..)| !cell(column).is_empty()).map(
                |(column, field, kind)| {
                    let value = match (*column, *kind) {
                        ("PRIMARY_NAME_FIRST", _) => {
                            format!("{} {}", cell(column), cell("PRIMARY_NAME_MIDDLE"))
                        }
                        (_, "") => cell(column).to_owned(),
                        (_, kind) => format!("{kind}:{}", cell(column)),
                    };
                    (*field, value)
                },
            );
            set.push(entity.clone(), &values.collect::<Vec<_>>());
        }
    }
    Ok(set)
}

/// The columns of a generated list that are read.
const GENERATED: [(&str, Field); 10] = [
    ("Company Name", Field::Company),
    ("Contact Name", Field::Name),
    ("Email Address", Field::Email),
    ("Street Address", Field::Street),
    ("City", Field::City),
    ("State", Field::State),
    ("Zip Code", Field::Zip),
    ("Area Code", Field::Phone),
    ("Phone Number", Field::Phone),
    ("Website URL", Field::Website),
];

fn generated_csv(rows: u64) -> Result<Vec<u8>, String> {
    let mut csv = Vec::new();
    sample::write(&mut csv, rows, sample::DEMO_SEED).map_err(|error| error.to_string())?;
    Ok(csv)
}

/// The generator gives each business a number of its own, which repetitions keep: the truth.
fn generated(rows: u64, rules: RuleSet) -> Result<Set, String> {
    let mut set = Set::new(rules);
    set.read(&generated_csv(rows)?, &GENERATED, |row| {
        let number = row.get("Phone Number")?;
        Some(number.chars().filter(char::is_ascii_digit).collect())
    })?;
    Ok(set)
}

/// People who are in a list fourteen times each, with what happens to records over the years: names mistyped, given names
/// cut to initials, phones and addresses missing, moves.
fn many_records_each(rows: usize) -> Result<Set, String> {
    const EACH: usize = 14;
    let csv = generated_csv((rows / EACH * 11 / 10) as u64)?;
    let mut set = Set::new(RuleSet::Persons);
    let mut seen = std::collections::HashSet::new();
    for row in csv::Reader::from_reader(csv.as_slice()).deserialize::<HashMap<String, String>>() {
        let row = row.map_err(|error| error.to_string())?;
        let phone = row["Phone Number"].replace(['-', '.'], "");
        if set.truth.len() >= rows || row["Contact Name"].is_empty() || !seen.insert(phone.clone()) {
            continue;
        }
        for copy in 0..EACH {
            let mut values: Vec<(Field, String)> =
                GENERATED.iter().map(|(column, field)| (*field, row[*column].clone())).collect();
            let seed = seen.len() * EACH + copy;
            if copy > 0 {
                age(&mut values, seed);
            }
            set.push(phone.clone(), &values);
        }
    }
    Ok(set)
}

/// Lets time pass over a record.
fn age(values: &mut [(Field, String)], seed: usize) {
    let mut random = (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut one_in = |of: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random.is_multiple_of(of)
    };
    let [no_phone, no_email, no_company, moved] = [one_in(3), one_in(3), one_in(6), one_in(8)];
    for (field, value) in values {
        let gone = match field {
            Field::Phone => no_phone,
            Field::Email => no_email,
            Field::Company | Field::Website => no_company,
            _ => false,
        };
        if gone {
            value.clear();
        } else if *field == Field::Street && moved {
            *value = format!("{} Elsewhere Avenue", 1 + seed % 9_000);
        } else if *field == Field::Name && one_in(12) {
            let (given, family) = value.split_once(' ').unwrap_or(("", value));
            *value = format!("{}. {family}", given.get(..1).unwrap_or_default());
        } else if matches!(field, Field::Name | Field::Street | Field::City) && one_in(5) {
            let at = 1 + seed % value.len().saturating_sub(2).max(1);
            let mut letters: Vec<char> = value.chars().collect();
            if at + 1 < letters.len() {
                letters.swap(at, at + 1);
            }
            *value = letters.into_iter().collect();
        }
    }
}

/// Prints what went wrong: pairs that are not one and were merged, and pairs that are one and were not.
pub(crate) fn explain(
    resolution: &Resolution,
    set: &Set,
    most: usize,
    out: &mut impl Write,
) -> std::io::Result<()> {
    let mut show = |title: &str, a: usize, b: usize| -> std::io::Result<()> {
        let (Some(one), Some(other)) = (set.records.get(a), set.records.get(b)) else { return Ok(()) };
        let sentence = resolution.model.compare(&one, &other).sentence();
        writeln!(out, "{title} {a} {b}\n    {}\n    {}\n    {sentence}", set.rows[a], set.rows[b])
    };
    let wrong = resolution.pairs.iter().filter(|pair| {
        pair.decision == Decision::Merge && set.truth[pair.a as usize] != set.truth[pair.b as usize]
    });
    for pair in wrong.take(most) {
        show("wrong", pair.a as usize, pair.b as usize)?;
    }
    let mut by_truth: HashMap<&str, Vec<usize>> = HashMap::new();
    set.truth.iter().enumerate().for_each(|(row, truth)| by_truth.entry(truth).or_default().push(row));
    let mut missed = 0;
    let mut entities: Vec<_> = by_truth.into_values().collect();
    entities.sort();
    for rows in entities {
        for (at, a) in rows.iter().enumerate() {
            for b in &rows[at + 1..] {
                let across = set.border.is_none_or(|border| (*a < border) != (*b < border));
                if across && resolution.cluster_of[*a] != resolution.cluster_of[*b] && missed < most {
                    missed += 1;
                    show("missed", *a, *b)?;
                }
            }
        }
    }
    Ok(())
}
