//! Phrases that rules look for, in a small language of their own, so that they are data.
//!
//! A phrase is words with spaces between them. `stop|quit` is either; `please?` may be missing; `@me` is any of a list, whose
//! entries may be several words; `text*` begins so; `#number`, `#email`, `#phone`, `#money`, `#url` are what they say; `_` joins the words of
//! one choice (`reach_out|call`). `..3` is up to three words, whatever they are. `^` and `$` are the ends of a sentence,
//! `^^` and `$$` those of the message. No phrase reaches over the end of a sentence, but for a `.` that is written in it.

use std::collections::HashMap;
use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::{fold, is_border};

/// What is wrong with a phrase.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternFault {
    /// It is not JSON of this shape.
    #[error("this is not the wording: {0}")]
    Shape(String),
    /// It names a list that is not there.
    #[error("{phrase:?} names the list {list:?}, which is nowhere given")]
    NoSuchList {
        /// The phrase.
        phrase: String,
        /// The list.
        list: String,
    },
    /// It fits everything, or nothing.
    #[error("{0:?} is no phrase: it needs a word that must be there")]
    Empty(String),
    /// A gap that is no number.
    #[error("{0:?} has a gap that is no number: write ..3 for up to three words")]
    Gap(String),
}

/// Named lists of words.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    lists: HashMap<String, Vec<Box<[Word]>>>,
}

/// One word of a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    Is(Box<str>),
    Begins(Box<str>),
    Number,
}

#[derive(Debug, Clone)]
enum Part {
    Choice { of: Vec<Box<[Word]>>, may_miss: bool },
    Gap(usize),
    SentenceStart,
    SentenceEnd,
    Start,
    End,
}

/// One phrase.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    parts: Vec<Part>,
    /// For each choice that must be there, the marks of the words that it may begin with: where a message has none of
    /// them, nothing else need be looked at.
    needs: Vec<u128>,
}

/// Phrases that take away what overlaps them.
#[derive(Debug, Default, Clone)]
pub(crate) struct Unless {
    patterns: Vec<Pattern>,
}

impl Lists {
    /// Reads lists. One may name others that do not name lists themselves.
    pub(crate) fn read(lists: &HashMap<String, Vec<String>>) -> Result<Self, PatternFault> {
        let mut read = Self::default();
        for (name, entries) in
            lists.iter().filter(|(_, entries)| !entries.iter().any(|entry| entry.starts_with('@')))
        {
            read.lists.insert(name.clone(), entries.iter().map(|entry| words(entry, ' ')).collect());
        }
        let mut of_lists = Vec::new();
        for (name, entries) in
            lists.iter().filter(|(_, entries)| entries.iter().any(|entry| entry.starts_with('@')))
        {
            let mut all = Vec::new();
            for entry in entries {
                match entry.strip_prefix('@') {
                    Some(list) => all.extend(read.get(entry, list)?.iter().cloned()),
                    None => all.push(words(entry, ' ')),
                }
            }
            of_lists.push((name.clone(), all));
        }
        read.lists.extend(of_lists);
        Ok(read)
    }

    fn get(&self, phrase: &str, list: &str) -> Result<&[Box<[Word]>], PatternFault> {
        self.lists
            .get(list)
            .map(Vec::as_slice)
            .ok_or_else(|| PatternFault::NoSuchList { phrase: phrase.to_owned(), list: list.to_owned() })
    }
}

fn words(text: &str, between: char) -> Box<[Word]> {
    let fold_word = |word: &str| match word.strip_suffix('*') {
        _ if word == "#number" => Word::Number,
        Some(start) => Word::Begins(fold(start).into()),
        None => Word::Is(fold(word).into()),
    };
    text.split(between).filter(|word| !word.is_empty()).map(fold_word).collect()
}

impl Word {
    fn fits(&self, said: &str) -> bool {
        match self {
            Self::Is(word) => **word == *said,
            Self::Begins(start) => said.starts_with(&**start),
            Self::Number => !said.is_empty() && said.bytes().all(|byte| byte.is_ascii_digit()),
        }
    }
}

