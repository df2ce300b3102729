//! Company names: the one to show and the one to compare by.
//!
//! The same firm is "The Smith & Sons Co., Inc." here and "SMITH AND SONS" there. Compared is what is left
//! without case, punctuation, accents, a leading THE and legal forms at the end. What a word like Trust or
//! Association does at the end is part of the name and stays.

mod kind;
mod suffix;

pub use kind::{is_like_company, is_like_person};

use crate::cell::{clean, folded};

/// What a company cell says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyName {
    /// The name as delivered, without the part behind "dba".
    pub display: String,
    /// The name to compare by: upper-case words without accents, legal forms and leading THE, `&` as AND.
    pub key: String,
    /// The outermost legal form that was taken off, in one spelling: `LLC`, `INC`, `CORP`.
    pub legal_suffix: Option<&'static str>,
    /// The trade name behind "dba", as delivered.
    pub dba: Option<String>,
}

/// Reads a company cell; `None` when it holds no letter or digit.
pub fn parse_company(cell: &str) -> Option<CompanyName> {
    let text = clean(cell);
    let (legal, trade) = split_dba(&text);
    let dba = trade.map(trimmed).filter(|dba| !dba.is_empty());
    let shown = match trimmed(legal) {
        "" => dba?,
        legal => legal,
    };
    let (key, legal_suffix) = company_key(shown);
    if key.is_empty() {
        return None;
    }
    Some(CompanyName { display: shown.to_owned(), key, legal_suffix, dba: dba.map(str::to_owned) })
}

/// The name to compare by, and the legal form taken off it.
pub fn company_key(name: &str) -> (String, Option<&'static str>) {
    let mut key = words_of(name);
    let mut form = None;
    loop {
        let before = key.len();
        if let Some((rest, found)) = suffix::strip(&key) {
            form = form.or(Some(found));
            key.truncate(rest);
        }
        if key.starts_with("THE ") {
            key.drain(..4);
        }
        if key.ends_with(" AND") {
            key.truncate(key.len() - 4);
        }
        if key.len() == before {
            return (key, form);
        }
    }
}

/// The words of a name in upper case, joined by single spaces: apostrophes vanish, dots of initials vanish
/// (`L.L.C.`, `A. B.` keeps its space), `&` and `+` become AND, everything else between words is a space.
fn words_of(name: &str) -> String {
    let mut words =
        Words { text: String::with_capacity(name.len() + 8), pending: false, letters: 0, initial: false };
    if name.is_ascii() {
        name.bytes().for_each(|byte| words.push(char::from(byte.to_ascii_uppercase())));
    } else {
        folded(name).for_each(|c| words.push(c));
    }
    words.text
}

struct Words {
    text: String,
    /// A space is due before the next letter.
    pending: bool,
    /// Letters since the last boundary, a dot counting as one.
    letters: usize,
    /// The last thing seen was the dot of an initial.
    initial: bool,
}

impl Words {
    fn push(&mut self, c: char) {
        match c {
            '\'' | '’' | '‘' | '`' | '´' => {}
            '&' | '+' => {
                self.boundary();
                self.letter('A');
                self.letter('N');
                self.letter('D');
                self.boundary();
            }
            '.' if self.letters == 1 => {
                self.letters = 0;
                self.initial = true;
            }
            c if c.is_alphanumeric() => self.letter(c),
            _ => self.boundary(),
        }
    }

    fn letter(&mut self, c: char) {
        // "J.R.Smith": a word, not a third initial, once a second letter follows; too late to part them, so
        // that initials and the word after them stay together.
        if self.pending && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.pending = false;
        self.initial = false;
        self.letters += 1;
        self.text.push(c);
    }

    fn boundary(&mut self) {
        self.pending = true;
        self.letters = 0;
        self.initial = false;
    }
}

/// The parts before and behind "dba" in its spellings.
fn split_dba(text: &str) -> (&str, Option<&str>) {
    const MARKS: [&str; 6] = ["dba", "d/b/a", "d.b.a.", "d.b.a", "d b a", "doing business as"];
    if !text.bytes().any(|byte| matches!(byte, b'd' | b'D')) {
        return (text, None);
    }
    for (at, _) in text.char_indices().filter(|(_, c)| matches!(c, 'd' | 'D')) {
        let starts_word = !text[..at].ends_with(|c: char| c.is_alphanumeric());
        if !starts_word {
            continue;
        }
        for mark in MARKS {
            let end = at + mark.len();
            let here = text.get(at..end).is_some_and(|here| here.eq_ignore_ascii_case(mark));
            if here && !text[end..].starts_with(|c: char| c.is_alphanumeric()) {
                return (&text[..at], Some(&text[end..]));
            }
        }
    }
    (text, None)
}

/// Without what separates a part from its neighbour.
fn trimmed(part: &str) -> &str {
    let part =
        part.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '-' | '/' | '"'));
    match (part.starts_with('('), part.ends_with(')')) {
        (true, true) => trimmed(&part[1..part.len() - 1]),
        (false, true) if !part.contains('(') => trimmed(&part[..part.len() - 1]),
        (_, false) if part.ends_with('(') => trimmed(&part[..part.len() - 1]),
        _ => part,
    }
}

#[cfg(test)]
mod tests;
