//! Reads the phone cells of lists: separators, extensions, vanity letters, several numbers in one cell.

use rlibphonenumber::{PHONE_NUMBER_UTIL, Region, get_national_significant_number_owned};

use super::{Phone, PhoneClass, PhoneError};

/// What one phone cell says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedPhone {
    /// The first number of the cell.
    pub phone: Phone,
    /// Its extension, digits only.
    pub extension: Option<String>,
    /// What its digits tell of it.
    pub class: PhoneClass,
    /// The next number of the cell that differs from the first.
    pub second: Option<Phone>,
}

/// Reads a phone cell. `area_code` is the cell of the area code column, joined to a number of seven digits;
/// `""` where there is none.
///
/// # Errors
/// Why the cell holds no number of the North American plan.
pub fn parse_phone(text: &str, area_code: &str) -> Result<ParsedPhone, PhoneError> {
    match plain_digits(text.as_bytes()) {
        Some((digits, 10)) => return Ok(found(Phone::from_digits(&ten(&digits, 0))?, None)),
        Some((digits, 11)) if digits[0] == b'1' => {
            return Ok(found(Phone::from_digits(&ten(&digits, 1))?, None));
        }
        Some((digits, 7)) => {
            let area_code = area_code_digits(area_code).ok_or(PhoneError::NoAreaCode)?;
            return Ok(found(joined(area_code, &digits)?, None));
        }
        _ => {}
    }
    several(text, area_code)
}

fn found(phone: Phone, extension: Option<String>) -> ParsedPhone {
    ParsedPhone { phone, extension, class: phone.class(), second: None }
}

/// Up to eleven digits among nothing but the usual separators; `None` for whatever is less plain.
fn plain_digits(text: &[u8]) -> Option<([u8; 11], usize)> {
    let mut digits = [0; 11];
    let mut count = 0;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                *digits.get_mut(count)? = *byte;
                count += 1;
            }
            b'+' if at == 0 => {}
            b' ' | b'-' | b'.' | b'(' | b')' => {}
            _ => return None,
        }
    }
    if text.first() == Some(&b'+') && digits[0] != b'1' { None } else { Some((digits, count)) }
}

fn ten(digits: &[u8; 11], from: usize) -> [u8; 10] {
    let mut ten = [0; 10];
    ten.copy_from_slice(&digits[from..from + 10]);
    ten
}

fn joined(area_code: [u8; 3], local: &[u8]) -> Result<Phone, PhoneError> {
    let mut digits = [0; 10];
    digits[..3].copy_from_slice(&area_code);
    digits[3..].copy_from_slice(&local[..7]);
    Phone::from_digits(&digits)
}

/// The three digits of an area code column: `504`, `(504)`, `1-504`, `504.0`.
fn area_code_digits(cell: &str) -> Option<[u8; 3]> {
    if let Ok(code) = <[u8; 3]>::try_from(cell.as_bytes())
        && code.iter().all(u8::is_ascii_digit)
    {
        return Some(code);
    }
    let whole = cell.split_once('.').map_or(cell, |(whole, _)| whole);
    let digits: Vec<u8> = whole.bytes().filter(u8::is_ascii_digit).collect();
    match digits.as_slice() {
        [b'1', code @ ..] if code.len() == 3 => code.try_into().ok(),
        code => code.try_into().ok(),
    }
}

