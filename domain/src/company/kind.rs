//! Tells names of companies from names of people, where a list puts one into the column of the other.

use super::{suffix, words_of};
use crate::lexicon::{Lexicon, lexicon};
use crate::person_name::{has_known_given_name, parse_full_name};

/// Words that are in companies' names and in nobody's.
static BUSINESS_WORDS: Lexicon = lexicon!("business_words.txt");

/// Whether a text is a company's name rather than a person's: a legal form at its end, or a word of business
/// in it. "SMITH" and "JOHN SMITH" are not; "ACME LLC" and "SMITH PLUMBING" are.
pub fn is_like_company(text: &str) -> bool {
    let words = words_of(text);
    let count = words.split(' ').count();
    let last = words.rsplit(' ').next().unwrap_or_default();
    // Degrees and legal forms overlap: "JANE DOE PA" may be an assistant, "DOE PC" a firm. Only the sure ones
    // make a person's column a company's.
    let sure_form = count >= 2 && suffix::is_form(last);
    sure_form || words.split(' ').any(|word| BUSINESS_WORDS.has(word)) || words.split(' ').any(has_digit)
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit()) && !matches!(word, "2ND" | "3RD" | "4TH")
}

/// Whether a company's name is a person's: two to four words, a known given name where people have theirs,
/// and nothing of business. "BENTON, JOHN B JR" and "LYSTRA C BEECHAM" are; "JOHN DEERE PLUMBING" is not.
/// Takes "JOHN DEERE" for a person, too.
pub fn is_like_person(text: &str) -> bool {
    if text.contains(['&', '+', '@', '/']) || is_like_company(text) {
        return false;
    }
    let words = text.split_whitespace().count();
    let Some(name) = parse_full_name(text).filter(|_| (2..=4).contains(&words)) else { return false };
    let (Some(given), Some(family)) = (name.given.as_deref(), name.family.as_deref()) else { return false };
    if family.split(' ').count() > 2 {
        return false;
    }
    let has_initial = name.middle.as_deref().is_some_and(|middle| middle.len() == 1);
    has_known_given_name(given) || (has_initial && !text.to_ascii_uppercase().starts_with("THE "))
}
