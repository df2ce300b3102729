//! Cells that need no taking apart, as nearly all: read in one go where `domain` would make and throw away a text for each
//! step. Whatever is not plain beyond doubt is left to `domain`, and tests hold that both say the same.

use crate::fold::FOLDED;

/// The cell without blanks around it.
pub(super) fn trimmed(cell: &str) -> &str {
    match cell.as_bytes() {
        [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => cell,
        _ => cell.trim(),
    }
}

/// Given and family name of a cell of two words of letters, neither of which is a form of address, a generation or a
/// degree.
pub(super) fn given_and_family(cell: &str) -> Option<(&str, &str)> {
    let space = cell.bytes().position(|byte| byte == b' ')?;
    let (given, family) = (&cell[..space], &cell[space + 1..]);
    let is_letter = |byte| FOLDED[usize::from(byte)] >= b'A';
    let is_name = |word: &str| word.len() > 1 && word.bytes().all(is_letter) && !is_no_name(word.as_bytes());
    (is_name(given) && is_name(family)).then_some((given, family))
}

/// Words beside a name, and words for no name.
fn is_no_name(word: &[u8]) -> bool {
    let mut letters = [0; 10];
    let Some(upper) = letters.get_mut(..word.len()) else { return false };
    upper.copy_from_slice(word);
    upper.make_ascii_uppercase();
    matches!(
        &*upper,
        b"MR" | b"MRS" | b"MS" | b"MISS" | b"MX" | b"DR" | b"DOCTOR" | b"PROF" | b"PROFESSOR" | b"REV"
            | b"REVEREND" | b"HON" | b"HONORABLE" | b"CAPT" | b"CAPTAIN" | b"SGT" | b"LT" | b"COL" | b"MAJ"
            | b"GEN" | b"CPL" | b"PASTOR" | b"RABBI" | b"SIR" | b"FR" | b"ATTN" | b"MESSRS"
            // Generations and degrees.
            | b"JR" | b"JUNIOR" | b"SR" | b"SENIOR" | b"II" | b"III" | b"IV"
            | b"MD" | b"PHD" | b"DDS" | b"DMD" | b"ESQ" | b"ESQUIRE" | b"CPA" | b"RN" | b"DVM" | b"MBA"
            | b"JD" | b"RPH" | b"DPM" | b"PSYD" | b"LPC" | b"LCSW" | b"CFP" | b"CLU" | b"AIA" | b"EDD"
            | b"PHARMD" | b"FACS" | b"LMFT" | b"LMT" | b"CRNA" | b"NP" | b"PT" | b"DPT" | b"LPN" | b"CFA"
            | b"MSW" | b"MPH" | b"LLM" | b"RD" | b"CMT" | b"AUD" | b"FAIA" | b"PMP" | b"SPHR" | b"SHRM"
            | b"BSN" | b"MSN" | b"VMD" | b"CNM" | b"ARNP" | b"FNP" | b"LICSW" | b"CEO" | b"RET" | b"USAF"
            // "Not Available", and what the reader of names takes for nothing.
            | b"NOT" | b"NONE" | b"NULL" | b"UNKNOWN" | b"OWNER" | b"MANAGER" | b"NAN"
    )
}

/// Writes the name of a company as `domain` compares it: upper-case words without legal form. `false` where `domain`
/// must be asked.
pub(super) fn company(cell: &str, key: &mut Vec<u8>) -> bool {
    let bytes = cell.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    let may_be_nothing = matches!(first, b'N' | b'n' | b'U' | b'u') && bytes.len() <= 13;
    let begins_and_ends = first.is_ascii_alphanumeric() && (last.is_ascii_alphanumeric() || *last == b'.');
    begins_and_ends && !may_be_nothing && words(bytes, key) && without_legal_form(key)
}

/// The words of a name: dots of initials and apostrophes vanish, `&` is AND. `false` for signs that mean more.
fn words(cell: &[u8], key: &mut Vec<u8>) -> bool {
    let mut parted = false;
    // Letters since the last boundary.
    let mut letters = 0;
    let mut rest = cell;
    while let Some((sign, behind)) = rest.split_first() {
        let run = rest.iter().take_while(|byte| FOLDED[usize::from(**byte)] != 0).count();
        if run > 0 {
            if matches!(sign, b'd' | b'D') && may_be_trade_mark(behind) {
                return false;
            }
            if parted && !key.is_empty() {
                key.push(b' ');
            }
            parted = false;
            letters += run;
            key.extend_from_slice(&rest[..run]);
            rest = &rest[run..];
            continue;
        }
        match sign {
            b'\'' => {}
            b'.' if letters == 1 => letters = 0,
            b'&' => {
                if !key.is_empty() {
                    key.push(b' ');
                }
                key.extend_from_slice(b"AND");
                (parted, letters) = (true, 0);
            }
            b' ' | b'.' | b',' | b'-' => (parted, letters) = (true, 0),
            _ => return false,
        }
        rest = behind;
    }
    key.make_ascii_uppercase();
    true
}

/// Whether what stands behind a D may go on as "dba" or "doing business as".
fn may_be_trade_mark(rest: &[u8]) -> bool {
    matches!(rest, [b'b' | b'B' | b'.' | b' ', ..] | [b'o' | b'O', b'i' | b'I', ..])
}

/// Takes the usual legal forms off the end. `false` where others may stand there.
fn without_legal_form(key: &mut Vec<u8>) -> bool {
    while let Some(space) = key.iter().rposition(|byte| *byte == b' ') {
        let (before, last) = (&key[..space], &key[space + 1..]);
        match last {
            b"INC" | b"LLC" | b"CORP" | b"LTD" | b"CO" => {
                let previous = before.rsplit(|byte| *byte == b' ').next().unwrap_or_default();
                if matches!(previous, b"P" | b"PROF" | b"LIABILITY" | b"THE" | b"AND") {
                    return false;
                }
                key.truncate(space);
            }
            _ if may_end_form(last) || last == b"AND" => return false,
            _ => break,
        }
    }
    !key.is_empty() && !key.starts_with(b"THE ")
}

/// Whether a legal form may end in this word.
fn may_end_form(word: &[u8]) -> bool {
    matches!(
        word,
        b"INC"
            | b"LLC"
            | b"CORP"
            | b"LTD"
            | b"CO"
            | b"PLLC"
            | b"PLLP"
            | b"PLC"
            | b"PSC"
            | b"PBC"
            | b"LLLP"
            | b"RLLLP"
            | b"RLLP"
            | b"LLP"
            | b"CHTD"
            | b"L3C"
            | b"GMBH"
            | b"PTY"
            | b"REIT"
            | b"INCORPORATED"
            | b"CORPORATION"
            | b"COMPANY"
            | b"COMPANIES"
            | b"LIMITED"
            | b"CHARTERED"
            | b"PC"
            | b"PA"
            | b"LP"
            | b"LC"
            | b"GP"
            | b"C"
            | b"P"
            | b"A"
            | b"PARTNERSHIP"
            | b"ASSOCIATION"
            | b"INCORP"
            | b"INCORPORATION"
            | b"PROPRIETOR"
            | b"PROPRIETORSHIP"
    )
}

/// A street line that begins with a house number and in which nothing depends on the city: its street then means the same
/// behind any number.
pub(super) struct Numbered<'l> {
    /// The house number.
    pub(super) number: &'l str,
    /// What stands behind it, without the unit.
    pub(super) street: &'l str,
    /// The unit behind the street: `Ste 200`.
    pub(super) unit: Option<&'l str>,
    /// Number and street.
    pub(super) line: &'l str,
}

