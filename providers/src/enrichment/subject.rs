//! Whom a vendor is asked about.

use domain::email::Email;
use domain::phone::Phone;
use uuid::Uuid;

use super::redaction::hides_itself;

/// By which the caller knows a subject again. Never sent to a vendor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubjectKey(pub Uuid);

impl From<Uuid> for SubjectKey {
    fn from(key: Uuid) -> Self {
        Self(key)
    }
}

/// A postal address in parts, each of them as lists give it.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct PostalAddress {
    /// House number and street, without the unit.
    pub street: Option<String>,
    /// Apartment, suite or the like.
    pub unit: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State, two letters.
    pub state: Option<String>,
    /// The five digits of the ZIP code.
    pub zip5: Option<String>,
}

impl PostalAddress {
    /// Whether no part is there.
    pub const fn is_empty(&self) -> bool {
        self.street.is_none()
            && self.unit.is_none()
            && self.city.is_none()
            && self.state.is_none()
            && self.zip5.is_none()
    }
}

/// A person, business or property that is asked about; whatever is known. Personal data: its `Debug` hides it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// By which the caller knows the answer again.
    pub key: SubjectKey,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// The person's business.
    pub company: Option<String>,
    /// Its web domain, without scheme and `www.`.
    pub domain: Option<String>,
    /// The person's title there.
    pub title: Option<String>,
    /// The property's (or the business's) house number and street.
    pub street: Option<String>,
    /// Its apartment or suite.
    pub unit: Option<String>,
    /// Its city.
    pub city: Option<String>,
    /// Its state, two letters.
    pub state: Option<String>,
    /// Its ZIP code, five digits.
    pub zip5: Option<String>,
    /// Where the person gets mail, if elsewhere.
    pub mailing: Option<PostalAddress>,
    /// E-mail addresses, the best first.
    pub emails: Vec<Email>,
    /// Telephone numbers, the best first. Twilio Lookup is asked about the first.
    pub phones: Vec<Phone>,
    /// The person's LinkedIn page.
    pub linkedin_url: Option<String>,
    /// The assessor's parcel number of the property.
    pub apn: Option<String>,
    /// Its county.
    pub county: Option<String>,
}

hides_itself!(PostalAddress, Subject);

impl Subject {
    /// A subject of whom only the key is known.
    pub fn new(key: impl Into<SubjectKey>) -> Self {
        Self { key: key.into(), ..Self::default() }
    }

    /// The address of the property or business.
    pub fn property(&self) -> PostalAddress {
        PostalAddress {
            street: self.street.clone(),
            unit: self.unit.clone(),
            city: self.city.clone(),
            state: self.state.clone(),
            zip5: self.zip5.clone(),
        }
    }

    /// Whether a person is named, be it only by a family or given name; a subject without one is a business or a
    /// property.
    pub fn names_a_person(&self) -> bool {
        present(&self.given_name) || present(&self.family_name)
    }
}

/// Whether a part is there and not blank.
pub(super) fn present(part: &Option<String>) -> bool {
    part.as_deref().is_some_and(|part| !part.trim().is_empty())
}

/// The part, trimmed, where it is not blank.
pub(super) fn part(part: &Option<String>) -> Option<&str> {
    part.as_deref().map(str::trim).filter(|part| !part.is_empty())
}

/// What a vendor needs to know and the subject does not tell: a call now would be paid or refused for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{provider} cannot be asked: {needs}")]
pub struct MissingInput {
    /// Who would have been asked.
    pub provider: super::ProviderId,
    /// What it needs, in words for a person.
    pub needs: &'static str,
}