impl Pattern {
    /// Reads a phrase.
    pub(crate) fn read(phrase: &str, lists: &Lists) -> Result<Self, PatternFault> {
        let mut parts = Vec::new();
        for part in phrase.split_whitespace() {
            parts.push(match part {
                "^^" => Part::Start,
                "$$" => Part::End,
                "^" => Part::SentenceStart,
                "$" => Part::SentenceEnd,
                gap if gap.starts_with("..") => {
                    Part::Gap(gap[2..].parse().map_err(|_| PatternFault::Gap(phrase.to_owned()))?)
                }
                choice => Self::choice(phrase, choice, lists)?,
            });
        }
        let must = |part: &Part| matches!(part, Part::Choice { may_miss: false, of } if of.iter().all(|one| !one.is_empty()));
        match parts.iter().any(must) {
            true => Ok(Self { needs: parts.iter().filter_map(needed).collect(), parts }),
            false => Err(PatternFault::Empty(phrase.to_owned())),
        }
    }

    fn choice(phrase: &str, choice: &str, lists: &Lists) -> Result<Part, PatternFault> {
        let (choice, may_miss) = match choice.strip_suffix('?') {
            Some(choice) if !choice.is_empty() => (choice, true),
            _ => (choice, false),
        };
        let mut of = Vec::new();
        for one in choice.split('|') {
            match one.strip_prefix('@') {
                Some(list) => of.extend(lists.get(phrase, list)?.iter().cloned()),
                None => of.push(words(one, '_')),
            }
        }
        Ok(Part::Choice { of, may_miss })
    }

    /// Where it first stands from a word on: from, to.
    pub(crate) fn find(&self, said: &[Box<str>], from: usize) -> Option<(usize, usize)> {
        (from..=said.len()).find_map(|at| Some((at, fits(&self.parts, said, at)?)))
    }

    /// Whether a message with these marks may hold it.
    fn may_stand(&self, marks: u128) -> bool {
        self.needs.iter().all(|need| need & marks != 0)
    }

    /// Everywhere it stands.
    pub(crate) fn spans(&self, said: &[Box<str>]) -> Vec<(usize, usize)> {
        let mut spans = Vec::new();
        let mut at = 0;
        while let Some((from, to)) = self.find(said, at) {
            spans.push((from, to));
            at = from + 1;
        }
        spans
    }
}

/// The marks of the words of a message: one bit of 128 for each.
pub(crate) fn marks(said: &[Box<str>]) -> u128 {
    said.iter().fold(0, |marks, word| marks | mark(word))
}

fn mark(word: &str) -> u128 {
    let mut hash = FxHasher::default();
    hash.write(word.as_bytes());
    1 << (hash.finish() >> 57)
}

/// The marks of what a choice that must be there may begin with.
fn needed(part: &Part) -> Option<u128> {
    let Part::Choice { of, may_miss: false } = part else { return None };
    Some(of.iter().fold(0, |marks, words| match words.first() {
        Some(Word::Is(word)) => marks | mark(word),
        Some(Word::Begins(_) | Word::Number) | None => u128::MAX,
    }))
}

/// Where the parts end if they stand here.
fn fits(parts: &[Part], said: &[Box<str>], at: usize) -> Option<usize> {
    let Some((part, rest)) = parts.split_first() else { return Some(at) };
    let border = |at: usize| said.get(at).is_none_or(|word| is_border(word));
    match part {
        Part::Start => (at == 0).then(|| fits(rest, said, at)).flatten(),
        Part::End => {
            // A full stop at the very end is none of the words.
            let left = said.get(at..).unwrap_or_default();
            left.iter().all(|word| is_border(word)).then(|| fits(rest, said, at)).flatten()
        }
        Part::SentenceStart => {
            let starts = at == 0 || said.get(at - 1).is_some_and(|word| is_border(word));
            (starts && (rest.is_empty() || !border(at))).then(|| fits(rest, said, at)).flatten()
        }
        Part::SentenceEnd => border(at).then(|| fits(rest, said, at)).flatten(),
        Part::Gap(most) => {
            for skipped in 0..=*most {
                if let Some(end) = fits(rest, said, at + skipped) {
                    return Some(end);
                }
                if border(at + skipped) {
                    break;
                }
            }
            None
        }
        Part::Choice { of, may_miss } => {
            let here = of.iter().filter(|words| stand(words, said, at));
            let found = here.filter_map(|words| fits(rest, said, at + words.len())).next();
            found.or_else(|| may_miss.then(|| fits(rest, said, at)).flatten())
        }
    }
}

