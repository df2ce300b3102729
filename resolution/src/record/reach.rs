//! Phone numbers, e-mail addresses, web domains and identifiers.

use domain::email::{Email, EmailClass, is_mailbox_provider, parse_email};
use domain::phone::{PhoneError, parse_phone};
use domain::website::parse_website;

use super::writer::Writer;
use super::{Part, plain};
use crate::fold::{FOLDED, fold_into};

/// Whether a phone value is an area code in a column of its own.
pub(super) fn is_area_code(value: &str) -> bool {
    value.len() <= 5 && value.bytes().filter(u8::is_ascii_digit).count() == 3
}

/// A phone number: ten digits, or seven when nobody says the area code, or those of another country.
pub(super) fn phone(value: &str, area_code: &str, record: &mut Writer) {
    match parse_phone(value, area_code) {
        Ok(parsed) => {
            record.add(Part::Phone, parsed.phone.national().as_bytes());
            if let Some(second) = parsed.second {
                record.add(Part::Phone, second.national().as_bytes());
            }
        }
        Err(PhoneError::Filler | PhoneError::Empty | PhoneError::NotANumber) => {}
        Err(_) => {
            let digits: Vec<u8> = value.bytes().filter(u8::is_ascii_digit).take(16).collect();
            let filler = digits.iter().all(|digit| Some(digit) == digits.first());
            if matches!(digits.len(), 7..=15) && !filler {
                record.add(Part::Phone, &digits);
            }
        }
    }
}

/// Whether a sign may stand in a bare address.
fn is_bare(byte: u8) -> bool {
    FOLDED[usize::from(byte)] != 0 || matches!(byte, b'@' | b'.' | b'-' | b'_')
}

/// An e-mail address, and the domain behind it unless everybody can have a mailbox there.
pub(super) fn email(value: &str, record: &mut Writer) {
    // A bare address, as nearly always: nothing around it to take off.
    let bare = value.bytes().all(is_bare);
    let parsed = if bare { value.parse().ok() } else { parse_email(value).ok().map(|parsed| parsed.email) };
    let Some(email): Option<Email> = parsed else { return };
    let class = email.class();
    let part = if class == EmailClass::Role { Part::RoleEmail } else { Part::Email };
    record.add(part, email.expose().as_bytes());
    let own = match class {
        EmailClass::Business => true,
        EmailClass::Role => !is_mailbox_provider(email.domain()),
        EmailClass::Free | EmailClass::Disposable => false,
    };
    if own {
        record.add(Part::Domain, email.domain().as_bytes());
    }
}

/// A website's domain, unless everybody can have an address there.
pub(super) fn website(value: &str, record: &mut Writer) {
    // Its addresses, as nearly always, have said so before.
    if record.of(Part::Domain).any(|known| plain::is_site_of(value, known)) {
        return;
    }
    if let Some(domain) = parse_website(value).filter(|domain| !is_mailbox_provider(domain)) {
        record.add(Part::Domain, domain.as_bytes());
    }
}

/// `ssn:294-66-9999` as `SSN:294669999`; numbers of fewer than three signs, or of one sign only, tell nobody.
pub(super) fn identifier(value: &str, record: &mut Writer) {
    let (kind, number) = value.split_once(':').unwrap_or(("", value));
    let mut folded = Vec::with_capacity(24);
    fold_into(kind, &mut folded);
    folded.push(b':');
    let start = folded.len();
    fold_into(number, &mut folded);
    let number = &folded[start..];
    let one_sign = number.iter().all(|sign| Some(sign) == number.first());
    if number.len() >= 3 && !one_sign && !matches!(number, b"NONE" | b"NULL" | b"UNKNOWN" | b"NAN") {
        record.add(Part::Identifier, &folded);
    }
}
