//! What of a message leaves for a model: its words, without what says whose they are.
//!
//! Taken out are e-mail addresses, also such as are spelled out, links, every run of four digits or more with whatever stands
//! between them, the names we know of the other side, and names that people introduce themselves by. The rest of the words leave
//! as they are: a street or an employer that somebody writes of their own accord is not recognized, and the page about
//! configuring a model says so.

use crate::reply::wording::fold;

/// From how many digits on a run of them is a number of somebody's: a house has fewer, a phone and a ZIP code more.
const DIGITS: usize = 4;
/// Whether a sign stands between the digits of one number: what people write there, what phones make of it (dashes of every
/// length), and what nobody sees.
const fn is_between(sign: char) -> bool {
    matches!(
        sign,
        ' ' | '-'
            | '.'
            | '('
            | ')'
            | '+'
            | '/'
            | '#'
            | ','
            | '_'
            | '*'
            | '\u{ad}'
            | '\u{b7}'
            | '\u{2010}'..='\u{2015}'
            | '\u{2022}'
            | '\u{2212}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2060}'
            | '\u{feff}'
    )
}
/// The most of a message that leaves, in characters.
const LONGEST: usize = 1_600;
/// What a name follows in an introduction.
const INTRODUCTIONS: [&[&str]; 9] = [
    &["my", "name", "is"],
    &["my", "names"],
    &["name", "is"],
    &["this", "is"],
    &["i", "am"],
    &["im"],
    &["its"],
    &["me", "llamo"],
    &["soy"],
];
/// The most words of a name.
const WORDS_OF_A_NAME: usize = 3;
/// Ends of addresses that are written without `@` or `://`.
const TOP: [&str; 9] = ["com", "net", "org", "edu", "gov", "io", "co", "us", "info"];

const NAME: &str = "[name]";
const NUMBER: &str = "[number]";
const EMAIL: &str = "[email]";
const LINK: &str = "[link]";

/// The message without what says who wrote it; `names` are those known of the other side, whole or in words.
pub fn masked(body: &str, names: &[&str]) -> String {
    let short: String = body.chars().take(LONGEST).collect();
    let known: Vec<String> =
        names.iter().flat_map(|name| words(name)).filter(|word| word.len() > 1).collect();
    let chunks: Vec<&str> = short.split_whitespace().collect();
    let mut out: Vec<String> = Vec::with_capacity(chunks.len());
    let mut rest = chunks.as_slice();
    // Words of a name that may still follow an introduction.
    let mut introduced = 0;
    while let [chunk, after @ ..] = rest {
        let took = 1 + spelled_out(after);
        rest = after;
        if took > 1 && is_word(chunk) {
            out.push(EMAIL.to_owned());
            rest = chunks_after(after, took - 1);
        } else if chunk.contains('@') {
            out.push(EMAIL.to_owned());
        } else if is_link(chunk) {
            out.push(LINK.to_owned());
        } else if begins_name(chunk) && introduced > 0 {
            put_name(&mut out);
            introduced = if ends_sentence(chunk) { 0 } else { introduced - 1 };
            continue;
        } else if words(chunk)
            .iter()
            .any(|word| is_known(word, &known, begins_name(chunk) && !out.is_empty()))
        {
            put_name(&mut out);
        } else {
            out.push((*chunk).to_owned());
        }
        introduced = if introduces(&out) { WORDS_OF_A_NAME } else { 0 };
    }
    without_numbers(&out.join(" "))
}

fn chunks_after<'c, 'a>(chunks: &'c [&'a str], took: usize) -> &'c [&'a str] {
    chunks.get(took..).unwrap_or_default()
}

fn put_name(out: &mut Vec<String>) {
    if out.last().is_none_or(|last| last != NAME) {
        out.push(NAME.to_owned());
    }
}

