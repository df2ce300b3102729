//! What a reply holds: addresses, numbers, times. What looks like an address and is none is said too: nothing is sent to a
//! guess.

mod figures;
mod times;

use serde::{Deserialize, Serialize};

use self::figures::numbers;
use self::times::{is_clock, is_of_time, is_time};
use crate::email::{Email, parse_email};
use crate::phone::Phone;

/// The most of one kind that is kept.
const MOST: usize = 5;

/// What a reply holds. Its addresses and numbers hide themselves in `Debug`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extracted {
    /// Addresses, in the order in which they were written.
    pub emails: Vec<Email>,
    /// Numbers of the North American plan, likewise.
    pub phones: Vec<Phone>,
    /// Times that were named, in the words in which they were.
    pub times: Vec<String>,
    /// Says that the number is somebody else's.
    pub wrong_number: bool,
    /// Wants to be called.
    pub call_me: bool,
    /// Something looks like an address and is none.
    pub is_unreadable: bool,
}

/// The same as text, for the row of the tenant: personal data.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExposedExtracted {
    /// Addresses.
    pub emails: Vec<String>,
    /// Numbers, E.164.
    pub phones: Vec<String>,
    /// Times that were named.
    pub times: Vec<String>,
    /// Says that the number is somebody else's.
    pub wrong_number: bool,
    /// Wants to be called.
    pub call_me: bool,
    /// Something looks like an address and is none.
    pub is_unreadable: bool,
}

/// How many there are, not which.
impl std::fmt::Debug for ExposedExtracted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ExposedExtracted({} emails, {} phones)", self.emails.len(), self.phones.len())
    }
}

impl Extracted {
    /// The same as text, to be stored with the tenant's row.
    pub fn expose(&self) -> ExposedExtracted {
        ExposedExtracted {
            emails: self.emails.iter().map(|email| email.expose().to_owned()).collect(),
            phones: self.phones.iter().map(|phone| phone.expose().to_owned()).collect(),
            times: self.times.clone(),
            wrong_number: self.wrong_number,
            call_me: self.call_me,
            is_unreadable: self.is_unreadable,
        }
    }

    /// With the times that the words name.
    pub(super) fn with_times(mut self, words: &[Box<str>]) -> Self {
        for run in words.chunk_by(|one, next| is_of_time(one) && is_of_time(next)) {
            let from = run.iter().position(|word| is_time(word) || is_clock(word));
            let to = run.iter().rposition(|word| is_time(word) || is_clock(word));
            if let (Some(from), Some(to)) = (from, to)
                && run.iter().any(|word| is_time(word))
                && self.times.len() < MOST
            {
                self.times.push(run[from..=to].join(" "));
            }
        }
        self
    }
}

/// The word that a mark of ours stands for.
pub(super) const fn mark(character: char) -> Option<&'static str> {
    Some(match character {
        EMAIL => "#email",
        PHONE => "#phone",
        MONEY => "#money",
        URL => "#url",
        _ => return None,
    })
}

// Of the area for private use: whoever writes them means nothing by it.
const EMAIL: char = '\u{e000}';
const PHONE: char = '\u{e001}';
const MONEY: char = '\u{e002}';
const URL: char = '\u{e003}';

/// What a text holds, and the text with marks in the places of it.
pub(super) fn found(text: &str) -> (Extracted, String) {
    let clean: String = text.chars().map(|c| if matches!(c, EMAIL..='\u{e0ff}') { ' ' } else { c }).collect();
    let mut extracted = Extracted::default();
    let without_emails = emails(&clean, &mut extracted);
    let marked = numbers(&without_emails, &mut extracted);
    (extracted, marked)
}

fn emails(text: &str, extracted: &mut Extracted) -> String {
    let chunks: Vec<&str> = text.split_whitespace().collect();
    let mut marked = String::with_capacity(text.len());
    let mut rest = chunks.as_slice();
    while let [chunk, after @ ..] = rest {
        rest = after;
        if let Some((address, took)) = spelled_out(chunk, after) {
            keep_email(extracted, address);
            rest = after.get(took..).unwrap_or_default();
            put(&mut marked, EMAIL, "");
        } else if chunk.contains('@') && chunk.len() > 1 && !chunk.starts_with('@') {
            match parse_email(chunk) {
                Ok(parsed) if !is_mistyped(parsed.email.domain()) => {
                    keep_email(extracted, parsed.email);
                    let tail = chunk.trim_end_matches(['"', ')', '>', '\'']);
                    put(
                        &mut marked,
                        EMAIL,
                        tail.get(tail.len().saturating_sub(1)..)
                            .filter(|end| "?!.".contains(end))
                            .unwrap_or_default(),
                    );
                }
                Ok(_) | Err(_) => {
                    extracted.is_unreadable |= chunk.chars().filter(|c| c.is_alphanumeric()).count() > 3;
                    marked.push_str(chunk);
                    marked.push(' ');
                }
            }
        } else if is_url(chunk) {
            put(&mut marked, URL, "");
        } else {
            marked.push_str(chunk);
            marked.push(' ');
        }
    }
    marked
}

