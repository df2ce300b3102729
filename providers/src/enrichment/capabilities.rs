//! What a vendor gives, takes and allows: data for whoever plans the calls.

use std::time::Duration;

use super::Wanted;

/// What one charge is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charging {
    /// Every answered call, whatever it found. Such vendors are asked about one subject a call.
    PerCall,
    /// Every subject that was found; a miss is free.
    PerMatch,
    /// Every subject that was asked about, found or not.
    PerSubject,
    /// Nothing is known, for want of a contract.
    ByContract,
}

/// So many calls in so long a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallWindow {
    /// Calls allowed in it.
    pub calls: u32,
    /// How long it is.
    pub length: Duration,
}

/// What is to be known of a vendor before asking it. Prices and limits are defaults: what a team agreed with the
/// vendor goes before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// What an answer can hold.
    pub gives: Wanted,
    /// The most subjects one [`lookup`](super::EnrichmentProvider::lookup) takes; never less than 1.
    pub most_subjects: usize,
    /// What one charge is for.
    pub charging: Charging,
    /// The default price of that, in micro-dollars.
    pub price_micros: i64,
    /// What is paid on top for a subject whose number was asked for and found, in micro-dollars.
    pub mobile_extra_micros: i64,
    /// Whether part of an answer may come later, by webhook.
    pub answers_later: bool,
    /// Whether nobody may ask it without a contract first: every lookup answers
    /// [`ContractRequired`](super::Verdict::ContractRequired).
    pub contract_required: bool,
    /// How often the vendor lets itself be called by one account; empty where nobody says.
    pub windows: &'static [CallWindow],
}

impl Capabilities {
    /// The most that one subject can cost, in micro-dollars: what is reserved before the call.
    pub const fn most_micros(&self, wanted: Wanted) -> i64 {
        if wanted.mobile && self.gives.mobile {
            self.price_micros + self.mobile_extra_micros
        } else {
            self.price_micros
        }
    }
}
