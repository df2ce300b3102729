//! What is said of a sender and its limits makes sense.

use entities::sender::Registered;

/// The longest name, pool or brand, in bytes.
const MAX_WORD: usize = 100;

/// Tells `wrong` of each of these words that is empty or too long.
pub(crate) fn words(words: [(&str, &Option<String>); 4], wrong: &mut impl FnMut(&str, String)) {
    for (pointer, word) in words {
        if word.as_deref().is_some_and(|word| !(1..=MAX_WORD).contains(&word.trim().len())) {
            wrong(pointer, format!("must be 1 to {MAX_WORD} bytes long, or left out"));
        }
    }
}

/// A word without the blanks around it.
pub(crate) fn trimmed(word: Option<String>) -> Option<String> {
    word.map(|word| word.trim().to_owned())
}

/// Tells `wrong` of each limit that is none.
pub(crate) fn check(registered: &Registered, wrong: &mut impl FnMut(&str, String)) {
    if registered.per_second.is_some_and(|rate| !(rate.is_finite() && rate > 0.0 && rate <= 1_000.0)) {
        wrong("/per_second", "must be more than 0 and at most 1000".to_owned());
    }
    for (pointer, limit) in [
        ("/daily_limit", registered.daily_limit),
        ("/att_per_minute", registered.att_per_minute),
        ("/tmobile_per_day", registered.tmobile_per_day),
    ] {
        if limit.is_some_and(|limit| limit < 0) {
            wrong(pointer, "must not be negative".to_owned());
        }
    }
}
