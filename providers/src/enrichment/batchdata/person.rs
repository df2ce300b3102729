//! A person as BatchData v3 describes one \[R\].

use domain::phone::parse_phone;
use serde::Deserialize;
use serde_json::Value;

use crate::enrichment::lenient;
use crate::enrichment::{Demographics, Evidence, FoundEmail, FoundName, FoundPerson, FoundPhone, LineType};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct V3Person {
    #[serde(deserialize_with = "lenient::flag")]
    property_owner: Option<bool>,
    #[serde(deserialize_with = "lenient::maybe")]
    name: Option<Name>,
    #[serde(deserialize_with = "lenient::list")]
    phones: Vec<Phone>,
    #[serde(deserialize_with = "lenient::list")]
    emails: Vec<Value>,
    #[serde(deserialize_with = "lenient::flag")]
    litigator: Option<bool>,
    #[serde(deserialize_with = "lenient::flag")]
    deceased: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Name {
    #[serde(deserialize_with = "lenient::text")]
    first: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    middle: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    last: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    full: Option<String>,
    /// Texts, or names again.
    #[serde(deserialize_with = "lenient::list")]
    akas: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Phone {
    #[serde(deserialize_with = "lenient::text")]
    number: Option<String>,
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    line: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    carrier: Option<String>,
    #[serde(deserialize_with = "lenient::flag")]
    dnc: Option<bool>,
    #[serde(deserialize_with = "lenient::flag")]
    tcpa: Option<bool>,
    #[serde(deserialize_with = "lenient::whole")]
    rank: Option<i64>,
    #[serde(deserialize_with = "lenient::whole")]
    score: Option<i64>,
    #[serde(deserialize_with = "lenient::flag")]
    reachable: Option<bool>,
}

impl V3Person {
    pub(super) fn to_found(&self, evidence: &[Evidence]) -> FoundPerson {
        let name = self.name.as_ref();
        FoundPerson {
            name: name.map(Name::to_found).unwrap_or_default(),
            also_known_as: name.map(Name::others).unwrap_or_default(),
            evidence: evidence.to_vec(),
            owner: self.property_owner,
            phones: self.phones.iter().filter_map(Phone::to_found).collect(),
            emails: self.emails.iter().filter_map(email).collect(),
            demographics: Demographics {
                litigator: self.litigator,
                deceased: self.deceased,
                ..Demographics::default()
            },
            ..FoundPerson::default()
        }
    }
}

impl Name {
    fn to_found(&self) -> FoundName {
        FoundName {
            given: self.first.clone(),
            middle: self.middle.clone(),
            family: self.last.clone(),
            full: self.full.clone(),
        }
    }

    fn others(&self) -> Vec<FoundName> {
        let other = |aka: &Value| match lenient::text_of(aka) {
            Some(full) => Some(FoundName { full: Some(full), ..FoundName::default() }),
            None => Self::deserialize(aka).ok().map(|name| name.to_found()),
        };
        self.akas.iter().filter_map(other).filter(|name| !name.is_empty()).collect()
    }
}

impl Phone {
    fn to_found(&self) -> Option<FoundPhone> {
        let phone = parse_phone(self.number.as_deref()?, "").ok()?.phone;
        Some(FoundPhone {
            line_type: self.line.as_deref().and_then(line_type),
            carrier: self.carrier.clone(),
            connected: self.reachable,
            score: self.score.and_then(|score| u8::try_from(score).ok()).filter(|score| *score <= 100),
            // Theirs begins with 1.
            rank: self.rank.and_then(|rank| u32::try_from(rank - 1).ok()),
            dnc: self.dnc,
            tcpa: self.tcpa,
            ..FoundPhone::new(phone)
        })
    }
}

/// `{"email": …}`, or the address alone.
fn email(value: &Value) -> Option<FoundEmail> {
    let text = lenient::text_of(value.get("email").unwrap_or(value))?;
    text.parse().ok().map(FoundEmail::new)
}

/// `Mobile`, `Land Line` \[R\], `VoIP` \[K\].
fn line_type(word: &str) -> Option<LineType> {
    match word.to_ascii_lowercase().replace([' ', '-'], "").as_str() {
        "mobile" | "wireless" | "cell" => Some(LineType::Mobile),
        "landline" => Some(LineType::Landline),
        "voip" => Some(LineType::Voip),
        "tollfree" => Some(LineType::TollFree),
        _ => None,
    }
}
