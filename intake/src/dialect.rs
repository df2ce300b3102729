//! The character between cells and the one that ends a row, told from the file itself.

use serde::{Deserialize, Serialize};

use crate::aliases;
use crate::record::{Scanner, split_cells};

/// The character between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Delimiter {
    /// `,`
    #[serde(rename = ",")]
    Comma,
    /// `;`
    #[serde(rename = ";")]
    Semicolon,
    /// Tab.
    #[serde(rename = "\t")]
    Tab,
    /// `|`
    #[serde(rename = "|")]
    Pipe,
}

impl Delimiter {
    /// Every delimiter that is looked for, the likeliest first.
    pub const ALL: [Delimiter; 4] = [Self::Comma, Self::Tab, Self::Semicolon, Self::Pipe];

    /// The character as a byte.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }

    /// The delimiter that a byte is, if it is one.
    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|delimiter| delimiter.byte() == byte)
    }

    /// The delimiter in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
            Self::Pipe => "pipe",
        }
    }
}

/// What ends a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Terminator {
    /// Line feed. A file of it may hold CR LF too.
    Lf,
    /// Carriage return and line feed. Read like [`Terminator::Lf`].
    CrLf,
    /// Carriage return alone, as old Macintosh programs write. CR LF and LF end a row too.
    Cr,
}

impl Terminator {
    /// Whether a carriage return alone ends a row.
    pub const fn is_cr(self) -> bool {
        matches!(self, Self::Cr)
    }

    /// The commonest row end outside quotes. A carriage return inside an LF file belongs to its cell.
    pub fn detect(text: &[u8]) -> Self {
        let (mut lf, mut crlf, mut cr) = (0_u32, 0_u32, 0_u32);
        let mut quoted = false;
        let border = |byte: Option<&u8>| byte.is_none_or(|byte| b",;|\t\r\n".contains(byte));
        let mut bytes = text.iter().enumerate();
        while let Some((i, byte)) = bytes.next() {
            match byte {
                b'"' if !quoted => quoted = i == 0 || border(text.get(i - 1)),
                b'"' if text.get(i + 1) == Some(&b'"') => _ = bytes.next(),
                b'"' => quoted = !border(text.get(i + 1)),
                b'\n' if !quoted => {
                    if i > 0 && text[i - 1] == b'\r' {
                        crlf += 1;
                    } else {
                        lf += 1;
                    }
                }
                b'\r' if !quoted && text.get(i + 1) != Some(&b'\n') => cr += 1,
                _ => {}
            }
        }
        if cr > lf + crlf {
            Self::Cr
        } else if crlf > lf {
            Self::CrLf
        } else {
            Self::Lf
        }
    }
}

/// Rows that take part in the vote.
const VOTERS: usize = 100;

/// A first line like `sep=;`, which Excel understands: the delimiter and the length of the line without its end.
pub(crate) fn excel_hint(text: &str) -> Option<(Delimiter, usize)> {
    let line = text.split(['\r', '\n']).next()?;
    let value = line.strip_prefix("sep=").or_else(|| line.strip_prefix("\"sep=")?.strip_suffix('"'))?;
    let [byte] = value.as_bytes() else { return None };
    Some((Delimiter::from_byte(*byte)?, line.len()))
}

/// Lets the first rows vote, quotes respected: the delimiter under which most rows have the same number of
/// columns, and whose first rows hold names of columns.
pub(crate) fn vote(text: &str, terminator: Terminator) -> Delimiter {
    let mut best = (f32::MIN, Delimiter::Comma);
    for delimiter in Delimiter::ALL {
        if let Some(score) = score(text, delimiter, terminator)
            && score > best.0
        {
            best = (score, delimiter);
        }
    }
    best.1
}

fn score(text: &str, delimiter: Delimiter, terminator: Terminator) -> Option<f32> {
    let mut scanner = Scanner::new(text.as_bytes(), delimiter, terminator, true);
    let mut widths = Vec::new();
    let mut named = 0;
    while let Some(record) = scanner.next_record() {
        let cells = split_cells(&text[record.start..record.end], delimiter);
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if widths.len() < 10 {
            named = named.max(cells.iter().filter(|cell| aliases::knows(cell)).count());
        }
        widths.push(cells.len());
        if widths.len() == VOTERS {
            break;
        }
    }
    let usual = mode(&widths)?;
    if usual < 2 && named == 0 {
        return None;
    }
    let agreeing = widths.iter().filter(|width| **width == usual).count() as f32 / widths.len() as f32;
    let spread = if usual < 2 { 0.0 } else { agreeing * (1.0 + (usual.min(20) as f32) / 40.0) };
    Some(spread + named.min(8) as f32 / 4.0)
}

/// The commonest value; of equally common ones the largest.
fn mode(values: &[usize]) -> Option<usize> {
    let count = |value: usize| values.iter().filter(|other| **other == value).count();
    values.iter().copied().max_by_key(|value| (count(*value), *value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_rows_agree_on() {
        let cases = [
            ("Company,Phone\nA;B;C,1\nD;E,2\n", Delimiter::Comma),
            ("Firma;Telefon, privat\n\"A; B\";1,2\nC;3\n", Delimiter::Semicolon),
            ("a\tb\tc\n1,2\t3\t4\n", Delimiter::Tab),
            ("name|phone\n\"x|y\"|2\n", Delimiter::Pipe),
            ("company\n\"A, Inc\"\nB\n", Delimiter::Comma),
            ("Company Name,City; State\n\"A; B; C\",x\n\"D; E\",y\n", Delimiter::Comma),
        ];
        for (text, expected) in cases {
            assert_eq!(vote(text, Terminator::Lf), expected, "{text:?}");
        }
    }

    #[test]
    fn row_ends_are_counted_outside_quotes() {
        assert_eq!(Terminator::detect(b"a\rb\r\"x\ny\nz\"\rc"), Terminator::Cr);
        assert_eq!(Terminator::detect(b"a\r\nb\r\n"), Terminator::CrLf);
        assert_eq!(Terminator::detect(b"a\nb\rc\nd\n"), Terminator::Lf);
        assert_eq!(Terminator::detect(b"only one line"), Terminator::Lf);
    }

    #[test]
    fn excel_says_its_delimiter() {
        assert_eq!(excel_hint("sep=;\r\na;b"), Some((Delimiter::Semicolon, 5)));
        assert_eq!(excel_hint("sep,b\n"), None);
    }
}
