//! What one part of a batch tells the others.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};

use tokio::sync::Notify;

/// What one part of a batch tells the others.
#[derive(Debug, Default)]
pub(super) struct Signals {
    stopped: AtomicBool,
    told: Notify,
    /// Milliseconds since 1970; 0: nobody said anything.
    not_before: AtomicI64,
    /// Calls in a row that did not get through.
    trouble: AtomicU32,
}

impl Signals {
    /// Nothing more is claimed or begun by this batch.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        self.told.notify_one();
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Waits until somebody stops the batch.
    pub(super) async fn stopped(&self) {
        if !self.is_stopped() {
            self.told.notified().await;
        }
    }

    /// Nothing is to be sent before then, in milliseconds since 1970: a vendor wants to be left alone.
    pub(super) fn hold_until(&self, at: i64) {
        self.not_before.fetch_max(at, Ordering::AcqRel);
    }

    pub(super) fn not_before(&self) -> Option<i64> {
        Some(self.not_before.load(Ordering::Acquire)).filter(|at| *at > 0)
    }

    /// Notes whether a call got through; answers how many in a row did not.
    pub(super) fn got_through(&self, yes: bool) -> u32 {
        if yes {
            self.trouble.store(0, Ordering::Release);
            return 0;
        }
        self.trouble.fetch_add(1, Ordering::AcqRel) + 1
    }
}
