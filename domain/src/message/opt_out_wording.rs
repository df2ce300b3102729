//! Whether a text tells its reader how to opt out: carriers want that of every first message.

/// The words somebody is told to answer with: CTIA's five and the others that we honour.
const KEYWORDS: [&str; 9] =
    ["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke", "remove"];
/// What somebody is told to do with them.
const VERBS: [&str; 8] = ["reply", "text", "txt", "send", "respond", "answer", "msg", "rply"];
/// What may stand between.
const BETWEEN: [&str; 8] = ["with", "the", "word", "back", "us", "just", "a", "only"];
/// What somebody gets by it.
const ENDS: [&str; 13] = [
    "end",
    "stop",
    "quit",
    "cancel",
    "opt",
    "optout",
    "unsubscribe",
    "unsub",
    "leave",
    "be",
    "avoid",
    "no",
    "not",
];

/// Whether it says so: "Reply STOP to opt out", "Text END to cancel", "STOP to end", "STOP2END", "STOP=unsubscribe".
/// A text that only has the word ("we will stop by") does not.
pub(super) fn says_how_to_opt_out(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.iter().enumerate().any(|(at, word)| {
        let rest = words.get(at + 1..).unwrap_or_default();
        (VERBS.contains(word) && tells_keyword(rest)) || ends_with_keyword(word, rest)
    })
}

/// Whether what comes after "reply" is a keyword, with at most three small words before it.
fn tells_keyword(rest: &[&str]) -> bool {
    let small = rest.iter().take(3).take_while(|word| BETWEEN.contains(word)).count();
    match rest.get(small..).unwrap_or_default() {
        ["opt", "out", ..] => true,
        [word, ..] => KEYWORDS.contains(word) || is_joined(word),
        [] => false,
    }
}

/// Whether a keyword is followed by what it is good for.
fn ends_with_keyword(word: &str, rest: &[&str]) -> bool {
    if is_joined(word) {
        return true;
    }
    KEYWORDS.contains(&word)
        && match rest {
            ["to" | "2", end, ..] => ENDS.contains(end),
            // "STOP=end": the sign is no word.
            [end, ..] => word == "stop" && ["unsubscribe", "optout", "end", "quit", "cancel"].contains(end),
            [] => false,
        }
}

/// `stop2end`, `stoptoquit`.
fn is_joined(word: &str) -> bool {
    word.strip_prefix("stop")
        .and_then(|rest| rest.strip_prefix('2').or_else(|| rest.strip_prefix("to")))
        .is_some_and(|end| ENDS.contains(&end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_ways_of_saying_it() {
        for text in [
            "Reply STOP to opt out.",
            "reply 'stop' to be removed",
            "Text END to cancel",
            "Txt back STOP",
            "Send the word QUIT",
            "STOP to end",
            "STOP2END",
            "Stop2quit",
            "STOP=unsubscribe",
            "Reply with \"opt out\"",
            "Reply UNSUBSCRIBE",
            "Msg&data rates may apply. STOP 2 end, HELP 4 help",
        ] {
            assert!(says_how_to_opt_out(text), "{text}");
        }
    }

    #[test]
    fn the_word_alone_is_not_enough() {
        for text in [
            "We will stop by tomorrow",
            "Reply YES to hear more",
            "Don't stop now",
            "It never ends: stop paying too much",
            "Do you want to cancel your lease?",
            "The end",
            "",
        ] {
            assert!(!says_how_to_opt_out(text), "{text}");
        }
    }
}
