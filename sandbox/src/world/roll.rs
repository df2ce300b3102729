//! The people who were introduced: known by all that was said of them, with facts of the introducer's choice.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::identity::Identity;
use super::line::Line;
use super::person::{Mailbox, Person};
use crate::vendor::Vendor;

/// Somebody the world is told of. What is not said is made up as for anybody else.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Introduction {
    /// By what the person is to be known again. Each of address, e-mail, LinkedIn, domain, company and phone counts,
    /// together with the name.
    pub identity: Identity,
    /// The person's lines.
    pub lines: Option<Vec<Line>>,
    /// The person's mailboxes.
    pub mailboxes: Option<Vec<Mailbox>>,
    /// Whether the person is dead.
    pub deceased: Option<bool>,
    /// Whether the person sues over calls.
    pub litigator: Option<bool>,
    /// The vendors that know the person, and no others; without it, as chance has it.
    pub known_to: Option<Vec<Vendor>>,
}

/// Who was introduced.
#[derive(Default)]
pub(super) struct Roll {
    met: Vec<Met>,
    by_tie: HashMap<String, usize>,
    by_address: HashMap<String, Vec<usize>>,
}

/// Somebody who was introduced.
pub(super) struct Met {
    pub(super) person: Person,
    pub(super) known_to: Option<Vec<Vendor>>,
}

impl Roll {
    /// Enters a person, made up as `made`, with what the introduction says.
    pub(super) fn enter(&mut self, introduction: Introduction, mut made: Person) -> Person {
        if let Some(lines) = introduction.lines {
            made.lines = lines;
        }
        if let Some(mailboxes) = introduction.mailboxes {
            made.mailboxes = mailboxes;
        }
        made.deceased = introduction.deceased.unwrap_or(made.deceased);
        made.litigator = introduction.litigator.unwrap_or(made.litigator);
        let address = introduction.identity.address_tie();
        if !address.is_empty() {
            let residents = self.by_address.entry(address).or_default();
            // Introduced anew, somebody is who they are now.
            residents.retain(|&at| self.met[at].person.key != made.key);
            residents.push(self.met.len());
        }
        // The last tie is the name alone, which is no introduction; neither is the city.
        let ties = introduction.identity.ties();
        for tie in ties.into_iter().filter(|tie| tie.contains('|') && !tie.contains("|place|")) {
            self.by_tie.insert(tie, self.met.len());
        }
        self.met.push(Met { person: made.clone(), known_to: introduction.known_to });
        made
    }

    /// Who has one of `ties`, the strongest first.
    pub(super) fn find(&self, ties: &[String]) -> Option<&Met> {
        ties.iter().find_map(|tie| self.by_tie.get(tie)).map(|&at| &self.met[at])
    }

    /// Who is known as `key`.
    pub(super) fn find_key(&self, key: &str) -> Option<&Met> {
        self.by_tie.get(key).map(|&at| &self.met[at])
    }

    /// Who lives at an address, in the order of introduction.
    pub(super) fn residents(&self, address: &str) -> Vec<Person> {
        let at = self.by_address.get(address).into_iter().flatten();
        at.map(|&at| self.met[at].person.clone()).collect()
    }

    /// The line of a number somebody was introduced with.
    pub(super) fn line(&self, number: &str) -> Option<Line> {
        self.met.iter().rev().flat_map(|met| &met.person.lines).find(|line| line.number == number).cloned()
    }
}
