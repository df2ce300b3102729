//! What stands around a name without being part of it: forms of address, generations, degrees.

/// Forms of address. Sorted by nothing: short, and looked at once a name.
const FORMS: [&str; 27] = [
    "MR",
    "MRS",
    "MS",
    "MISS",
    "MX",
    "DR",
    "DOCTOR",
    "PROF",
    "PROFESSOR",
    "REV",
    "REVEREND",
    "HON",
    "HONORABLE",
    "CAPT",
    "CAPTAIN",
    "SGT",
    "LT",
    "COL",
    "MAJ",
    "GEN",
    "CPL",
    "PASTOR",
    "RABBI",
    "SIR",
    "FR",
    "ATTN",
    "MESSRS",
];

/// Degrees and licences that are no names.
const DEGREES: [&str; 50] = [
    "MD", "PHD", "DDS", "DMD", "ESQ", "ESQUIRE", "CPA", "RN", "DVM", "MBA", "JD", "RPH", "DPM", "PSYD",
    "LPC", "LCSW", "CFP", "CLU", "AIA", "EDD", "PHARMD", "FACS", "LMFT", "LMT", "CRNA", "NP", "PT", "DPT",
    "LPN", "CFA", "MSW", "MPH", "LLM", "RD", "CMT", "AUD", "FAIA", "PMP", "SPHR", "SHRM", "BSN", "MSN",
    "VMD", "CNM", "ARNP", "FNP", "LICSW", "CEO", "RET", "USAF",
];

/// Degrees that are names or initials, too: only behind a comma or with their dots.
const DEGREES_IF_MARKED: [&str; 12] =
    ["DO", "OD", "DC", "PA", "PE", "EA", "MA", "BA", "MS", "BS", "RA", "SR"];

fn is_word_of(word: &str, list: &[&str]) -> bool {
    word.len() <= 10 && list.iter().any(|known| equals_without_dots(word, known))
}

/// Whether `word` is `known` in any case and with any dots: `Ph.D.` is `PHD`.
fn equals_without_dots(word: &str, known: &str) -> bool {
    let letters = word.bytes().filter(|byte| *byte != b'.').map(|byte| byte.to_ascii_uppercase());
    letters.eq(known.bytes())
}

/// Whether the word is a form of address.
pub(super) fn is_form(word: &str) -> bool {
    is_word_of(word, &FORMS)
}

/// The generation that a word names: `Jr`, `Junior`, `3rd`.
pub(super) fn generation(word: &str) -> Option<&'static str> {
    let is = |known: &str| equals_without_dots(word, known);
    match word.len() {
        0 | 7.. => None,
        _ if is("JR") || is("JUNIOR") => Some("Jr"),
        _ if is("SR") || is("SENIOR") => Some("Sr"),
        _ if is("II") || is("2ND") => Some("II"),
        _ if is("III") || is("3RD") => Some("III"),
        _ if is("IV") || is("4TH") => Some("IV"),
        _ if is("V") || is("5TH") => Some("V"),
        _ => None,
    }
}

/// Whether the word is a degree, `marked` by a comma before it.
pub(super) fn is_degree(word: &str, marked: bool) -> bool {
    is_word_of(word, &DEGREES)
        || ((marked || word.contains('.'))
            && word.len() > 2 | usize::from(marked)
            && is_word_of(word, &DEGREES_IF_MARKED))
}

/// `name` without the forms of address in front and generations and degrees behind; at least one word stays.
pub(super) fn strip(name: &str) -> (&str, Option<&'static str>) {
    let mut name = name.trim_matches([' ', ',']);
    while let Some((first, rest)) = name.split_once(' ') {
        if !is_form(first.trim_end_matches([',', '.'])) {
            break;
        }
        name = rest.trim_start_matches([' ', ',']);
    }
    let mut found = None;
    while let Some((rest, last)) = name.rsplit_once([' ', ',']) {
        let marked = rest.ends_with(',') || name.as_bytes().get(rest.len()) == Some(&b',');
        // "Henry V" may be a middle initial, "Henry Tudor V" is the fifth.
        let fifth = last.len() == 1 && !rest.trim().contains(' ') && !marked;
        match generation(last) {
            Some(generation) if !fifth => found = found.or(Some(generation)),
            _ if is_degree(last, marked) => {}
            _ => break,
        }
        name = rest.trim_end_matches([' ', ',']);
    }
    (name, found)
}
