//! What the mail server does with messages, and those it took.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::world::Chance;

/// What the mail server is like. Shares are 0 to 1, and whom they hit follows from the seed and the recipient.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailSettings {
    /// Shares of recipients that are refused, by what is said: `550 5.1.1 no such mailbox`. One whose code begins with 4 is
    /// refused once and then taken, as greylists do.
    pub refused: BTreeMap<String, f64>,
    /// Shares of messages that are refused behind their end: `554 5.7.1 looks like spam`.
    pub rejected: BTreeMap<String, f64>,
    /// The share of messages that are taken while the connection is cut before the answer.
    pub lost_replies: f64,
    /// What a message costs, in micro-dollars.
    pub price: u64,
    /// How long the end of a message takes, in milliseconds.
    pub latency_ms: u64,
}

/// A message that was taken: `GET /mail`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedMail {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// The headers, unfolded, by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// What stands behind them, as it came.
    pub body: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether the answer was lost.
    pub reply_lost: bool,
}

impl AcceptedMail {
    /// A header; one that is not there is empty.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(&name.to_lowercase()).map_or("", String::as_str)
    }
}

/// How a message ends.
pub(super) enum Ending {
    Taken,
    /// Taken, and the connection is cut.
    Lost,
    Rejected(String),
}

pub(crate) struct PostOffice {
    seed: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    settings: MailSettings,
    mail: Vec<AcceptedMail>,
    /// Who was postponed once.
    postponed: HashMap<String, u32>,
}

impl PostOffice {
    pub(crate) fn new(seed: u64, settings: MailSettings) -> Self {
        Self { seed, state: Mutex::new(State { settings, ..State::default() }) }
    }

    /// What is said to a recipient instead of 250.
    pub(super) fn refusal(&self, to: &str) -> Option<String> {
        let mut state = self.state();
        let words = one_of(&state.settings.refused, Chance::of(self.seed, &["mail refused", to]))?;
        if words.starts_with('4') {
            let times = state.postponed.entry(to.to_owned()).or_default();
            *times += 1;
            return (*times == 1).then_some(words);
        }
        Some(words)
    }

    /// Takes a message or does not.
    pub(super) fn take(&self, from: &str, to: &[String], message: &str) -> Ending {
        let mut state = self.state();
        let about = to.first().map_or("", String::as_str);
        let nth = state.mail.iter().filter(|mail| mail.to == to).count().to_string();
        let mut chance = Chance::of(self.seed, &["mail", about, &nth]);
        let reply_lost = chance.happens(state.settings.lost_replies);
        if let Some(words) = one_of(&state.settings.rejected, chance) {
            return Ending::Rejected(words);
        }
        let (head, body) = message.split_once("\r\n\r\n").unwrap_or((message, ""));
        let (from, to, headers, body) = (from.to_owned(), to.to_vec(), headers(head), body.to_owned());
        state.mail.push(AcceptedMail { from, to, headers, body, at: Utc::now(), reply_lost });
        if reply_lost { Ending::Lost } else { Ending::Taken }
    }

    pub(super) fn latency(&self) -> std::time::Duration {
        std::time::Duration::from_millis(self.state().settings.latency_ms)
    }

    /// The messages that were taken.
    pub(crate) fn mail(&self) -> Vec<AcceptedMail> {
        self.state().mail.clone()
    }

    /// What is owed for them, in micro-dollars.
    pub(crate) fn owed(&self) -> u64 {
        let state = self.state();
        state.mail.len() as u64 * state.settings.price
    }

    pub(crate) fn set(&self, settings: MailSettings) {
        self.state().settings = settings;
    }

    pub(crate) fn forget(&self) {
        let mut state = self.state();
        state.mail.clear();
        state.postponed.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn one_of(shares: &BTreeMap<String, f64>, mut chance: Chance) -> Option<String> {
    let drawn = chance.share();
    let mut up_to = 0.0;
    for (words, share) in shares {
        up_to += share;
        if drawn < up_to {
            return Some(words.clone());
        }
    }
    None
}

/// The headers, unfolded; the first of several of one name.
fn headers(head: &str) -> BTreeMap<String, String> {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let mut headers = BTreeMap::new();
    for (name, value) in unfolded.split("\r\n").filter_map(|line| line.split_once(':')) {
        headers.entry(name.trim().to_lowercase()).or_insert_with(|| value.trim().to_owned());
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_headers_are_one() {
        let headers = headers("Subject: a\r\n b\r\nX: 1\r\nx: 2");
        assert_eq!((headers["subject"].as_str(), headers["x"].as_str()), ("a b", "1"));
    }

    #[test]
    fn a_greylist_lets_in_who_comes_again() {
        let refused = BTreeMap::from([("451 4.7.1 later".to_owned(), 1.0)]);
        let office = PostOffice::new(1, MailSettings { refused, ..MailSettings::default() });
        assert!(office.refusal("a@x.example").is_some());
        assert!(office.refusal("a@x.example").is_none());
    }
}
