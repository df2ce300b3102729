//! Cuts folded text into words and ends of sentences.

use std::collections::HashMap;

use super::{ASKED, BORDER, is_border};
use crate::reply::extract::mark;

/// The most words that are looked at. A text message of ten parts has about 250.
const MOST: usize = 1_500;

/// Words and ends of sentences of a folded text.
pub(crate) fn tokens(folded: &str, emoji: &HashMap<char, Box<str>>) -> Vec<Box<str>> {
    let characters: Vec<char> = folded.chars().collect();
    let mut cut = Cut::default();
    for (at, character) in characters.iter().copied().enumerate() {
        if cut.words.len() >= MOST {
            break;
        }
        let before = at.checked_sub(1).and_then(|at| characters.get(at)).copied();
        let after = characters.get(at + 1).copied();
        let inside = before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric);
        match character {
            _ if mark(character).is_some() => cut.whole(mark(character).unwrap_or_default()),
            '\'' if inside => {}
            // "don;t": the key beside the apostrophe.
            ';' if inside && after == Some('t') && cut.word.ends_with('n') => {}
            '.' | ',' | ':'
                if before.is_some_and(|c| c.is_ascii_digit())
                    && after.is_some_and(|c| c.is_ascii_digit()) =>
            {
                cut.word.push(character);
            }
            // "p.m.", "s.t.o.p".
            '.' if cut.word.chars().count() == 1 && inside => cut.dotted(),
            '.' | '!' | ';' | '\u{3002}' => cut.border(BORDER),
            '?' | '\u{61f}' => cut.border(ASKED),
            '&' => cut.whole("and"),
            _ if character.is_alphanumeric() => cut.word.push(character),
            _ => match emoji.get(&character) {
                Some(word) => cut.whole(word),
                None => cut.end(),
            },
        }
    }
    cut.end();
    // The last sentence ends by itself: "stop." and "stop" are one.
    joined(cut.words)
}

#[derive(Default)]
struct Cut {
    words: Vec<Box<str>>,
    word: String,
    spelled: String,
}

impl Cut {
    /// The word that is being read ends here.
    fn end(&mut self) {
        let word = std::mem::take(&mut self.word);
        let whole = format!("{}{word}", std::mem::take(&mut self.spelled));
        if !whole.is_empty() {
            self.words.push(without_runs(&whole).into());
        }
    }

    /// A letter with a full stop behind it, and another letter to follow.
    fn dotted(&mut self) {
        self.spelled.push_str(&std::mem::take(&mut self.word));
    }

    fn whole(&mut self, word: &str) {
        self.end();
        self.words.push(word.into());
    }

    fn border(&mut self, border: &str) {
        self.end();
        // Of several ends in a row one is kept; none begins a message.
        if self.words.last().is_some_and(|last| is_border(last)) {
            if border == ASKED {
                self.words.pop();
                self.words.push(border.into());
            }
        } else if !self.words.is_empty() {
            self.words.push(border.into());
        }
    }
}

/// A letter three times in a row or more is meant once.
fn without_runs(word: &str) -> String {
    let characters: Vec<char> = word.chars().collect();
    let mut plain = String::with_capacity(word.len());
    for run in characters.chunk_by(|one, next| one == next) {
        let Some(first) = run.first() else { continue };
        let times = if run.len() >= 3 && first.is_alphabetic() { 1 } else { run.len() };
        plain.extend(std::iter::repeat_n(*first, times));
    }
    plain
}

/// Four single letters in a row or more are one word: `s t o p`.
fn joined(words: Vec<Box<str>>) -> Vec<Box<str>> {
    let is_letter = |word: &str| word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    let mut together = Vec::with_capacity(words.len());
    for run in words.chunk_by(|one, next| is_letter(one) && is_letter(next)) {
        if run.len() >= 4 {
            together.push(without_runs(&run.concat()).into());
        } else {
            together.extend(run.iter().cloned());
        }
    }
    together
}
