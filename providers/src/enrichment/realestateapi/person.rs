//! A person as RealEstateAPI describes one: v2's flat form \[V\], and v1's `identity` and `demographics` \[R\], which have been
//! seen inside of it.

use domain::phone::parse_phone;
use serde::Deserialize;
use serde_json::Value;

use crate::enrichment::lenient;
use crate::enrichment::{
    BirthDate, Demographics, EmailKind, Evidence, FoundEmail, FoundName, FoundPerson, FoundPhone, Gender,
    LineType,
};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Data {
    #[serde(flatten)]
    flat: Identity,
    #[serde(deserialize_with = "lenient::maybe")]
    identity: Option<Identity>,
    #[serde(deserialize_with = "lenient::maybe")]
    demographics: Option<Life>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Identity {
    #[serde(deserialize_with = "lenient::list")]
    phones: Vec<Phone>,
    #[serde(deserialize_with = "lenient::list")]
    emails: Vec<Value>,
    #[serde(deserialize_with = "lenient::list")]
    names: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Name {
    #[serde(alias = "first_name", deserialize_with = "lenient::text")]
    first_name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    middle_name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    last_name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    full_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Phone {
    #[serde(deserialize_with = "lenient::text")]
    phone: Option<String>,
    #[serde(rename = "type", alias = "phoneType", deserialize_with = "lenient::text")]
    line: Option<String>,
    #[serde(alias = "telcoName", deserialize_with = "lenient::text")]
    carrier: Option<String>,
    #[serde(deserialize_with = "lenient::flag")]
    is_connected: Option<bool>,
    /// A text in v1, a truth in v2.
    #[serde(alias = "doNotCall", deserialize_with = "lenient::flag")]
    dnc: Option<bool>,
    #[serde(deserialize_with = "lenient::text")]
    last_seen: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Life {
    #[serde(deserialize_with = "lenient::text")]
    dob: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    dod: Option<String>,
    #[serde(deserialize_with = "lenient::whole")]
    age: Option<i64>,
    #[serde(deserialize_with = "lenient::flag")]
    deceased: Option<bool>,
    #[serde(deserialize_with = "lenient::text")]
    gender: Option<String>,
}

impl Data {
    pub(super) fn holds_contacts(&self) -> bool {
        self.all().any(|identity| !identity.phones.is_empty() || !identity.emails.is_empty())
    }

    fn all(&self) -> impl Iterator<Item = &Identity> {
        std::iter::once(&self.flat).chain(&self.identity)
    }

    /// The one person an item is about; `None` where nothing of it can be used.
    pub(super) fn to_found(&self, evidence: &[Evidence]) -> Option<FoundPerson> {
        let mut names = self.all().flat_map(|identity| &identity.names).filter_map(name);
        let person = FoundPerson {
            name: names.next().unwrap_or_default(),
            also_known_as: names.collect(),
            evidence: evidence.to_vec(),
            phones: self.all().flat_map(|identity| &identity.phones).filter_map(Phone::to_found).collect(),
            emails: self.all().flat_map(|identity| &identity.emails).filter_map(email).collect(),
            demographics: self.demographics.as_ref().map(Life::to_found).unwrap_or_default(),
            ..FoundPerson::default()
        };
        let tells = !person.phones.is_empty() || !person.emails.is_empty() || !person.name.is_empty();
        tells.then_some(person)
    }
}

fn name(value: &Value) -> Option<FoundName> {
    let name = match lenient::text_of(value) {
        Some(full) => FoundName { full: Some(full), ..FoundName::default() },
        None => {
            let name = Name::deserialize(value).ok()?;
            FoundName {
                given: name.first_name,
                middle: name.middle_name,
                family: name.last_name,
                full: name.full_name,
            }
        }
    };
    (!name.is_empty()).then_some(name)
}

fn email(value: &Value) -> Option<FoundEmail> {
    let address = lenient::text_of(value.get("email").unwrap_or(value))?;
    let word = ["type", "emailType"].iter().find_map(|name| value.get(name)).and_then(lenient::text_of);
    let kind = match word.map(|word| word.to_ascii_lowercase()).as_deref() {
        Some("personal") => Some(EmailKind::Personal),
        Some("work" | "business" | "professional") => Some(EmailKind::Work),
        _ => None,
    };
    Some(FoundEmail { kind, ..FoundEmail::new(address.parse().ok()?) })
}

impl Phone {
    fn to_found(&self) -> Option<FoundPhone> {
        let phone = parse_phone(self.phone.as_deref()?, "").ok()?.phone;
        Some(FoundPhone {
            line_type: self.line.as_deref().and_then(line_type),
            carrier: self.carrier.clone(),
            connected: self.is_connected,
            dnc: self.dnc,
            last_seen: self.last_seen.clone(),
            ..FoundPhone::new(phone)
        })
    }
}

/// `landline`, `mobile`, `voip` \[R\].
fn line_type(word: &str) -> Option<LineType> {
    match word.to_ascii_lowercase().as_str() {
        "mobile" | "wireless" => Some(LineType::Mobile),
        "landline" => Some(LineType::Landline),
        "voip" => Some(LineType::Voip),
        _ => None,
    }
}

impl Life {
    fn to_found(&self) -> Demographics {
        Demographics {
            age: self.age.and_then(|age| u8::try_from(age).ok()),
            born: self.dob.as_deref().and_then(BirthDate::parse),
            gender: match self.gender.as_deref().map(str::to_ascii_lowercase).as_deref() {
                Some("m" | "male") => Some(Gender::Male),
                Some("f" | "female") => Some(Gender::Female),
                _ => None,
            },
            // A day of death says more than a flag that is missing.
            deceased: self.deceased.or_else(|| self.dod.as_ref().map(|_| true)),
            litigator: None,
        }
    }
}
