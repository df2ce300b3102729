//! What a person gets to see: the preview, and the rejects to correct.

use intake::{Field, MappedBy, ReadOptions, RejectsCsv, parse_rows, preview};

use crate::accounts::read;

#[test]
fn rejects_can_be_corrected_and_uploaded_again() {
    let bytes = b"company;phone;city;state\nA;1;X;TX\nB; b;2;Y;TX\n\"C \"c\";3;Z;TX\nD;4;W;TX\n";
    let (shape, account) = read(bytes).expect("a list");
    let rows =
        account.rows.iter().map(|row| intake::RawRow { row: row.0, line: row.1, byte: row.2, text: &row.3 });
    let parsed = parse_rows(&shape, rows).expect("parses");
    let writer = RejectsCsv::new(&shape);
    let mut csv = writer.header();
    for rejected in &account.rejects {
        writer.push(&mut csv, &rejected.reject, &rejected.raw);
    }
    for (outcome, row) in parsed.iter().zip(&account.rows) {
        if let Err(reject) = outcome {
            writer.push(&mut csv, reject, &row.3);
        }
    }
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "_line;_byte;_column;_code;_expected;_got;company;phone;city;state");
    assert!(lines[1].ends_with(";\"\"\"C \"\"c\"\"\";3;Z;TX"), "{}", lines[1]);
    assert!(
        lines[2].starts_with("3;34;5;upload.row_unreadable;") && lines[2].ends_with(";B;\" b\";2;Y;TX"),
        "{}",
        lines[2]
    );

    let corrected = csv.replace(";B;\" b\";", ";B b;");
    let (again, account) = read(corrected.as_bytes()).expect("uploadable");
    assert!(again.mapping[..6].iter().all(|column| column.how == MappedBy::RejectReport));
    assert!(account.rejects.is_empty());
    let rows =
        account.rows.iter().map(|row| intake::RawRow { row: row.0, line: row.1, byte: row.2, text: &row.3 });
    let parsed = parse_rows(&again, rows).expect("parses");
    let row = parsed.iter().nth(1).expect("two rows").expect("good");
    assert_eq!((row.get(Field::CompanyName), row.get(Field::State)), ("B b", "TX"));
    assert_eq!(row.extras().count(), 0, "the report's own columns are not kept");
    assert_eq!(RejectsCsv::new(&again).header(), writer.header(), "rejects of rejects look the same");
}

#[test]
fn a_preview_shows_what_would_come() {
    let bytes =
        b"Company Name,Contact,E-mail,Phon Number,colour\nA,Ann,a@b.com,504-621-8927,red\nB, C,D,E,F,G\n";
    let shown = preview(bytes, bytes.len() as u64, &ReadOptions::default(), 10).expect("a list");
    assert_eq!(shown.rows.len(), 1);
    assert_eq!(shown.rows[0].fields[&Field::Email], "a@b.com");
    assert_eq!(shown.rows[0].extras["colour"], "red");
    assert_eq!((shown.rejects.len(), shown.rejects[0].row), (1, 2));
    let guessed = &shown.shape.mapping[3];
    assert_eq!((guessed.field, guessed.how), (Some(Field::Phone), MappedBy::Fuzzy));
    assert!(guessed.confidence < 1.0);
    assert_eq!(shown.shape.warnings[0].code, "mapping_guessed");
}
