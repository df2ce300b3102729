//! Legal forms at the end of company names.

/// Spellings in the form of [`super::words_of`], each with the one we keep. Of spellings that end alike the
/// longer comes first.
const FORMS: [(&str, &str); 63] = [
    ("A PROFESSIONAL LAW CORPORATION", "PC"),
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
];

/// How long `words` is without the legal form at its end, and that form. A name that is nothing but a legal
/// form keeps it.
pub(super) fn strip(words: &str) -> Option<(usize, &'static str)> {
    // Most names end in no form: one look at the last word settles it.
    if !may_end_form(words.rsplit(' ').next().unwrap_or_default()) {
        return None;
    }
    FORMS.iter().find_map(|(spelling, form)| {
        let rest = words.strip_suffix(spelling)?.strip_suffix(' ')?;
        (!matches!(rest, "" | "THE" | "AND")).then_some((rest.len(), *form))
    })
}

/// Whether some form ends in this word.
fn may_end_form(word: &str) -> bool {
    is_form(word)
        || matches!(
            word,
            "CO" | "PC" | "PA" | "LP" | "LC" | "GP" | "C" | "P" | "A" | "PARTNERSHIP" | "ASSOCIATION"
        )
        || matches!(word, "INCORP" | "INCORPORATION" | "PROPRIETOR" | "PROPRIETORSHIP")
}

/// Whether `word`, upper-case, is by itself a legal form that no person's name ends in.
pub(super) fn is_form(word: &str) -> bool {
    matches!(
        word,
        "INC"
            | "LLC"
            | "CORP"
            | "LTD"
            | "PLLC"
            | "PLLP"
            | "PLC"
            | "PSC"
            | "PBC"
            | "LLLP"
            | "RLLLP"
            | "RLLP"
            | "LLP"
            | "CHTD"
            | "L3C"
            | "GMBH"
            | "PTY"
            | "REIT"
            | "INCORPORATED"
            | "CORPORATION"
            | "COMPANY"
            | "COMPANIES"
            | "LIMITED"
            | "CHARTERED"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_look_misses_no_form() {
        for (spelling, form) in FORMS {
            assert_eq!(strip(&format!("ACME {spelling}")).map(|(_, form)| form), Some(form), "{spelling}");
        }
    }
}