fn put(marked: &mut String, mark: char, after: &str) {
    marked.push(mark);
    marked.push_str(after);
    marked.push(' ');
}

fn keep_email(extracted: &mut Extracted, email: Email) {
    if extracted.emails.len() < MOST && !extracted.emails.contains(&email) {
        extracted.emails.push(email);
    }
}

/// `bob at example dot com` and `bob @ example.com`, and how many chunks behind the first they take.
fn spelled_out(local: &str, after: &[&str]) -> Option<(Email, usize)> {
    let small: Vec<String> = after.iter().take(4).map(|chunk| chunk.to_lowercase()).collect();
    let part =
        |at: usize| small.get(at).map(|chunk| chunk.trim_matches(|c: char| !c.is_alphanumeric() && c != '.'));
    let at_sign = small.first().map(String::as_str)?;
    let is_at = matches!(at_sign, "at" | "(at)" | "[at]" | "@");
    let end = |part: &str| TOP.contains(&part.trim_end_matches('.'));
    if !is_at || local.contains('@') {
        return None;
    }
    let (address, took) = match (part(1)?, part(2), part(3)) {
        (domain, Some("dot"), Some(top)) if end(top) => {
            (format!("{local}@{domain}.{}", top.trim_end_matches('.')), 4)
        }
        (domain, ..) if at_sign != "at" && domain.contains('.') => {
            (format!("{local}@{}", domain.trim_end_matches('.')), 2)
        }
        _ => return None,
    };
    Some((address.parse().ok()?, took))
}

const TOP: [&str; 8] = ["com", "net", "org", "edu", "io", "us", "co", "biz"];

/// Domains that nobody means.
fn is_mistyped(domain: &str) -> bool {
    const WRONG: [&str; 12] = [
        "gmial.com",
        "gmal.com",
        "gmai.com",
        "gnail.com",
        "gmil.com",
        "gamil.com",
        "yaho.com",
        "yahooo.com",
        "hotmial.com",
        "hotmal.com",
        "outlok.com",
        "iclod.com",
    ];
    WRONG.contains(&domain)
        || [".con", ".cmo", ".vom", ".comm", ".ocm", ".cm"].iter().any(|end| domain.ends_with(end))
}

fn is_url(chunk: &str) -> bool {
    let small = chunk.to_lowercase();
    ["http://", "https://", "www."].iter().any(|start| small.starts_with(start)) || small.contains(".com/")
}

#[cfg(test)]
mod tests {
    use super::super::wording::Said;
    use super::*;
    use proptest::prelude::*;

    fn held(body: &str) -> ExposedExtracted {
        Said::of(body, None).extracted.expose()
    }

    #[test]
    fn addresses_are_found_however_they_are_written() {
        for body in [
            "bob@example.com",
            "Its Bob@Example.com, thanks",
            "<bob@example.com>",
            "bob at example dot com",
            "bob @ example.com ok",
            "mailto:bob@example.com.",
            "bob@example.com?",
        ] {
            assert_eq!(held(body).emails, ["bob@example.com"], "{body}");
        }
        assert_eq!(held("a@example.com or b@example.com").emails.len(), 2);
    }

    #[test]
    fn what_only_looks_like_an_address_is_said_and_not_guessed() {
        for body in ["bob@gmail", "bob@gmail,com", "bob@gmail.con", "bob@gmial.com"] {
            let held = held(body);
            assert!(held.is_unreadable && held.emails.is_empty(), "{body}");
        }
        for body in ["meet @ 5", "@bob", "meet at example place", "lunch at noon dot"] {
            assert!(!held(body).is_unreadable, "{body}");
        }
    }

    #[test]
    fn numbers_of_telephones_are_told_from_others() {
        for body in [
            "312-555-0188",
            "call (312) 555-0188 after 5",
            "+1 312 555 0188",
            "at 3 312.555.0188",
            "13125550188.",
        ] {
            assert_eq!(held(body).phones, ["+13125550188"], "{body}");
        }
        for body in ["$3125550188", "order 123456789012", "555-0188", "10/12/2024 3125"] {
            assert!(held(body).phones.is_empty(), "{body}");
        }
    }

    #[test]
    fn times_are_kept_in_their_words() {
        for (body, times) in [
            ("Call me tomorrow at 3pm", vec!["tomorrow at 3pm"]),
            ("after 5 on Thursday", vec!["5 on thursday"]),
            ("Monday or Tuesday morning", vec!["monday or tuesday morning"]),
            ("mañana por la tarde", vec!["manana", "tarde"]),
            ("10:30 works", vec!["10:30"]),
            ("I own 3 of them in the city", vec![]),
        ] {
            assert_eq!(held(body).times, times, "{body}");
        }
    }

    #[test]
    fn debug_hides_them() {
        let exposed = held("bob@example.com 312-555-0188");
        let said = format!("{exposed:?} {:?}", Said::of("bob@example.com 312-555-0188", None).extracted);
        assert!(!said.contains("bob") && !said.contains("0188"), "{said}");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(body in "\\PC{0,120}") {
            held(&body);
        }

        #[test]
        fn nor_do_figures(body in "[0-9$kKm.,:()+ @a-c-]{0,60}") {
            held(&body);
        }
    }
}
