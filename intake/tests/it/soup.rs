//! Any bytes at all: no panic, every row accounted for, and the same rows wherever the file is cut.

use intake::{Encoding, ReadOptions, inspect, parse_rows, preview};
use proptest::prelude::*;

use crate::accounts::split_all;

/// Bytes that are rich in what the reader looks for.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => prop::sample::select(vec![
            "\"", ",", ";", "\t", "|", "\n", "\r", "\r\n", "a", "é", "\u{feff}", " ", "\"\"", "\",\"", "x,y,z,w\n",
            "a\"b", "\"a\",", "\0", "\u{1a}",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
}

const HEADERS: [&str; 4] =
    ["company,phone\n", "company;phone;city;state\n", "company\r", "Company Name\tb\tc\td\r\n"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn inspecting_anything_ends_in_a_shape_or_an_error(bytes in soup(), more in any::<bool>()) {
        let size = bytes.len() as u64 + u64::from(more);
        if let Err(error) = preview(&bytes, size, &ReadOptions::default(), 10) {
            prop_assert!(!error.to_string().is_empty() && !error.expected().is_empty() && !error.got().is_empty());
        }
    }

    #[test]
    fn rows_are_the_same_wherever_the_file_is_cut(
        body in soup(),
        header in prop::sample::select(HEADERS.to_vec()),
        encoding in prop::sample::select(vec![Encoding::Utf8, Encoding::Windows1252, Encoding::Utf16Le, Encoding::Utf16Be]),
        size in 1_usize..64,
        record_bytes in prop::sample::select(vec![8_usize, 20, 60, 1 << 20]),
        max_rows in 1_usize..9,
    ) {
        let text = format!("{header}Acme{}", header.trim_start_matches(|char: char| !char.is_control() || char == '\t'));
        let mut shape = inspect(text.as_bytes(), text.len() as u64, &ReadOptions::default()).expect("a list");
        shape.encoding = encoding;
        shape.data_offset = 0;
        let whole = split_all(&body, &shape, usize::MAX / 4, record_bytes, usize::MAX);
        let cut = split_all(&body, &shape, size, record_bytes, max_rows);
        match (whole, cut) {
            (Ok(whole), Ok(cut)) => {
                prop_assert_eq!(&whole, &cut);
                let mut numbers: Vec<u64> = whole.rows.iter().map(|row| row.0).collect();
                numbers.extend(whole.rejects.iter().map(|rejected| rejected.reject.row));
                numbers.sort_unstable();
                prop_assert!(numbers.iter().copied().eq(1..=numbers.len() as u64));
                let rows = whole.rows.iter().map(|row| intake::RawRow { row: row.0, line: row.1, byte: row.2, text: &row.3 });
                let parsed = parse_rows(&shape, rows).expect("the parser works");
                prop_assert_eq!(parsed.len(), whole.rows.len());
                let placed = parsed.iter().zip(&whole.rows).all(|(outcome, row)| match outcome {
                    Ok(mapped) => mapped.row == row.0,
                    Err(reject) => reject.row == row.0 && reject.line == row.1,
                });
                prop_assert!(placed);
            }
            (Err(whole), Err(cut)) => prop_assert_eq!(whole, cut),
            (whole, cut) => prop_assert!(false, "whole: {:?}\ncut: {:?}", whole, cut),
        }
    }

    #[test]
    fn any_text_handed_in_as_a_row_comes_out_as_one(texts in prop::collection::vec("[a,\"\n\r é\u{feff}]{0,12}", 0..12)) {
        let shape = inspect(b"company,phone\nA,1\n", 18, &ReadOptions::default()).expect("a list");
        let rows = texts.iter().zip(1..).map(|(text, row)| intake::RawRow { row, line: row, byte: 0, text });
        let parsed = parse_rows(&shape, rows).expect("the parser works");
        prop_assert_eq!(parsed.len(), texts.len());
        for (outcome, text) in parsed.iter().zip(&texts) {
            if let Ok(row) = outcome && !text.contains('"') {
                let first = text.split(',').next().unwrap_or("").trim();
                prop_assert_eq!(row.get(intake::Field::CompanyName), first);
            }
        }
    }
}
