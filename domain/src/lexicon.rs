//! Word lists that ship with the program, as tables that answer in nanoseconds.
//!
//! A list is a text of lines, `word` or `word value`, ASCII, in `domain/data`. It becomes a hash table on
//! first use; nothing is built per row.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// Short keys, fixed lists that nobody outside can add to: a fast hash, and no defence against collisions.
type Table = FxHashMap<&'static str, &'static str>;

/// One list.
pub(crate) struct Lexicon {
    table: LazyLock<Table>,
    longest: LazyLock<usize>,
}

/// Declares a [`Lexicon`] of a file in `domain/data`.
macro_rules! lexicon {
    ($file:literal) => {
        $crate::lexicon::Lexicon::new(
            || $crate::lexicon::read(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/", $file))),
            || $crate::lexicon::longest(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/", $file))),
        )
    };
}
pub(crate) use lexicon;

/// The table of a list's text. For [`lexicon!`].
pub(crate) fn read(text: &'static str) -> Table {
    text.lines().map(|line| line.split_once(' ').unwrap_or((line, line))).collect()
}

/// Length of the longest word of a list's text. For [`lexicon!`].
pub(crate) fn longest(text: &'static str) -> usize {
    text.lines()
        .map(|line| line.split_once(' ').map_or(line.len(), |(word, _)| word.len()))
        .max()
        .unwrap_or(0)
}

impl Lexicon {
    /// For [`lexicon!`].
    pub(crate) const fn new(table: fn() -> Table, longest: fn() -> usize) -> Self {
        Self { table: LazyLock::new(table), longest: LazyLock::new(longest) }
    }

    /// The value of `word`: the second word of its line, or the word itself.
    pub(crate) fn get(&self, word: &str) -> Option<&'static str> {
        if word.len() > *self.longest { None } else { self.table.get(word).copied() }
    }

    /// Whether the list has `word`.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.get(word).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static SUFFIXES: Lexicon = lexicon!("street_suffixes.txt");

    #[test]
    fn finds_words_and_their_values() {
        assert_eq!(SUFFIXES.get("AVENUE"), Some("AVE"));
        assert_eq!(SUFFIXES.get("NO SUCH SUFFIX AT ALL"), None);
        assert!(!SUFFIXES.has(""));
    }
}
