//! What Lookup answers \[V\].

use domain::phone::Phone;
use serde::Deserialize;
use serde_json::Value;

use crate::enrichment::lenient;
use crate::enrichment::remote::Unread;
use crate::enrichment::{
    Charged, Evidence, FoundPerson, FoundPhone, LineType, Subject, UniversalSkipResult, Verdict,
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reply {
    #[serde(deserialize_with = "lenient::text")]
    phone_number: Option<String>,
    #[serde(deserialize_with = "lenient::flag")]
    valid: Option<bool>,
    #[serde(deserialize_with = "lenient::maybe")]
    line_type_intelligence: Option<LineTypeIntelligence>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LineTypeIntelligence {
    #[serde(deserialize_with = "lenient::text")]
    carrier_name: Option<String>,
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    line_type: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    error_code: Option<String>,
}

/// The verdict on the number. That the vendor answered is charged, whatever it found; whether one that it could not
/// type is, nobody documents.
pub(super) fn verdict(subjects: &[&Subject], body: &[u8], price_micros: i64) -> Result<Verdict, Unread> {
    let value: Value = serde_json::from_slice(body).map_err(|_| Unread::Unreadable)?;
    let reply: Reply = lenient::read(value).ok_or(Unread::Unreadable)?;
    // Neither field is ever missing in an answer of Lookup's.
    let valid = reply.valid.ok_or(Unread::Unreadable)?;
    let asked = subjects.iter().find_map(|subject| subject.phones.first()).ok_or(Unread::Unreadable)?;
    let said: Option<Phone> = reply.phone_number.and_then(|number| number.parse().ok());
    if said.is_some_and(|said| said != *asked) {
        return Err(Unread::Unreadable);
    }
    let line = reply.line_type_intelligence.unwrap_or_default();
    let line_type = line.line_type.as_deref().and_then(line_type);
    if valid && line_type.is_none() {
        let charged = if line.error_code.is_some() {
            Charged::Perhaps(price_micros)
        } else {
            Charged::Yes(price_micros)
        };
        return Ok(Verdict::NoMatch { charged });
    }
    let phone =
        FoundPhone { line_type, carrier: line.carrier_name, valid: Some(valid), ..FoundPhone::new(*asked) };
    let person =
        FoundPerson { evidence: vec![Evidence::Phone], phones: vec![phone], ..FoundPerson::default() };
    let result = UniversalSkipResult { persons: vec![person], ..UniversalSkipResult::default() };
    Ok(Verdict::Match { result: Box::new(result), charged: Charged::Yes(price_micros) })
}

/// Twilio's types \[V\]. `unknown` is none; a personal number forwards to wherever its holder is.
fn line_type(word: &str) -> Option<LineType> {
    match word {
        "mobile" => Some(LineType::Mobile),
        "landline" => Some(LineType::Landline),
        "fixedVoip" | "nonFixedVoip" => Some(LineType::Voip),
        "tollFree" => Some(LineType::TollFree),
        "premium" | "sharedCost" => Some(LineType::Premium),
        "personal" | "uan" | "voicemail" | "pager" => Some(LineType::Other),
        _ => None,
    }
}
