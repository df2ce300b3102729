//! The hash of inputs, by which a stored verdict shows what it was made from.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::Inputs;
use crate::geo::State;

/// The layout below; another layout is another number, so that hashes of two never look comparable.
const LAYOUT: u8 = 2;
/// The most bytes that inputs take.
const ROOM: usize = 320;

/// SHA-256 of inputs in a fixed layout.
pub(super) fn digest(inputs: &Inputs) -> [u8; 32] {
    let mut bytes = Bytes { room: [0; ROOM], used: 0 };
    write(inputs, &mut bytes);
    Sha256::digest(bytes.written()).into()
}

struct Bytes {
    room: [u8; ROOM],
    used: usize,
}

impl Bytes {
    fn put(&mut self, bytes: &[u8]) {
        let until = self.used + bytes.len();
        // The test below holds that the largest inputs fit.
        if let Some(room) = self.room.get_mut(self.used..until) {
            room.copy_from_slice(bytes);
            self.used = until;
        }
    }

    fn number(&mut self, number: i64) {
        self.put(&number.to_le_bytes());
    }

    fn moment(&mut self, at: Option<DateTime<Utc>>) {
        match at {
            None => self.put(&[0]),
            Some(at) => {
                self.put(&[1]);
                self.number(at.timestamp());
                self.put(&at.timestamp_subsec_nanos().to_le_bytes());
            }
        }
    }

    fn written(&self) -> &[u8] {
        self.room.get(..self.used).unwrap_or_default()
    }
}

/// Every part has a fixed length or says its own, so that no two inputs write the same.
fn write(inputs: &Inputs, bytes: &mut Bytes) {
    let Inputs {
        at,
        channel,
        kill_switch,
        campaign,
        team_active,
        suppressed,
        consent,
        line,
        mailbox,
        place,
        b2b,
        sends,
        first_contact,
        follow_ups,
        same_text_sent,
        budget,
        approval,
        by_hand,
    } = inputs;
    let flags = [*team_active, *b2b, *first_contact, *same_text_sent, *by_hand, place.certain, place.foreign];
    let flags = flags.iter().fold(0u8, |bits, flag| bits << 1 | u8::from(*flag));
    bytes.put(&[
        LAYOUT,
        *channel as u8,
        kill_switch.map_or(0, |switch| 1 + switch as u8),
        campaign.state as u8,
        suppressed.map_or(0, |found| 1 + found.scope as u8),
        suppressed.map_or(0, |found| 1 + found.reason as u8),
        *line as u8,
        *mailbox as u8,
        *follow_ups,
        *approval as u8,
        flags,
    ]);
    bytes.moment(Some(*at));
    bytes.moment(campaign.starts_at);
    bytes.moment(campaign.expires_at);
    match consent {
        None => bytes.put(&[0]),
        Some(consent) => {
            bytes.put(&[1, consent.basis as u8, u8::from(consent.has_evidence)]);
            bytes.moment(Some(consent.given_at));
            bytes.moment(consent.expires_at);
        }
    }
    for state in [place.address_state, place.zip_state, place.area_state] {
        let letters = state.map_or("", State::abbreviation).as_bytes();
        bytes.put(&[letters.first().copied().unwrap_or(0), letters.get(1).copied().unwrap_or(0)]);
    }
    bytes.put(&place.zones.bits().to_le_bytes());
    bytes.put(&[sends.len()]);
    for second in sends.seconds() {
        bytes.number(*second);
    }
    bytes.put(&[u8::from(budget.left.is_some())]);
    bytes.number(budget.left.map_or(0, crate::money::MicroDollars::micros));
    bytes.number(budget.cost.micros());
    bytes.moment(budget.renews_at);
    for window in campaign.windows.iter() {
        bytes.put(&window.from.to_le_bytes());
        bytes.put(&window.until.to_le_bytes());
        bytes.put(&[window.days.bits()]);
    }
}