fn stand(words: &[Word], said: &[Box<str>], at: usize) -> bool {
    let here = said.get(at..at + words.len()).unwrap_or_default();
    here.len() == words.len() && words.iter().zip(here).all(|(word, said)| word.fits(said))
}

impl Unless {
    /// Reads phrases.
    pub(crate) fn read(phrases: &[String], lists: &Lists) -> Result<Self, PatternFault> {
        let patterns = phrases.iter().map(|phrase| Pattern::read(phrase, lists)).collect::<Result<_, _>>()?;
        Ok(Self { patterns })
    }

    /// Everywhere one of them stands, none inside another, in order.
    pub(crate) fn spans(&self, said: &[Box<str>]) -> Vec<(usize, usize)> {
        let marks = marks(said);
        let may = self.patterns.iter().filter(|pattern| pattern.may_stand(marks));
        let mut all: Vec<_> = may.flat_map(|pattern| pattern.spans(said)).collect();
        all.sort_unstable_by_key(|(from, to)| (*from, std::cmp::Reverse(*to)));
        let mut apart: Vec<(usize, usize)> = Vec::with_capacity(all.len());
        for (from, to) in all {
            if apart.last().is_none_or(|(_, end)| from >= *end) {
                apart.push((from, to));
            }
        }
        apart
    }

    /// The first place where one of the phrases stands and none of these overlaps it.
    /// `marks` are the message's.
    pub(crate) fn first_beside(
        &self,
        wanted: &Self,
        said: &[Box<str>],
        marks: u128,
    ) -> Option<(usize, usize)> {
        let mut not_here: Option<Vec<(usize, usize)>> = None;
        let may = |pattern: &&Pattern| pattern.may_stand(marks);
        for pattern in wanted.patterns.iter().filter(may) {
            for (from, to) in pattern.spans(said) {
                let exceptions = not_here.get_or_insert_with(|| {
                    self.patterns.iter().filter(may).flat_map(|one| one.spans(said)).collect()
                });
                if !exceptions.iter().any(|(start, end)| from < *end && *start < to.max(from + 1)) {
                    return Some((from, to));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(phrase: &str, said: &str) -> Option<(usize, usize)> {
        let lists = HashMap::from([("me".to_owned(), vec!["me".to_owned(), "my number".to_owned()])]);
        let lists = Lists::read(&lists).expect("lists");
        let said: Vec<Box<str>> = said.split_whitespace().map(Box::from).collect();
        Pattern::read(phrase, &lists).expect("a phrase").find(&said, 0)
    }

    #[test]
    fn words_choices_gaps_and_ends() {
        for (phrase, said, expected) in [
            ("stop", "please stop now", Some((1, 2))),
            ("stop|quit it", "just quit it", Some((1, 3))),
            ("remove @me", "please remove my number", Some((1, 4))),
            ("remove @me", "remove the roof", None),
            ("take ..3 off", "take this number off", Some((0, 4))),
            ("take ..1 off", "take this number off", None),
            ("take ..3 off", "take it . off", None),
            ("please? stop", "stop", Some((0, 1))),
            ("^ stop $", "no . stop . ok", Some((2, 3))),
            ("^^ stop", "no . stop", None),
            ("stop $$", "stop . .", Some((0, 1))),
            ("text* me", "texting me", Some((0, 2))),
            ("#number days", "3 days", Some((0, 2))),
            ("reach_out|call", "never reach out", Some((1, 3))),
            ("no . stop", "no . stop", Some((0, 3))),
        ] {
            assert_eq!(found(phrase, said), expected, "{phrase} in {said}");
        }
    }

    #[test]
    fn what_is_no_phrase_is_refused() {
        let lists = Lists::default();
        assert!(matches!(Pattern::read("@you stop", &lists), Err(PatternFault::NoSuchList { .. })));
        assert!(matches!(Pattern::read("please? ..2", &lists), Err(PatternFault::Empty(_))));
        assert!(matches!(Pattern::read("..x stop", &lists), Err(PatternFault::Gap(_))));
    }
}