/// The words of a text in small letters, without accents, which many leave out, and without apostrophes.
fn words(text: &str) -> Vec<String> {
    let plain: String = fold(text).chars().filter(|c| *c != '\'').collect();
    plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether a word is one of the names that are known, also as whose something is. What is a common word too is a name only where
/// it is written as one.
fn is_known(word: &str, known: &[String], written_as_name: bool) -> bool {
    const COMMON: [&str; 14] = [
        "the", "and", "of", "inc", "llc", "co", "corp", "company", "group", "services", "will", "may",
        "mark", "grant",
    ];
    let is =
        |word: &str| known.iter().any(|known| known == word) && (written_as_name || !COMMON.contains(&word));
    is(word) || word.strip_suffix('s').is_some_and(is)
}

fn is_word(chunk: &str) -> bool {
    chunk.chars().any(char::is_alphanumeric)
}

/// How many chunks after a word belong to an address that is spelled out: `ann at example dot com`.
fn spelled_out(after: &[&str]) -> usize {
    let bare = |chunk: &str| words(chunk).concat();
    let said: Vec<String> = after.iter().take(4).map(|chunk| bare(chunk)).collect();
    let is = |at: usize, word: &str| said.get(at).is_some_and(|said| said == word);
    let is_top = |at: usize| said.get(at).is_some_and(|said| TOP.contains(&said.as_str()));
    let dotted = after.get(1).is_some_and(|chunk| {
        chunk.rsplit_once('.').is_some_and(|(_, top)| TOP.contains(&bare(top).as_str()))
    });
    match () {
        () if is(0, "at") && is(2, "dot") && is_top(3) => 4,
        () if is(0, "at") && dotted => 2,
        () => 0,
    }
}

fn is_link(chunk: &str) -> bool {
    let lower = chunk.to_lowercase();
    let host = lower.split(['/', '?']).next().unwrap_or_default();
    let top = host.trim_end_matches(|c: char| !c.is_alphanumeric()).rsplit_once('.');
    lower.contains("://")
        || lower.starts_with("www.")
        || top.is_some_and(|(before, top)| before.len() > 1 && TOP.contains(&top))
}

fn begins_name(chunk: &str) -> bool {
    chunk.chars().find(|c| c.is_alphanumeric()).is_some_and(char::is_uppercase)
}

fn ends_sentence(chunk: &str) -> bool {
    chunk.ends_with(['.', '!', '?', ',', ';', ':'])
}

/// Whether the words so far end with what a name follows.
fn introduces(out: &[String]) -> bool {
    let last: Vec<String> = out.iter().rev().take(3).rev().map(|chunk| words(chunk).concat()).collect();
    !out.last().is_some_and(|chunk| ends_sentence(chunk))
        && INTRODUCTIONS.iter().any(|said| {
            let from = last.len().checked_sub(said.len());
            from.is_some_and(|from| last[from..].iter().map(String::as_str).eq(said.iter().copied()))
        })
}

/// Every run of digits that is long enough, with what stands between them, as one mark.
fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let characters: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < characters.len() {
        let (end, digits) = run(&characters, at);
        if digits >= DIGITS {
            out.push_str(NUMBER);
            at = end;
        } else if digits > 0 {
            out.extend(&characters[at..end]);
            at = end;
        } else {
            out.push(characters[at]);
            at += 1;
        }
    }
    out
}

/// Where the run of digits that begins here ends, and how many it has; none where none begins.
fn run(characters: &[char], from: usize) -> (usize, usize) {
    let is_digit = |at: usize| characters.get(at).is_some_and(|c| c.is_numeric());
    if !is_digit(from) {
        return (from, 0);
    }
    let (mut end, mut digits, mut at) = (from, 0, from);
    while at < characters.len() {
        if is_digit(at) {
            digits += 1;
            at += 1;
            end = at;
        } else if is_between(characters[at]) {
            at += 1;
        } else {
            break;
        }
        // More than one sign and a space between them, and it is another number.
        if at - end > 3 {
            break;
        }
    }
    (end, digits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_says_who_wrote_it_is_taken_out_and_the_rest_stays() {
        for (body, names, left) in [
            ("Call me at (312) 555-0188 after 5", &[][..], "Call me at ([number] after 5"),
            ("312 555 0188", &[], "[number]"),
            ("312\u{2013}555\u{2011}0188", &[], "[number]"),
            ("3\u{200b}1\u{200b}2\u{200b}5550188 or 312_555_0188", &[], "[number] or [number]"),
            ("I have 3 units, 2 baths", &[], "I have 3 units, 2 baths"),
            ("It is worth 450,000", &[], "It is worth [number]"),
            ("ann.doyle@example.com please", &[], "[email] please"),
            ("ann at example dot com", &[], "[email]"),
            ("ann at gmail.com thanks", &[], "[email] thanks"),
            ("see www.acme.com/me or acme.com", &[], "see [link] or [link]"),
            ("Doyle here, ANN's sister", &["Ann", "Doyle"], "[name] here, [name] sister"),
            ("Jose here", &["Jos\u{e9}"], "[name] here"),
            ("ask the Doyle Bakery", &["Doyle Bakery LLC"], "ask the [name]"),
            ("Hi, this is Maria Lopez. Who are you?", &[], "Hi, this is [name] Who are you?"),
            ("my name is Bob and I sell", &[], "my name is [name] and I sell"),
            ("I'm Bob", &[], "I'm [name]"),
            ("this is too much", &[], "this is too much"),
            ("Will the buyer pay?", &["Will"], "Will the buyer pay?"),
            ("Thanks, Will", &["Will"], "Thanks, [name]"),
        ] {
            assert_eq!(masked(body, names), left, "{body}");
        }
        assert_eq!(masked(&"a ".repeat(3_000), &[]).split(' ').count(), 800);
    }

    proptest! {
        #[test]
        fn no_address_no_long_number_and_no_known_name_leaves(
            before in "\\PC{0,40}", after in "\\PC{0,40}",
            local in "[a-z]{1,8}", area in 200u32..999, line in 0u32..9_999,
            name in "[A-Z][b-z]{4,9}",
        ) {
            let body = format!("{before} {local}@{local}.example ({area}) 555-{line:04} {name} {after}");
            let left = masked(&body, &[&name]);
            prop_assert!(!left.contains('@'), "{left}");
            let mut digits = 0;
            for character in left.chars() {
                digits = if character.is_numeric() { digits + 1 } else { 0 };
                prop_assert!(digits < DIGITS, "{left}");
            }
            prop_assert!(!words(&left).contains(&name.to_lowercase()), "{left}");
        }
    }
}
