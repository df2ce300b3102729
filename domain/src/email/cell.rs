//! Reads the e-mail cells of lists: `mailto:`, names around the address, several addresses in one cell.

use super::{Email, EmailClass, EmailError};

/// What one e-mail cell says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedEmail {
    /// The first usable address of the cell.
    pub email: Email,
    /// Whose it is, as far as the address alone tells.
    pub class: EmailClass,
}

/// Reads an e-mail cell. Of several addresses the first usable one counts.
///
/// # Errors
/// Why none of the cell is an address: of several reasons, the first.
pub fn parse_email(text: &str) -> Result<ParsedEmail, EmailError> {
    if text.trim().is_empty() {
        return Err(EmailError::Empty);
    }
    let mut refused = None;
    for word in text.split(is_between) {
        let word = bare(word);
        if !word.contains('@') {
            continue;
        }
        match word.parse::<Email>() {
            Ok(email) => return Ok(ParsedEmail { class: email.class(), email }),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    Err(refused.unwrap_or(EmailError::NoAt))
}

/// What stands between addresses, or around one. `/` and `|` are legal in a local part and never meant.
fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, ';' | ',' | '/' | '|' | '<' | '>' | '(' | ')' | '[' | ']' | '"')
}

/// The word without `mailto:`, its query, and punctuation around it.
fn bare(word: &str) -> &str {
    let word = match word.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => &word[7..],
        _ => word,
    };
    let end = match (word.rfind('@'), word.find('?')) {
        (Some(at), Some(query)) if query > at => query,
        _ => word.len(),
    };
    word[..end].trim_matches(|c: char| matches!(c, '.' | '\'' | ':' | '‘' | '’' | '*'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &str, class: EmailClass) {
        let parsed = parse_email(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!((parsed.email.expose(), parsed.class), (expected, class), "{text:?}");
    }

    fn refuse(text: &str, expected: EmailError) {
        assert_eq!(
            parse_email(text).map(|parsed| parsed.email.expose().to_owned()),
            Err(expected),
            "{text:?}"
        );
    }

    #[test]
    fn the_shapes_of_lists() {
        check("JButt@Gmail.com", "jbutt@gmail.com", EmailClass::Free);
        check(" mailto:Art@Venere.org?subject=Hi ", "art@venere.org", EmailClass::Business);
        check("Art Venere <art@venere.org>", "art@venere.org", EmailClass::Business);
        check("a.b+c@x.co.uk; d@x.co.uk", "a.b+c@x.co.uk", EmailClass::Business);
        check("n/a, josephine_darakjy@darakjy.org", "josephine_darakjy@darakjy.org", EmailClass::Business);
        check("broken@, whole@acme.com.", "whole@acme.com", EmailClass::Business);
        check("art@venere.org/bob@venere.org", "art@venere.org", EmailClass::Business);
    }

    #[test]
    fn classes() {
        check("info@acme.com", "info@acme.com", EmailClass::Role);
        check("sales2@acme.com", "sales2@acme.com", EmailClass::Role);
        check("info@gmail.com", "info@gmail.com", EmailClass::Role);
        check("chef@gmail.com", "chef@gmail.com", EmailClass::Free);
        check("x@mailinator.com", "x@mailinator.com", EmailClass::Disposable);
        check("info@sub.mailinator.com", "info@sub.mailinator.com", EmailClass::Disposable);
    }

    #[test]
    fn no_addresses() {
        refuse("", EmailError::Empty);
        refuse("n/a", EmailError::NoAt);
        refuse("test@", EmailError::Domain);
        refuse("@acme.com", EmailError::LocalPart);
        refuse("a..b@acme.com", EmailError::LocalPart);
        refuse("jöhn@acme.com", EmailError::LocalPart);
        refuse("a@b", EmailError::Domain);
        refuse("a@1.2.3.4", EmailError::Domain);
        refuse(&format!("{}@acme.com", "a".repeat(65)), EmailError::TooLong);
        for junk in [
            "none@none.com",
            "NoEmail@gmail.com",
            "test@test.com",
            "na@na.com",
            "x@none.com",
            "asdf@asdf.com",
        ] {
            refuse(junk, EmailError::Junk);
        }
    }

    #[test]
    fn an_address_hides() {
        assert!(!format!("{:?}", parse_email("art@venere.org")).contains("venere"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = parse_email(&text);
        }

        #[test]
        fn a_normalized_address_stays(text in "[a-zA-Z0-9.'*?+@ ;-]{1,12}@[a-zA-Z0-9-]{1,8}[.][a-zA-Z]{2,4}[ .?>]{0,2}") {
            if let Ok(parsed) = parse_email(&text) {
                prop_assert_eq!(parse_email(parsed.email.expose()), Ok(parsed.clone()));
                prop_assert_eq!(parsed.email.expose().parse::<Email>(), Ok(parsed.email));
            }
        }
    }
}
