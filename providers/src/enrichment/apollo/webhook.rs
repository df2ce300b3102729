//! What Apollo delivers later: phones, and with its waterfall e-mail addresses.
//!
//! The native form [V: docs.apollo.io, phone webhook] names persons by id and no request. The waterfall's \[R\] names the
//! request, and has been seen with the contacts in `people[]` and in `people[].waterfall`. Deliveries carry no
//! signature, and may be repeated.

use serde::Deserialize;
use serde_json::Value;

use super::MOBILE_EXTRA_MICROS;
use super::contact::{ApolloPhone, WaterfallEmail};
use crate::enrichment::lenient;
use crate::enrichment::{Charged, FoundPerson, LateAnswer, LateError, LineType, ProviderId};

/// Credits of a mobile number \[V\].
const CREDITS_OF_A_MOBILE: usize = 8;

/// Credits are taken for a mobile number that was found, and for no other \[V\]. One of which nobody says what it is may be
/// one, unless the known ones account for all credits that the delivery says it took.
fn charge(answers: &mut [LateAnswer]) {
    let has = |answer: &LateAnswer, line: Option<LineType>| {
        answer.person.phones.iter().any(|phone| phone.line_type == line)
    };
    let mobiles = answers.iter().filter(|answer| has(answer, Some(LineType::Mobile))).count();
    for answer in answers {
        let taken = answer.delivery_credits.and_then(|credits| usize::try_from(credits).ok());
        answer.charged = if has(answer, Some(LineType::Mobile)) {
            Charged::Yes(MOBILE_EXTRA_MICROS)
        } else if has(answer, None) && taken != Some(mobiles * CREDITS_OF_A_MOBILE) {
            Charged::Perhaps(MOBILE_EXTRA_MICROS)
        } else {
            Charged::No
        };
    }
}

/// A delivery, or the answer to polling, in either form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Delivery {
    #[serde(deserialize_with = "lenient::text")]
    request_id: Option<String>,
    #[serde(deserialize_with = "lenient::whole")]
    credits_consumed: Option<i64>,
    #[serde(deserialize_with = "lenient::array")]
    people: Option<Vec<Value>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LatePerson {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(flatten)]
    contacts: Contacts,
    #[serde(deserialize_with = "lenient::maybe")]
    waterfall: Option<Contacts>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Contacts {
    #[serde(deserialize_with = "lenient::list")]
    phone_numbers: Vec<ApolloPhone>,
    #[serde(deserialize_with = "lenient::list")]
    emails: Vec<WaterfallEmail>,
}

/// Reads a delivery.
pub(in crate::enrichment) fn later(body: &[u8]) -> Result<Vec<LateAnswer>, LateError> {
    let value: Value = serde_json::from_slice(body).map_err(LateError::NotJson)?;
    let Value::Object(_) = value else { return Err(LateError::NotADelivery { missing: "an object" }) };
    // Polling has been seen to wrap the delivery.
    let value = match value.get("webhook_result").or_else(|| value.get("result")) {
        Some(inner @ Value::Object(_)) => inner.clone(),
        _ => value,
    };
    let delivery: Delivery = lenient::read(value).unwrap_or_default();
    let Some(people) = delivery.people else { return Err(LateError::NotADelivery { missing: "people" }) };
    let delivery_credits = delivery.credits_consumed.and_then(|credits| u32::try_from(credits).ok());
    let answer = |person: LatePerson| {
        let person = person.into_found();
        LateAnswer {
            provider: ProviderId::Apollo,
            request_id: delivery.request_id.clone(),
            vendor_person_id: person.vendor_id.clone(),
            charged: Charged::No,
            person,
            delivery_credits,
        }
    };
    let people: Vec<LatePerson> = people.into_iter().filter_map(lenient::read).collect();
    if people.is_empty() && delivery.request_id.is_some() {
        return Ok(vec![answer(LatePerson::default())]);
    }
    let mut answers: Vec<LateAnswer> = people.into_iter().map(answer).collect();
    charge(&mut answers);
    Ok(answers)
}

impl LatePerson {
    fn into_found(self) -> FoundPerson {
        let mut found = FoundPerson { vendor_id: self.id, ..FoundPerson::default() };
        for contacts in [Some(self.contacts), self.waterfall].into_iter().flatten() {
            for phone in contacts.phone_numbers.iter().filter_map(ApolloPhone::to_found) {
                if !found.phones.iter().any(|known| known.phone == phone.phone) {
                    found.phones.push(phone);
                }
            }
            for email in contacts.emails.into_iter().filter_map(WaterfallEmail::into_found) {
                if !found.emails.iter().any(|known| known.email == email.email) {
                    found.emails.push(email);
                }
            }
        }
        found
    }
}
