//! The exact keys of a row: of its business, its person, its lead, and the fingerprint of its contact points.

use domain::email::EmailClass;
use domain::normalize::NormalizedRow;
use uuid::Uuid;

use crate::digest::{KeyParts, truncated};
use crate::fold::says_something;

/// What a row is matched by. Each key is 128 bits; two keys that are equal mean the same thing, two that differ
/// mean that nothing exact says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Keys {
    /// Of the business; `None` when no company is named.
    pub business: Option<Uuid>,
    /// Of the person; `None` when nobody is named.
    pub persona: Option<Uuid>,
    /// Of the lead: always there, unique per team.
    pub lead: Uuid,
    /// Of e-mail and phone together; `None` when both are empty, so that blank never matches blank.
    pub fingerprint: Option<Uuid>,
}

/// The keys of a row.
///
/// - fingerprint: lower-case e-mail and E.164 phone, one after the other;
/// - lead: fingerprint and person; without fingerprint company, place and person;
/// - business: company and state, with ZIP or else city; without place company with phone, else website, else
///   the domain of an address of its own, else state;
/// - persona: person with the first there is of e-mail (unless it is a role's), phone, business, street with
///   ZIP, lead.
///
/// A person is given name, family name and suffix: middle names come and go between lists.
pub fn keys(row: &NormalizedRow) -> Keys {
    let fingerprint = fingerprint(row);
    let lead = lead(row, fingerprint);
    let business = business(row);
    let persona = names_person(row).then(|| persona(row, business, lead));
    Keys { business, persona, lead, fingerprint }
}

/// SHA-256 over address and number without separator, which they do not need: a number starts with `+`, and no
/// address has one behind its `@`. SQL says the same as
/// `substr(sha256(convert_to(coalesce(email, '') || coalesce(phone, ''), 'UTF8')), 1, 16)`.
fn fingerprint(row: &NormalizedRow) -> Option<Uuid> {
    let email = row.email.as_ref().map(|email| email.expose()).unwrap_or_default();
    let phone = row.phone.as_ref().map(|phone| phone.expose()).unwrap_or_default();
    if email.is_empty() && phone.is_empty() {
        return None;
    }
    Some(truncated(&[email.as_bytes(), phone.as_bytes()].concat()))
}

fn lead(row: &NormalizedRow, fingerprint: Option<Uuid>) -> Uuid {
    let mut key;
    if let Some(fingerprint) = fingerprint {
        key = KeyParts::of("lead:fingerprint");
        key.exact(fingerprint.as_bytes());
    } else {
        key = KeyParts::of("lead:place");
        key.folded(row.company.as_deref());
        match (&row.street, &row.zip5) {
            (Some(street), Some(zip)) => {
                key.exact(b"street").folded(Some(street)).folded(Some(zip));
            }
            _ => {
                key.exact(b"city").folded(row.city.as_deref()).folded(row.state);
            }
        }
    }
    add_person(row, &mut key);
    key.finish()
}

fn business(row: &NormalizedRow) -> Option<Uuid> {
    let company = row.company.as_deref().filter(|company| says_something(company))?;
    let mut key = KeyParts::of("business");
    key.folded(Some(company));
    if let Some(zip) = &row.zip5 {
        key.exact(b"zip").folded(row.state).folded(Some(zip));
    } else if let Some(city) = &row.city {
        key.exact(b"city").folded(row.state).folded(Some(city));
    } else if let Some(phone) = &row.phone {
        key.exact(b"phone").exact(phone.expose().as_bytes());
    } else if let Some(domain) = domain(row) {
        key.exact(b"domain").exact(domain.as_bytes());
    } else {
        key.exact(b"state").folded(row.state);
    }
    Some(key.finish())
}

/// The domain that is the business's own: of its website, else of an address that is not a free mailbox.
fn domain(row: &NormalizedRow) -> Option<&str> {
    let own = matches!(row.email_class, Some(EmailClass::Business | EmailClass::Role));
    let of_email = || row.email.as_ref().filter(|_| own).map(|email| email.domain());
    row.website.as_deref().or_else(of_email)
}

fn persona(row: &NormalizedRow, business: Option<Uuid>, lead: Uuid) -> Uuid {
    let mut key = KeyParts::of("persona");
    add_person(row, &mut key);
    let own_email = row.email.as_ref().filter(|_| row.email_class != Some(EmailClass::Role));
    if let Some(email) = own_email {
        key.exact(b"email").exact(email.expose().as_bytes());
    } else if let Some(phone) = &row.phone {
        key.exact(b"phone").exact(phone.expose().as_bytes());
    } else if let Some(business) = business {
        key.exact(b"business").exact(business.as_bytes());
    } else if let (Some(street), Some(zip)) = (&row.street, &row.zip5) {
        key.exact(b"street").folded(Some(street)).folded(Some(zip));
    } else {
        key.exact(b"lead").exact(lead.as_bytes());
    }
    key.finish()
}

fn names_person(row: &NormalizedRow) -> bool {
    [&row.given_name, &row.family_name].into_iter().flatten().any(|name| says_something(name))
}

fn add_person(row: &NormalizedRow, key: &mut KeyParts) {
    key.folded(row.given_name.as_deref()).folded(row.family_name.as_deref()).folded(row.name_suffix);
}

#[cfg(test)]
mod tests;
