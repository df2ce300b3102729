//! What Melissa answers.

use domain::phone::parse_phone;
use serde::Deserialize;
use serde_json::Value;

use super::codes::{CallFault, Codes};
use super::request::record_id;
use crate::enrichment::lenient;
use crate::enrichment::remote::Unread;
use crate::enrichment::{
    BirthDate, Charged, Demographics, Evidence, FoundEmail, FoundName, FoundPerson, FoundPhone,
    FoundProperty, Gender, Subject, UniversalSkipResult, Verdict,
};

#[derive(Deserialize)]
struct Reply {
    #[serde(rename = "TransmissionResults", default, deserialize_with = "lenient::text")]
    transmission_results: Option<String>,
    #[serde(rename = "Records", default, deserialize_with = "lenient::array")]
    records: Option<Vec<Value>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Record {
    #[serde(rename = "RecordID", deserialize_with = "lenient::text")]
    record_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    results: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    name_full: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    name_first: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    name_last: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    email_address: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    phone_number: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    melissa_address_key: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    melissa_address_key_base: Option<String>,
    /// Demographics are \[K\], names and values both.
    #[serde(deserialize_with = "lenient::text")]
    date_of_birth: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    date_of_death: Option<String>,
    #[serde(alias = "Gender", deserialize_with = "lenient::text")]
    demographics_gender: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    own_rent: Option<String>,
}

/// The verdict for each subject. Records are known by their `RecordID`, never by their place.
pub(super) fn verdicts(
    subjects: &[&Subject],
    body: &[u8],
    price_micros: i64,
) -> Result<Vec<Verdict>, Unread> {
    let value: Value = serde_json::from_slice(body).map_err(|_| Unread::Unreadable)?;
    let reply: Reply = lenient::read(value).ok_or(Unread::Unreadable)?;
    if let Some(fault) = Codes(reply.transmission_results.as_deref().unwrap_or_default()).call_fault() {
        return Err(Unread::Refused(refused(fault)));
    }
    let records = reply.records.ok_or(Unread::Unreadable)?;
    let records: Vec<Record> = records.into_iter().filter_map(lenient::read).collect();
    let of_subject = |(at, subject): (usize, &&Subject)| {
        let id = record_id(at);
        match records.iter().find(|record| record.record_id.as_ref() == Some(&id)) {
            Some(record) => record.verdict(subject, price_micros),
            // It was among those that were sent, and so perhaps among those that were counted.
            None => Verdict::NoMatch { charged: Charged::Perhaps(price_micros) },
        }
    };
    Ok(subjects.iter().enumerate().map(of_subject).collect())
}

fn refused(fault: CallFault<'_>) -> Verdict {
    match fault {
        CallFault::Internal(code) => Verdict::Transient { detail: code.to_owned(), retry_after: None },
        CallFault::Account(code) => Verdict::AccountStop { detail: code.to_owned() },
        CallFault::Request(code) => Verdict::Permanent { detail: code.to_owned() },
    }
}

impl Record {
    fn verdict(&self, subject: &Subject, price_micros: i64) -> Verdict {
        let charged = Charged::Yes(price_micros);
        let codes = Codes(self.results.as_deref().unwrap_or_default());
        let property = FoundProperty {
            mak: self.melissa_address_key.clone(),
            mak_base: self.melissa_address_key_base.clone(),
            owner_occupied: self.own_rent.as_deref().and_then(owner_occupied),
            ..FoundProperty::default()
        };
        let person = self.person(subject, codes);
        // What only repeats the question is no find.
        let tells_of_person = !person.phones.is_empty()
            || !person.emails.is_empty()
            || person.demographics != Demographics::default()
            || codes.has_family("DA");
        if property.is_empty() && !tells_of_person {
            return Verdict::NoMatch { charged };
        }
        let result = UniversalSkipResult {
            persons: if tells_of_person { vec![person] } else { Vec::new() },
            property: (!property.is_empty()).then_some(property),
            organisation: None,
        };
        Verdict::Match { result: Box::new(result), charged }
    }

    fn person(&self, subject: &Subject, codes: Codes<'_>) -> FoundPerson {
        let phone = self.phone_number.as_deref().and_then(|text| parse_phone(text, "").ok());
        let phone = phone.map(|parsed| FoundPhone {
            line_type: codes.line_type(),
            valid: codes.phone_valid(),
            dnc: codes.dnc(),
            ..FoundPhone::new(parsed.phone)
        });
        let email = self.email_address.as_deref().and_then(|text| text.parse().ok());
        let email = email.map(|email| FoundEmail { status: codes.email_status(), ..FoundEmail::new(email) });
        // A contact that was sent and came back is worth keeping only if something is said of it.
        let phone = phone.filter(|phone| {
            !subject.phones.contains(&phone.phone) || phone.valid.is_some() || phone.line_type.is_some()
        });
        let email = email.filter(|email| !subject.emails.contains(&email.email) || email.status.is_some());
        FoundPerson {
            name: FoundName {
                given: self.name_first.clone(),
                middle: None,
                family: self.name_last.clone(),
                full: self.name_full.clone(),
            },
            evidence: vec![Evidence::Key, Evidence::Address],
            phones: phone.into_iter().collect(),
            emails: email.into_iter().collect(),
            demographics: Demographics {
                born: self.date_of_birth.as_deref().and_then(BirthDate::parse),
                gender: self.demographics_gender.as_deref().and_then(gender),
                deceased: self.date_of_death.as_ref().map(|_| true),
                ..Demographics::default()
            },
            ..FoundPerson::default()
        }
    }
}

/// `Owner`, `Definite Owner`, `Probable Renter` … \[K\].
fn owner_occupied(word: &str) -> Option<bool> {
    let word = word.to_ascii_lowercase();
    match (word.contains("own") || word == "o", word.contains("rent") || word == "r") {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

fn gender(word: &str) -> Option<Gender> {
    match word.to_ascii_lowercase().as_str() {
        "m" | "male" => Some(Gender::Male),
        "f" | "female" => Some(Gender::Female),
        _ => None,
    }
}
