//! What is read in one go is what `domain` reads.

use std::collections::BTreeSet;

use domain::company::parse_company;
use domain::person_name::parse_full_name;
use proptest::prelude::*;

use super::*;
use crate::field::Field;
use crate::record::writer::Writer;
use crate::record::{Part, Record, address};

/// Whether a cell that is taken for plain says what `domain` says.
fn same_name(cell: &str) -> Option<bool> {
    let (given, family) = given_and_family(cell)?;
    let name = parse_full_name(cell)?;
    let same = |ours: &str, theirs: Option<&str>| theirs.is_some_and(|name| name.eq_ignore_ascii_case(ours));
    let alone = name.middle.is_none() && name.suffix.is_none();
    Some(alone && same(given, name.given.as_deref()) && same(family, name.family.as_deref()))
}

fn company_key(cell: &str) -> Option<String> {
    let mut key = Vec::new();
    company(cell, &mut key).then(|| String::from_utf8(key).expect("ASCII"))
}

/// Whether a company that is taken for plain says what `domain` says.
fn same_company(cell: &str) -> bool {
    company_key(cell).is_none_or(|key| {
        let theirs = parse_company(cell);
        theirs.is_some_and(|name| name.key == key && name.dba.is_none())
    })
}

#[test]
fn every_short_word_beside_a_name_is_known() {
    for word in short_words() {
        for cell in [format!("{word} Smith"), format!("John {word}")] {
            assert_ne!(same_name(&cell), Some(false), "{cell}");
        }
    }
    for word in ["Doctor", "Professor", "Captain", "Rabbi", "Junior", "Senior", "Esquire", "PharmD", "Pastor"]
    {
        assert_eq!(given_and_family(&format!("{word} Smith")), None, "{word}");
    }
    assert_eq!(given_and_family("Timothy Huang"), Some(("Timothy", "Huang")));
}

#[test]
fn every_short_word_behind_a_company_is_known() {
    for word in short_words() {
        let cell = format!("Acme {word}");
        assert!(same_company(&cell), "{cell}");
    }
    assert_eq!(company_key("Mountain Pet Care Inc.").as_deref(), Some("MOUNTAIN PET CARE"));
    assert_eq!(company_key("A. B. Smith & Sons Co., LLC").as_deref(), Some("A B SMITH AND SONS"));
    assert_eq!(company_key("Acme dba Zenith"), None);
    assert_eq!(company_key("n/a"), None);
}

/// All words of two and three letters.
fn short_words() -> impl Iterator<Item = String> {
    let letters = || 'A'..='Z';
    let two = letters().flat_map(move |a| letters().map(move |b| format!("{a}{b}")));
    two.clone().chain(two.flat_map(move |two| letters().map(move |c| format!("{two}{c}"))))
}

/// The record of rows, the last of which is written after the others were remembered.
fn last_of(rows: &[Vec<(Field, String)>]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.remember();
    let mut out = Vec::new();
    for row in rows {
        out.clear();
        writer.write(row.iter().map(|(field, value)| (*field, value.as_str())), &mut out);
    }
    out
}

proptest! {
    #[test]
    fn names_are_what_domain_reads(cell in "(Mr|Dr|John|JANE|Not|Van|Rev|mc|O)? ?[A-Za-z]{1,5} (JR|iii|MD|Phd|Esq|Mack|[A-Za-z]{1,6}|V|Available)") {
        prop_assert_ne!(same_name(&cell), Some(false));
    }

    #[test]
    fn companies_are_what_domain_reads(
        words in proptest::collection::vec(
            "[A-Za-z0-9]{1,4}|The|AND|and|&|Inc[.]?|L[.]L[.]C[.]|LLC|Co[.]?,?|P|C|Limited|Liability|Company|Prof|Corp|dba|d b a|Doing|DO|O'Neil|J[.]R[.]|-|Ltd",
            1..6,
        ),
    ) {
        let cell = words.join(" ");
        prop_assert!(same_company(&cell), "{cell}");
    }

    #[test]
    fn streets_are_the_same_behind_any_number(
        numbers in ("[0-9]{1,6}", "[0-9]{1,6}"),
        words in proptest::collection::vec(
            "[A-Z]{1,4}|N|West|St[.]?|Avenue|Ste|#|#[0-9]{1,2}|[0-9]{1,3}|2nd|Floor|FL|Box|PO|Apt|Unit|B|County|Road|-|/|C/O|Front|Rear|1/2|.",
            1..6,
        ),
        city in "(Niles)?",
    ) {
        let row = |number: &str| {
            vec![(Field::Street, format!("{number} {}", words.join(" "))), (Field::City, city.clone())]
        };
        let (before, after) = (row(&numbers.0), row(&numbers.1));
        prop_assert_eq!(last_of(&[before, after.clone()]), last_of(&[after]));
    }

    #[test]
    fn a_unit_is_the_same_read_apart_from_its_street(
        number in "[0-9]{1,6}",
        words in proptest::collection::vec(
            "[A-Z]{1,4}|N|West|St[.]?|Avenue|Ste|#|#[0-9]{1,2}|2nd|Floor|FL|Box|Apt|Unit|Bldg|County|Road|-|C/O|Rear|1/2",
            0..4,
        ),
        unit in "(Ste|suite|APT|Unit|Bldg|#) [0-9]{1,3}|#[0-9]{1,3}",
    ) {
        let line = [std::slice::from_ref(&number), &words, &[unit]].concat().join(" ");
        let mut writer = Writer::default();
        let (mut whole, mut apart) = (Vec::new(), Vec::new());
        writer.begin();
        address::read(&line, "", "", &mut writer);
        writer.finish(&mut whole);
        writer.write([(Field::Street, line.as_str())], &mut apart);
        prop_assert_eq!(whole, apart, "{}", line);
    }

    #[test]
    fn given_names_are_the_same_the_second_time(given in "[A-Za-zé.' ]{1,8}|Bob|BOB|bob|Bob[.]|Liz", family in "[A-Za-z]{2,6}") {
        let row = vec![(Field::Given, given), (Field::Family, family)];
        prop_assert_eq!(last_of(&[row.clone(), row.clone()]), last_of(&[row]));
    }

    #[test]
    fn a_site_of_a_known_domain_says_nothing_more(
        domain in "[a-z]{1,3}[.](com|us|io|example|local|wixsite[.]com|co[.]uk)|facebook[.]com|wixsite[.]com",
        site in "(www[.])?([a-z]{1,3}[.](com|us|io|example)|facebook[.]com|wixsite[.]com)",
        same in any::<bool>(),
    ) {
        let site = if same { format!("www.{domain}") } else { site };
        let email = format!("jane.roe@{domain}");
        let (site, email) = ((Field::Website, site.as_str()), (Field::Email, email.as_str()));
        let domains = |row: &[(Field, &str)]| {
            let record = Record::new(row.iter().copied());
            record.view().values(Part::Domain).map(<[u8]>::to_vec).collect::<BTreeSet<_>>()
        };
        let apart = &domains(&[email]) | &domains(&[site]);
        prop_assert_eq!(domains(&[email, site]), apart);
    }
}
