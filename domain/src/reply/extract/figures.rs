//! Numbers of telephones and sums of money in what was written.

use super::{Extracted, MONEY, MOST, PHONE};
use crate::phone::Phone;

/// Keeps the numbers of telephones; the text with marks in the places of numbers and sums.
pub(super) fn numbers(text: &str, extracted: &mut Extracted) -> String {
    let mut marked = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = ' ';
    while let Some(character) = rest.chars().next() {
        let starts = !before.is_alphanumeric() && before != '$';
        if starts && let Some((phone, length)) = phone(rest) {
            if extracted.phones.len() < MOST && !extracted.phones.contains(&phone) {
                extracted.phones.push(phone);
            }
            marked.push(PHONE);
            rest = &rest[length..];
            before = '0';
        } else if starts && let Some(length) = money(rest) {
            marked.push(MONEY);
            rest = &rest[length..];
            before = '0';
        } else {
            marked.push(character);
            rest = &rest[character.len_utf8()..];
            before = character;
        }
    }
    marked
}

/// Ten digits, or eleven behind a 1, with at most two separators in a row; how long it is.
fn phone(text: &str) -> Option<(Phone, usize)> {
    let mut digits = Vec::with_capacity(11);
    let mut between = 0;
    for (at, character) in text.char_indices() {
        match character {
            '0'..='9' => {
                digits.push(u8::try_from(character).unwrap_or(b'0'));
                between = 0;
            }
            '+' if at == 0 => {}
            ' ' | '-' | '.' | '(' | ')' if between < 2 => between += 1,
            _ => break,
        }
        let whole = match digits.as_slice() {
            [b'1', ten @ ..] if ten.len() == 10 => ten,
            ten @ [b'2'..=b'9', ..] if ten.len() == 10 => ten,
            _ => continue,
        };
        let end = at + 1;
        let ends = text[end..].chars().next().is_none_or(|next| !next.is_ascii_digit());
        let ten: &[u8; 10] = whole.try_into().ok()?;
        return if ends { Phone::from_digits(ten).ok().map(|phone| (phone, end)) } else { None };
    }
    None
}

/// `$1,250,000`, `$1.2 million`, `900k`; how long it is.
fn money(text: &str) -> Option<usize> {
    let (is_dollars, amount) = match text.strip_prefix('$') {
        Some(amount) => (true, amount.trim_start_matches(' ')),
        None => (false, text),
    };
    let figures = amount.find(|c: char| !c.is_ascii_digit() && c != ',' && c != '.').unwrap_or(amount.len());
    let figures = amount[..figures].trim_end_matches(['.', ',']).len();
    if figures == 0 || !amount.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let behind = &amount[figures..];
    let unit_at = behind.len() - behind.trim_start_matches(' ').len();
    let unit: String = behind[unit_at..].chars().take_while(char::is_ascii_alphabetic).collect();
    let counts =
        ["k", "mil", "mill", "million", "millions", "thousand", "grand", "mm", "dollars", "bucks", "usd"];
    let is_unit =
        counts.contains(&unit.to_lowercase().as_str()) || (is_dollars && unit.eq_ignore_ascii_case("m"));
    let length = text.len() - amount.len() + figures;
    match (is_unit, is_dollars) {
        (true, _) => Some(length + unit_at + unit.len()),
        (false, true) => Some(length),
        (false, false) => None,
    }
}
