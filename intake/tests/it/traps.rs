//! One small file for each thing that goes wrong with lists.

use domain::FailureCode;
use intake::{Encoding, Field, MAX_RECORD_BYTES, ReadError, ReadOptions, Terminator, inspect, parse_rows};

use crate::accounts::{cells, read, split_all, texts};

fn shape_of(bytes: &[u8]) -> Result<intake::FileShape, ReadError> {
    inspect(bytes, bytes.len() as u64, &ReadOptions::default())
}

#[test]
fn a_nul_behind_the_head_costs_its_row() {
    let head = b"company,phone\nAcme,1\n";
    let shape = shape_of(head).expect("a list");
    let bytes = b"company,phone\nAcme,1\nB\0b,2\nCo,3\n";
    let account = split_all(bytes, &shape, 1000, MAX_RECORD_BYTES, 1000).expect("reads");
    assert_eq!(texts(&account), ["Acme,1", "Co,3"]);
    let reject = &account.rejects[0].reject;
    assert_eq!((reject.row, reject.line, reject.byte), (2, 3, 22));
    assert_eq!(reject.code, FailureCode::UploadRowUnreadable);
    assert!(!account.rejects[0].raw.contains('\0'), "PostgreSQL stores no NUL");
}

#[test]
fn the_shape_survives_the_database() {
    let shape = shape_of("Company|Größe\nA|1\n".as_bytes()).expect("a list");
    let json = serde_json::to_string(&shape).expect("serializes");
    assert_eq!(serde_json::from_str::<intake::FileShape>(&json).expect("reads back"), shape);
}

