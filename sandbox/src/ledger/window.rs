//! Counting requests in windows: as the vendor does, and as a sceptic would.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::report::WindowReport;
use crate::settings::RateLimit;

/// A window after a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WindowState {
    /// The most that is answered in it.
    pub(crate) limit: Option<u32>,
    /// What was answered in it, this request included.
    pub(crate) used: u32,
}

/// The windows of one scope under one limit.
#[derive(Debug)]
pub(super) struct Window {
    rule: RateLimit,
    opened: Option<Instant>,
    used: u32,
    came: u64,
    recent: VecDeque<Instant>,
    peak: u64,
    peak_anywhere: u64,
}

impl Window {
    pub(super) fn new(rule: RateLimit) -> Self {
        Self { rule, opened: None, used: 0, came: 0, recent: VecDeque::new(), peak: 0, peak_anywhere: 0 }
    }

    /// A request has come. The first opens the window, and the first after its end the next one.
    pub(super) fn count(&mut self, now: Instant) {
        if self.opened.is_none_or(|opened| now.saturating_duration_since(opened) >= self.rule.per) {
            self.opened = Some(now);
            self.used = 0;
            self.came = 0;
        }
        self.came += 1;
        self.peak = self.peak.max(self.came);
        while self.recent.front().is_some_and(|&then| now.saturating_duration_since(then) >= self.rule.per) {
            self.recent.pop_front();
        }
        self.recent.push_back(now);
        self.peak_anywhere = self.peak_anywhere.max(self.recent.len() as u64);
    }

    /// How long nothing more is answered; `None` if there is room.
    pub(super) fn closed_for(&self, now: Instant) -> Option<Duration> {
        let full = self.rule.requests.is_some_and(|most| self.used >= most);
        let opened = self.opened.filter(|_| full)?;
        Some((opened + self.rule.per).saturating_duration_since(now))
    }

    /// The request takes its place.
    pub(super) fn take(&mut self) {
        self.used += 1;
    }

    pub(super) fn state(&self) -> WindowState {
        WindowState { limit: self.rule.requests, used: self.used }
    }

    pub(super) fn report(&self) -> WindowReport {
        WindowReport {
            length_ms: u64::try_from(self.rule.per.as_millis()).unwrap_or(u64::MAX),
            limit: self.rule.requests,
            peak: self.peak,
            peak_anywhere: self.peak_anywhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_window_opens_with_the_first_request_and_not_by_the_clock() {
        let mut window = Window::new(RateLimit::of(2, SECOND));
        let start = Instant::now();
        for at in [0, 900] {
            let now = start + Duration::from_millis(at);
            window.count(now);
            assert_eq!(window.closed_for(now), None, "at {at}");
            window.take();
        }
        let now = start + Duration::from_millis(950);
        window.count(now);
        assert_eq!(window.closed_for(now), Some(Duration::from_millis(50)));
        let now = start + SECOND;
        window.count(now);
        assert_eq!(window.closed_for(now), None);
        assert_eq!((window.report().peak, window.report().peak_anywhere), (3, 3));
    }

    #[test]
    fn a_burst_over_the_border_of_two_windows_is_seen() {
        let mut window = Window::new(RateLimit::of(2, SECOND));
        let start = Instant::now();
        for at in [0, 990, 1_010, 1_020] {
            window.count(start + Duration::from_millis(at));
        }
        assert_eq!((window.report().peak, window.report().peak_anywhere), (2, 3));
    }
}
