//! Files that are renamed to .csv and are not lists.

use memchr::memmem;

use crate::error::ReadError;

const WORKBOOK: &str = "open it in Excel or LibreOffice and save the sheet as CSV UTF-8";
const UNPACK: &str = "unpack it first and upload the list inside";
const EXPORT: &str = "export the list as CSV and upload that";

/// First bytes, what they mean and what to do.
const SIGNATURES: &[(&[u8], &str, &str)] = &[
    (b"PK\x05\x06", "an empty ZIP file", UNPACK),
    (b"PK\x07\x08", "a ZIP file", UNPACK),
    (b"%PDF", "a PDF document", EXPORT),
    (b"\x1f\x8b", "a gzip file", UNPACK),
    (b"BZh", "a bzip2 file", UNPACK),
    (b"\xfd7zXZ\0", "an xz file", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip file", UNPACK),
    (b"Rar!\x1a\x07", "a RAR file", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd file", UNPACK),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file, probably an Excel workbook", WORKBOOK),
    (b"SQLite format 3\0", "an SQLite database", EXPORT),
    (b"PAR1", "a Parquet file", EXPORT),
    (b"\x89PNG\r\n", "a picture", EXPORT),
    (b"\xff\xd8\xff", "a picture", EXPORT),
    (b"GIF8", "a picture", EXPORT),
    (b"{\\rtf", "a rich-text document", EXPORT),
    (b"\x7fELF", "a program", EXPORT),
    (b"MZ\x90\0", "a program", EXPORT),
    (b"\xff\xfe\0\0", "a UTF-32 text", "save it as UTF-8"),
    (b"\0\0\xfe\xff", "a UTF-32 text", "save it as UTF-8"),
];

/// Refuses what is known by its first bytes not to be a list.
pub(crate) fn refuse(head: &[u8]) -> Result<(), ReadError> {
    if head.starts_with(b"PK\x03\x04") {
        let names = &head[..head.len().min(1 << 16)];
        let holds = |name: &[u8]| memmem::find(names, name).is_some();
        return Err(if holds(b"xl/") || holds(b"[Content_Types].xml") {
            ReadError::NotAList { what: "an Excel workbook (xlsx)", advice: WORKBOOK }
        } else if holds(b"opendocument.spreadsheet") {
            ReadError::NotAList { what: "an OpenDocument spreadsheet", advice: WORKBOOK }
        } else {
            ReadError::NotAList { what: "a ZIP file", advice: UNPACK }
        });
    }
    if let Some((_, what, advice)) = SIGNATURES.iter().find(|(bytes, ..)| head.starts_with(bytes)) {
        return Err(ReadError::NotAList { what, advice });
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let opens =
        |tag: &str| text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()));
    if opens("<!doctype html") || opens("<html") {
        return Err(ReadError::NotAList { what: "a web page", advice: EXPORT });
    }
    if opens("<?xml") {
        return Err(ReadError::NotAList { what: "an XML document", advice: EXPORT });
    }
    if text.starts_with(b"{")
        || text.starts_with(b"[{")
        || text.starts_with(b"[\n")
        || text.starts_with(b"[\r")
    {
        return Err(ReadError::NotAList { what: "a JSON document", advice: EXPORT });
    }
    Ok(())
}
