//! A person a vendor found, and what makes it the person asked about.

use domain::named_enum;
use serde::{Deserialize, Serialize};

use super::{Demographics, FoundEmail, FoundPhone, FoundSocial};
use crate::enrichment::redaction::hides_itself;

named_enum! {
    /// What ties an answer to the subject. Never its place in a list.
    Evidence {
        /// The vendor sent back the id of the request.
        Key = "key",
        /// It is about the same address.
        Address = "address",
        /// It is about the same parcel.
        Parcel = "parcel",
        /// It holds an e-mail address that was asked with.
        Email = "email",
        /// It holds a number that was asked with.
        Phone = "phone",
        /// It holds the LinkedIn page that was asked with.
        Linkedin = "linkedin",
        /// The person's name is the subject's.
        Name = "name",
        /// Only one subject was asked about, and the vendor says that it found it.
        OnlyOne = "only_one",
    }
}

/// A name, in parts where the vendor has them.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FoundName {
    /// Given name.
    pub given: Option<String>,
    /// Middle names or initials.
    pub middle: Option<String>,
    /// Family name.
    pub family: Option<String>,
    /// The whole name as the vendor writes it; all there is where the parts are not.
    pub full: Option<String>,
}

impl FoundName {
    /// Whether no part is there.
    pub const fn is_empty(&self) -> bool {
        self.given.is_none() && self.family.is_none() && self.full.is_none()
    }
}

/// A person a vendor found.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FoundPerson {
    /// The vendor's id of the person (Apollo's), by which a later answer is about the same.
    pub vendor_id: Option<String>,
    /// The name; empty where the vendor tells only numbers and addresses.
    pub name: FoundName,
    /// Other names of the person.
    pub also_known_as: Vec<FoundName>,
    /// What ties the answer to the subject.
    pub evidence: Vec<Evidence>,
    /// Whether the person owns the property.
    pub owner: Option<bool>,
    /// Numbers, as the vendor ordered them.
    pub phones: Vec<FoundPhone>,
    /// E-mail addresses, as the vendor ordered them.
    pub emails: Vec<FoundEmail>,
    /// Pages.
    pub socials: Vec<FoundSocial>,
    /// Age and the like.
    pub demographics: Demographics,
    /// Title at work.
    pub title: Option<String>,
    /// Rank at work, in the vendor's words: `owner`, `founder`, `c_suite`, `director` …
    pub seniority: Option<String>,
    /// Departments, in the vendor's words.
    pub departments: Vec<String>,
}

hides_itself!(FoundName, FoundPerson);
