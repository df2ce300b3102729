//! Which encoding a file is in, and turning it into text without losing the places in the original.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The encodings lists come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8, of which ASCII is a part.
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Windows-1252, of which Latin-1 is a part.
    Windows1252,
}

/// A label that names no encoding we read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{label:?} is not an encoding we read; use utf-8, utf-16le, utf-16be or windows-1252")]
pub struct UnknownEncoding {
    /// What was written.
    pub label: String,
}

impl Encoding {
    /// The name by which the web knows it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Windows1252 => "windows-1252",
        }
    }

    /// Whether the structure (delimiters, quotes, row ends) is told by single bytes.
    pub const fn is_bytewise(self) -> bool {
        matches!(self, Self::Utf8 | Self::Windows1252)
    }

    /// How many bytes of the original `text` stands for. `text` is UTF-8 made from UTF-16 by [`Wide`], or the
    /// original itself.
    pub(crate) fn original_len(self, text: &[u8]) -> u64 {
        if self.is_bytewise() {
            return text.len() as u64;
        }
        let units: u64 = text
            .iter()
            .map(|byte| match byte {
                0x80..=0xBF => 0,
                0xF0..=0xFF => 2,
                _ => 1,
            })
            .sum();
        units * 2
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Encoding {
    type Err = UnknownEncoding;
    /// Reads the labels of the WHATWG encoding standard (`latin1`, `cp1252`, `ascii`, `utf8` …). As there,
    /// `ascii` and `latin1` mean Windows-1252.
    fn from_str(label: &str) -> Result<Self, Self::Err> {
        let found = encoding_rs::Encoding::for_label(label.as_bytes());
        if found == Some(encoding_rs::UTF_8) {
            Ok(Self::Utf8)
        } else if found == Some(encoding_rs::UTF_16LE) {
            Ok(Self::Utf16Le)
        } else if found == Some(encoding_rs::UTF_16BE) {
            Ok(Self::Utf16Be)
        } else if found == Some(encoding_rs::WINDOWS_1252) {
            Ok(Self::Windows1252)
        } else {
            Err(UnknownEncoding { label: label.to_owned() })
        }
    }
}

impl Serialize for Encoding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Encoding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// What the first bytes of a file say about its encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Detected {
    pub(crate) encoding: Encoding,
    /// Length of the byte order mark, 0 without one.
    pub(crate) mark: usize,
    /// No byte above 127.
    pub(crate) ascii: bool,
    /// UTF-8 by the bulk of it, yet some bytes are not.
    pub(crate) damaged: bool,
}

/// Looks at the first bytes of a file; `whole` says that they are all of it.
pub(crate) fn detect(head: &[u8], wanted: Option<Encoding>, whole: bool) -> Detected {
    let (marked, mark) = match head {
        [0xEF, 0xBB, 0xBF, ..] => (Some(Encoding::Utf8), 3),
        [0xFF, 0xFE, ..] => (Some(Encoding::Utf16Le), 2),
        [0xFE, 0xFF, ..] => (Some(Encoding::Utf16Be), 2),
        _ => (None, 0),
    };
    let mark = if wanted.is_none() || wanted == marked { mark } else { 0 };
    let body = &head[mark..];
    let ascii = body.is_ascii();
    let found = match wanted.or(marked).or_else(|| without_mark(body)) {
        Some(encoding) => (encoding, false),
        None => bytewise(body, whole),
    };
    let damaged = found.1
        || (found.0 == Encoding::Utf8
            && std::str::from_utf8(body).is_err_and(|e| whole || e.error_len().is_some()));
    Detected { encoding: found.0, mark, ascii: ascii && found.0 == Encoding::Utf8, damaged }
}

/// UTF-16 without a mark: every other byte of Western text is zero.
fn without_mark(body: &[u8]) -> Option<Encoding> {
    let sample = &body[..body.len().min(8192) & !1];
    if sample.len() < 4 {
        return None;
    }
    let pairs = sample.len() / 2;
    let (mut first, mut second) = (0, 0);
    for pair in sample.chunks_exact(2) {
        first += usize::from(pair[0] == 0);
        second += usize::from(pair[1] == 0);
    }
    if second * 10 >= pairs * 6 && first * 20 <= pairs {
        Some(Encoding::Utf16Le)
    } else if first * 10 >= pairs * 6 && second * 20 <= pairs {
        Some(Encoding::Utf16Be)
    } else {
        None
    }
}

