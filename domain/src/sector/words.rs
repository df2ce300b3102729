//! Words of a SIC description that tell a subsector where the code does not.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::catalog::SubsectorId;
use crate::sic::SicCode;
use crate::table;

struct Rule {
    subsector: SubsectorId,
    words: Vec<&'static str>,
    unless: Vec<&'static str>,
}

impl Rule {
    fn matches(&self, description: &Description<'_>) -> bool {
        self.words.iter().any(|word| description.has(word))
            && !self.unless.iter().any(|word| description.has(word))
    }
}

struct Rules {
    within: HashMap<u16, Vec<Rule>>,
    without_code: Vec<Rule>,
}

/// What the description says among the subsectors of one code: "Heating contractors" of 1711 is HVAC.
pub(super) fn within(code: SicCode, description: &str) -> Option<SubsectorId> {
    first(RULES.within.get(&code.number())?, description)
}

/// What the description says where there is no usable code.
pub(super) fn without_code(description: &str) -> Option<SubsectorId> {
    first(&RULES.without_code, description)
}

fn first(rules: &[Rule], description: &str) -> Option<SubsectorId> {
    let description = Description::of(description);
    rules.iter().find(|rule| rule.matches(&description)).map(|rule| rule.subsector)
}

/// A description with the places where its words begin, found once for all rules.
struct Description<'a> {
    text: &'a [u8],
    starts: [u16; MOST_WORDS],
    words: usize,
}

/// Words of a description that are looked at; the longest titles of the manual have eight.
const MOST_WORDS: usize = 32;

impl<'a> Description<'a> {
    fn of(text: &'a str) -> Self {
        let mut found = Self { text: text.as_bytes(), starts: [0; MOST_WORDS], words: 0 };
        let mut in_word = false;
        for (at, byte) in (0u16..).zip(found.text) {
            if byte.is_ascii_alphanumeric() && !in_word {
                let Some(slot) = found.starts.get_mut(found.words) else { break };
                *slot = at;
                found.words += 1;
            }
            in_word = byte.is_ascii_alphanumeric();
        }
        found
    }

    /// Whether a word of the text begins like `word`; with a full stop at its end, whether it is the whole word
    /// (`bar.` is in "BAR & GRILL" and not in "BARBER"). Case does not matter.
    fn has(&self, word: &str) -> bool {
        let (word, whole) = word.strip_suffix('.').map_or((word, false), |word| (word, true));
        let word = word.as_bytes();
        !word.is_empty()
            && self.starts.iter().take(self.words).any(|start| {
                let start = usize::from(*start);
                let end = start + word.len();
                self.text.get(start..end).is_some_and(|found| found.eq_ignore_ascii_case(word))
                    && !(whole && self.text.get(end).is_some_and(u8::is_ascii_alphanumeric))
            })
    }
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let mut rules = Rules { within: HashMap::new(), without_code: Vec::new() };
    for [subsector, within, words, unless] in table::rows(include_str!("../../data/sector_words.csv")) {
        let Some(subsector) = SubsectorId::from_slug(subsector) else { continue };
        let rule =
            || Rule { subsector, words: table::list(words).collect(), unless: table::list(unless).collect() };
        if within.is_empty() {
            rules.without_code.push(rule());
        }
        for code in table::list(within).filter_map(|code| code.parse().ok()) {
            rules.within.entry(code).or_default().push(rule());
        }
    }
    rules
});

#[cfg(test)]
mod tests {
    use super::*;

    fn has(text: &str, word: &str) -> bool {
        Description::of(text).has(word)
    }

    #[test]
    fn words_begin_at_words() {
        assert!(has("Heating & Air Conditioning", "air cond"));
        assert!(has("A/C-HVAC", "hvac"));
        assert!(has("BAR & GRILL", "bar."));
        assert!(!has("BARBER", "bar."));
        assert!(!has("Repair", "air"));
        assert!(!has("", "air"));
        assert!(!has("é", "."));
        assert!(!has("day sp", "spa"));
        assert!(has(&format!("{}spa", "x ".repeat(31)), "spa."));
        assert!(!has(&format!("{}spa", "x ".repeat(32)), "spa."), "words after the 32nd are not looked at");
    }

    #[test]
    fn every_rule_of_the_table_is_read() {
        let text = include_str!("../../data/sector_words.csv");
        let rows: Vec<[&str; 4]> = table::rows(text).collect();
        assert_eq!(rows.len(), text.lines().count() - 1);
        let expected: usize = rows.iter().map(|[_, within, ..]| table::list(within).count()).sum();
        assert_eq!(RULES.within.values().map(Vec::len).sum::<usize>(), expected);
        assert_eq!(RULES.without_code.len(), rows.iter().filter(|[_, within, ..]| within.is_empty()).count());
        for [_, within, ..] in &rows {
            for code in table::list(within) {
                assert!(SicCode::parse(code).is_ok_and(SicCode::is_known), "{code}");
            }
        }
    }
}
