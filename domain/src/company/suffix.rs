//! Legal forms at the end of company names.

/// Spellings in the form of [`super::words_of`], each with the one we keep. Of spellings that end alike the
/// longer comes first.
const FORMS: [(&str, &str); 63] = [
    ("PROFESSIONAL LIMITED LIABILITY COMPANY", "PLLC"),
    ("LIMITED LIABILITY LIMITED PARTNERSHIP", "LLLP"),
    ("LIMITED LIABILITY PARTNERSHIP", "LLP"),
    ("LIMITED LIABILITY COMPANY", "LLC"),
    ("LIMITED LIABILITY CO", "LLC"),
    ("LIMITED LIABILTY COMPANY", "LLC"),
    ("LTD LIABILITY COMPANY", "LLC"),
    ("LTD LIABILITY CO", "LLC"),
    ("PROFESSIONAL SERVICE CORPORATION", "PSC"),
    ("PROFESSIONAL CORPORATION", "PC"),
    ("PROFESSIONAL ASSOCIATION", "PA"),
    ("PUBLIC BENEFIT CORPORATION", "PBC"),
    ("BENEFIT CORPORATION", "PBC"),
    ("GENERAL PARTNERSHIP", "GP"),
    ("LIMITED PARTNERSHIP", "LP"),
    ("LIMITED COMPANY", "LTD"),
    ("PROF CORP", "PC"),
    ("P L L C", "PLLC"),
    ("L L L P", "LLLP"),
    ("L L C", "LLC"),
    ("L L P", "LLP"),
    ("L P", "LP"),
    ("P A", "PA"),
    ("P C", "PC"),
    ("P LLC", "PLLC"),
    ("LL C", "LLC"),
    ("L LC", "LLC"),
    ("INCORPORATED", "INC"),
    ("INCORPORATION", "INC"),
    ("INCORP", "INC"),
    ("CORPORATION", "CORP"),
    ("COMPANIES", "CO"),
    ("COMPANY", "CO"),
    ("LIMITED", "LTD"),
    ("CHARTERED", "CHTD"),
    ("INC", "INC"),
    ("LLC", "LLC"),
    ("CORP", "CORP"),
    ("LTD", "LTD"),
    ("CO", "CO"),
    ("PLLC", "PLLC"),
    ("PLLP", "PLLP"),
    ("PLC", "PLC"),
    ("PSC", "PSC"),
    ("PBC", "PBC"),
    ("LLLP", "LLLP"),
    ("RLLLP", "LLLP"),
    ("RLLP", "LLP"),
    ("LLP", "LLP"),
    ("LP", "LP"),
    ("LC", "LC"),
    ("L C", "LC"),
    ("PC", "PC"),
    ("PA", "PA"),
    ("GP", "GP"),
    ("CHTD", "CHTD"),
    ("L3C", "L3C"),
    ("GMBH", "GMBH"),
    ("PTY", "PTY"),
    ("REIT", "REIT"),
    ("SOLE PROPRIETOR", "SOLE PROPRIETOR"),
    ("SOLE PROPRIETORSHIP", "SOLE PROPRIETOR"),
    ("A PROFESSIONAL LAW CORPORATION", "PC"),
];

/// How long `words` is without the legal form at its end, and that form. A name that is nothing but a legal
/// form keeps it.
pub(super) fn strip(words: &str) -> Option<(usize, &'static str)> {
    // Every form ends in one of these letters: most names that have none are done after one look.
    if !matches!(
        words.as_bytes().last(),
        Some(b'A' | b'C' | b'D' | b'H' | b'N' | b'O' | b'P' | b'R' | b'S' | b'T' | b'Y')
    ) {
        return None;
    }
    FORMS.iter().find_map(|(spelling, form)| {
        let rest = words.strip_suffix(spelling)?.strip_suffix(' ')?;
        (!matches!(rest, "" | "THE" | "AND")).then_some((rest.len(), *form))
    })
}

/// Whether `word`, upper-case, is by itself a legal form that no person's name ends in.
pub(super) fn is_form(word: &str) -> bool {
    FORMS.iter().any(|(spelling, _)| *spelling == word)
}
