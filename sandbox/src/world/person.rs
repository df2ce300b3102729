//! A person, as this world made them.

use serde::{Deserialize, Serialize};

use super::chance::Chance;
use super::identity::{Identity, fold};
use super::line::{Line, draw_number};
use super::names::{FAMILIES, MAIL_HOSTS, MEN, POSTS, WOMEN};
use super::property::Property;

/// The year people's ages are counted in.
const YEAR: u16 = 2026;

/// An e-mail address of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// The address.
    pub address: String,
    /// Whether it is the employer's.
    pub work: bool,
    /// Whether mail arrives.
    pub verified: bool,
}

/// Everything that is true of a person. Each vendor knows a part of it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// What the world knows the person by.
    pub key: String,
    /// Given name.
    pub first: String,
    /// Family name.
    pub last: String,
    /// Another form of the name, where there is one.
    pub akas: Vec<String>,
    /// The lines, the one most used first.
    pub lines: Vec<Line>,
    /// The mailboxes.
    pub mailboxes: Vec<Mailbox>,
    /// The last part of the LinkedIn address.
    pub linkedin: String,
    /// What the person does.
    pub title: String,
    /// How high up.
    pub seniority: String,
    /// Where in the firm.
    pub department: String,
    /// Years of age.
    pub age: u16,
    /// Month of birth.
    pub birth_month: u16,
    /// Whether she is a woman.
    pub woman: bool,
    /// Whether the person is dead.
    pub deceased: bool,
    /// Whether the person sues over calls.
    pub litigator: bool,
    /// Where the person lives or works, and what is true of the place.
    pub property: Property,
}

impl Person {
    /// The person known as `key`, of whom a question said `told`.
    pub(crate) fn made(seed: u64, key: &str, told: &Identity) -> Self {
        let mut chance = Chance::of(seed, &["person", key]);
        let woman = chance.happens(0.5);
        let given = chance.pick(if woman { &WOMEN } else { &MEN });
        let family = chance.pick(&FAMILIES);
        let first = if told.first.trim().is_empty() { given } else { told.first.trim() };
        let last = if told.last.trim().is_empty() { family } else { told.last.trim() };
        let lines = (0..chance.between(1, 3)).map(|_| Line::of(seed, &draw_number(&mut chance))).collect();
        let &(title, seniority, department) = chance.pick(&POSTS.each_ref());
        let slug = fold(&format!("{first} {last}")).replace(' ', "-");
        let mailboxes = mailboxes(&mut chance, &slug.replace('-', "."), told);
        Self {
            key: key.to_owned(),
            first: first.to_owned(),
            last: last.to_owned(),
            akas: if chance.happens(0.2) { vec![format!("{} {last}", &initial(first))] } else { Vec::new() },
            lines,
            mailboxes,
            linkedin: format!("{slug}-{}", chance.hex(6)),
            title: title.to_owned(),
            seniority: seniority.to_owned(),
            department: department.to_owned(),
            age: chance.between(24, 88) as u16,
            birth_month: chance.between(1, 12) as u16,
            woman,
            deceased: chance.happens(0.01),
            litigator: chance.happens(0.01),
            property: Property::of(seed, key, told),
        }
    }

    /// Given and family name.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first, self.last)
    }

    /// The year the person was born.
    pub(crate) fn birth_year(&self) -> u16 {
        YEAR.saturating_sub(self.age)
    }
}

/// The first letter of a name.
fn initial(name: &str) -> String {
    name.chars().next().map(String::from).unwrap_or_default()
}

fn mailboxes(chance: &mut Chance, local: &str, told: &Identity) -> Vec<Mailbox> {
    let mut boxes = Vec::new();
    let told_address = told.email.trim().to_ascii_lowercase();
    if told_address.contains('@') {
        let work = !told.domain.is_empty() && told_address.ends_with(&told.domain.to_ascii_lowercase());
        boxes.push(Mailbox { address: told_address, work, verified: chance.happens(0.85) });
    } else if !told.domain.trim().is_empty() && chance.happens(0.8) {
        let domain = told.domain.trim().trim_start_matches("www.").to_ascii_lowercase();
        boxes.push(Mailbox {
            address: format!("{local}@{domain}"),
            work: true,
            verified: chance.happens(0.8),
        });
    }
    if chance.happens(0.7) {
        let address = format!("{local}{}@{}", chance.between(1, 999), chance.pick(&MAIL_HOSTS));
        boxes.push(Mailbox { address, work: false, verified: chance.happens(0.85) });
    }
    boxes
}
