//! Which answer belongs to which question, and which questions are one.

use domain::address::parse_street;

use crate::enrichment::subject::part;
use crate::enrichment::{PostalAddress, Subject};

/// Subjects of one property: one question, one charge.
pub(super) struct Group<'a> {
    /// What the question is known by, from `"1"`.
    pub(super) request_id: String,
    /// Where the property is.
    pub(super) place: Place,
    /// Who asks about it, by place in the call.
    pub(super) members: Vec<(usize, &'a Subject)>,
}

/// A property, in a form in which two of them can be compared.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Place {
    street: Option<String>,
    unit: Option<String>,
    city: Option<String>,
    state: Option<String>,
    zip5: Option<String>,
    apn: Option<String>,
}

/// What comparing two places says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tie {
    /// One place, by its address.
    SameAddress,
    /// One place, by its parcel number.
    SameParcel,
    /// Too little is known of one of them.
    CannotSay,
    /// Two places.
    Other,
}

impl Group<'_> {
    /// The subject whose words the question is put in.
    pub(super) fn first(&self) -> &Subject {
        // A group is made of the first subject of its place.
        self.members[0].1
    }

    /// Whether all of its subjects have one name.
    pub(super) fn is_of_one_person(&self) -> bool {
        let name = |subject: &Subject| {
            [&subject.given_name, &subject.family_name]
                .map(|name| part(name).unwrap_or_default().to_lowercase())
        };
        let first = name(self.first());
        self.members.iter().all(|(_, subject)| name(subject) == first)
    }
}

/// The questions of a call, in the order of their first subjects.
pub(super) fn groups<'a>(subjects: &[&'a Subject]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for (at, subject) in subjects.iter().enumerate() {
        let place = Place::of_subject(subject);
        match groups.iter_mut().find(|group| group.place == place) {
            Some(group) => group.members.push((at, subject)),
            None => groups.push(Group {
                request_id: (groups.len() + 1).to_string(),
                place,
                members: vec![(at, subject)],
            }),
        }
    }
    groups
}

impl Place {
    pub(super) fn of_subject(subject: &Subject) -> Self {
        let address = Self::of_address(&subject.property());
        Self { apn: part(&subject.apn).map(plain).filter(|apn| !apn.is_empty()), ..address }
    }

    pub(super) fn of_address(address: &PostalAddress) -> Self {
        let text = |text: &Option<String>| part(text).map(plain).filter(|text| !text.is_empty());
        let city = part(&address.city).unwrap_or_default();
        let parsed = parse_street(
            part(&address.street).unwrap_or_default(),
            part(&address.unit).unwrap_or_default(),
            city,
        );
        Self {
            street: parsed.street,
            unit: parsed.unit.map(|unit| unit_number(&unit)),
            city: text(&address.city),
            state: text(&address.state),
            zip5: part(&address.zip5).and_then(|zip| zip.get(..5)).map(str::to_owned),
            apn: None,
        }
    }

    pub(super) fn with_apn(mut self, apn: Option<&str>) -> Self {
        self.apn = apn.map(plain).filter(|apn| !apn.is_empty());
        self
    }

    /// Whether the place that was found is the one that was asked about.
    pub(super) fn tie(&self, found: &Self) -> Tie {
        match (&self.street, &found.street) {
            (Some(asked), Some(street)) => {
                let differ = |a: &Option<String>, b: &Option<String>| a.is_some() && b.is_some() && a != b;
                let agree = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
                if asked != street
                    || differ(&self.zip5, &found.zip5)
                    || differ(&self.unit, &found.unit)
                    || differ(&self.state, &found.state)
                {
                    Tie::Other
                } else if agree(&self.zip5, &found.zip5) || agree(&self.city, &found.city) {
                    Tie::SameAddress
                } else {
                    Tie::CannotSay
                }
            }
            _ => match (&self.apn, &found.apn) {
                (Some(asked), Some(apn)) if asked == apn => Tie::SameParcel,
                (Some(_), Some(_)) => Tie::Other,
                _ => Tie::CannotSay,
            },
        }
    }
}

/// Letters and digits, upper-case.
fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|sign| sign.to_ascii_uppercase()).collect()
}

/// `APT 4B` and `# 4B` are one.
fn unit_number(unit: &str) -> String {
    plain(unit.rsplit_once(' ').map_or(unit, |(_, number)| number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(street: &str, city: &str, zip: &str) -> PostalAddress {
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        PostalAddress {
            street: filled(street),
            city: filled(city),
            zip5: filled(zip),
            ..PostalAddress::default()
        }
    }

    fn tie(asked: (&str, &str, &str), found: (&str, &str, &str)) -> Tie {
        let place = |(street, city, zip)| Place::of_address(&address(street, city, zip));
        place(asked).tie(&place(found))
    }

    #[test]
    fn one_address_however_it_is_written() {
        let asked = ("123 North Main Street Apt 4", "Austin", "78701");
        assert_eq!(tie(asked, ("123 N MAIN ST # 4", "AUSTIN", "78701-1234")), Tie::SameAddress);
        assert_eq!(tie(asked, ("123 N Main St", "Austin", "")), Tie::SameAddress);
        assert_eq!(tie(asked, ("123 N Main St Apt 5", "Austin", "78701")), Tie::Other);
        assert_eq!(tie(asked, ("125 N Main St Apt 4", "Austin", "78701")), Tie::Other);
        assert_eq!(tie(asked, ("123 N Main St Apt 4", "Austin", "78702")), Tie::Other);
        assert_eq!(tie(asked, ("123 N Main St Apt 4", "", "")), Tie::CannotSay);
        assert_eq!(tie(asked, ("", "Austin", "78701")), Tie::CannotSay);
    }

    #[test]
    fn a_parcel_is_known_by_its_number() {
        let place = |apn| Place::default().with_apn(Some(apn));
        assert_eq!(place("012-345-67").tie(&place("01234567")), Tie::SameParcel);
        assert_eq!(place("012-345-67").tie(&place("999")), Tie::Other);
        assert_eq!(place("012-345-67").tie(&Place::default()), Tie::CannotSay);
    }
}
