//! Word lists that ship with the program, as tables that answer in nanoseconds.
//!
//! A list is a text of lines, `word` or `word value`, ASCII, in `domain/data`. It becomes a hash table on
//! first use; nothing is built per row.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// The words of a list with their values, and the length of the longest.
pub(crate) struct Table {
    /// Short keys, fixed lists that nobody outside can add to: a fast hash, and no defence against collisions.
    values: FxHashMap<&'static str, &'static str>,
    longest: usize,
}

/// One list.
pub(crate) struct Lexicon(LazyLock<Table>);

/// Declares a [`Lexicon`] of a file in `domain/data`.
macro_rules! lexicon {
    ($file:literal) => {
        $crate::lexicon::Lexicon::new(|| {
            $crate::lexicon::read(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/", $file)))
        })
    };
}
pub(crate) use lexicon;

/// The table of a list's text. For [`lexicon!`].
pub(crate) fn read(text: &'static str) -> Table {
    let values: FxHashMap<_, _> =
        text.lines().map(|line| line.split_once(' ').unwrap_or((line, line))).collect();
    let longest = values.keys().map(|word| word.len()).max().unwrap_or(0);
    Table { values, longest }
}

impl Lexicon {
    /// For [`lexicon!`].
    pub(crate) const fn new(table: fn() -> Table) -> Self {
        Self(LazyLock::new(table))
    }

    /// The value of `word`: the second word of its line, or the word itself.
    pub(crate) fn get(&self, word: &str) -> Option<&'static str> {
        let table = &*self.0;
        if word.len() > table.longest { None } else { table.values.get(word).copied() }
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
