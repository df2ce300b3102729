//! The words by which people opt out, opt in and ask for help, where a whole message is such a word.
//!
//! A message that is one of the opt-out words is an opt-out, whatever else is going on, and needs nobody's judgement. The list
//! is everybody's: what the FCC names, CTIA, and each carrier and vendor. Words in the middle of a sentence are not looked for
//! here: they need judgement.

use unicode_normalization::UnicodeNormalization;

use crate::gate::{RuleSet, WordLists};

/// The words of a rule set, normalized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    opt_out: Box<[Box<str>]>,
    opt_in: Box<[Box<str>]>,
    help: Box<[Box<str>]>,
}

/// What a whole message asks for by one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyword<'w> {
    /// To be left alone.
    OptOut(&'w str),
    /// To be written to again. It counts only where the sender was opted out by such a word before: a campaign may ask for a
    /// `YES`. It never lifts a suppression that has another reason.
    OptIn(&'w str),
    /// To be told who writes and how to stop it.
    Help(&'w str),
}

impl Words {
    /// The lists of a rule set.
    ///
    /// # Errors
    /// The first word that no message could be.
    pub(crate) fn new(lists: &WordLists) -> Result<Self, String> {
        Ok(Self {
            opt_out: sorted(&lists.opt_out)?,
            opt_in: sorted(&lists.opt_in)?,
            help: sorted(&lists.help)?,
        })
    }

    /// What the whole message is, if it is one of the words. Opting out goes before all else.
    pub fn keyword(&self, message: &str) -> Option<Keyword<'_>> {
        let said = normalized(message);
        let apart = spaced(&said);
        let find = |words| found(words, &said).or_else(|| found(words, &apart));
        find(&self.opt_out)
            .map(Keyword::OptOut)
            .or_else(|| find(&self.opt_in).map(Keyword::OptIn))
            .or_else(|| find(&self.help).map(Keyword::Help))
    }
}

fn found<'w>(words: &'w [Box<str>], said: &str) -> Option<&'w str> {
    let at = words.binary_search_by(|word| (**word).cmp(said)).ok()?;
    words.get(at).map(|word| &**word)
}

/// The opt-out word that a whole message is, by the rules of this release.
pub fn hard_opt_out(message: &str) -> Option<&'static str> {
    match RuleSet::shipped().words().keyword(message)? {
        Keyword::OptOut(word) => Some(word),
        Keyword::OptIn(_) | Keyword::Help(_) => None,
    }
}

/// A message as keywords are compared, as carriers do it: compatibility forms made plain, lower case, nothing but letters and
/// digits at its ends, one space between words.
pub fn normalized(message: &str) -> String {
    let plain: String = message.nfkc().flat_map(char::to_lowercase).filter(|c| !is_invisible(*c)).collect();
    let trimmed = plain.trim_matches(|c: char| !c.is_alphanumeric());
    trimmed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same with nothing but spaces between letters and digits: `opt-out` as `opt out`.
fn spaced(normalized: &str) -> String {
    let words: Vec<&str> =
        normalized.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// What phones put into messages and nobody sees.
pub(super) const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{fe0e}' | '\u{fe0f}'
    )
}

fn sorted(words: &[String]) -> Result<Box<[Box<str>]>, String> {
    let mut read = Vec::with_capacity(words.len());
    for word in words {
        let plain = normalized(word);
        if plain.is_empty() {
            return Err(word.clone());
        }
        read.push(plain.into_boxed_str());
    }
    read.sort_unstable();
    read.dedup();
    Ok(read.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every word that a source of `field/compliance.md` names as a keyword.
    #[test]
    fn everybodys_words_are_opt_outs() {
        for word in [
            "STOP",
            "STOPALL",
            "STOP ALL",
            "UNSUBSCRIBE",
            "CANCEL",
            "END",
            "QUIT",
            "REVOKE",
            "OPTOUT",
            "opt out",
            "opt-out",
            "ARRET",
            "arrêt",
            "REMOVE",
            "TD",
            "END ALL",
            "ENDALL",
            "stop2quit",
        ] {
            assert!(hard_opt_out(word).is_some(), "{word}");
        }
    }

    #[test]
    fn the_way_it_is_written_does_not_matter() {
        for message in [
            "Stop!",
            " stop. ",
            "\"STOP\"",
            "ＳＴＯＰ",
            "S\u{200b}TOP",
            "stop 🛑",
            "Stop\n",
            "STOP  ALL",
            "Opt–out",
            "OPT_OUT.",
            "…unsubscribe…",
            "(quit)",
            "*STOP*",
        ] {
            assert!(hard_opt_out(message).is_some(), "{message}");
        }
    }

    #[test]
    fn a_word_in_a_sentence_is_not_decided_here() {
        for message in
            ["please stop", "stop please", "no", "the end is near", "don't stop", "YES", "START", "", "!!!"]
        {
            assert_eq!(hard_opt_out(message), None, "{message}");
        }
    }

    #[test]
    fn words_of_opting_in_and_of_help_are_told_apart() {
        let words = RuleSet::shipped().words();
        for (message, keyword) in [
            ("Start", Some(Keyword::OptIn("start"))),
            ("UNSTOP", Some(Keyword::OptIn("unstop"))),
            ("Yes!", Some(Keyword::OptIn("yes"))),
            ("help", Some(Keyword::Help("help"))),
            ("INFO?", Some(Keyword::Help("info"))),
            ("Stop", Some(Keyword::OptOut("stop"))),
            ("hello", None),
        ] {
            assert_eq!(words.keyword(message), keyword, "{message}");
        }
    }

    proptest! {
        #[test]
        fn what_stands_around_a_word_does_not_hide_it(before in "[ .!\"*\n]{0,5}", after in "[ .!?\"*\n]{0,5}") {
            let message = format!("{before}StOp{after}");
            prop_assert_eq!(hard_opt_out(&message), Some("stop"));
        }

        #[test]
        fn normalizing_twice_changes_nothing(message in "\\PC{0,60}") {
            let once = normalized(&message);
            prop_assert_eq!(normalized(&once), once);
        }
    }
}
