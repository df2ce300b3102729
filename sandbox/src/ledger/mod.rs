//! The sandbox's own bill and its own book of calls, kept apart from whatever the caller believes.

mod account;
mod report;
mod window;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use account::VendorAccount;
pub use report::{LedgerReport, SubjectReport, VendorReport, WindowReport};
pub(crate) use window::WindowState;

use crate::settings::Settings;
use crate::vendor::Vendor;

/// Money owed for an answer.
#[derive(Debug, Clone)]
pub(crate) struct Charge {
    /// For whom; the subject of an identity.
    pub(crate) subject: String,
    /// For what, by the word the tariff has for it, or a word for what was found.
    pub(crate) what: &'static str,
    /// How many units.
    pub(crate) units: u64,
    /// Micro-dollars for all of them.
    pub(crate) micro_dollars: u64,
}

/// Whether a request is within the limits.
#[derive(Debug)]
pub(crate) struct Admission {
    /// The windows after it.
    pub(crate) windows: Vec<WindowState>,
    /// Until when the vendor answers no more; `None` if it does.
    pub(crate) closed_for: Option<std::time::Duration>,
}

/// The books of all vendors.
pub(crate) struct Ledger {
    accounts: BTreeMap<Vendor, Mutex<VendorAccount>>,
}

impl Ledger {
    pub(crate) fn of(settings: &Settings) -> Self {
        let account = |vendor: Vendor| {
            (vendor, Mutex::new(VendorAccount::with(settings.vendor(vendor).limits.clone())))
        };
        Self { accounts: Vendor::ALL.into_iter().map(account).collect() }
    }

    /// A request has come; it is there until what is returned is dropped.
    pub(crate) fn arrive(self: &std::sync::Arc<Self>, vendor: Vendor) -> Presence {
        self.account(vendor).arrive();
        Presence { ledger: self.clone(), vendor }
    }

    /// Counts a request against the limits of `scope`, an account of the vendor or a part of one.
    pub(crate) fn admit(&self, vendor: Vendor, scope: &str) -> Admission {
        self.account(vendor).admit(scope, Instant::now())
    }

    /// A fault of `kind` happened.
    pub(crate) fn fault(&self, vendor: Vendor, kind: &'static str) {
        self.account(vendor).fault(kind);
    }

    /// These were asked about, and this is owed for it.
    pub(crate) fn settle(&self, vendor: Vendor, asked: &[String], charges: &[Charge]) {
        self.account(vendor).settle(asked, charges);
    }

    /// A request was answered.
    pub(crate) fn answer(&self, vendor: Vendor, status: u16) {
        self.account(vendor).answer(status);
    }

    /// A webhook was posted, and received or not.
    pub(crate) fn deliver(&self, vendor: Vendor, received: bool) {
        self.account(vendor).deliver(received);
    }

    /// The books as they stand.
    pub(crate) fn report(&self) -> LedgerReport {
        LedgerReport::of(
            self.accounts.keys().map(|&vendor| (vendor, self.account(vendor).report())).collect(),
        )
    }

    /// Forgets everything but the requests that are there right now.
    pub(crate) fn forget(&self) {
        self.accounts.keys().for_each(|&vendor| self.account(vendor).forget());
    }

    fn account(&self, vendor: Vendor) -> MutexGuard<'_, VendorAccount> {
        self.accounts[&vendor].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is being answered.
pub(crate) struct Presence {
    ledger: std::sync::Arc<Ledger>,
    vendor: Vendor,
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.ledger.account(self.vendor).leave();
    }
}
