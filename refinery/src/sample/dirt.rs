//! What happens to rows on their way through the hands of list sellers.

use super::cells;
use super::random::Random;
use super::repeat::mistype;
use super::row::{HEADER, Row, column, some_state};
use super::words::GIVEN;

/// Appends the row to `line` with what happened to it. Most rows get away with little.
pub(super) fn soil(line: &mut String, mut row: Row, seed: u64, index: u64) {
    let random = &mut Random::of(seed, index, 6);
    // Once in a list, where it was put together from two.
    if index == 2_500 {
        return cells(line, &HEADER);
    }
    if index == 4_990 {
        line.push_str("Total records: 4990\r\n");
        return;
    }
    if random.per_mille(2) {
        line.push_str("\r\n");
    }
    company(&mut row, random);
    contact(&mut row, random);
    reach(&mut row, random);
    place(&mut row, random);
    size(&mut row, random);
    match random.below(1_000) {
        // Nothing that anybody could be called or found by.
        0..4 => {
            for cell in [column::COMPANY, column::CONTACT, column::EMAIL, column::PHONE, column::AREA_CODE] {
                row[cell].clear();
            }
            cells(line, &row);
        }
        // A comma that nobody quoted: a cell too many.
        4..6 => {
            let mut ragged: Vec<String> = row.into();
            ragged.insert(column::STREET + 1, "Rear Entrance".to_owned());
            cells(line, &ragged);
        }
        // A line that broke off.
        6..8 => cells(line, &row[..column::STATE]),
        8 => line.push_str("*** see attached ***\r\n"),
        _ => cells(line, &row),
    }
}

fn company(row: &mut Row, random: &mut Random) {
    let name = &row[column::COMPANY];
    row[column::COMPANY] = match random.below(1_000) {
        0..120 => name.to_uppercase(),
        120..160 => name.to_lowercase(),
        160..185 => format!(
            "{name} DBA {}",
            row[column::CITY].clone() + " " + name.split(' ').next_back().unwrap_or("Shop")
        ),
        185..200 => format!("  {name}  "),
        200..215 => name
            .strip_suffix(" LLC")
            .or(name.strip_suffix(" Inc"))
            .map_or_else(|| name.clone(), |stem| format!("{stem}, LLC")),
        215..225 => format!("{} {name}", ["The", "A-1"][usize::try_from(random.below(2)).unwrap_or(0)]),
        225..235 => mistype(name, random),
        235..243 => String::new(),
        _ => return,
    };
}

fn contact(row: &mut Row, random: &mut Random) {
    let Some((given, family)) = row[column::CONTACT].split_once(' ') else { return };
    row[column::CONTACT] = match random.below(1_000) {
        0..80 => format!("{family}, {given}"),
        80..130 => row[column::CONTACT].to_uppercase(),
        130..150 => format!("Mr. {given} {family}"),
        150..170 => format!("{given} {family} Jr"),
        170..180 => format!("Dr. {given} {family}, DDS"),
        180..230 => match GIVEN.iter().find(|(name, short)| *name == given && !short.is_empty()) {
            Some((_, short)) => format!("{short} {family}"),
            None => format!("{given} J. {family}"),
        },
        230..240 => row[column::COMPANY].clone(),
        240..250 => "N/A".to_owned(),
        250..265 => row[column::CONTACT].to_lowercase(),
        _ => return,
    };
    if random.per_mille(60) {
        row[column::TITLE] = row[column::TITLE].to_uppercase();
    }
}

fn reach(row: &mut Row, random: &mut Random) {
    let digits = row[column::PHONE].replace('-', "");
    let (exchange, line) = digits.split_at(digits.len().min(3));
    row[column::PHONE] = match random.below(1_000) {
        0..40 => String::new(),
        40..90 => format!("{exchange}{line}"),
        90..130 => format!("{exchange}.{line}"),
        130..150 => format!("{exchange}-{line} x{}", 100 + random.below(800)),
        150..165 => format!("{exchange}-{}", &line[..3]),
        165..175 => "000-0000".to_owned(),
        175..185 => "call first".to_owned(),
        185..190 => format!("555-01{}", &line[2..]),
        190..200 => format!("{exchange} {line}"),
        _ => row[column::PHONE].clone(),
    };
    let email = &row[column::EMAIL];
    row[column::EMAIL] = match random.below(1_000) {
        _ if email.is_empty() => return,
        0..60 => email.to_uppercase(),
        60..75 => format!(" {email} "),
        75..90 => email.replace('@', " at "),
        90..100 => "n/a".to_owned(),
        100..105 => "none@none.com".to_owned(),
        105..112 => email.replace(".example", ""),
        _ => return,
    };
}

fn place(row: &mut Row, random: &mut Random) {
    match random.below(1_000) {
        0..12 => row[column::STATE] = some_state(random).to_owned(),
        12..30 => row[column::STATE] = row[column::STATE].to_lowercase(),
        30..45 => row[column::STATE].clear(),
        45..90 => row[column::ZIP] = format!("{}-{:04}", row[column::ZIP], 1 + random.below(9_000)),
        90..115 => row[column::ZIP] = row[column::ZIP].trim_start_matches('0').to_owned(),
        115..125 => row[column::ZIP] = "00000".to_owned(),
        125..170 => row[column::CITY] = row[column::CITY].to_uppercase(),
        170..185 => row[column::CITY] = mistype(&row[column::CITY], random),
        185..215 => row[column::STREET] = row[column::STREET].to_uppercase(),
        215..235 => row[column::STREET] = format!("{}, Rear", row[column::STREET]),
        235..245 => row[column::STREET] = format!("{}\nSecond Floor", row[column::STREET]),
        245..265 => row[column::STREET] = format!("PO Box {}", 1 + random.below(9_999)),
        265..280 => row[column::STREET].clear(),
        280..300 => row[column::WEBSITE] = format!("HTTP://{}/", row[column::WEBSITE]),
        300..315 => row[column::SIC] = format!("{}{:02}", row[column::SIC], random.below(100)),
        315..322 => row[column::SIC] = "9999".to_owned(),
        322..332 => row[column::SIC].clear(),
        _ => {}
    }
}

fn size(row: &mut Row, random: &mut Random) {
    let employees: u64 = row[column::EMPLOYEES].parse().unwrap_or(1);
    let revenue: u64 = row[column::REVENUE].parse().unwrap_or(0);
    row[column::EMPLOYEES] = match random.below(100) {
        0..30 => match employees {
            0..=4 => "1-4".to_owned(),
            5..=9 => "5 to 9".to_owned(),
            10..=19 => "10-19".to_owned(),
            20..=49 => "20-49".to_owned(),
            50..=249 => "50-249".to_owned(),
            _ => "250+".to_owned(),
        },
        30..36 => String::new(),
        36..37 => "unknown".to_owned(),
        _ => row[column::EMPLOYEES].clone(),
    };
    row[column::REVENUE] = match random.below(100) {
        0..25 if revenue >= 1_000_000 => format!("${}.{}M", revenue / 1_000_000, revenue / 100_000 % 10),
        0..25 => format!("${}K", revenue / 1_000),
        25..40 => grouped(revenue),
        40..48 => String::new(),
        _ => row[column::REVENUE].clone(),
    };
}

/// `$1,234,000`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::from("$");
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
