//! An entry as people write it.

use chrono::{DateTime, Utc};
use domain::email::Email;
use domain::id::{PersonaId, TypedId};
use domain::phone::parse_phone;
use entities::suppression::{NewEntry, SuppressedKind, SuppressionReason, SuppressionScope};
use serde::Deserialize;
use utoipa::ToSchema;

/// An entry.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSuppression)]
pub(crate) struct New {
    /// `phone`, `email` or `persona`; told from the value where it is left out.
    #[serde(default)]
    pub(super) kind: Option<String>,
    /// The number, the address, or the id of the person.
    #[schema(example = "+15125550123")]
    pub(super) value: String,
    /// `manual` where it is left out.
    #[serde(default)]
    pub(super) reason: Option<String>,
    /// `team` (where it is left out), `brand` or `number`.
    #[serde(default)]
    pub(super) scope: Option<String>,
    /// Of a narrower scope, the brand or the number of ours.
    #[serde(default)]
    pub(super) subject: Option<String>,
    /// Until when; until it is lifted where it is left out.
    #[serde(default)]
    pub(super) expires_at: Option<DateTime<Utc>>,
}

impl std::fmt::Debug for New {
    /// Without the value, which may be a number.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("New").field("kind", &self.kind).field("reason", &self.reason).finish_non_exhaustive()
    }
}

impl New {
    /// The entry, or the field that is wrong and why. The value itself is never repeated.
    pub(super) fn checked(self) -> Result<NewEntry, (&'static str, String)> {
        let value = self.value.trim();
        let guessed = if value.contains('@') {
            SuppressedKind::Email
        } else if value.starts_with("pers_") {
            SuppressedKind::Persona
        } else {
            SuppressedKind::Phone
        };
        let kind = word(self.kind.as_deref(), guessed).map_err(|why| ("kind", why))?;
        let value = match kind {
            SuppressedKind::Phone => phone(value),
            SuppressedKind::Email => value.parse::<Email>().map(|email| email.expose().to_owned()).ok(),
            SuppressedKind::Persona => value.parse::<PersonaId>().map(|id| id.uuid().to_string()).ok(),
        };
        let value = value.ok_or_else(|| {
            let what = match kind {
                SuppressedKind::Phone => "a number of the United States or Canada",
                SuppressedKind::Email => "an e-mail address",
                SuppressedKind::Persona => "the id of a person",
            };
            ("value", format!("must be {what}"))
        })?;
        let reason =
            word(self.reason.as_deref(), SuppressionReason::Manual).map_err(|why| ("reason", why))?;
        let scope = word(self.scope.as_deref(), SuppressionScope::Team).map_err(|why| ("scope", why))?;
        let subject = self.subject.as_deref().map(str::trim).unwrap_or_default();
        let subject = match scope {
            SuppressionScope::Team if subject.is_empty() => String::new(),
            SuppressionScope::Brand if !subject.is_empty() => subject.to_owned(),
            SuppressionScope::Number => {
                phone(subject).ok_or(("subject", "must be a number of ours".to_owned()))?
            }
            SuppressionScope::Team => {
                return Err(("subject", "is for a brand or a number; leave it out".to_owned()));
            }
            SuppressionScope::Brand => return Err(("subject", "must name the brand".to_owned())),
        };
        Ok(NewEntry { kind, value, reason, scope, subject, expires_at: self.expires_at })
    }
}

fn phone(text: &str) -> Option<String> {
    parse_phone(text, "").map(|parsed| parsed.phone.expose().to_owned()).ok()
}

fn word<T: std::str::FromStr<Err: std::fmt::Display>>(text: Option<&str>, else_: T) -> Result<T, String> {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        None => Ok(else_),
        Some(text) => text.parse().map_err(|error: T::Err| error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(value: &str) -> New {
        New {
            kind: None,
            value: value.to_owned(),
            reason: None,
            scope: None,
            subject: None,
            expires_at: None,
        }
    }

    #[test]
    fn what_a_value_is_shows() {
        let number = new(" (512) 555-0123 ").checked().expect("a number");
        assert_eq!((number.kind, number.value.as_str()), (SuppressedKind::Phone, "+15125550123"));
        let address = new("Ann@Example.com").checked().expect("an address");
        assert_eq!((address.kind, address.value.as_str()), (SuppressedKind::Email, "ann@example.com"));
        assert_eq!(address.reason, SuppressionReason::Manual);
    }

    #[test]
    fn what_is_wrong_is_named_and_not_repeated() {
        let (field, why) = new("0123").checked().expect_err("no number");
        assert_eq!(field, "value");
        assert!(!why.contains("0123"));
        let scoped = |scope: &str, subject: Option<&str>| New {
            scope: Some(scope.to_owned()),
            subject: subject.map(str::to_owned),
            ..new("+15125550123")
        };
        assert_eq!(scoped("brand", None).checked().expect_err("which?").0, "subject");
        assert_eq!(scoped("team", Some("x")).checked().expect_err("of none").0, "subject");
        assert_eq!(scoped("global", None).checked().expect_err("not a team's").0, "scope");
        assert_eq!(scoped("number", Some("512-555-0100")).checked().expect("good").subject, "+15125550100");
    }
}
