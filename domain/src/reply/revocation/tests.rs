//! What is heard as an opt-out and what is not.

use super::*;
use proptest::prelude::*;

fn hears(body: &str) -> Revocation {
    heard(body, None).revocation
}

#[test]
fn what_anybody_would_understand() {
    for body in [
        "take me off your list",
        "Please remove my number",
        "don't text me",
        "dont ever contact me again",
        "Stop texting me!",
        "No me escriba más",
        "lose my number",
        "I want to opt out",
        "🛑",
    ] {
        assert_eq!(hears(body), Revocation::Certain, "{body}");
    }
}

#[test]
fn what_only_looks_like_it() {
    for body in [
        "stop by the office",
        "YES",
        "don't stop",
        "I can't stop thinking about it",
        "Liked “Hi Ana, Reply STOP to opt out”",
        "yes\n> Reply STOP to opt out",
        "Please don't remove me",
        "the bus stop",
        "Can I cancel later?",
        "no",
        "",
    ] {
        assert_eq!(hears(body), Revocation::No, "{body}");
    }
}

#[test]
fn what_a_person_has_to_look_at() {
    for body in ["Reply STOP to opt out", "stob", "go away", "spam"] {
        assert_eq!(hears(body), Revocation::Likely, "{body}");
    }
}

#[test]
fn our_own_words_are_not_theirs() {
    let asked = "Hi Ana, may we make an offer? Text STOP and we remove you from our list";
    assert_eq!(heard(&format!("{asked} yes please"), Some(asked)).revocation, Revocation::No);
}

#[test]
fn words_near_stop_are_told_from_slips() {
    for slip in ["stpo", "sotp", "stp", "sto", "dtop", "stopo", "sttop", "tsop"] {
        assert!(is_typo_of_stop(slip), "{slip}");
    }
    for meant in ["shop", "step", "top", "stoop", "spot", "hello", "st", ""] {
        assert!(!is_typo_of_stop(meant), "{meant}");
    }
}

/// Messages that are tried in every form.
const MESSAGES: [&str; 12] = [
    "stop",
    "please stop texting me",
    "take me off your list",
    "dont contact me",
    "no me escriba",
    "unsubscribe",
    "stop by the office",
    "I cant stop thinking about selling",
    "yes I am interested",
    "what is my house worth",
    "please dont remove me",
    "not interested",
];

proptest! {
    #[test]
    fn no_text_makes_it_panic(body in "\\PC{0,200}", asked in proptest::option::of("\\PC{0,80}")) {
        heard(&body, asked.as_deref());
    }

    #[test]
    fn nor_does_a_text_of_its_own_words(
        words in proptest::collection::vec(
            proptest::sample::select(vec!["stop", "reply", "don't", "me", "\"", "“", ".", "?", ">", "\n", "list", "off", "take", "🛑", "@", "no"]),
            0..40,
        )
    ) {
        heard(&words.join(" "), None);
    }

    #[test]
    fn spaces_and_case_do_not_change_it(at in 0..MESSAGES.len(), upper in any::<u64>(), gap in "[ \t\n]{1,3}") {
        let message = MESSAGES[at];
        let cased: String = message
            .chars()
            .enumerate()
            .map(|(at, c)| if upper >> (at % 64) & 1 == 1 { c.to_ascii_uppercase() } else { c })
            .collect();
        let written = cased.split(' ').collect::<Vec<_>>().join(&gap);
        prop_assert_eq!(hears(&written), hears(message));
    }

    #[test]
    fn what_is_quoted_below_does_not_change_it(at in 0..MESSAGES.len(), quoted in 0..MESSAGES.len()) {
        let written = format!("{}\n> {}", MESSAGES[at], MESSAGES[quoted]);
        prop_assert_eq!(hears(&written), hears(MESSAGES[at]));
        let answered = format!("{}\nOn Mon, Jan 5 Gianna wrote:\n{}", MESSAGES[at], MESSAGES[quoted]);
        prop_assert_eq!(hears(&answered), hears(MESSAGES[at]));
    }

    #[test]
    fn a_hard_word_is_always_certain(at in 0..4usize, before in "[ .!\"*\n]{0,4}", after in "[ .!?\"*\n]{0,4}") {
        let word = ["STOP", "unsubscribe", "Cancel", "opt-out"][at];
        prop_assert_eq!(hears(&format!("{before}{word}{after}")), Revocation::Certain);
    }

    #[test]
    fn politeness_does_not_hide_a_stop(before in "(please|ok|hi|hey|just)?", after in "(please|now|it|thanks)?") {
        let message = format!("{before} stop {after}");
        prop_assert!(hears(&message).suppresses(), "{}", message);
    }
}
