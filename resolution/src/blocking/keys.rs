//! The blocking keys of a record.

use super::phonetic::soundex;
use super::rule::BlockingRule;
use crate::hash::StableHash;
use crate::record::{Part, Record, View};
use crate::rules::RuleSet;

/// The keys that a record is found by: at most [`BlockingKeys::MOST`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockingKeys {
    keys: [u64; Self::MOST],
    count: usize,
}

impl BlockingKeys {
    /// The most keys that a record has; further ones, as of a tenth phone number, are left out.
    pub const MOST: usize = 24;

    const fn new() -> Self {
        Self { keys: [0; Self::MOST], count: 0 }
    }

    fn add(&mut self, key: u64) {
        if !self.contains(&key)
            && let Some(slot) = self.keys.get_mut(self.count)
        {
            *slot = key;
            self.count += 1;
        }
    }
}

impl std::ops::Deref for BlockingKeys {
    type Target = [u64];

    fn deref(&self) -> &[u64] {
        &self.keys[..self.count]
    }
}

/// The keys by which a record is looked up among those that are stored: two records that share one are worth comparing.
/// The rules are those of [`BlockingRule::for_lookup`]. The same record has the same keys in every process and
/// in every release with the same [`RuleSet::version`]; keys of two versions never meet.
pub fn blocking_keys(rules: RuleSet, record: &Record) -> BlockingKeys {
    let mut keys = BlockingKeys::new();
    let view = record.view();
    let subject = Subject::of(rules, &view);
    for rule in BlockingRule::for_lookup(rules) {
        KeyMaker::of(*rule, rules).each(&subject, &mut |key| keys.add(key));
    }
    keys
}

/// A record that keys are made of, and what several rules ask of it.
pub(crate) struct Subject<'v, 'r> {
    record: &'v View<'r>,
    /// Of the family name; only rules for persons ask.
    sound: Option<u64>,
}

impl<'v, 'r> Subject<'v, 'r> {
    pub(crate) fn of(rules: RuleSet, record: &'v View<'r>) -> Self {
        let family = record.first(Part::Family).filter(|_| rules == RuleSet::Persons);
        Self { record, sound: family.map(soundex).map(u64::from) }
    }
}

/// Makes the keys of one rule of a rule set.
pub(crate) struct KeyMaker {
    rule: BlockingRule,
    rules: RuleSet,
    start: StableHash,
}

impl KeyMaker {
    pub(crate) fn of(rule: BlockingRule, rules: RuleSet) -> Self {
        let kind = u64::from(rules.version()) << 16 | (rules as u64) << 8 | rule as u64;
        Self { rule, rules, start: StableHash::of(kind) }
    }

