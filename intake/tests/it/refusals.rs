//! Files that are refused, and what is said about them.

use domain::FailureCode;
use intake::{ReadError, ReadOptions, inspect};

fn refusal(bytes: &[u8]) -> ReadError {
    inspect(bytes, bytes.len() as u64, &ReadOptions::default()).expect_err("the file is refused")
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