#[test]
fn every_encoding_reads_the_same_and_places_are_those_of_the_file() {
    let text = "Company,City\r\nCafé Zoë,Ajo\r\n\r\n\"O, Ö\",Abo\r\n";
    let utf16 = |unit: fn(u16) -> [u8; 2], mark: &str| -> Vec<u8> {
        format!("{mark}{text}").encode_utf16().flat_map(unit).collect()
    };
    let latin: Vec<u8> = text.chars().map(|char| char as u8).collect();
    for (bytes, encoding, places) in [
        (text.as_bytes().to_vec(), Encoding::Utf8, [14, 32]),
        (format!("\u{feff}{text}").into_bytes(), Encoding::Utf8, [17, 35]),
        (latin, Encoding::Windows1252, [14, 30]),
        (utf16(u16::to_le_bytes, ""), Encoding::Utf16Le, [28, 60]),
        (utf16(u16::to_be_bytes, ""), Encoding::Utf16Be, [28, 60]),
        (utf16(u16::to_le_bytes, "\u{feff}"), Encoding::Utf16Le, [30, 62]),
        (utf16(u16::to_be_bytes, "\u{feff}"), Encoding::Utf16Be, [30, 62]),
    ] {
        let (shape, account) = read(&bytes).expect("a list");
        assert_eq!(shape.encoding, encoding);
        assert_eq!(shape.terminator, Terminator::CrLf);
        assert_eq!(texts(&account), ["Café Zoë,Ajo", "\"O, Ö\",Abo"], "{encoding}");
        assert_eq!(account.rows.iter().map(|row| row.1).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(account.rows.iter().map(|row| row.2).collect::<Vec<_>>(), places, "{encoding}");
        assert_eq!(account.blank_lines, 1);
        assert_eq!(account.end.byte, bytes.len() as u64);
        assert_eq!(cells(&shape, &account)[1][0].1, "O, Ö");
    }
}

#[test]
fn a_late_byte_of_windows_1252_is_read_as_such_only_if_nothing_was_utf8() {
    let ascii = shape_of(b"company,city\nA,B\n").expect("a list");
    let bytes = b"company,city\nA,B\nCaf\xe9,C\n";
    let account = split_all(bytes, &ascii, 1000, MAX_RECORD_BYTES, 1000).expect("reads");
    assert_eq!(texts(&account), ["A,B", "Café,C"]);

    let utf8 = shape_of("company,city\nÖ,B\n".as_bytes()).expect("a list");
    let bytes = b"company,city\n\xc3\x96,B\nx,Caf\xe9\nD,E\n";
    let account = split_all(bytes, &utf8, 1000, MAX_RECORD_BYTES, 1000).expect("reads");
    assert_eq!(texts(&account), ["Ö,B", "D,E"]);
    let reject = &account.rejects[0].reject;
    assert_eq!((reject.row, reject.byte, reject.column), (2, 23, Some(2)));
    assert_eq!((reject.expected.as_str(), reject.got.as_str()), ("UTF-8 text", "the byte 0xe9"));
}

#[test]
fn old_macintosh_files_and_stray_carriage_returns() {
    let (shape, account) = read(b"company,phone\rAcme,1\r\"B\rb\",2\r").expect("a list");
    assert_eq!(shape.terminator, Terminator::Cr);
    assert_eq!(texts(&account), ["Acme,1", "\"B\rb\",2"]);
    assert_eq!(cells(&shape, &account)[1][0].1, "B\rb");
    let (_, account) = read(b"company,phone\nAc\rme,1\nB,2\n").expect("a list");
    assert_eq!(texts(&account), ["Ac\rme,1", "B,2"], "in an LF file a CR belongs to its cell");
}

#[test]
fn lines_of_nothing_are_no_rows() {
    let (_, account) = read(b"company,phone\n\nA,1\n,,\n  \n\"\",\"\"\nB,2\n,\n\x1a").expect("a list");
    assert_eq!(texts(&account), ["A,1", "B,2"]);
    assert_eq!(account.blank_lines, 6);
    assert_eq!(account.rows[1].1, 7, "lines are counted all the same");
}

#[test]
fn rows_of_the_wrong_width() {
    let (shape, account) =
        read(b"company,phone,city,state\nA,1,X\nB,2,Y,TX,,\nC, Inc,3,Z,TX\nTotal 3\n \"D,4\n")
            .expect("a list");
    let rows =
        account.rows.iter().map(|row| intake::RawRow { row: row.0, line: row.1, byte: row.2, text: &row.3 });
    let parsed = parse_rows(&shape, rows).expect("parses");
    let outcomes: Vec<_> = parsed
        .iter()
        .map(|outcome| match outcome {
            Ok(row) => format!("{}{}", row.get(Field::CompanyName), if row.is_short { " short" } else { "" }),
            Err(reject) => format!("{} {:?} {}", reject.got, reject.column, reject.byte),
        })
        .collect();
    assert_eq!(
        outcomes,
        ["A short", "B", "5 columns Some(5) 42", "1 column, no delimiter Some(2) 56", "\"D short"]
    );
}

#[test]
fn quotes_that_are_no_quotes() {
    let (shape, account) = read(b"company,city\n5\" Pipe Co,X\n\"A \"\"B\"\" C\" ,Y\n").expect("a list");
    let cells = cells(&shape, &account);
    assert_eq!((cells[0][0].1.as_str(), cells[1][0].1.as_str()), ("5\" Pipe Co", "A \"B\" C"));
}

#[test]
fn a_quote_that_is_not_doubled_costs_its_row() {
    let (_, account) = read(b"company,city\n\"The \"Best\", Inc\",X\nB,Y\n").expect("a list");
    assert_eq!(texts(&account), ["B,Y"]);
    let reject = &account.rejects[0].reject;
    assert_eq!((reject.row, reject.line, reject.byte, reject.column), (1, 2, 19, Some(1)));
}

#[test]
fn a_stray_quote_costs_one_row_where_good_rows_follow() {
    let mut bytes = b"company,phone,city,state\nA,1,X,TX\nB,\"2,X,TX\n".to_vec();
    for i in 0..100 {
        bytes.extend_from_slice(format!("Co {i},5,X,TX\n").as_bytes());
    }
    let (_, account) = read(&bytes).expect("goes on behind the bad row");
    assert_eq!((account.rows.len(), account.rejects.len()), (101, 1));
    let reject = &account.rejects[0];
    assert_eq!((reject.reject.row, reject.reject.line, reject.reject.column), (2, 3, Some(2)));
    assert_eq!(reject.raw, "B,\"2,X,TX");
    assert_eq!(account.rows[1].0, 3);
    assert_eq!(account.rows[1].1, 4);

    bytes.extend_from_slice(b"\"D, Inc\",6,X,TX\n");
    let (_, account) = read(&bytes).expect("also where another quote would have closed it");
    assert_eq!((account.rows.len(), account.rejects.len()), (102, 1));
}

#[test]
fn a_quote_that_swallows_the_rest_is_an_error_that_names_its_line() {
    let error = read(b"company,phone\nA,1\nB,\"2\nC,3\n").expect_err("two columns are too few to go on");
    assert_eq!(error, ReadError::UnclosedQuote { line: 3, column: 2, byte: 20 });
    assert_eq!(error.code(), FailureCode::UploadCsvParseError);
}

#[test]
fn a_cell_of_ten_megabytes_costs_its_row_and_no_memory() {
    for quote in ["", "\""] {
        let mut bytes = b"company,notes\nA,x\n".to_vec();
        bytes.extend_from_slice(format!("B,{quote}{}{quote}\nC,y\n", "z".repeat(10 << 20)).as_bytes());
        let shape = inspect(&bytes[..1 << 20], bytes.len() as u64, &ReadOptions::default()).expect("a list");
        for size in [2 << 20, 3_000_001, usize::MAX / 4] {
            let account = split_all(&bytes, &shape, size, MAX_RECORD_BYTES, usize::MAX).expect("reads");
            assert_eq!(texts(&account), ["A,x", "C,y"]);
            assert_eq!((account.rows[1].0, account.rows[1].1), (3, 4));
            assert_eq!(account.rejects.len(), 1);
            assert!(account.rejects[0].reject.expected.contains("1048576 bytes"));
            assert!(account.rejects[0].raw.len() <= 4096, "only its begin is kept");
        }
    }
}

#[test]
fn an_open_quote_over_thousands_of_lines_is_not_taken_for_a_cell() {
    let mut bytes = b"company,phone\nA,\"1\n".to_vec();
    for i in 0..200_000 {
        bytes.extend_from_slice(format!("Co {i},5\n").as_bytes());
    }
    let shape = inspect(&bytes[..1 << 20], bytes.len() as u64, &ReadOptions::default()).expect("a list");
    let error = split_all(&bytes, &shape, 4 << 20, MAX_RECORD_BYTES, usize::MAX).expect_err("refused");
    assert_eq!(error, ReadError::UnclosedQuote { line: 2, column: 2, byte: 16 });
}