    /// Gives `emit` the keys of a record.
    pub(crate) fn each(&self, subject: &Subject<'_, '_>, emit: &mut impl FnMut(u64)) {
        let Subject { record, sound } = *subject;
        let key = self.start;
        let initial = || record.first(Part::Given).and_then(|given| given.first().copied()).map(u64::from);
        let formal = || record.first(Part::Formal).or_else(|| record.first(Part::Given));
        let telling_given = || formal().filter(|given| given.len() > 1);
        match self.rule {
            BlockingRule::Phone => {
                for phone in record.values(Part::Phone) {
                    emit(key.part(&phone[phone.len().saturating_sub(7)..]).finish());
                }
            }
            BlockingRule::Email => {
                record.values(Part::Email).for_each(|email| emit(key.part(email).finish()))
            }
            BlockingRule::Mailbox => {
                for email in record.values(Part::Email) {
                    let mailbox = email.split(|byte| *byte == b'@').next().unwrap_or_default();
                    if mailbox.len() >= 6 {
                        emit(key.part(mailbox).finish());
                    }
                }
            }
            BlockingRule::SharedEmail => {
                for email in record.values(Part::RoleEmail) {
                    emit(key.part(email).number(sound.unwrap_or(0)).finish());
                }
            }
            BlockingRule::Identifier => {
                record.values(Part::Identifier).for_each(|number| emit(key.part(number).finish()));
            }
            BlockingRule::FullName => {
                if let (Some(given), Some(family)) = (telling_given(), record.first(Part::Family)) {
                    let (one, other) = if given < family { (given, family) } else { (family, given) };
                    emit(key.part(one).part(other).finish());
                }
            }
            BlockingRule::NameAndZip => {
                if let (Some(sound), Some(initial), Some(zip)) = (sound, initial(), record.first(Part::Zip)) {
                    emit(key.number(sound).number(initial).part(zip).finish());
                }
            }
            BlockingRule::NameAndCity => {
                if let (Some(sound), Some(initial), Some(city)) = (sound, initial(), record.first(Part::City))
                {
                    emit(key.number(sound).number(initial).part(city).finish());
                }
            }
            BlockingRule::GivenAndZip => {
                if let (Some(given), Some(zip)) = (telling_given(), record.first(Part::Zip)) {
                    emit(key.part(given).part(zip).finish());
                }
            }
            BlockingRule::Address => {
                if let (Some(number), Some(street)) =
                    (record.first(Part::HouseNumber), core_of_street(record))
                {
                    emit(key.part(number).part(&street[..street.len().min(4)]).finish());
                }
            }
            BlockingRule::StreetAndCity => {
                if let (Some(street), Some(city)) = (core_of_street(record), record.first(Part::City)) {
                    emit(key.part(street).part(city).finish());
                }
                if let (Some(line), Some(zip)) = (record.first(Part::Unit), record.first(Part::Zip)) {
                    emit(key.number(1).part(line).part(zip).finish());
                }
            }
            BlockingRule::NameAndNumber => {
                if let Some(number) = record.first(Part::HouseNumber) {
                    either_sound(record, &mut |sound| emit(key.number(sound).part(number).finish()));
                }
            }
            BlockingRule::NameAndStreet => {
                if let Some(street) = core_of_street(record) {
                    let start = &street[..street.len().min(4)];
                    either_sound(record, &mut |sound| emit(key.number(sound).part(start).finish()));
                }
            }
            BlockingRule::EitherNameAndCity => {
                if let Some(city) = record.first(Part::City) {
                    either_sound(record, &mut |sound| emit(key.number(sound).part(city).finish()));
                }
            }
            BlockingRule::NameAndLine => {
                if let Some(line) = record.first(Part::Unit).filter(|line| line.len() >= 4) {
                    either_sound(record, &mut |sound| emit(key.number(sound).part(&line[..4]).finish()));
                }
            }
            BlockingRule::Date => {
                for date in record.values(Part::Date).filter(|date| date.last() != Some(&0)) {
                    let initials =
                        [Part::Given, Part::Family].map(|part| record.first(part).map(|name| name[0]));
                    initials
                        .into_iter()
                        .flatten()
                        .for_each(|first| emit(key.part(date).number(first.into()).finish()));
                }
            }
            BlockingRule::CompanyAndName => {
                if let (Some(company), Some(sound)) = (record.first(Part::Company), sound) {
                    emit(key.part(company).number(sound).finish());
                }
            }
            BlockingRule::DomainAndName => {
                for domain in record.values(Part::Domain) {
                    if let Some(given) = telling_given() {
                        emit(key.part(domain).part(given).finish());
                    }
                }
            }
            BlockingRule::Domain => {
                record.values(Part::Domain).for_each(|domain| emit(key.part(domain).finish()))
            }
            BlockingRule::Company => {
                record.values(Part::Company).for_each(|name| emit(key.part(name).finish()))
            }
            BlockingRule::CompanyWords => company_words(record, key, emit),
            BlockingRule::CompanyAndPlace => {
                let nobody = !record.names_person() || self.rules == RuleSet::Businesses;
                if let (Some(start), Some(place)) =
                    (start_of_company(record).filter(|_| nobody), zip_or_city(record))
                {
                    emit(key.part(start).part(place).finish());
                }
            }
            BlockingRule::CompanyAtPlace => {
                if let Some(place) = zip_or_city(record) {
                    record.values(Part::Company).for_each(|name| emit(key.part(name).part(place).finish()));
                }
            }
            BlockingRule::CompanyAndNumber => {
                if let Some(number) = record.first(Part::HouseNumber) {
                    record.values(Part::Company).for_each(|name| emit(key.part(name).part(number).finish()));
                }
            }
            BlockingRule::AddressAtPlace => {
                if let (Some(number), Some(street)) =
                    (record.first(Part::HouseNumber), core_of_street(record))
                {
                    let key = key.part(number).part(&street[..street.len().min(4)]);
                    // Of a mistyped ZIP the city is left, and the other way round.
                    for part in [Part::Zip, Part::City] {
                        if let Some(place) = record.first(part) {
                            emit(key.part(place).finish());
                        }
                    }
                }
            }
            BlockingRule::BothNamesAndZip => {
                if let (Some(sound), Some(given), Some(zip)) =
                    (sound, telling_given(), record.first(Part::Zip))
                {
                    emit(key.number(sound).part(given).part(zip).finish());
                }
            }
        }
    }
}

/// The sound of the family name, and of the formal given name: lists exchange them.
fn either_sound(record: &View<'_>, emit: &mut impl FnMut(u64)) {
    let formal = record.first(Part::Formal).or_else(|| record.first(Part::Given));
    for name in [formal, record.first(Part::Family)].into_iter().flatten().filter(|name| name.len() > 1) {
        emit(soundex(name).into());
    }
}

fn start_of_company<'r>(record: &View<'r>) -> Option<&'r [u8]> {
    let first = record.first(Part::Company)?.split(|byte| *byte == b' ').next()?;
    Some(&first[..first.len().min(5)])
}

fn zip_or_city<'r>(record: &View<'r>) -> Option<&'r [u8]> {
    record.first(Part::Zip).or_else(|| record.first(Part::City))
}

fn core_of_street<'r>(record: &View<'r>) -> Option<&'r [u8]> {
    record.values(Part::Street).last()
}

/// Each two neighbouring words of three letters or more.
fn company_words(record: &View<'_>, key: StableHash, emit: &mut impl FnMut(u64)) {
    for name in record.values(Part::Company) {
        let mut words = name.split(|byte| *byte == b' ').filter(|word| word.len() > 2).take(6);
        let Some(mut before) = words.next() else { continue };
        for word in words {
            let (one, other) = if before < word { (before, word) } else { (word, before) };
            emit(key.part(one).part(other).finish());
            before = word;
        }
    }
}
