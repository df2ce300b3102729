#![doc = include_str!("README.md")]

mod dirt;
mod random;
mod repeat;
mod row;
mod words;

use std::io::{self, Write};

use random::Random;
use row::{HEADER, Row, column, original};

/// How long the list is that the demo imports when none is given.
pub const DEMO_ROWS: u64 = 5_000;

/// The seed of that list.
pub const DEMO_SEED: u64 = 20_261_122;

/// Writes a clean list of `rows` rows, about 220 bytes each, with what a speed measurement should meet: 3 % of the
/// rows repeat an earlier one (1 % to the byte, 1 % in other spelling, 1 % with a typing error), and 0.5 % have a
/// quoted cell with quotes in it.
///
/// # Errors
/// Those of `out`.
pub fn write(out: impl Write, rows: u64, seed: u64) -> io::Result<()> {
    list(out, rows, seed, false)
}

/// Writes the same kind of list with the dirt real lists have on top: missing, misspelt and impossible cells, other
/// ways to write the same, quoted commas and line breaks, ragged rows, blank lines, a header repeated in the middle,
/// and lines that are no rows at all. `rows` counts all of them but the blank ones.
///
/// # Errors
/// Those of `out`.
pub fn write_dirty(out: impl Write, rows: u64, seed: u64) -> io::Result<()> {
    list(out, rows, seed, true)
}

fn list(mut out: impl Write, rows: u64, seed: u64, dirty: bool) -> io::Result<()> {
    let mut line = String::with_capacity(512);
    cells(&mut line, &HEADER);
    out.write_all(line.as_bytes())?;
    for index in 0..rows {
        line.clear();
        match repeat::of(seed, index) {
            Some(repeat) => cells(&mut line, &repeat.row(seed)),
            None => {
                let mut row = original(seed, index);
                quote(&mut row, seed, index);
                if dirty {
                    dirt::soil(&mut line, row, seed, index);
                } else {
                    cells(&mut line, &row);
                }
            }
        }
        out.write_all(line.as_bytes())?;
    }
    out.flush()
}

/// A name in quotes inside the company's, in 0.5 % of the rows.
fn quote(row: &mut Row, seed: u64, index: u64) {
    if Random::of(seed, index, 2).per_mille(5) {
        let name = &row[column::COMPANY];
        let (first, rest) = name.split_once(' ').unwrap_or((name, ""));
        row[column::COMPANY] = format!("{first} \"The Best\" {rest}");
    }
}

/// Appends a record: cells that need it in quotes, CR LF at the end as RFC 4180 has it.
fn cells<S: AsRef<str>>(line: &mut String, row: &[S]) {
    for (number, cell) in row.iter().enumerate() {
        if number > 0 {
            line.push(',');
        }
        let cell = cell.as_ref();
        if cell.contains([',', '"', '\n', '\r']) {
            line.push('"');
            line.push_str(&cell.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(cell);
        }
    }
    line.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn clean(rows: u64, seed: u64) -> Vec<u8> {
        let mut list = Vec::new();
        write(&mut list, rows, seed).expect("a vector takes everything");
        list
    }

    #[test]
    fn a_seed_names_a_list() {
        assert_eq!(clean(500, 7), clean(500, 7));
        assert_ne!(clean(500, 7), clean(500, 8));
        assert!(clean(900, 7).starts_with(&clean(500, 7)), "a longer list begins like a shorter one");
    }

    #[test]
    fn rows_have_the_promised_size_and_repetitions() {
        let rows = 20_000;
        let list = clean(rows, 1);
        let bytes_a_row = list.len() as u64 / rows;
        assert!((190..=250).contains(&bytes_a_row), "{bytes_a_row}");
        let text = String::from_utf8(list).expect("text");
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(lines.len() as u64, rows);
        let distinct: HashSet<&str> = lines.iter().copied().collect();
        let exact = rows - distinct.len() as u64;
        assert!((120..=280).contains(&exact), "{exact} exact repetitions in {rows} rows");
        let quoted = lines.iter().filter(|line| line.contains("\"\"The Best\"\"")).count();
        assert!((50..=160).contains(&quoted), "{quoted}");
    }

    #[test]
    fn originals_share_no_phone() {
        let phones: HashSet<String> =
            (0..20_000).map(|index| original(3, index)[column::PHONE].clone()).collect();
        assert_eq!(phones.len(), 20_000);
        assert!(phones.iter().all(|phone| !phone.starts_with("555")));
    }

    #[test]
    fn the_dirty_list_has_every_kind_of_dirt() {
        let mut list = Vec::new();
        write_dirty(&mut list, DEMO_ROWS, DEMO_SEED).expect("a vector takes everything");
        let text = String::from_utf8(list).expect("text");
        for sign in ["\r\n\r\n", "\nCompany Name,", " DBA ", "\"\"", "$1.", "N/A", "Total records", " Jr"] {
            assert!(text.contains(sign), "{sign:?} is missing");
        }
    }
}
