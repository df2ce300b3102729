//! The books, as they are handed out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::vendor::Vendor;

/// The books of all vendors: `GET /ledger`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerReport {
    /// What is owed to all of them, in micro-dollars.
    pub micro_dollars: u64,
    /// The books, by vendor.
    pub vendors: BTreeMap<Vendor, VendorReport>,
}

impl LedgerReport {
    pub(super) fn of(vendors: BTreeMap<Vendor, VendorReport>) -> Self {
        Self { micro_dollars: vendors.values().map(|vendor| vendor.micro_dollars).sum(), vendors }
    }

    /// The books of `vendor`.
    ///
    /// # Panics
    /// If they are missing, which they never are in a report of the sandbox.
    pub fn vendor(&self, vendor: Vendor) -> &VendorReport {
        &self.vendors[&vendor]
    }

    /// The same without the subjects, for a person to read: `GET /bill`.
    #[must_use]
    pub fn without_subjects(mut self) -> Self {
        self.vendors.values_mut().for_each(|vendor| vendor.subjects.clear());
        self
    }
}

/// The books of one vendor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorReport {
    /// Requests that came, whatever became of them.
    pub requests: u64,
    /// Answers by status. A request that was cut or hung, or whose caller left, has none.
    pub answers: BTreeMap<u16, u64>,
    /// Requests refused because a limit of the vendor was reached.
    pub refused_by_limit: u64,
    /// Scripted faults that happened, by kind.
    pub faults: BTreeMap<String, u64>,
    /// Units billed.
    pub billed_units: u64,
    /// What is owed, in micro-dollars.
    pub micro_dollars: u64,
    /// Requests being answered right now.
    pub concurrent: u64,
    /// The most there ever were at once.
    pub concurrent_peak: u64,
    /// The busiest windows, for each limit of the vendor; a vendor without limits is counted by the second.
    pub windows: Vec<WindowReport>,
    /// Webhooks somebody received.
    pub webhooks_delivered: u64,
    /// Webhooks nobody received, after the last try.
    pub webhooks_lost: u64,
    /// Who was asked about, by [`subject`](crate::world::Identity::subject).
    pub subjects: BTreeMap<String, SubjectReport>,
}

impl VendorReport {
    /// The subjects that were paid for more than once, for the same thing.
    pub fn paid_again(&self) -> Vec<&str> {
        let again = self.subjects.iter().filter(|(_, subject)| subject.paid.values().any(|&times| times > 1));
        again.map(|(name, _)| name.as_str()).collect()
    }
}

/// One who was asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectReport {
    /// How often, in requests that were processed.
    pub asked: u64,
    /// How often each thing was paid for.
    pub paid: BTreeMap<String, u64>,
    /// What that came to, in micro-dollars.
    pub micro_dollars: u64,
}

/// The busiest windows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowReport {
    /// How long they are, in milliseconds.
    pub length_ms: u64,
    /// The most the vendor answers in one.
    pub limit: Option<u32>,
    /// The most requests that came in a window as the vendor counts, refused ones included.
    pub peak: u64,
    /// The most that came in any stretch of that length, wherever it begins.
    pub peak_anywhere: u64,
}
