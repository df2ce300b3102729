//! One world behind all vendors: who lives in it, and which vendor knows what of them. People are not stored; they
//! follow from the seed and from what a question says, but for those that were introduced.

mod area_codes;
mod chance;
mod employer;
mod identity;
mod line;
mod names;
mod person;
mod property;
mod roll;

use std::sync::{Mutex, PoisonError};

pub(crate) use chance::Chance;
pub(crate) use employer::Employer;
pub use identity::Identity;
pub(crate) use identity::phone_tie;
pub(crate) use line::is_canadian;
pub use line::{Line, LineKind};
pub use person::{Mailbox, Person};
pub use property::{Address, Property};
pub use roll::Introduction;
use roll::Roll;

use crate::settings::Settings;
use crate::vendor::Vendor;

/// The world.
pub struct World {
    seed: u64,
    hit_rates: Vec<(Vendor, f64)>,
    roll: Mutex<Roll>,
}

impl World {
    pub(crate) fn of(settings: &Settings) -> Self {
        let hit_rates =
            Vendor::ALL.iter().map(|&vendor| (vendor, settings.vendor(vendor).hit_rate)).collect();
        Self { seed: settings.seed, hit_rates, roll: Mutex::default() }
    }

    /// Whom a question means; `None` if it says nothing of anybody. The same question means the same person, whichever
    /// vendor is asked. Questions that have nothing but a name in common mean two people, unless the person was
    /// introduced with everything that is asked by.
    pub fn person(&self, told: &Identity) -> Option<Person> {
        let ties = told.ties();
        if let Some(introduced) = self.roll().find(&ties) {
            return Some(introduced.person.clone());
        }
        Some(Person::made(self.seed, ties.first()?, told))
    }

    /// Whether `vendor` has ever heard of `person`.
    pub fn knows(&self, vendor: Vendor, person: &Person) -> bool {
        if let Some(known_to) = self.roll().find_key(&person.key).and_then(|met| met.known_to.as_ref()) {
            return known_to.contains(&vendor);
        }
        let rate = self.hit_rates.iter().find(|(of, _)| *of == vendor).map_or(1.0, |(_, rate)| *rate);
        Chance::of(self.seed, &["knows", vendor.name(), &person.key]).happens(rate)
    }

    /// Which lines of `person` a vendor has: three in four, and all that were introduced.
    pub fn lines_known(&self, vendor: Vendor, person: &Person) -> Vec<Line> {
        let all = self.was_introduced(person);
        let known = |line: &&Line| {
            all || Chance::of(self.seed, &["line", vendor.name(), &person.key, &line.number]).happens(0.75)
        };
        person.lines.iter().filter(known).cloned().collect()
    }

    /// Which mailboxes of `person` a vendor has: two in three, and all that were introduced.
    pub fn mailboxes_known(&self, vendor: Vendor, person: &Person) -> Vec<Mailbox> {
        let all = self.was_introduced(person);
        let known = |mailbox: &&Mailbox| {
            all || Chance::of(self.seed, &["mailbox", vendor.name(), &person.key, &mailbox.address])
                .happens(0.66)
        };
        person.mailboxes.iter().filter(known).cloned().collect()
    }

    /// What is true of a number, ten digits.
    pub fn line(&self, number: &str) -> Line {
        let introduced = self.roll().line(number);
        introduced.unwrap_or_else(|| Line::of(self.seed, number))
    }

    /// Makes a person known to the world by everything `introduction` says, so that vendors who are told different
    /// things of them speak of the same person. Returns who it is.
    pub fn introduce(&self, introduction: Introduction) -> Option<Person> {
        let made = Person::made(self.seed, introduction.identity.ties().first()?, &introduction.identity);
        Some(self.roll().enter(introduction, made))
    }

    /// Whether the person was introduced, and so is beyond chance.
    pub(crate) fn was_introduced(&self, person: &Person) -> bool {
        self.roll().find_key(&person.key).is_some()
    }

    /// Those who were introduced at the address a question speaks of, in the order of introduction.
    pub(crate) fn residents(&self, told: &Identity) -> Vec<Person> {
        self.roll().residents(&told.address_tie())
    }

    /// Somebody else at the same address: another member of the household.
    pub(crate) fn housemate(&self, person: &Person) -> Person {
        let mut told = identity_at(&person.property.address);
        told.last.clone_from(&person.last);
        Person::made(self.seed, &format!("housemate|{}", person.key), &told)
    }

    /// Somebody who is not who was asked for, at the same address.
    pub(crate) fn stranger(&self, person: &Person) -> Person {
        let told = identity_at(&person.property.address);
        let stranger = Person::made(self.seed, &format!("stranger|{}", person.key), &told);
        if stranger.last.eq_ignore_ascii_case(&person.last) {
            return Person { last: "Featherstonehaugh".to_owned(), ..stranger };
        }
        stranger
    }

    /// Somebody nobody asked for by name, with an address.
    pub(crate) fn somebody(&self, words: &[&str]) -> Person {
        Person::made(self.seed, &words.join("|"), &Identity::default())
    }

    /// The employer a question speaks of.
    pub(crate) fn employer(&self, told: &Identity) -> Option<Employer> {
        Employer::of(self.seed, told)
    }

    /// Numbers that follow from words, in this world.
    pub(crate) fn chance(&self, words: &[&str]) -> Chance {
        Chance::of(self.seed, words)
    }

    fn roll(&self) -> std::sync::MutexGuard<'_, Roll> {
        self.roll.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn identity_at(address: &Address) -> Identity {
    Identity {
        street: address.street.clone(),
        city: address.city.clone(),
        state: address.state.clone(),
        zip: address.zip.clone(),
        ..Identity::default()
    }
}
