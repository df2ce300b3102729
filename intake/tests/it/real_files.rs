//! Real files that nobody on this project wrote. Found through `REFINERY_TEST_DATA`; skipped, audibly, without.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use intake::{Delimiter, Encoding, Field, FileShape, MAX_RECORD_BYTES, ReadError, ReadOptions, inspect};

use crate::accounts::{Account, cells, split_all};

/// A file, its rows, and which column each field is.
type Expected = (&'static str, usize, &'static [(Field, &'static str)]);

fn folder() -> Option<PathBuf> {
    let found = std::env::var_os("REFINERY_TEST_DATA").map(PathBuf::from);
    if found.is_none() {
        // Straight to the terminal, past the capture of the test harness: a skipped test must be seen.
        let words = b"SKIPPED: intake reads no real files because REFINERY_TEST_DATA is not set\n";
        std::io::stderr().write_all(words).expect("stderr takes a line");
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

fn open(path: &Path, options: &ReadOptions) -> Result<(FileShape, Account), ReadError> {
    let bytes = fs::read(path).expect("the file can be read");
    let head = &bytes[..bytes.len().min(intake::HEAD_BYTES)];
    let shape = inspect(head, bytes.len() as u64, options)?;
    let whole = split_all(&bytes, &shape, usize::MAX / 4, MAX_RECORD_BYTES, usize::MAX)?;
    let cut = split_all(&bytes, &shape, 777, MAX_RECORD_BYTES, 50)?;
    assert_eq!(whole, cut, "{}", path.display());
    Ok((shape, whole))
}

#[test]
fn every_file_is_read_or_refused_with_a_reason() {
    let Some(folder) = folder() else { return };
    for path in files(&folder) {
        match open(&path, &ReadOptions::default()) {
            Ok((_, account)) => {
                assert!(
                    account.rejects.len() * 2 <= account.rows.len() + 1,
                    "{} is readable",
                    path.display()
                );
            }
            Err(error) => assert!(!error.expected().is_empty(), "{}: {error}", path.display()),
        }
    }
}

#[test]
fn the_lists_are_mapped_and_read_whole() {
    let Some(folder) = folder() else { return };
    let expected: [Expected; 4] = [
        (
            "us-500.csv",
            500,
            &[
                (Field::FirstName, "first_name"),
                (Field::LastName, "last_name"),
                (Field::CompanyName, "company_name"),
                (Field::Address, "address"),
                (Field::City, "city"),
                (Field::County, "county"),
                (Field::State, "state"),
                (Field::Zip, "zip"),
                (Field::Phone, "phone1"),
                (Field::Phone2, "phone2"),
                (Field::Email, "email"),
                (Field::Website, "web"),
            ],
        ),
        (
            "md_mbe_json_converted.csv",
            1000,
            &[
                (Field::CompanyName, "name"),
                (Field::ContactName, "contact"),
                (Field::Phone, "phone_phone_number"),
                (Field::Fax, "fax_phone_number"),
                (Field::Email, "contact_email_address"),
                (Field::Website, "website_url"),
                (Field::NaicsCode, "naics_code"),
                (Field::Address, "address"),
            ],
        ),
        (
            "south_bend_business_licenses.csv",
            3344,
            &[
                (Field::CompanyName, "Business Name"),
                (Field::Phone, "Phone No."),
                (Field::Address, "Street Address"),
            ],
        ),
        (
            "chicago_business_licenses_sample.csv",
            561,
            &[
                (Field::CompanyName, "LEGAL NAME"),
                (Field::Dba, "DOING BUSINESS AS NAME"),
                (Field::Zip, "ZIP CODE"),
            ],
        ),
    ];
    for (name, rows, columns) in expected {
        let (shape, account) = open(&folder.join(name), &ReadOptions::default()).expect("a list");
        assert_eq!((account.rows.len(), account.rejects.len()), (rows, 0), "{name}");
        for (field, header) in columns {
            let column = shape.column_of(*field).map(|index| shape.headers[index].as_str());
            assert_eq!(column, Some(*header), "{field} of {name}");
        }
        assert_eq!(cells(&shape, &account).len(), rows, "every row of {name} has the header's columns");
        for unknown in ["geocoded_location_human_address", "Status", "LICENSE STATUS", "ID", "Latitude"] {
            let mapped =
                shape.mapping.iter().find(|column| column.header == unknown).and_then(|column| column.field);
            assert_eq!(mapped, None, "{unknown} of {name}");
        }
    }
}

#[test]
fn csv_spectrum_reads_as_its_authors_say() {
    let Some(folder) = folder() else { return };
    let spectrum = folder.join("csv_torture/csv-spectrum");
    let mut read = 0;
    for path in files(&spectrum.join("json")) {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let json = fs::read_to_string(&path).expect("the expectation");
        let expected: serde_json::Value = serde_json::from_str(&json).expect("json");
        let expected = match expected {
            serde_json::Value::Array(rows) => rows,
            one => vec![one],
        };
        // The columns are called a, b, c; a profile gives one of them a meaning, else there is nobody to reach.
        let first = expected[0].as_object().and_then(|row| row.keys().next()).expect("a column").clone();
        let options =
            ReadOptions { mapping: Some([(first, Field::CompanyName)].into()), ..ReadOptions::default() };
        let path = spectrum.join(format!("{name}.csv"));
        let (shape, account) = open(&path, &options).expect("a list");
        let found: Vec<serde_json::Value> = cells(&shape, &account)
            .into_iter()
            .map(|row| {
                row.into_iter().map(|(header, cell)| (header, cell.into())).collect::<serde_json::Map<_, _>>()
            })
            .map(serde_json::Value::Object)
            .collect();
        let normal = |rows: &[serde_json::Value]| -> Vec<serde_json::Value> {
            rows.iter()
                .map(|row| {
                    let mut row = row.as_object().expect("an object").clone();
                    // The one expectation that contradicts its own CSV file: the number was replaced in the JSON only.
                    row.remove("Contact Phone Number");
                    let trimmed = |cell: &serde_json::Value| cell.as_str().unwrap_or("").trim().to_owned();
                    row.iter().map(|(header, cell)| (header.clone(), trimmed(cell))).collect()
                })
                .collect()
        };
        assert_eq!(normal(&found), normal(&expected), "{name}");
        read += 1;
    }
    assert!(read >= 12, "all of csv-spectrum was read");
}

#[test]
fn encodings_and_dialects_in_the_wild() {
    let Some(folder) = folder() else { return };
    let torture = folder.join("csv_torture");
    let named = |column: &str| ReadOptions {
        mapping: Some([(column.to_owned(), Field::CompanyName)].into()),
        ..ReadOptions::default()
    };
    for (file, column, encoding, delimiter, last) in [
        ("csvkit/test_utf16_big.csv", "a", Encoding::Utf16Be, Delimiter::Comma, "4,5,ʤ"),
        ("csvkit/test_utf16_little.csv", "a", Encoding::Utf16Le, Delimiter::Comma, "4,5,ʤ"),
        ("agate/test_utf16_little.csv", "a", Encoding::Utf16Le, Delimiter::Comma, "4,5,ʤ"),
        ("csvkit/test_utf8_bom.csv", "foo", Encoding::Utf8, Delimiter::Comma, "4,5,ʤ"),
        ("csvkit/test_latin1.csv", "a", Encoding::Windows1252, Delimiter::Comma, "4,5,©"),
        ("csvkit/dummy.tsv", "a", Encoding::Utf8, Delimiter::Tab, "1\t2\t3"),
        ("csvkit/sniff_limit.csv", "a", Encoding::Utf8, Delimiter::Semicolon, "1;2;3"),
        ("csvkit/mac_newlines.csv", "a", Encoding::Utf8, Delimiter::Comma, "\"Once upon\ra time\",5,6"),
        ("agate/test_cr.csv", "text", Encoding::Utf8, Delimiter::Comma, ",b,,,,"),
        ("agate/test_csv_sniff.csv", "text", Encoding::Utf8, Delimiter::Pipe, "|b||||"),
        ("csvkit/test_skip_lines.csv", "a", Encoding::Utf8, Delimiter::Comma, "1,2,3"),
    ] {
        let (shape, account) = open(&torture.join(file), &named(column)).expect(file);
        assert_eq!((shape.encoding, shape.delimiter), (encoding, delimiter), "{file}");
        assert_eq!(account.rows.last().map(|row| row.3.as_str()), Some(last), "{file}");
    }
    for (file, word) in [
        ("csvkit/dummy.csv.gz", "gzip"),
        ("csvkit/empty.csv", "empty"),
        ("csvkit/null_byte.csv", "NUL"),
        ("csvkit/no_header_row.csv", "header"),
        ("agate/test_no_header.csv", "header"),
    ] {
        let error = open(&torture.join(file), &ReadOptions::default()).expect_err(file);
        assert!(error.to_string().contains(word), "{file}: {error}");
    }
}
