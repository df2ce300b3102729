//! What RealEstateAPI answers.

use http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

use super::person::Data;
use super::request::key;
use crate::enrichment::remote::{Unread, of_status};
use crate::enrichment::settle::settled;
use crate::enrichment::{Charged, Evidence, Subject, UniversalSkipResult, Verdict, lenient};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    #[serde(default, deserialize_with = "lenient::whole")]
    status_code: Option<i64>,
    #[serde(default, deserialize_with = "lenient::array")]
    data: Option<Vec<Value>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Item {
    #[serde(deserialize_with = "lenient::maybe")]
    input: Option<Input>,
    #[serde(deserialize_with = "lenient::maybe")]
    data: Option<Data>,
    #[serde(rename = "match", deserialize_with = "lenient::flag")]
    matched: Option<bool>,
    #[serde(deserialize_with = "lenient::whole")]
    status_code: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Input {
    #[serde(deserialize_with = "lenient::text")]
    key: Option<String>,
}

/// The verdict for each subject.
pub(super) fn verdicts(
    subjects: &[&Subject],
    body: &[u8],
    price_micros: i64,
) -> Result<Vec<Verdict>, Unread> {
    let value: Value = serde_json::from_slice(body).map_err(|_| Unread::Unreadable)?;
    let reply: Reply = lenient::read(value).ok_or(Unread::Unreadable)?;
    if let Some(verdict) = reply.status_code.and_then(refused) {
        return Err(Unread::Refused(verdict));
    }
    let items: Vec<Item> = reply
        .data
        .ok_or(Unread::Unreadable)?
        .into_iter()
        .map(|item| lenient::read::<Item>(item).unwrap_or_default())
        .collect();
    // A match whose key is missing is charged for, and nobody's.
    let mut orphans = items.iter().filter(|item| item.key().is_none() && item.is_match()).count();
    let of_subject = |(at, subject): (usize, &&Subject)| {
        let id = key(at);
        match items.iter().find(|item| item.key() == Some(&id)) {
            Some(item) => item.verdict(subject, price_micros),
            None if orphans > 0 => {
                orphans -= 1;
                Verdict::Ambiguous { persons: Vec::new(), charged: Charged::Perhaps(price_micros) }
            }
            None => Verdict::NoMatch { charged: Charged::No },
        }
    };
    Ok(subjects.iter().enumerate().map(of_subject).collect())
}

/// What a `statusCode` inside of HTTP 200 says; `None` where all is well.
fn refused(code: i64) -> Option<Verdict> {
    // `responseCode`s of 0 and the like are no statuses.
    let status = u16::try_from(code).ok().filter(|status| (300..600).contains(status))?;
    Some(of_status(status, format!("HTTP 200 with status {status} inside"), &HeaderMap::new()))
}

impl Item {
    fn key(&self) -> Option<&String> {
        self.input.as_ref()?.key.as_ref()
    }

    /// Whether the vendor charges for it. Without a word from it, holding a contact is a match.
    fn is_match(&self) -> bool {
        let holds = || self.data.as_ref().is_some_and(Data::holds_contacts);
        self.matched.unwrap_or_else(holds)
    }

    fn verdict(&self, subject: &Subject, price_micros: i64) -> Verdict {
        match self.status_code {
            Some(404) => return Verdict::NoMatch { charged: Charged::No },
            Some(code) => {
                if let Some(verdict) = refused(code) {
                    return verdict;
                }
            }
            None => {}
        }
        if !self.is_match() {
            return Verdict::NoMatch { charged: Charged::No };
        }
        let person = self.data.as_ref().and_then(|data| data.to_found(&[Evidence::Key]));
        match person {
            Some(person) => {
                let result = UniversalSkipResult { persons: vec![person], ..UniversalSkipResult::default() };
                settled(subject, result, Charged::Yes(price_micros))
            }
            None => Verdict::NoMatch { charged: Charged::Perhaps(price_micros) },
        }
    }
}
