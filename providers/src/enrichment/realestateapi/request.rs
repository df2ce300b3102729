//! What RealEstateAPI is sent \[V\].

use serde::Serialize;

use crate::enrichment::subject::part;
use crate::enrichment::{PostalAddress, Subject, Wanted};

/// A call about up to 100 subjects.
#[derive(Serialize)]
pub(super) struct Call<'a> {
    skips: Vec<Skip<'a>>,
}

#[derive(Serialize)]
struct Skip<'a> {
    /// From 1, by which the reply names it.
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zip: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mail_address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mail_unit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mail_city: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mail_state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mail_zip: Option<&'a str>,
    /// Ten digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    match_requirements: MatchRequirements,
}

/// What an answer must hold to count as a match.
#[derive(Serialize)]
struct MatchRequirements {
    phones: bool,
    emails: bool,
    social: bool,
    operator: &'static str,
}

/// The key by which a reply names an item.
pub(super) fn key(at: usize) -> String {
    (at + 1).to_string()
}

impl<'a> Call<'a> {
    pub(super) fn about(subjects: &[&'a Subject], wanted: Wanted) -> Self {
        let skips = subjects.iter().enumerate().map(|(at, subject)| Skip::about(at, subject, wanted));
        Self { skips: skips.collect() }
    }
}

impl<'a> Skip<'a> {
    fn about(at: usize, subject: &'a Subject, wanted: Wanted) -> Self {
        // A mailing address follows the rule of the other: none without city and state.
        let mailing = subject.mailing.as_ref().filter(|mailing| {
            [&mailing.street, &mailing.city, &mailing.state].iter().all(|text| part(text).is_some())
        });
        let mail = |of: fn(&PostalAddress) -> &Option<String>| mailing.and_then(|mailing| part(of(mailing)));
        Self {
            key: key(at),
            first_name: part(&subject.given_name),
            last_name: part(&subject.family_name),
            address: part(&subject.street),
            unit: part(&subject.street).and_then(|_| part(&subject.unit)),
            city: part(&subject.city),
            state: part(&subject.state),
            zip: part(&subject.zip5),
            mail_address: mail(|mailing| &mailing.street),
            mail_unit: mail(|mailing| &mailing.unit),
            mail_city: mail(|mailing| &mailing.city),
            mail_state: mail(|mailing| &mailing.state),
            mail_zip: mail(|mailing| &mailing.zip5),
            phone: subject.phones.first().map(|phone| phone.national()),
            email: subject.emails.first().map(|email| email.expose()),
            match_requirements: MatchRequirements {
                phones: wanted.mobile,
                emails: wanted.email,
                social: false,
                operator: "or",
            },
        }
    }
}
