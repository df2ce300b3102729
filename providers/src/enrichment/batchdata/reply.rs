//! What BatchData answers \[R\].

use http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

use super::link::{Group, Place, Tie, groups};
use super::person::V3Person;
use crate::enrichment::remote::{Unread, of_status};
use crate::enrichment::settle::settled;
use crate::enrichment::{
    Charged, Evidence, FoundPerson, FoundProperty, PostalAddress, Subject, UniversalSkipResult, Verdict,
    lenient,
};

#[derive(Deserialize)]
struct Reply {
    #[serde(default, deserialize_with = "lenient::maybe")]
    result: Option<ReplyResult>,
    #[serde(default, deserialize_with = "lenient::maybe")]
    status: Option<Status>,
}

#[derive(Deserialize)]
struct ReplyResult {
    /// May hold nulls.
    data: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    #[serde(deserialize_with = "lenient::whole")]
    code: Option<i64>,
}

/// One answer.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Entry {
    #[serde(deserialize_with = "lenient::text")]
    request_id: Option<String>,
    #[serde(deserialize_with = "lenient::maybe")]
    request: Option<Echo>,
    #[serde(deserialize_with = "lenient::maybe")]
    property: Option<Property>,
    #[serde(deserialize_with = "lenient::list")]
    persons: Vec<V3Person>,
    #[serde(deserialize_with = "lenient::maybe")]
    meta: Option<Meta>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Echo {
    #[serde(deserialize_with = "lenient::text")]
    request_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Property {
    #[serde(deserialize_with = "lenient::maybe")]
    address: Option<Address>,
    #[serde(deserialize_with = "lenient::text")]
    apn: Option<String>,
    #[serde(deserialize_with = "lenient::maybe")]
    ids: Option<PropertyIds>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PropertyIds {
    #[serde(deserialize_with = "lenient::text")]
    apn: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Address {
    #[serde(deserialize_with = "lenient::text")]
    street: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    city: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    state: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    zip: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Meta {
    #[serde(deserialize_with = "lenient::flag")]
    matched: Option<bool>,
    #[serde(deserialize_with = "lenient::flag")]
    error: Option<bool>,
}

impl Entry {
    fn request_id(&self) -> Option<&String> {
        self.request_id.as_ref().or_else(|| self.request.as_ref()?.request_id.as_ref())
    }

    fn apn(&self) -> Option<&str> {
        let property = self.property.as_ref()?;
        property.apn.as_deref().or_else(|| property.ids.as_ref()?.apn.as_deref())
    }

    fn place(&self) -> Place {
        let address = self.property.as_ref().and_then(|property| property.address.as_ref());
        let address = address.map(|address| PostalAddress {
            street: address.street.clone(),
            unit: None,
            city: address.city.clone(),
            state: address.state.clone(),
            zip5: address.zip.clone(),
        });
        Place::of_address(&address.unwrap_or_default()).with_apn(self.apn())
    }

    fn failed(&self) -> bool {
        self.meta.as_ref().and_then(|meta| meta.error) == Some(true)
    }

    /// Whether the vendor charges for it: it says that it matched, or names people without saying so.
    fn matched(&self) -> bool {
        let said = self.meta.as_ref().and_then(|meta| meta.matched);
        said.unwrap_or(!self.persons.is_empty())
    }

    fn found(&self, evidence: &[Evidence]) -> Vec<FoundPerson> {
        self.persons.iter().map(|person| person.to_found(evidence)).collect()
    }
}

/// What an answer has to do with a question.
struct Tied<'a> {
    entry: &'a Entry,
    evidence: Vec<Evidence>,
    /// The vendor says that it answers this question, and its address is another one.
    contradicted: bool,
}

/// The verdict for each subject.
pub(super) fn verdicts(
    subjects: &[&Subject],
    body: &[u8],
    price_micros: i64,
) -> Result<Vec<Verdict>, Unread> {
    let value: Value = serde_json::from_slice(body).map_err(|_| Unread::Unreadable)?;
    let reply: Reply = lenient::read(value).ok_or(Unread::Unreadable)?;
    // HTTP 200 with an error inside.
    let inner = reply.status.and_then(|status| status.code).and_then(|code| u16::try_from(code).ok());
    if let Some(code) = inner.filter(|code| !(200..300).contains(code)) {
        let verdict = of_status(code, format!("HTTP 200 with status {code} inside"), &HeaderMap::new());
        return Err(Unread::Refused(verdict));
    }
    let data = reply.result.ok_or(Unread::Unreadable)?.data;
    let entries: Vec<Option<Entry>> = data.into_iter().map(lenient::read).collect();
    let groups = groups(subjects);

    let places: Vec<Place> =
        entries.iter().map(|entry| entry.as_ref().map(Entry::place).unwrap_or_default()).collect();
    let mut tied: Vec<Vec<Tied<'_>>> = groups.iter().map(|_| Vec::new()).collect();
    let mut loose: Vec<usize> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let Some(entry) = entry else { continue };
        match question_of(entry, &places[at], &groups) {
            Some((group, evidence, contradicted)) => tied[group].push(Tied { entry, evidence, contradicted }),
            None if entry.matched() => loose.push(at),
            None => {}
        }
    }
    let in_order = entries.len() == groups.len();
    let mut verdicts: Vec<Option<Verdict>> = subjects.iter().map(|_| None).collect();
    for (at, (group, tied)) in groups.iter().zip(&tied).enumerate() {
        let here = in_order && tied.is_empty();
        let stray = loose.iter().position(|loose| here && *loose == at).map(|found| loose.swap_remove(found));
        let stray = stray.and_then(|stray| entries[stray].as_ref());
        for (number, (subject_at, subject)) in group.members.iter().enumerate() {
            // One charge for one question, borne by its first subject.
            let price = |charged: Charged| if number == 0 { charged } else { Charged::No };
            verdicts[*subject_at] = Some(match stray {
                // It stands where this one's answer would, and is about somewhere else.
                Some(entry) => Verdict::Ambiguous {
                    persons: entry.found(&[]),
                    charged: price(Charged::Yes(price_micros)),
                },
                None => of_tied(subject, tied, price_micros, price),
            });
        }
    }
    // Charged for, and nobody's: those without an answer bear it until it is reconciled.
    let mut orphans = loose.len();
    Ok(verdicts
        .into_iter()
        .map(|verdict| match verdict {
            None => Verdict::NoMatch { charged: Charged::No },
            Some(Verdict::NoMatch { charged: Charged::No }) if orphans > 0 => {
                orphans -= 1;
                Verdict::Ambiguous { persons: Vec::new(), charged: Charged::Perhaps(price_micros) }
            }
            Some(verdict) => verdict,
        })
        .collect())
}

/// The question an answer belongs to: by the id it repeats, else by its place, if only one question is about that.
fn question_of(entry: &Entry, place: &Place, groups: &[Group<'_>]) -> Option<(usize, Vec<Evidence>, bool)> {
    let of_tie = |tie| match tie {
        Tie::SameAddress => Some(Evidence::Address),
        Tie::SameParcel => Some(Evidence::Parcel),
        Tie::CannotSay | Tie::Other => None,
    };
    if let Some(id) = entry.request_id()
        && let Some(at) = groups.iter().position(|group| group.request_id == *id)
    {
        let tie = groups[at].place.tie(place);
        let evidence = [Some(Evidence::Key), of_tie(tie)].into_iter().flatten().collect();
        return Some((at, evidence, tie == Tie::Other));
    }
    let mut same = groups
        .iter()
        .enumerate()
        .filter_map(|(at, group)| Some((at, vec![of_tie(group.place.tie(place))?], false)));
    let only = same.next()?;
    same.next().is_none().then_some(only)
}

fn of_tied(
    subject: &Subject,
    tied: &[Tied<'_>],
    price_micros: i64,
    price: impl Fn(Charged) -> Charged,
) -> Verdict {
    if tied.iter().any(|tied| tied.entry.failed()) && !tied.iter().any(|tied| tied.entry.matched()) {
        return Verdict::Transient { detail: "the vendor failed on this item".to_owned(), retry_after: None };
    }
    let matched: Vec<_> = tied.iter().filter(|tied| tied.entry.matched()).collect();
    if matched.is_empty() {
        return Verdict::NoMatch { charged: Charged::No };
    }
    let persons: Vec<FoundPerson> =
        matched.iter().flat_map(|tied| tied.entry.found(&tied.evidence)).collect();
    if persons.is_empty() {
        return Verdict::NoMatch { charged: price(Charged::Perhaps(price_micros)) };
    }
    let charged = price(Charged::Yes(price_micros));
    if matched.iter().all(|tied| tied.contradicted) {
        return Verdict::Ambiguous { persons, charged };
    }
    let apn = matched.iter().find_map(|tied| tied.entry.apn()).map(str::to_owned);
    let property = apn.map(|apn| FoundProperty { apn: Some(apn), ..FoundProperty::default() });
    settled(subject, UniversalSkipResult { persons, property, organisation: None }, charged)
}
