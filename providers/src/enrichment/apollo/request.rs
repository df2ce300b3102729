//! What Apollo is sent \[V\].

use form_urlencoded::Serializer;
use serde::Serialize;

use crate::enrichment::subject::part;
use crate::enrichment::{Subject, Wanted};

/// The address of the question about one person: everything is in its query.
pub(super) fn of_one(base_url: &str, subject: &Subject, wanted: Wanted, callback: Option<&str>) -> String {
    let mut query = Serializer::new(String::new());
    for (name, value) in Detail::about(subject).fields() {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    reveal(&mut query, wanted, callback);
    format!("{base_url}/api/v1/people/match?{}", query.finish())
}

/// The address of the question about several; who they are is in the body.
pub(super) fn of_several(base_url: &str, wanted: Wanted, callback: Option<&str>) -> String {
    let mut query = Serializer::new(String::new());
    reveal(&mut query, wanted, callback);
    format!("{base_url}/api/v1/people/bulk_match?{}", query.finish())
}

fn reveal(query: &mut Serializer<'_, String>, wanted: Wanted, callback: Option<&str>) {
    let yes = |wanted: bool| if wanted { "true" } else { "false" };
    query.append_pair("reveal_personal_emails", yes(wanted.email));
    query.append_pair("reveal_phone_number", yes(wanted.mobile));
    if let Some(callback) = callback.filter(|_| wanted.mobile) {
        query.append_pair("webhook_url", callback);
    }
}

/// The body of the question about several.
#[derive(Serialize)]
pub(super) struct Details<'a> {
    details: Vec<Detail<'a>>,
}

#[derive(Serialize)]
struct Detail<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    linkedin_url: Option<&'a str>,
}

impl<'a> Details<'a> {
    pub(super) fn about(subjects: &[&'a Subject]) -> Self {
        Self { details: subjects.iter().map(|subject| Detail::about(subject)).collect() }
    }
}

impl<'a> Detail<'a> {
    fn about(subject: &'a Subject) -> Self {
        Self {
            first_name: part(&subject.given_name),
            last_name: part(&subject.family_name),
            email: subject.emails.first().map(|email| email.expose()),
            organization_name: part(&subject.company),
            domain: part(&subject.domain),
            linkedin_url: part(&subject.linkedin_url),
        }
    }

    fn fields(&self) -> [(&'static str, Option<&'a str>); 6] {
        [
            ("first_name", self.first_name),
            ("last_name", self.last_name),
            ("email", self.email),
            ("organization_name", self.organization_name),
            ("domain", self.domain),
            ("linkedin_url", self.linkedin_url),
        ]
    }
}
