//! The books of one vendor while they are written.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::report::{VendorReport, WindowReport};
use super::window::Window;
use super::{Admission, Charge};
use crate::settings::RateLimit;

/// What a vendor without limits is counted by.
const BY_THE_SECOND: RateLimit = RateLimit::none(Duration::from_secs(1));

/// The books of one vendor.
pub(super) struct VendorAccount {
    rules: Vec<RateLimit>,
    scopes: HashMap<String, Vec<Window>>,
    book: VendorReport,
}

impl VendorAccount {
    pub(super) fn with(limits: Vec<RateLimit>) -> Self {
        let rules = if limits.is_empty() { vec![BY_THE_SECOND] } else { limits };
        Self { rules, scopes: HashMap::new(), book: VendorReport::default() }
    }

    pub(super) fn arrive(&mut self) {
        self.book.requests += 1;
        self.book.concurrent += 1;
        self.book.concurrent_peak = self.book.concurrent_peak.max(self.book.concurrent);
    }

    pub(super) fn leave(&mut self) {
        self.book.concurrent = self.book.concurrent.saturating_sub(1);
    }

    pub(super) fn admit(&mut self, scope: &str, now: Instant) -> Admission {
        let new = || self.rules.iter().copied().map(Window::new).collect();
        let windows = self.scopes.entry(scope.to_owned()).or_insert_with(new);
        windows.iter_mut().for_each(|window| window.count(now));
        // All windows have to be open again.
        let closed_for = windows.iter().filter_map(|window| window.closed_for(now)).max();
        if closed_for.is_none() {
            windows.iter_mut().for_each(Window::take);
        } else {
            self.book.refused_by_limit += 1;
        }
        Admission { windows: windows.iter().map(Window::state).collect(), closed_for }
    }

    pub(super) fn fault(&mut self, kind: &str) {
        *self.book.faults.entry(kind.to_owned()).or_default() += 1;
    }

    pub(super) fn settle(&mut self, asked: &[String], charges: &[Charge]) {
        for subject in asked {
            self.book.subjects.entry(subject.clone()).or_default().asked += 1;
        }
        for charge in charges {
            let subject = self.book.subjects.entry(charge.subject.clone()).or_default();
            *subject.paid.entry(charge.what.to_owned()).or_default() += 1;
            subject.micro_dollars += charge.micro_dollars;
            self.book.billed_units += charge.units;
            self.book.micro_dollars += charge.micro_dollars;
        }
    }

    pub(super) fn answer(&mut self, status: u16) {
        *self.book.answers.entry(status).or_default() += 1;
    }

    pub(super) fn deliver(&mut self, received: bool) {
        if received {
            self.book.webhooks_delivered += 1;
        } else {
            self.book.webhooks_lost += 1;
        }
    }

    pub(super) fn report(&self) -> VendorReport {
        let busiest = |(at, rule): (usize, &RateLimit)| {
            let mut report = Window::new(*rule).report();
            for WindowReport { peak, peak_anywhere, .. } in
                self.scopes.values().filter_map(|windows| windows.get(at)).map(Window::report)
            {
                report.peak = report.peak.max(peak);
                report.peak_anywhere = report.peak_anywhere.max(peak_anywhere);
            }
            report
        };
        VendorReport { windows: self.rules.iter().enumerate().map(busiest).collect(), ..self.book.clone() }
    }

    pub(super) fn forget(&mut self) {
        self.scopes.clear();
        self.book = VendorReport {
            concurrent: self.book.concurrent,
            concurrent_peak: self.book.concurrent,
            ..VendorReport::default()
        };
    }
}
