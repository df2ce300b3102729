//! What Apollo answers at once.

use serde::Deserialize;
use serde_json::Value;

use super::MOBILE_EXTRA_MICROS;
use super::person::Person;
use crate::enrichment::remote::Unread;
use crate::enrichment::subject::part;
use crate::enrichment::{
    Charged, Evidence, NameMatch, Subject, UniversalSkipResult, Verdict, Wanted, lenient, name_check,
};

/// What goes for every person of an answer.
struct About<'a> {
    wanted: Wanted,
    request_id: Option<&'a str>,
    price_micros: i64,
}

/// The verdict on one person \[V\]: no match is a null.
pub(super) fn of_one(
    subject: &Subject,
    wanted: Wanted,
    body: &[u8],
    price_micros: i64,
) -> Result<Verdict, Unread> {
    let value: Value = serde_json::from_slice(body).map_err(|_| Unread::Unreadable)?;
    let request_id = value.get("request_id").and_then(lenient::text_of);
    let about = About { wanted, request_id: request_id.as_deref(), price_micros };
    match value.get("person") {
        Some(Value::Null) => Ok(Verdict::NoMatch { charged: Charged::No }),
        Some(person @ Value::Object(_)) => {
            let person = Person::deserialize(person).map_err(|_| Unread::Unreadable)?;
            let mut evidence = evidence(subject, &person);
            evidence.push(Evidence::OnlyOne);
            Ok(about.found(&person, evidence))
        }
        _ => Err(Unread::Unreadable),
    }
}

/// The verdicts on several [V: `matches`]. They are said to be in order \[K\], with a null for nobody; a person is tied by
/// e-mail address, LinkedIn page or name all the same.
pub(super) fn of_several(
    subjects: &[&Subject],
    wanted: Wanted,
    body: &[u8],
    price_micros: i64,
) -> Result<Vec<Verdict>, Unread> {
    let value: Value = serde_json::from_slice(body).map_err(|_| Unread::Unreadable)?;
    let request_id = value.get("request_id").and_then(lenient::text_of);
    let about = About { wanted, request_id: request_id.as_deref(), price_micros };
    let Some(Value::Array(matches)) = value.get("matches") else { return Err(Unread::Unreadable) };
    let persons: Vec<Option<Person>> = matches
        .iter()
        .map(|person| person.as_object().and_then(|_| Person::deserialize(person).ok()))
        .collect();
    let in_order = persons.len() == subjects.len();

    let mut verdicts: Vec<Option<Verdict>> = subjects.iter().map(|_| None).collect();
    let mut loose: Vec<(usize, &Person)> = Vec::new();
    // Those in their place come first, so that two subjects who are one person both get their answer.
    for (at, person) in persons.iter().enumerate() {
        let Some(person) = person else { continue };
        match subjects.get(at).map(|subject| evidence(subject, person)) {
            Some(evidence) if in_order && !evidence.is_empty() => {
                verdicts[at] = Some(about.found(person, evidence));
            }
            _ => loose.push((at, person)),
        }
    }
    let mut orphans = 0_usize;
    for (at, person) in loose {
        let tied = subjects.iter().enumerate().filter(|(at, _)| verdicts[*at].is_none());
        let mut tied =
            tied.map(|(at, subject)| (at, evidence(subject, person))).filter(|(_, tie)| !tie.is_empty());
        let only = tied.next().filter(|_| tied.next().is_none());
        match only {
            Some((at, evidence)) => verdicts[at] = Some(about.found(person, evidence)),
            None if in_order && verdicts[at].is_none() => verdicts[at] = Some(about.somebody(person)),
            None => orphans += 1,
        }
    }
    Ok(verdicts
        .into_iter()
        .map(|verdict| match verdict {
            Some(verdict) => verdict,
            None if orphans > 0 => {
                orphans -= 1;
                Verdict::Ambiguous { persons: Vec::new(), charged: Charged::Perhaps(about.most_micros()) }
            }
            None => Verdict::NoMatch { charged: Charged::No },
        })
        .collect())
}

impl About<'_> {
    fn found(&self, person: &Person, evidence: Vec<Evidence>) -> Verdict {
        match person.match_confidence.as_deref() {
            Some("none") => return Verdict::NoMatch { charged: Charged::Perhaps(self.most_micros()) },
            Some("low") => return self.somebody(person),
            _ => {}
        }
        let result = UniversalSkipResult {
            organisation: person.organisation(),
            persons: vec![person.to_found(evidence)],
            property: None,
        };
        let (result, charged) = (Box::new(result), Charged::Yes(self.price_micros));
        if self.wanted.mobile {
            let request_id = self.request_id.map(str::to_owned);
            Verdict::Pending { result, request_id, person_id: person.id.clone(), charged }
        } else {
            Verdict::Match { result, charged }
        }
    }

    /// Found and charged, and not tied to the subject. Nobody waits for the number of such a one, which may be charged.
    fn somebody(&self, person: &Person) -> Verdict {
        let charged = if self.wanted.mobile {
            Charged::Perhaps(self.most_micros())
        } else {
            Charged::Yes(self.price_micros)
        };
        Verdict::Ambiguous { persons: vec![person.to_found(Vec::new())], charged }
    }

    /// The most that one person can cost: with a number, where one was asked for.
    fn most_micros(&self) -> i64 {
        self.price_micros + if self.wanted.mobile { MOBILE_EXTRA_MICROS } else { 0 }
    }
}

/// What ties a person to a subject.
fn evidence(subject: &Subject, person: &Person) -> Vec<Evidence> {
    let found = person.to_found(Vec::new());
    let page = |url: &str| {
        let url = url.trim().trim_end_matches('/').to_ascii_lowercase();
        url.split_once("/in/").map(|(_, name)| name.to_owned())
    };
    let same_page = |url: &str| {
        let theirs = person.linkedin_url.as_deref().and_then(page);
        theirs.is_some() && page(url) == theirs
    };
    let mut evidence = Vec::new();
    if found.emails.iter().any(|email| subject.emails.contains(&email.email)) {
        evidence.push(Evidence::Email);
    }
    if part(&subject.linkedin_url).is_some_and(same_page) {
        evidence.push(Evidence::Linkedin);
    }
    if name_check(subject, &found) >= NameMatch::Plausible {
        evidence.push(Evidence::Name);
    }
    evidence
}
