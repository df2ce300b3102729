//! Files written properly, in every dialect: exactly the cells that were written come back.

use intake::{Delimiter, Encoding, ReadOptions, Terminator, inspect};
use proptest::prelude::*;

use crate::accounts::{cells, split_all};

/// A cell that is not blank when trimmed, so that no row looks like an empty line.
fn cell() -> impl Strategy<Value = String> {
    "[a-zA-Zéß€0-9]([ a-zA-Zéß\"',;|\t\n]{0,20}[a-zA-Zß\"'.])?"
}

#[derive(Debug, Clone)]
struct Dialect {
    delimiter: Delimiter,
    end: &'static str,
    encoding: Encoding,
    mark: bool,
    quote_all: bool,
    end_last: bool,
}

fn dialect() -> impl Strategy<Value = Dialect> {
    (
        prop::sample::select(Delimiter::ALL.to_vec()),
        prop::sample::select(vec!["\n", "\r\n", "\r"]),
        prop::sample::select(vec![
            Encoding::Utf8,
            Encoding::Windows1252,
            Encoding::Utf16Le,
            Encoding::Utf16Be,
        ]),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(delimiter, end, encoding, mark, quote_all, end_last)| Dialect {
            delimiter,
            end,
            encoding,
            mark,
            quote_all,
            end_last,
        })
}

fn write(rows: &[Vec<String>], dialect: &Dialect) -> Vec<u8> {
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .map(|cell| {
                let needs = cell.contains(['"', '\n', '\r', ',', ';', '|', '\t']);
                if needs || dialect.quote_all {
                    format!("\"{}\"", cell.replace('"', "\"\""))
                } else {
                    cell.clone()
                }
            })
            .collect();
        text.push_str(&cells.join(&char::from(dialect.delimiter.byte()).to_string()));
        text.push_str(dialect.end);
    }
    if !dialect.end_last {
        text.truncate(text.len() - dialect.end.len());
    }
    let mark = if dialect.mark { "\u{feff}" } else { "" };
    match dialect.encoding {
        Encoding::Utf8 => format!("{mark}{text}").into_bytes(),
        Encoding::Windows1252 => {
            text.chars().map(|char| if char == '€' { 0x80 } else { char as u8 }).collect()
        }
        Encoding::Utf16Le => format!("{mark}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Encoding::Utf16Be => format!("{mark}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(
        body in prop::collection::vec(prop::collection::vec(cell(), 4), 1..12),
        dialect in dialect(),
        size in 1_usize..400,
    ) {
        let header = ["Company Name", "Contact Name", "City", "colour"].map(str::to_owned).to_vec();
        let mut rows = vec![header.clone()];
        rows.extend(body.iter().cloned());
        let bytes = write(&rows, &dialect);
        // A few euro signs alone cannot prove an encoding; a profile can.
        let options = ReadOptions {
            encoding: (dialect.encoding == Encoding::Windows1252).then_some(Encoding::Windows1252),
            ..ReadOptions::default()
        };
        let shape = inspect(&bytes, bytes.len() as u64, &options).expect("a list");
        prop_assert_eq!(shape.delimiter, dialect.delimiter);
        prop_assert_eq!(shape.encoding, dialect.encoding);
        prop_assert_eq!(shape.terminator.is_cr(), dialect.end == "\r");
        prop_assert_eq!(&shape.headers, &header);
        let whole = split_all(&bytes, &shape, usize::MAX / 4, 1 << 20, usize::MAX).expect("reads");
        prop_assert!(whole.rejects.is_empty());
        prop_assert_eq!(&split_all(&bytes, &shape, size, 1 << 20, usize::MAX).expect("reads in pieces"), &whole);
        let read: Vec<Vec<String>> =
            cells(&shape, &whole).into_iter().map(|row| row.into_iter().map(|(_, cell)| cell).collect()).collect();
        prop_assert_eq!(read, body);
        prop_assert!(shape.terminator != Terminator::Lf || dialect.end != "\r");
    }
}
