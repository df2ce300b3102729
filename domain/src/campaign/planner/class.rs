//! Leads that have the same hours, and their messages that are due.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use chrono::{DateTime, Utc};

use crate::gate::{Hours, RuleId};

/// A message in its turn: the earlier due goes first, then the earlier in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    pub(super) due: DateTime<Utc>,
    pub(super) lead: u32,
    pub(super) step: u8,
}

/// Leads that have the same hours: opening and closing is looked at once for all of them.
#[derive(Debug)]
pub(super) struct Class<'r> {
    pub(super) hours: Hours<'r>,
    queue: BinaryHeap<Reverse<Turn>>,
    /// The end of the hours it is in; `None` while it is closed, or nothing is due.
    pub(super) open_until: Option<DateTime<Utc>>,
    /// When it opens, while it is closed and something is due.
    pub(super) opens_at: Option<DateTime<Utc>>,
    /// Whether the way by which it goes is taken.
    pub(super) is_blocked: bool,
}

impl<'r> Class<'r> {
    pub(super) const fn new(hours: Hours<'r>) -> Self {
        Self { hours, queue: BinaryHeap::new(), open_until: None, opens_at: None, is_blocked: false }
    }

    pub(super) fn push(&mut self, turn: Turn) {
        self.queue.push(Reverse(turn));
    }

    pub(super) fn head(&self) -> Option<Turn> {
        self.queue.peek().map(|turn| turn.0)
    }

    pub(super) fn pop(&mut self) -> Option<Turn> {
        self.queue.pop().map(|turn| turn.0)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Takes out what was due before a moment, in its order.
    pub(super) fn due_before(&mut self, moment: DateTime<Utc>) -> Vec<Turn> {
        let mut due = Vec::new();
        while self.head().is_some_and(|turn| turn.due < moment) {
            due.extend(self.pop());
        }
        due
    }

    /// Takes out everything, in its order.
    pub(super) fn drain(&mut self) -> Vec<Turn> {
        std::iter::from_fn(|| self.pop()).collect()
    }

    /// Which rule keeps it closed at a moment.
    pub(super) fn closed_by(&self, at: DateTime<Utc>) -> RuleId {
        if self.hours.closed(at).is_some_and(|closed| closed.by == crate::gate::ClosedBy::Own) {
            RuleId::SendWindow
        } else {
            RuleId::QuietHours
        }
    }
}