/// UTF-8 if all of it is, or the most of what is not ASCII; Windows-1252 otherwise.
fn bytewise(body: &[u8], whole: bool) -> (Encoding, bool) {
    let (mut good, mut bad) = (0_usize, 0_usize);
    let mut chunks = body.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        good += chunk.valid().chars().filter(|char| !char.is_ascii()).count();
        let cut_off = !whole && chunks.peek().is_none();
        if !chunk.invalid().is_empty() && !cut_off {
            bad += 1;
        }
    }
    if bad == 0 || good >= bad * 10 { (Encoding::Utf8, bad > 0) } else { (Encoding::Windows1252, false) }
}

/// UTF-16 turned into UTF-8, unit for unit, so that places in the original can be counted back.
pub(crate) struct Wide {
    /// The text. Half surrogates are replacement characters.
    pub(crate) text: String,
    /// Offsets in `text` of what could not be read, rising.
    pub(crate) broken: Vec<usize>,
}

impl Wide {
    /// Decodes what is whole: a last odd byte or first half of a pair waits for more, unless these are the last
    /// bytes.
    pub(crate) fn decode(bytes: &[u8], encoding: Encoding, is_last: bool) -> Self {
        let unit = |pair: &[u8]| match encoding {
            Encoding::Utf16Be => u16::from_be_bytes([pair[0], pair[1]]),
            _ => u16::from_le_bytes([pair[0], pair[1]]),
        };
        let mut pairs = bytes.chunks_exact(2);
        let odd = !pairs.remainder().is_empty();
        if !is_last
            && let Some(last) = bytes.chunks_exact(2).next_back()
            && (0xD800..0xDC00).contains(&unit(last))
        {
            pairs = bytes[..(bytes.len() & !1) - 2].chunks_exact(2);
        }
        let mut text = String::with_capacity(bytes.len() / 2 + bytes.len() / 8);
        let mut broken = Vec::new();
        for decoded in char::decode_utf16(pairs.map(unit)) {
            match decoded {
                Ok(char) => text.push(char),
                Err(_) => {
                    broken.push(text.len());
                    text.push(char::REPLACEMENT_CHARACTER);
                }
            }
        }
        if odd && is_last {
            broken.push(text.len());
            text.push(char::REPLACEMENT_CHARACTER);
        }
        Self { text, broken }
    }
}

/// Windows-1252 as text; every byte is one character.
pub(crate) fn windows_1252(bytes: &[u8]) -> Cow<'_, str> {
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(head: &[u8]) -> Encoding {
        detect(head, None, true).encoding
    }

    #[test]
    fn encodings_are_told_with_and_without_a_mark() {
        assert_eq!(of(b"name,phone\nA,1\n"), Encoding::Utf8);
        assert_eq!(of("\u{feff}name\nCafé\n".as_bytes()), Encoding::Utf8);
        assert_eq!(of(b"name\nCaf\xe9\n"), Encoding::Windows1252);
        for mark in ["", "\u{feff}"] {
            let text = format!("{mark}name,phone\nCafé,1\n");
            let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert_eq!(of(&le), Encoding::Utf16Le, "mark {mark:?}");
            assert_eq!(of(&be), Encoding::Utf16Be, "mark {mark:?}");
        }
    }

    #[test]
    fn a_character_cut_by_the_head_is_no_damage() {
        let head = "name\nCafé".as_bytes();
        let cut = detect(&head[..head.len() - 1], None, false);
        assert_eq!((cut.encoding, cut.damaged), (Encoding::Utf8, false));
        assert_eq!(detect(&head[..head.len() - 1], None, true).encoding, Encoding::Windows1252);
    }

    #[test]
    fn one_bad_byte_does_not_make_utf8_another_encoding() {
        let mut head = "é".repeat(30).into_bytes();
        head.push(0xE9);
        head.extend_from_slice(b"\nx\n");
        let found = detect(&head, None, true);
        assert_eq!((found.encoding, found.damaged), (Encoding::Utf8, true));
    }

    #[test]
    fn places_in_utf16_are_counted_back() {
        let text = "aé😀b\u{fffd}";
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let wide = Wide::decode(&bytes, Encoding::Utf16Le, true);
        assert_eq!(wide.text, text);
        assert!(wide.broken.is_empty());
        assert_eq!(Encoding::Utf16Le.original_len(text.as_bytes()), bytes.len() as u64);
        let half = Wide::decode(&bytes[..6], Encoding::Utf16Le, false);
        assert_eq!(half.text, "aé", "half a pair waits");
        assert_eq!(Wide::decode(&bytes[..6], Encoding::Utf16Le, true).broken, [3]);
    }
}
