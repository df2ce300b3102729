//! What a question says of the person it asks about, and by what that person is known again.

use serde::{Deserialize, Serialize};

use super::chance::Chance;

/// What a question says of a person; what it does not say is empty.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Identity {
    /// Given name.
    pub first: String,
    /// Family name.
    pub last: String,
    /// Street with its number.
    pub street: String,
    /// City.
    pub city: String,
    /// State, two letters.
    pub state: String,
    /// ZIP code.
    pub zip: String,
    /// E-mail address.
    pub email: String,
    /// Phone, in any writing.
    pub phone: String,
    /// Employer.
    pub company: String,
    /// The employer's domain.
    pub domain: String,
    /// LinkedIn address.
    pub linkedin: String,
}

impl Identity {
    /// Takes a name in one piece apart, at its first and last word.
    pub(crate) fn set_full_name(&mut self, full: &str) {
        let words: Vec<&str> = full.split_whitespace().collect();
        if let [first, .., last] = words[..] {
            self.first = first.to_owned();
            self.last = last.to_owned();
        } else {
            self.last = full.trim().to_owned();
        }
    }

    /// What the person is known by, strongest first: who has one of these in common is the same person. A name alone
    /// is the last resort, and nothing at all is nobody.
    pub(crate) fn ties(&self) -> Vec<String> {
        let name = format!("{} {}", fold(&self.first), fold(&self.last)).trim().to_owned();
        let mut ties = Vec::new();
        let mut tie = |kind: &str, value: String| {
            if !value.is_empty() {
                ties.push(format!("{name}|{kind}|{value}"));
            }
        };
        tie("address", self.address_tie());
        tie("email", self.email.trim().to_ascii_lowercase());
        tie("linkedin", linkedin_tie(&self.linkedin));
        tie("domain", domain_tie(&self.domain));
        tie("company", fold(&self.company));
        tie("phone", phone_tie(&self.phone));
        if !name.is_empty() {
            tie("place", fold(&format!("{} {} {}", self.city, self.state, zip5(&self.zip))));
            ties.push(name.clone());
        }
        ties
    }

    /// The address as one word for each place, empty without a street or without a hint of where it is.
    pub(crate) fn address_tie(&self) -> String {
        let place = if zip5(&self.zip).is_empty() {
            fold(&format!("{} {}", self.city, self.state))
        } else {
            zip5(&self.zip).to_owned()
        };
        if self.street.trim().is_empty() || place.is_empty() {
            String::new()
        } else {
            format!("{} {place}", fold_street(&self.street))
        }
    }

    /// What the ledger calls the person, 16 hexadecimal digits that say nothing to anybody: the same question, however
    /// it is written, has the same subject. Vendors that are told different things have different subjects.
    pub fn subject(&self) -> String {
        Chance::of(0, &[&self.ties().first().cloned().unwrap_or_default()]).hex(16)
    }
}

/// Lower-case letters and digits, words apart by one space.
pub(crate) fn fold(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A street however it is abbreviated.
fn fold_street(street: &str) -> String {
    let short = |word: &str| {
        let pairs = [
            ("street", "st"),
            ("avenue", "ave"),
            ("road", "rd"),
            ("drive", "dr"),
            ("lane", "ln"),
            ("boulevard", "blvd"),
            ("court", "ct"),
            ("place", "pl"),
            ("highway", "hwy"),
            ("parkway", "pkwy"),
            ("suite", "ste"),
            ("apartment", "apt"),
            ("north", "n"),
            ("south", "s"),
            ("east", "e"),
            ("west", "w"),
        ];
        pairs.iter().find(|(long, _)| *long == word).map_or(word.to_owned(), |(_, short)| (*short).to_owned())
    };
    fold(street).split(' ').map(short).collect::<Vec<_>>().join(" ")
}

fn zip5(zip: &str) -> &str {
    zip.trim().get(..5).unwrap_or_else(|| zip.trim())
}

/// The last ten digits.
pub(crate) fn phone_tie(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    digits.get(digits.len().saturating_sub(10)..).unwrap_or_default().to_owned()
}

fn domain_tie(domain: &str) -> String {
    let domain = domain.trim().to_ascii_lowercase();
    let bare = domain.trim_start_matches("https://").trim_start_matches("http://");
    bare.trim_start_matches("www.").split('/').next().unwrap_or_default().to_owned()
}

fn linkedin_tie(url: &str) -> String {
    url.trim().trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(street: &str, zip: &str) -> Identity {
        Identity {
            first: "Ann".into(),
            last: "O'Neil".into(),
            street: street.into(),
            zip: zip.into(),
            ..Identity::default()
        }
    }

    #[test]
    fn an_address_is_known_again_however_it_is_written() {
        assert_eq!(
            at("12 North Oak Street, Suite 4", "11201-1234").subject(),
            at("12 N OAK ST STE 4", "11201").subject()
        );
        assert_ne!(at("12 N Oak St", "11201").subject(), at("13 N Oak St", "11201").subject());
    }

    #[test]
    fn a_name_in_one_piece_is_taken_apart() {
        let mut identity = Identity::default();
        identity.set_full_name("Ann Marie O'Neil");
        assert_eq!((identity.first.as_str(), identity.last.as_str()), ("Ann", "O'Neil"));
    }

    #[test]
    fn nothing_is_nobody() {
        assert!(Identity::default().ties().is_empty());
    }
}
