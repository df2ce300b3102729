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

/// A word in upper case without its dots, `Ph.D.` as `PHD`; empty when it is longer than any mark.
struct Plain {
    letters: [u8; 10],
    length: usize,
}

impl Plain {
    fn of(word: &str) -> Self {
        let mut plain = Self { letters: [0; 10], length: 0 };
        for byte in word.bytes().filter(|byte| *byte != b'.') {
            let Some(slot) = plain.letters.get_mut(plain.length) else {
                return Self { letters: [0; 10], length: 0 };
            };
            *slot = byte.to_ascii_uppercase();
            plain.length += 1;
        }
        plain
    }

    fn as_bytes(&self) -> &[u8] {
        &self.letters[..self.length]
    }

    fn is_one_of(&self, list: &[&str]) -> bool {
        list.iter().any(|known| known.as_bytes() == self.as_bytes())
    }
}

/// Whether the word is a form of address.
pub(super) fn is_form(word: &str) -> bool {
    Plain::of(word).is_one_of(&FORMS)
}

/// The generation that a word names: `Jr`, `Junior`, `3rd`.
pub(super) fn generation(word: &str) -> Option<&'static str> {
    Some(match Plain::of(word).as_bytes() {
        b"JR" | b"JUNIOR" => "Jr",
        b"SR" | b"SENIOR" => "Sr",
        b"II" | b"2ND" => "II",
        b"III" | b"3RD" => "III",
        b"IV" | b"4TH" => "IV",
        b"V" | b"5TH" => "V",
        _ => return None,
    })
}

/// Whether the word is a degree, `marked` by a comma before it.
pub(super) fn is_degree(word: &str, marked: bool) -> bool {
    let plain = Plain::of(word);
    let marked = marked || (word.len() > 3 && word.contains('.'));
    plain.is_one_of(&DEGREES) || (marked && plain.is_one_of(&DEGREES_IF_MARKED))
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
