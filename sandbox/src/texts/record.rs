//! What the network knows, for whoever asks: the vendors' lists and the control server.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    AcceptedText, InboundText, Network, Replier, Sender, TextSettings, Violation, Windows, ten_digits,
};
use crate::vendor::Vendor;
use crate::world::Chance;

/// Somebody who has opted out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OptedOut {
    pub(crate) number: String,
    pub(crate) brand: String,
    pub(crate) since: DateTime<Utc>,
    pub(crate) word: String,
}

impl Network {
    /// The texts that were taken, as they stand, whether the vendor's lists show them already or not.
    pub(crate) fn texts(&self, to: Option<&str>) -> Vec<AcceptedText> {
        let now = Utc::now();
        let state = self.state();
        match to {
            None => state.texts.iter().map(|text| text.at_time(now)).collect(),
            Some(to) => {
                let places = state.by_recipient.get(to).map(Vec::as_slice).unwrap_or_default();
                places.iter().map(|&at| state.texts[at].at_time(now)).collect()
            }
        }
    }

    /// Those the vendor's lists show, in the order in which they were taken.
    pub(crate) fn listed(&self, vendor: Vendor, to: Option<&str>) -> Vec<AcceptedText> {
        let wait = i64::try_from(self.state().settings.listed_after_ms).unwrap_or(i64::MAX / 2);
        let until = Utc::now() - TimeDelta::milliseconds(wait);
        let mut texts = self.texts(to);
        texts.retain(|text| text.vendor == vendor && text.at <= until);
        texts
    }

    /// One text, as it stands.
    pub(crate) fn text(&self, vendor: Vendor, id: &str) -> Option<AcceptedText> {
        let state = self.state();
        let text = &state.texts[*state.by_id.get(id)?];
        (text.vendor == vendor).then(|| text.at_time(Utc::now()))
    }

    /// What was written to the caller up to now.
    pub(crate) fn inbound_texts(&self) -> Vec<InboundText> {
        let now = Utc::now();
        self.state().inbound.iter().filter(|text| text.at <= now).cloned().collect()
    }

    /// Who has opted out up to now.
    pub(crate) fn opted_out(&self) -> Vec<OptedOut> {
        let now = Utc::now();
        let state = self.state();
        let told = |((number, brand), (since, word)): (&(String, String), &(DateTime<Utc>, String))| {
            OptedOut { number: number.clone(), brand: brand.clone(), since: *since, word: word.clone() }
        };
        let mut all: Vec<_> =
            state.opted_out.iter().filter(|(_, (since, _))| *since <= now).map(told).collect();
        all.sort();
        all
    }

    pub(crate) fn violations(&self) -> Vec<Violation> {
        self.state().violations.clone()
    }

    pub(crate) fn settings(&self) -> TextSettings {
        self.state().settings.clone()
    }

    /// From now on; what was taken stays as it is, and windows are counted anew.
    pub(crate) fn set(&self, settings: TextSettings) {
        let mut state = self.state();
        state.settings = settings;
        state.windows = Windows::default();
    }

    pub(crate) fn add_repliers(&self, repliers: Vec<Replier>) {
        self.state().repliers.extend(repliers);
    }

    /// Adds a number, or changes what is known of it. `false` for a number that is none.
    pub(crate) fn add_sender(&self, mut sender: Sender) -> bool {
        let Some(number) = ten_digits(&sender.number) else { return false };
        sender.number.clone_from(&number);
        self.state().senders.insert((sender.vendor, number), sender);
        true
    }

    /// What is known of a number; `None` where nothing is known, or it may not send.
    pub(crate) fn sender(&self, vendor: Vendor, number: &str) -> Option<Sender> {
        self.state().sender(vendor, number)
    }

    /// The numbers of a vendor that were added or bought, in order.
    pub(crate) fn senders(&self, vendor: Vendor) -> Vec<Sender> {
        let state = self.state();
        let mut own: Vec<_> =
            state.senders.values().filter(|sender| sender.vendor == vendor).cloned().collect();
        own.sort_by(|a, b| a.number.cmp(&b.number));
        own
    }

    /// Numbers that can be bought.
    pub(crate) fn offers(&self, area_code: &str, most: usize) -> Vec<String> {
        let mut chance = Chance::of(self.seed, &["offers", area_code]);
        let taken = self.state();
        let drawn = (0..30).map(|_| format!("{area_code}555{:04}", chance.between(2_000, 9_999)));
        let free = drawn.filter(|number| !taken.senders.keys().any(|(_, own)| own == number));
        free.take(most).collect()
    }
}
