//! What vendors find, in one shape whoever found it.
//!
//! Numbers and addresses belong to the person they were found with, since nothing is attached to a subject before its
//! name was compared. A flag that a vendor did not send is `None`, never `false`. Serializes, so that a parsed answer
//! can be kept (encrypted); it holds personal data, and no `Debug` shows it.

mod contact;
mod demographics;
mod organisation;
mod person;

use serde::{Deserialize, Serialize};

pub use contact::{EmailKind, EmailStatus, FoundEmail, FoundPhone, FoundSocial, LineType, SocialNetwork};
pub use demographics::{BirthDate, Demographics, Gender};
pub use organisation::{FoundOrganisation, FoundProperty};
pub use person::{Evidence, FoundName, FoundPerson};

/// One vendor's answer about one subject.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UniversalSkipResult {
    /// Whom the vendor found, as it ordered them. Some may be strangers: see [`name_check`](super::name_check).
    pub persons: Vec<FoundPerson>,
    /// What it knows of the property.
    pub property: Option<FoundProperty>,
    /// What it knows of the business.
    pub organisation: Option<FoundOrganisation>,
}

impl UniversalSkipResult {
    /// Whether the answer holds nothing.
    pub const fn is_empty(&self) -> bool {
        self.persons.is_empty() && self.property.is_none() && self.organisation.is_none()
    }

    /// Every number of every person.
    pub fn phones(&self) -> impl Iterator<Item = &FoundPhone> {
        self.persons.iter().flat_map(|person| &person.phones)
    }

    /// The numbers that the vendor calls mobile.
    pub fn mobiles(&self) -> impl Iterator<Item = &FoundPhone> {
        self.phones().filter(|phone| phone.line_type == Some(LineType::Mobile))
    }

    /// Every address of every person.
    pub fn emails(&self) -> impl Iterator<Item = &FoundEmail> {
        self.persons.iter().flat_map(|person| &person.emails)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result() -> UniversalSkipResult {
        let phone = |text: &str, line_type| FoundPhone {
            line_type,
            dnc: Some(true),
            ..FoundPhone::new(text.parse().expect("a number"))
        };
        let person = FoundPerson {
            name: FoundName { given: Some("Ann".into()), family: Some("Lee".into()), ..FoundName::default() },
            evidence: vec![Evidence::Address],
            phones: vec![
                phone("+15125550123", Some(LineType::Mobile)),
                phone("+15125550124", Some(LineType::Landline)),
                phone("+15125550125", None),
            ],
            emails: vec![FoundEmail::new("ann.lee@acme.com".parse().expect("an address"))],
            demographics: Demographics {
                born: Some(BirthDate { year: 1960, month: Some(2), day: None }),
                ..Demographics::default()
            },
            ..FoundPerson::default()
        };
        UniversalSkipResult { persons: vec![person], ..UniversalSkipResult::default() }
    }

    #[test]
    fn comes_back_from_json_as_it_was() {
        let before = result();
        let json = serde_json::to_string(&before).expect("writes");
        assert!(json.contains("+15125550123") && json.contains("\"mobile\""), "{json}");
        assert_eq!(serde_json::from_str::<UniversalSkipResult>(&json).expect("reads"), before);
        let empty: UniversalSkipResult = serde_json::from_str("{}").expect("nothing is there");
        assert!(empty.is_empty());
    }

    #[test]
    fn only_what_is_called_mobile_is_mobile() {
        let result = result();
        assert_eq!((result.phones().count(), result.mobiles().count(), result.emails().count()), (3, 1, 1));
    }

    #[test]
    fn shows_nobody() {
        let shown = format!("{:?}", result());
        assert!(!shown.contains("Lee") && !shown.contains("555") && !shown.contains("1960"), "{shown}");
    }
}
