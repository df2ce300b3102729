//! What was written, as words that rules are compared with: quoted text left out, spelling and case made one, addresses and
//! numbers found.
//!
//! How phones, people in a hurry and other languages write is data, `data/replies/wording.json`.

mod fold;
mod pattern;
mod tokens;

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

pub(super) use fold::fold;
pub use pattern::PatternFault;
pub(super) use pattern::{Lists, Unless};
pub(super) use tokens::tokens;

use super::extract::{Extracted, found};
use super::quoted::own_words;

/// How often words are rewritten at most; no chain of the data is longer.
const ROUNDS: usize = 8;
/// The end of a sentence.
const BORDER: &str = ".";
/// The end of a question.
const ASKED: &str = "?";

/// A message, ready for rules.
#[derive(Debug)]
pub(super) struct Said {
    /// Its words, with the ends of its sentences.
    pub(super) words: Vec<Box<str>>,
    /// The marks of its words, by which phrases are passed over quickly.
    pub(super) marks: u128,
    /// All of it in small plain letters, for scripts that put no spaces between words.
    pub(super) folded: String,
    /// Whether it repeats what it was told to answer with in order to opt out.
    pub(super) repeats_footer: bool,
    /// What it holds.
    pub(super) extracted: Extracted,
}

impl Said {
    /// Reads a message. `asked` is what we wrote last, which is not the sender's word where it is repeated.
    pub(super) fn of(body: &str, asked: Option<&str>) -> Self {
        let own = own_words(body, asked);
        let (extracted, marked) = found(&own);
        let folded = fold(&marked);
        let mut words = WORDING.rewritten(tokens(&folded, &WORDING.emoji));
        let repeats_footer = WORDING.without_footers(&mut words);
        let extracted = extracted.with_times(&words);
        Self { marks: pattern::marks(&words), words, folded, repeats_footer, extracted }
    }

    /// Whether something is asked.
    pub(super) fn asks(&self) -> bool {
        self.words.iter().any(|word| &**word == ASKED)
    }

    /// How many words it has.
    pub(super) fn len(&self) -> usize {
        self.words.iter().filter(|word| !is_border(word)).count()
    }
}

/// Whether a sentence ends here.
fn is_border(word: &str) -> bool {
    word == BORDER || word == ASKED
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    /// What it is.
    #[serde(rename = "note")]
    _note: String,
    /// Characters that are words.
    emoji: HashMap<String, String>,
    /// One or two words, and what is meant.
    rewrites: HashMap<String, String>,
    lists: HashMap<String, Vec<String>>,
    /// How one is told to opt out: not the sender's word.
    footers: Vec<String>,
    /// What phones put at the end.
    signatures: Vec<String>,
}

#[derive(Debug)]
struct Wording {
    emoji: HashMap<char, Box<str>>,
    rewrites: HashMap<Box<str>, Vec<Box<str>>>,
    footers: Unless,
    signatures: Unless,
}

static WORDING: LazyLock<Wording> = LazyLock::new(|| {
    let read = Wording::from_json(include_str!("../../../data/replies/wording.json"));
    // Held by a test of this crate; without it no reply could be read at all.
    read.expect("the wording that is compiled in is read")
});

impl Wording {
    fn from_json(text: &str) -> Result<Self, PatternFault> {
        let document: Document =
            serde_json::from_str(text).map_err(|fault| PatternFault::Shape(fault.to_string()))?;
        let mut emoji = HashMap::new();
        for (word, characters) in &document.emoji {
            emoji.extend(characters.chars().map(|character| (character, Box::from(word.as_str()))));
        }
        let mut rewrites = HashMap::new();
        for (from, to) in &document.rewrites {
            rewrites.insert(fold(from).into(), to.split_whitespace().map(Box::from).collect());
        }
        let lists = Lists::read(&document.lists)?;
        Ok(Self {
            emoji,
            rewrites,
            footers: Unless::read(&document.footers, &lists)?,
            signatures: Unless::read(&document.signatures, &lists)?,
        })
    }