/// Cells that are not one plain number.
fn several(text: &str, area_code: &str) -> Result<ParsedPhone, PhoneError> {
    let text: String = text.chars().map(ascii_digit).collect();
    if text.trim().is_empty() {
        return Err(PhoneError::Empty);
    }
    let mut first: Option<ParsedPhone> = None;
    let mut refused = None;
    for piece in pieces(&text) {
        match one(piece, area_code) {
            Ok(parsed) => match &mut first {
                None => first = Some(parsed),
                Some(first) if first.second.is_none() && first.phone != parsed.phone => {
                    first.second = Some(parsed.phone);
                }
                Some(_) => {}
            },
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    first.ok_or_else(|| refused.unwrap_or(PhoneError::NotANumber))
}

/// Digits of other scripts (full-width and the like) as ASCII.
fn ascii_digit(c: char) -> char {
    match c {
        '\u{ff10}'..='\u{ff19}' => char::from(b'0' + u8::try_from(u32::from(c) - 0xff10).unwrap_or(0)),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        c if c.is_whitespace() && c != '\n' => ' ',
        c => c,
    }
}

fn digit_count(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// The cell cut between its numbers: at `;`, `,`, `|`, `&`, line breaks, "or", "and", and at `/` between two
/// numbers (but not in 504/621-8927).
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    for part in text.split([';', '|', '&', '\n', '\r']).flat_map(|part| part.split(" or ")) {
        for part in part.split(" and ") {
            push_joined(part, &mut pieces);
        }
    }
    pieces.retain(|piece| piece.bytes().any(|byte| byte.is_ascii_digit()));
    pieces
}

/// Cuts at `/` and `,` only where both sides are numbers by themselves.
fn push_joined<'t>(part: &'t str, pieces: &mut Vec<&'t str>) {
    let mut start = 0;
    for (at, c) in part.char_indices() {
        if (c == '/' || c == ',') && digit_count(&part[start..at]) >= 7 {
            let rest = &part[at + 1..];
            if c == '/' || digit_count(rest) >= 7 {
                pieces.push(&part[start..at]);
                start = at + 1;
            }
        }
    }
    let rest = &part[start..];
    // Two bare numbers side by side: 5046218927 5048451427.
    match rest.trim().split_once(' ') {
        Some((left, right)) if digit_count(left) >= 10 && digit_count(right) >= 10 => {
            pieces.extend([left, right])
        }
        _ => pieces.push(rest),
    }
}

/// One number, perhaps with an extension or vanity letters.
fn one(piece: &str, area_code: &str) -> Result<ParsedPhone, PhoneError> {
    let piece = piece.trim();
    let mut digits: Vec<u8> = Vec::with_capacity(12);
    let mut extension = None;
    let mut rest = piece;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        if c.is_ascii_digit() {
            digits.push(c as u8);
        } else if c == '#' && digits.len() >= 7 {
            extension = extension_digits(after);
            break;
        } else if c.is_ascii_alphabetic() {
            let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            let (word, behind) = rest.split_at(end);
            if digits.len() >= 7 && is_extension_mark(word) {
                extension = extension_digits(behind);
                break;
            }
            let wanted = if digits.first() == Some(&b'1') { 11 } else { 10 };
            let spelled = digits.len() >= 3 && digits.len() < wanted && !is_label(word);
            if spelled {
                digits.extend(word.bytes().map(keypad).take(wanted - digits.len()));
            }
            rest = behind;
            continue;
        }
        rest = after;
    }
    let foreign_prefix = piece.starts_with('+') && digits.first() != Some(&b'1');
    match digits.as_slice() {
        _ if foreign_prefix || digits.starts_with(b"011") => by_library(piece, digits.len()),
        [] => Err(PhoneError::NotANumber),
        [b'1', ten @ ..] if ten.len() == 10 => finish(ten, extension),
        ten if ten.len() == 10 => finish(ten, extension),
        seven if seven.len() == 7 => {
            let area_code = area_code_digits(area_code).ok_or(PhoneError::NoAreaCode)?;
            Ok(found(joined(area_code, seven)?, extension))
        }
        few if few.len() < 10 => Err(PhoneError::TooShort(few.len())),
        many => by_library(piece, many.len()),
    }
}

fn finish(ten: &[u8], extension: Option<String>) -> Result<ParsedPhone, PhoneError> {
    let digits: &[u8; 10] = ten.try_into().map_err(|_| PhoneError::TooShort(ten.len()))?;
    Ok(found(Phone::from_digits(digits)?, extension))
}

/// What the hand rules cannot read goes to the library: it knows international prefixes and the lengths of
/// other countries' numbers.
fn by_library(piece: &str, digits: usize) -> Result<ParsedPhone, PhoneError> {
    let too_long = if digits > 10 { PhoneError::TooLong(digits) } else { PhoneError::TooShort(digits) };
    let number = PHONE_NUMBER_UTIL.parse(piece, Some(Region::US)).map_err(|_| too_long)?;
    if number.country_code != 1 {
        return Err(PhoneError::Foreign);
    }
    let national = get_national_significant_number_owned(&number);
    match national.as_bytes() {
        ten if ten.len() == 10 && ten.iter().all(u8::is_ascii_digit) => {
            finish(ten, number.extension.as_deref().and_then(extension_digits))
        }
        _ => Err(too_long),
    }
}

/// One to seven digits behind an extension mark; `None` when there are none or they are another number.
fn extension_digits(behind: &str) -> Option<String> {
    let start = behind.find(|c: char| c.is_ascii_digit())?;
    let run = &behind[start..];
    let end = run.find(|c: char| !c.is_ascii_digit()).unwrap_or(run.len());
    (end <= 7).then(|| run[..end].to_owned())
}

fn is_extension_mark(word: &str) -> bool {
    ["x", "ext", "extn", "extension", "xt", "exten", "option", "opt"]
        .iter()
        .any(|mark| mark.eq_ignore_ascii_case(word))
}

/// Words beside a number that are no part of it.
fn is_label(word: &str) -> bool {
    [
        "tel",
        "telephone",
        "phone",
        "ph",
        "cell",
        "cellular",
        "mobile",
        "mob",
        "fax",
        "home",
        "work",
        "office",
        "off",
        "main",
        "direct",
        "toll",
        "free",
        "tollfree",
        "call",
        "text",
        "us",
        "usa",
        "a",
        "c",
        "d",
        "f",
        "h",
        "m",
        "n",
        "o",
        "p",
        "t",
        "w",
        "voice",
        "no",
        "number",
        "line",
        "ext",
        "x",
    ]
    .iter()
    .any(|label| label.eq_ignore_ascii_case(word))
}

/// The key of a telephone that carries this letter.
const fn keypad(letter: u8) -> u8 {
    match letter.to_ascii_lowercase() {
        b'a'..=b'c' => b'2',
        b'd'..=b'f' => b'3',
        b'g'..=b'i' => b'4',
        b'j'..=b'l' => b'5',
        b'm'..=b'o' => b'6',
        b'p'..=b's' => b'7',
        b't'..=b'v' => b'8',
        _ => b'9',
    }
}

#[cfg(test)]
mod tests;
