//! What the North American numbering plan allows: area codes, exchanges, and the kinds of area codes.

use super::PhoneError;

/// What an area code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AreaCodeKind {
    /// In use for ordinary numbers, of a place or of none.
    Assigned,
    /// The called side pays.
    TollFree,
    /// Kept for when the toll-free codes run out.
    TollFreeReserved,
    /// The caller pays extra.
    Premium,
    /// x11 (a service) or x9x (kept for longer numbers): no number can have it.
    Impossible,
    /// Possible, but on no list of codes in use.
    Unassigned,
}

/// One line per tenner, one letter per area code from 200 to 999.
const KINDS_TEXT: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/area_code_kinds.txt"));

/// `20 uggggggggg` and a line break.
const LINE: usize = 14;

const KINDS: [AreaCodeKind; 800] = kinds();

const fn kinds() -> [AreaCodeKind; 800] {
    assert!(KINDS_TEXT.len() == 80 * LINE, "80 lines of two digits, a space and ten letters");
    let mut kinds = [AreaCodeKind::Unassigned; 800];
    let mut at = 0;
    while at < 800 {
        kinds[at] = match KINDS_TEXT[at / 10 * LINE + 3 + at % 10] {
            b'g' => AreaCodeKind::Assigned,
            b't' => AreaCodeKind::TollFree,
            b'T' => AreaCodeKind::TollFreeReserved,
            b'p' => AreaCodeKind::Premium,
            b'x' => AreaCodeKind::Impossible,
            b'u' => AreaCodeKind::Unassigned,
            _ => panic!("area_code_kinds.txt has a letter that means nothing"),
        };
        at += 1;
    }
    kinds
}

/// The kind of the area code these digits begin with.
pub(super) fn area_code_kind(digits: &[u8]) -> AreaCodeKind {
    let code = digits.iter().take(3).fold(0, |code, digit| code * 10 + usize::from(digit.wrapping_sub(b'0')));
    code.checked_sub(200).and_then(|at| KINDS.get(at)).copied().unwrap_or(AreaCodeKind::Impossible)
}

/// Whether ten digits can be a number.
pub(super) fn check(digits: &[u8; 10]) -> Result<(), PhoneError> {
    if digits.iter().all(|digit| *digit == digits[0])
        || matches!(digits, b"1234567890" | b"0123456789" | b"9876543210")
    {
        return Err(PhoneError::Filler);
    }
    if area_code_kind(digits) == AreaCodeKind::Impossible {
        return Err(PhoneError::ImpossibleAreaCode);
    }
    if digits[3] < b'2' || (digits[4] == b'1' && digits[5] == b'1') {
        return Err(PhoneError::ImpossibleExchange);
    }
    Ok(())
}
