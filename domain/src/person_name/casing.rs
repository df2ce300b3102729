//! Proper case of names. Names that come in mixed case are believed.

use unicode_normalization::UnicodeNormalization;

/// Words inside a family name that are written small.
const SMALL: [&str; 14] =
    ["de", "la", "del", "der", "den", "von", "da", "dos", "das", "las", "los", "y", "e", "of"];

/// Names that begin with Mac and go on with a capital. Others (Mack, Machado, Macias) do not.
const MAC: [&str; 20] = [
    "macarthur",
    "macaulay",
    "maccallum",
    "macdonald",
    "macdougall",
    "macfarlane",
    "macgregor",
    "macinnis",
    "macintosh",
    "macintyre",
    "mackay",
    "mackenzie",
    "mackinnon",
    "maclean",
    "macleod",
    "macmillan",
    "macneil",
    "macphee",
    "macpherson",
    "macrae",
];

/// `text` in proper case where it is all upper or all lower case, otherwise as it is.
///
/// `MCDONALD` → `McDonald`, `o'brien` → `O'Brien`, `DOE-SMITH` → `Doe-Smith`, `LAKE OF THE WOODS` → `Lake of
/// the Woods`; `DeShawn` stays.
pub fn proper_case(text: &str) -> String {
    let mut cased = String::with_capacity(text.len());
    for (at, word) in text.split(' ').enumerate() {
        if at > 0 {
            cased.push(' ');
        }
        let small = at > 0 && matches!(word, "OF" | "THE" | "AND" | "of" | "the" | "and");
        if small { cased.push_str(&word.to_ascii_lowercase()) } else { push_word(word, &mut cased) }
    }
    cased
}

/// One given or middle name.
pub(super) fn part(text: &str) -> Option<String> {
    let text = text.trim_matches([' ', ',', '.', '"', '(', ')', '-']);
    let mut cased = String::with_capacity(text.len());
    for word in text
        .split(' ')
        .map(|word| word.trim_matches(['.', ',', '"', '(', ')']))
        .filter(|word| !word.is_empty())
    {
        if !cased.is_empty() {
            cased.push(' ');
        }
        push_word(word, &mut cased);
    }
    cased.chars().any(char::is_alphanumeric).then_some(cased)
}

/// A family name: particles are small (`de la Cruz`), except Van and the like where they stand alone.
pub(super) fn family(text: &str) -> Option<String> {
    let cased = part(text)?;
    if !cased.contains(' ') {
        return Some(cased);
    }
    let mixed = text.chars().any(char::is_lowercase) && text.chars().any(char::is_uppercase);
    if mixed {
        return Some(family_as_written(text));
    }
    let words: Vec<&str> = cased.split(' ').collect();
    let mut name = String::with_capacity(cased.len());
    for (at, word) in words.iter().enumerate() {
        if at > 0 {
            name.push(' ');
        }
        let last = at + 1 == words.len();
        let before_small = words.get(at + 1).is_some_and(|next| is_small(next));
        if !last && (is_small(word) || (word.eq_ignore_ascii_case("van") && before_small)) {
            name.push_str(&word.to_ascii_lowercase());
        } else {
            name.push_str(word);
        }
    }
    Some(name)
}

/// A family name in mixed case: a particle written small stays small, one written large stays large.
fn family_as_written(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    let words = text.split(' ').map(|word| word.trim_matches(['.', ',', '"', '(', ')']));
    for word in words.filter(|word| !word.is_empty()) {
        if !name.is_empty() {
            name.push(' ');
        }
        if is_small(word) || word.eq_ignore_ascii_case("van") {
            name.push_str(word)
        } else {
            push_word(word, &mut name)
        }
    }
    name
}

fn is_small(word: &str) -> bool {
    SMALL.iter().any(|small| small.eq_ignore_ascii_case(word))
}

fn push_word(word: &str, cased: &mut String) {
    if word.is_ascii() {
        push_ascii_word(word, cased);
        return;
    }
    let upper = word.chars().any(char::is_uppercase);
    let lower = word.chars().any(char::is_lowercase);
    if upper && lower {
        cased.push_str(word);
        return;
    }
    let mut starts = true;
    let begin = cased.len();
    for c in word.chars() {
        let c = if c == '’' { '\'' } else { c };
        cased.push(if starts { single(c, c.to_uppercase()) } else { single(c, c.to_lowercase()) });
        // O'Brien and D'Angelo, but not Ray's: an apostrophe behind the first letter only.
        starts = c == '-' || (c == '\'' && cased.len() - begin == 2);
    }
    // Some letters come apart when they change case.
    let composed: String = cased[begin..].nfc().collect();
    cased.replace_range(begin.., &composed);
}

/// The same for the most words, without looking up what a letter's other case is.
fn push_ascii_word(word: &str, cased: &mut String) {
    let bytes = word.as_bytes();
    if bytes.iter().any(u8::is_ascii_uppercase) && bytes.iter().any(u8::is_ascii_lowercase) {
        cased.push_str(word);
        return;
    }
    let begin = cased.len();
    let mut starts = true;
    for (at, byte) in bytes.iter().enumerate() {
        let byte = if starts { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() };
        cased.push(char::from(byte));
        starts = byte == b'-' || (byte == b'\'' && at == 1);
    }
    raise_mac(cased, begin);
}

/// The letter in the other case, or as it is where that would take several letters.
fn single(c: char, mut cased: impl Iterator<Item = char>) -> char {
    match (cased.next(), cased.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// `Mcdonald` → `McDonald` from `begin` on.
fn raise_mac(cased: &mut String, begin: usize) {
    let word = &cased[begin..];
    let at = if word.starts_with("Mc") && word.len() > 3 {
        2
    } else if word.starts_with("Mac") && MAC.contains(&word.to_lowercase().as_str()) {
        3
    } else {
        return;
    };
    if let Some(letter) = cased.get(begin + at..begin + at + 1) {
        let letter = letter.to_ascii_uppercase();
        cased.replace_range(begin + at..begin + at + 1, &letter);
    }
}