    /// The words as they are meant. What one rewriting brings together, the next may join: "we r" is "we are" is "we're".
    fn rewritten(&self, mut words: Vec<Box<str>>) -> Vec<Box<str>> {
        for _ in 0..ROUNDS {
            let meant = self.rewritten_once(&words);
            if meant == words {
                break;
            }
            words = meant;
        }
        words
    }

    /// Two that are one word first, then single ones.
    fn rewritten_once(&self, words: &[Box<str>]) -> Vec<Box<str>> {
        let mut meant: Vec<Box<str>> = Vec::with_capacity(words.len());
        let mut rest = words;
        while let [word, after @ ..] = rest {
            let pair = after.first().filter(|next| !is_border(next) && !is_border(word));
            let pair = pair.and_then(|next| self.rewrites.get(format!("{word} {next}").as_str()));
            match (pair, self.rewrites.get(word)) {
                (Some(instead), _) => {
                    meant.extend(instead.iter().cloned());
                    rest = &after[1..];
                }
                (None, Some(instead)) => {
                    meant.extend(instead.iter().cloned());
                    rest = after;
                }
                (None, None) => {
                    meant.push(word.clone());
                    rest = after;
                }
            }
        }
        meant
    }

    /// Takes out what is not the sender's own; whether there was an instruction to opt out among it.
    fn without_footers(&self, words: &mut Vec<Box<str>>) -> bool {
        if let Some((from, _)) = self.signatures.spans(words).into_iter().min() {
            words.truncate(from);
        }
        let told = self.footers.spans(words);
        for (from, to) in told.iter().rev() {
            if *to <= words.len() {
                words.splice(*from..*to, [Box::from(BORDER)]);
            }
        }
        !told.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(body: &str) -> String {
        Said::of(body, None).words.join(" ")
    }

    #[test]
    fn the_way_it_is_written_does_not_matter() {
        for (body, words) in [
            ("Don’t text me", "dont text me"),
            ("DO NOT TEXT ME", "dont text me"),
            ("don;t   txt\nme", "dont text me"),
            ("s t o p", "stop"),
            ("S.T.O.P.", "stop ."),
            ("STOOOOP!!!", "stop ."),
            ("¿Quién es?", "quien es ?"),
            ("No más…", "no mas ."),
            ("call @ 3:30pm, ok?", "call 3:30pm ok ?"),
        ] {
            assert_eq!(read(body), words, "{body}");
        }
    }

    #[test]
    fn addresses_and_sums_are_words_of_their_own() {
        assert_eq!(read("It's bob@example.com."), "its #email .");
        assert_eq!(read("call 312-555-0188 after 5"), "call #phone after 5");
        assert_eq!(read("$1.2 million or 900k"), "#money or #money");
        assert_eq!(read("see www.example.com/a?b=1"), "see #url");
    }

    #[test]
    fn an_instruction_is_not_the_senders_word() {
        assert_eq!(read("you say reply STOP to opt out so stop"), "you say . so stop");
        assert_eq!(read("I texted stop twice"), "i texted stop twice", "he did");
        assert_eq!(read("stop\n\nSent from my iPhone"), "stop");
    }

    proptest! {
        #[test]
        fn folding_is_idempotent(body in "\\PC{0,80}") {
            prop_assert_eq!(fold(&fold(&body)), fold(&body));
        }

        #[test]
        fn reading_is_idempotent(body in "[a-zA-ZéñĐ’' .,?!-]{0,80}") {
            let once = read(&body);
            prop_assert_eq!(read(&once), once);
        }

        #[test]
        fn so_is_reading_what_is_written_in_a_hurry(
            words in proptest::collection::vec(proptest::sample::select(vec![
                "we", "r", "u", "i", "have", "do", "not", "don", "t", "st", "op", "s", "top", "thank", "f", "pls", "stpo", "no", "is", "it", ".", "?",
            ]), 0..12),
        ) {
            let once = read(&words.join(" "));
            prop_assert_eq!(read(&once), once);
        }
    }
}
