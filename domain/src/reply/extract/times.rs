//! Words that name times.

use std::sync::LazyLock;

/// Words that name a time by themselves.
pub(super) fn is_time(word: &str) -> bool {
    TIMES.contains(&word) || is_clock_with_half(word)
}

/// `3pm`, `3:30`, `10:15am`.
fn is_clock_with_half(word: &str) -> bool {
    let figures = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let half = &word[figures.len()..];
    let whole = figures
        .split(':')
        .all(|part| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()));
    whole && (matches!(half, "am" | "pm") || (half.is_empty() && figures.contains(':')))
}

/// What stands before a time: "after 5 tomorrow".
pub(super) fn is_clock(word: &str) -> bool {
    word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit())
        || matches!(word, "am" | "pm" | "oclock" | "ish")
}

/// Words that stand in a time or between two of its words.
pub(super) fn is_of_time(word: &str) -> bool {
    is_time(word)
        || is_clock(word)
        || matches!(
            word,
            "at" | "after"
                | "before"
                | "around"
                | "about"
                | "by"
                | "next"
                | "this"
                | "in"
                | "the"
                | "on"
                | "or"
                | "and"
                | "between"
                | "until"
        )
}

static TIMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    "today tonight tomorrow tmrw monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat \
     weekend morning mornings afternoon afternoons evening evenings noon midday lunch week month year hoy manana lunes martes miercoles jueves \
     viernes sabado domingo tarde"
        .split_whitespace()
        .collect()
});