impl<'l> Numbered<'l> {
    pub(super) fn of(line: &'l str) -> Option<Self> {
        let space = line.bytes().position(|byte| !byte.is_ascii_digit()).filter(|at| (1..=8).contains(at))?;
        let (number, rest) = (&line[..space], line[space..].strip_prefix(' ')?);
        let is_plain = rest.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b',');
        if rest.is_empty() || !is_plain {
            return None;
        }
        let (street, unit) = without_unit(rest).map_or((rest, None), |(street, unit)| (street, Some(unit)));
        Some(Self { number, street, unit, line: &line[..number.len() + 1 + street.len()] })
    }
}

/// A street and the unit behind it: a usual word, or a number sign, and a number.
fn without_unit(rest: &str) -> Option<(&str, &str)> {
    if !rest.ends_with(|last: char| last.is_ascii_digit()) {
        return None;
    }
    let is_number =
        |text: &str| matches!(text.len(), 1..=8) && text.bytes().all(|byte| byte.is_ascii_digit());
    let (before, last) = rest.rsplit_once(' ')?;
    let is_street = |text: &str| text.starts_with(|first: char| first.is_ascii_alphanumeric());
    if last.strip_prefix('#').is_some_and(is_number) {
        return is_street(before).then_some((before, last));
    }
    let (street, kind) = before.rsplit_once(' ')?;
    let is_kind =
        ["STE", "SUITE", "APT", "UNIT", "BLDG"].iter().any(|known| known.eq_ignore_ascii_case(kind));
    (is_kind && is_number(last) && is_street(street)).then(|| (street, &rest[street.len() + 1..]))
}

/// Whether a website is that of a domain that is known already: `www.acme.example` of `acme.example`.
pub(super) fn is_site_of(website: &str, domain: &[u8]) -> bool {
    let host = website.strip_prefix("www.").unwrap_or(website).as_bytes();
    host == domain
        && matches!(host.iter().rposition(|byte| *byte == b'.'), Some(dot) if dot > 0
        && !host[..dot].contains(&b'.') && host.len() - dot > 3)
}

#[cfg(test)]
mod tests;
