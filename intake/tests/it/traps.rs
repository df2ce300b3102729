//! One small file for each thing that goes wrong with lists.

use domain::FailureCode;
use intake::{
    Delimiter, Encoding, Field, MAX_RECORD_BYTES, MappedBy, ReadError, ReadOptions, RejectsCsv, Terminator,
    inspect, parse_rows, preview,
};

use crate::accounts::{Account, cells, read, split_all};

fn shape_of(bytes: &[u8]) -> Result<intake::FileShape, ReadError> {
    inspect(bytes, bytes.len() as u64, &ReadOptions::default())
}

fn refusal(bytes: &[u8]) -> ReadError {
    shape_of(bytes).expect_err("the file is refused")
}

fn texts(account: &Account) -> Vec<&str> {
    account.rows.iter().map(|row| row.3.as_str()).collect()
}

#[test]
fn what_is_no_list_is_named() {
    for (head, word) in [
        (&b"PK\x03\x04\x14\0\0\0list.csv"[..], "ZIP"),
        (b"PK\x03\x04\x14\0\0\0[Content_Types].xml", "Excel"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"\x1f\x8b\x08\x08\xc9", "gzip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "Excel"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"{\"company\": 1}", "JSON"),
        (b"a\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f", "binary"),
    ] {
        let error = refusal(head);
        assert_eq!(error.code(), FailureCode::UploadCsvParseError);
        assert!(error.to_string().contains(word), "{error} names {word}");
        assert!(!error.advice().is_empty() && !error.expected().is_empty() && !error.got().is_empty());
    }
}

#[test]
fn an_empty_file_and_one_without_rows_say_so() {
    for bytes in [&b""[..], b"\n", b"\xef\xbb\xbf", b" \r\n\t\n", b"\x1a"] {
        assert_eq!(refusal(bytes), ReadError::Empty, "{bytes:?}");
    }
    assert_eq!(refusal(b"Company Name,Phone\n\n"), ReadError::NoRows);
}

#[test]
fn a_nul_in_the_head_is_placed() {
    let error = refusal(b"company,phone\nAcme,\x001\n");
    assert_eq!(error, ReadError::NulByte { byte: 19, line: 2 });
    assert_eq!((error.line(), error.byte()), (Some(2), Some(19)));
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
fn a_file_without_header_says_what_kind_of_cells_it_saw_and_not_what_they_say() {
    let error = refusal(b"Acme,Ann Lee,ann@acme.com,504-621-8927\nB,C,d@e.com,504-621-8928\n");
    assert_eq!(error.code(), FailureCode::UploadCsvParseError);
    assert_eq!(error.got(), "4 cells: text, text, an e-mail address, a phone number");
    assert!(!format!("{error}{}", error.got()).contains("ann@acme.com"));
}

#[test]
fn a_header_that_helps_nobody_is_quoted_but_not_logged() {
    let error = refusal(b"colour,weight\nred,heavy\n");
    assert_eq!(error.code(), FailureCode::UploadMissingColumns);
    assert_eq!(error.got(), "the columns \"colour\", \"weight\"");
    assert!(error.expected().contains("company name, contact name, e-mail, phone"));
    assert!(!error.to_string().contains("colour"));
}

#[test]
fn a_profile_says_what_columns_mean_and_what_must_be_there() {
    let bytes = b"firma;tel\nAcme;1\n";
    let mut options = ReadOptions {
        delimiter: Some(Delimiter::Semicolon),
        mapping: Some([("Firma".to_owned(), Field::CompanyName), ("gone".to_owned(), Field::Email)].into()),
        ..ReadOptions::default()
    };
    let shape = inspect(bytes, bytes.len() as u64, &options).expect("a list");
    assert_eq!((shape.mapping[0].field, shape.mapping[0].how), (Some(Field::CompanyName), MappedBy::Profile));
    assert_eq!(shape.mapping[1].field, Some(Field::Phone), "what the profile leaves out is mapped by alias");
    assert_eq!(shape.warnings[0].code, "profile_column_absent");
    options.required_fields = vec![Field::Email];
    let error = inspect(bytes, bytes.len() as u64, &options).expect_err("e-mail is required");
    assert_eq!(error.code(), FailureCode::UploadMissingColumns);
    assert!(error.expected().contains("email"));
    let json = serde_json::to_string(&options).expect("serializes");
    assert_eq!(serde_json::from_str::<ReadOptions>(&json).expect("reads back"), options);
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
fn what_stands_above_the_header_is_passed_over() {
    let (shape, account) =
        read(b"Monthly report\nMade 2020-01-01\n\nCompany,Phone,City\nA,1,X\n").expect("a list");
    assert_eq!((shape.header_line, shape.data_line), (4, 5));
    assert_eq!(shape.warnings[0].code, "preamble_skipped");
    assert_eq!(texts(&account), ["A,1,X"]);
    let (shape, _) = read(b"sep=;\nCompany;Phone, main\nA;1\n").expect("a list");
    assert_eq!(shape.delimiter, Delimiter::Semicolon);
}

#[test]
fn headers_are_made_unique_and_named() {
    let (shape, account) = read(b"Company,Phone,Phone,,note\nA,1,2,x,y\n").expect("a list");
    assert_eq!(shape.headers, ["Company", "Phone", "Phone_2", "column_4", "note"]);
    let rows = account.rows.iter().map(|row| intake::RawRow { row: 1, line: 2, byte: 0, text: &row.3 });
    let parsed = parse_rows(&shape, rows).expect("parses");
    let row = parsed.iter().next().expect("a row").expect("good");
    assert_eq!((row.get(Field::Phone), row.get(Field::Phone2)), ("1", "2"));
    let extras = serde_json::to_string(&row.extras_json()).expect("json");
    assert_eq!(extras, r#"{"column_4":"x","note":"y"}"#);
    assert_eq!((row.listing().company, row.listing().phone_2), ("A", "2"));
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
    assert_eq!(outcomes, ["A short", "B", "5 columns Some(5) 42", "1 columns Some(2) 56", "\"D short"]);
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

#[test]
fn every_published_layout_is_mapped_whole() {
    let layouts: [(&str, &[Field]); 3] = [
        (
            "Company Name,Contact Name,Email Address,Street Address,City,State,Zip Code,County,Area Code,Phone Number,\
             Website URL,Number of Employees,Annual Revenue,SIC Code,SIC Description",
            &[
                Field::CompanyName,
                Field::ContactName,
                Field::Email,
                Field::Address,
                Field::City,
                Field::State,
                Field::Zip,
                Field::County,
                Field::AreaCode,
                Field::Phone,
                Field::Website,
                Field::Employees,
                Field::Revenue,
                Field::SicCode,
                Field::SicDescription,
            ],
        ),
        (
            "Company Name,Address,City,State,Zip,County,Phone,Contact First,Contact Last,Title,Direct Phone,Email,\
             Website,Employee Range,Annual Sales,SIC Code,Industry",
            &[
                Field::CompanyName,
                Field::Address,
                Field::City,
                Field::State,
                Field::Zip,
                Field::County,
                Field::Phone,
                Field::FirstName,
                Field::LastName,
                Field::Title,
                Field::Phone2,
                Field::Email,
                Field::Website,
                Field::Employees,
                Field::Revenue,
                Field::SicCode,
                Field::SicDescription,
            ],
        ),
        (
            "Email,First Name,Last Name,Address,City,State,Zip,IP Address,Opt-in Date,Opt-in Source",
            &[
                Field::Email,
                Field::FirstName,
                Field::LastName,
                Field::Address,
                Field::City,
                Field::State,
                Field::Zip,
                Field::IpAddress,
                Field::OptInDate,
                Field::OptInSource,
            ],
        ),
    ];
    for (header, fields) in layouts {
        let bytes = format!("{header}\nA\n");
        let shape = shape_of(bytes.as_bytes()).expect("a list");
        let found: Vec<_> = shape.mapping.iter().map(|column| column.field).collect();
        assert_eq!(found, fields.iter().copied().map(Some).collect::<Vec<_>>(), "{header}");
    }
    let infogroup = "COMPANY,ADDRESS LINE 1,CITY,STATE,ZIPCODE,ZIP4,COUNTY CODE,AREA CODE,IDCODE,LOCATION EMPLOYEE SIZE \
        CODE,LOCATION SALES VOLUME CODE,PRIMARY SIC CODE,SIC6_DESCRIPTIONS,PRIMARY NAICS CODE,NAICS8 DESCRIPTIONS,\
        SIC CODE,SIC6_DESCRIPTIONS (SIC),EMPLOYEE SIZE (5) - LOCATION,SALES VOLUME (9) - LOCATION,YEAR ESTABLISHED,ABI\n\
        A,B,C,TX,1,2,3,4,2,A,B,171105,Plumbing,238220,x,171105,y,5,9,1990,123456789\n";
    let shape = shape_of(infogroup.as_bytes()).expect("a list");
    for (column, field) in [
        (0, Some(Field::CompanyName)),
        (5, Some(Field::Zip4)),
        (6, None),
        (8, None),
        (9, Some(Field::EmployeesCode)),
        (10, Some(Field::RevenueCode)),
        (11, Some(Field::SicCode)),
        (12, Some(Field::SicDescription)),
        (13, Some(Field::NaicsCode)),
        (15, None),
        (17, Some(Field::Employees)),
        (18, Some(Field::Revenue)),
        (20, Some(Field::VendorRecordId)),
    ] {
        assert_eq!(shape.mapping[column].field, field, "{}", shape.headers[column]);
    }
}
