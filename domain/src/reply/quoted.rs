//! What of a message is not the sender's own: lines that are quoted, mails that are answered, what a phone says was liked, and
//! our own words repeated.

use std::borrow::Cow;

/// From how many words on something between quotation marks is taken for a quotation.
const QUOTATION: usize = 5;
/// From how many characters on our own words are recognized where they are repeated.
const REPEATED: usize = 16;
/// What phones write for a reaction, before the message in quotation marks.
const REACTIONS: [&str; 12] = [
    "liked ",
    "loved ",
    "disliked ",
    "laughed at ",
    "emphasized ",
    "questioned ",
    "reacted ",
    "removed a",
    "le gustó ",
    "le encantó ",
    "no le gustó ",
    "exclamó ",
];
/// How the head of an answered mail begins.
const HEADS: [&str; 7] = [
    "-----original message",
    "________",
    "from: ",
    "sent: ",
    "-----mensaje original",
    "begin forwarded message",
    "de: ",
];

/// The sender's own words. `asked` is what we wrote last.
pub(super) fn own_words<'b>(body: &'b str, asked: Option<&str>) -> Cow<'b, str> {
    let mut own = Cow::Borrowed(body);
    if body.lines().any(|line| is_quoted(line) || is_head(line)) {
        let before = body.lines().take_while(|line| !is_head(line)).filter(|line| !is_quoted(line));
        own = Cow::Owned(before.collect::<Vec<_>>().join("\n"));
    }
    if let Some(without) = without_quotations(&own) {
        own = Cow::Owned(without);
    }
    match asked.and_then(|asked| without_repeated(&own, asked)) {
        Some(without) => Cow::Owned(without),
        None => own,
    }
}

fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// `On Tue, Mar 3, Gianna wrote:` and the heads of mails.
fn is_head(line: &str) -> bool {
    let line = line.trim().to_lowercase();
    let wrote = ["wrote:", "escribió:", "escribio:"].iter().any(|word| line.ends_with(word));
    let on = ["on ", "el "].iter().any(|word| line.starts_with(word));
    (wrote && on) || HEADS.iter().any(|head| line.starts_with(head))
}

/// Without what stands between quotation marks: all of it behind a reaction, elsewhere what is long enough to be somebody
/// else's. A quotation that is never closed goes to the end.
fn without_quotations(text: &str) -> Option<String> {
    let start = text.trim_start().to_lowercase();
    let is_reaction = REACTIONS.iter().any(|reaction| start.starts_with(reaction));
    let mut own = String::with_capacity(text.len());
    let mut rest = text;
    let mut changed = false;
    while let Some(open) = rest.find(['"', '\u{201c}', '\u{201e}', '«']) {
        let (before, quoted) = rest.split_at(open);
        own.push_str(before);
        let mut inside = quoted.chars();
        inside.next();
        let inside = inside.as_str();
        let (quotation, after) = match inside.find(['"', '\u{201d}', '\u{201c}', '»']) {
            Some(close) => {
                let behind = inside[close..].chars().next().map_or(0, char::len_utf8);
                (&inside[..close], &inside[close + behind..])
            }
            None if is_reaction => (inside, ""),
            None => {
                own.push_str(quoted);
                return changed.then_some(own);
            }
        };
        if is_reaction || quotation.split_whitespace().count() >= QUOTATION {
            changed = true;
        } else {
            own.push(' ');
            own.push_str(quotation);
        }
        own.push(' ');
        rest = after;
    }
    own.push_str(rest);
    changed.then_some(own)
}

/// Without our own words, however their spaces came back.
fn without_repeated(text: &str, asked: &str) -> Option<String> {
    let asked = spaced(asked);
    if asked.len() < REPEATED {
        return None;
    }
    let text = spaced(text);
    let at = text.find(&asked)?;
    Some(format!("{} {}", &text[..at], &text[at + asked.len()..]))
}

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn own(body: &str) -> String {
        spaced(&own_words(body, None))
    }

    #[test]
    fn quoted_lines_and_answered_mails_are_left_out() {
        assert_eq!(own("yes\n> Hi, reply STOP to opt out"), "yes");
        assert_eq!(own("Yes!\nOn Tue, Mar 3 Gianna wrote:\nHi, reply STOP"), "Yes!");
        assert_eq!(own("ok\n-----Original Message-----\nunsubscribe below"), "ok");
    }

    #[test]
    fn what_was_liked_was_said_by_us() {
        assert_eq!(own("Liked “Hi Ana, reply STOP to opt out”"), "Liked");
        assert_eq!(own("Loved \"Stop\""), "Loved");
        assert_eq!(own("Laughed at “Hi Joe, text STOP to…"), "Laughed at");
    }

    #[test]
    fn a_word_in_quotation_marks_is_the_senders() {
        assert_eq!(own("I said \"stop\" twice"), "I said \"stop\" twice");
        assert_eq!(own("what is \"reply stop to opt out\" about"), "what is about");
        assert_eq!(own("6\" pipe"), "6\" pipe");
    }

    #[test]
    fn our_own_words_repeated_are_not_the_senders() {
        let asked = "Hi Ana, open to  offers? Reply STOP to opt out";
        assert_eq!(
            own_words("Hi Ana, open to offers?\nReply STOP to opt out yes", Some(asked)).trim(),
            "yes"
        );
        assert_eq!(own_words("stop", Some("stop")), "stop", "too short to be recognized");
    }

    proptest! {
        #[test]
        fn never_panics_and_adds_nothing(body in "[a-z\"“”«»>\n é]{0,60}", asked in "\\PC{0,40}") {
            let own = own_words(&body, Some(&asked));
            prop_assert!(own.chars().filter(|c| c.is_alphabetic()).count() <= body.chars().filter(|c| c.is_alphabetic()).count());
        }
    }
}
