//! What a text of a template is sent as, and whether it is one.

use axum::http::StatusCode;
use domain::message::{Segments, Template};
use entities::template::NewVersion;

use crate::problem::{FieldError, Problem};

/// The longest subject, in characters: what mail programs show.
const MAX_SUBJECT: usize = 200;

/// A version that can be kept, or everything that is wrong with it.
///
/// # Errors
/// A problem (422) that names each fault.
pub(super) fn checked(channel: &str, subject: Option<&str>, body: &str) -> Result<NewVersion, Problem> {
    let mut errors = Vec::new();
    let mut wrong = |pointer: &str, detail: String| {
        errors.push(FieldError { pointer: pointer.to_owned(), detail });
    };
    let subject = subject.map(str::trim).filter(|subject| !subject.is_empty());
    if channel == "email" && subject.is_none() {
        wrong("/subject", "an e-mail needs a subject".to_owned());
    }
    if channel != "email" && subject.is_some() {
        wrong("/subject", format!("a template for {channel} has no subject; leave it out"));
    }
    let mut variables = Vec::new();
    if let Some(subject) = subject {
        if subject.chars().count() > MAX_SUBJECT {
            wrong("/subject", format!("must have {MAX_SUBJECT} characters at the most"));
        }
        match Template::parse(subject) {
            Ok(parsed) => variables.extend(parsed.variables()),
            Err(fault) => wrong("/subject", fault.to_string()),
        }
    }
    let parsed = match Template::parse(body) {
        Ok(parsed) => Some(parsed),
        Err(fault) => {
            wrong("/body", fault.to_string());
            None
        }
    };
    let Some(parsed) = parsed.filter(|_| errors.is_empty()) else {
        let code = domain::FailureCode::CampaignTemplateInvalid;
        let summary = errors.first().map_or_else(String::new, |error| error.detail.clone());
        return Err(Problem::failure(StatusCode::UNPROCESSABLE_ENTITY, code, summary).with_errors(errors));
    };
    variables.extend(parsed.variables());
    variables.sort_unstable();
    variables.dedup();
    let segments = Segments::of(&parsed.sample());
    Ok(NewVersion {
        subject: subject.map(str::to_owned),
        body: body.to_owned(),
        variables: variables.iter().map(|variable| variable.as_str().to_owned()).collect(),
        encoding: segments.encoding.as_str(),
        segments: if channel == "sms" { u16::try_from(segments.parts).unwrap_or(u16::MAX) } else { 1 },
        opt_out_wording: parsed.has_opt_out_wording(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_says_what_it_is_sent_as() {
        let version = checked("sms", None, "Hi {{first_name|there}}, reply STOP to opt out").expect("good");
        assert_eq!((version.encoding, version.segments, version.opt_out_wording), ("gsm7", 1, true));
        assert_eq!(version.variables, ["first_name"]);
        let curly = checked("sms", None, "It\u{2019}s time").expect("good");
        assert_eq!((curly.encoding, curly.opt_out_wording), ("ucs2", false));
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        let problem = checked("email", Some("{{firstname}}"), "Hi {{first_name").expect_err("two faults");
        assert_eq!((problem.status().as_u16(), problem.code()), (422, "campaign.template_invalid"));
        assert!(checked("email", None, "Hi").is_err(), "no subject");
        assert!(checked("sms", Some("x"), "Hi").is_err(), "a text has none");
    }
}
