//! What a vendor's headers tell of the account's limits.

use std::time::Duration;

use http::HeaderMap;

/// How one of the account's windows stands after the call. What the vendor did not send (or sent empty: no limit) is
/// `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UsageWindow {
    /// How long the window is.
    pub length: Duration,
    /// Calls allowed in it.
    pub limit: Option<u64>,
    /// Calls made in it.
    pub used: Option<u64>,
    /// Calls left in it.
    pub left: Option<u64>,
    /// How long until it starts anew.
    pub resets_in: Option<Duration>,
}

/// The windows a vendor told of; empty where it sends no such headers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageHeaders {
    /// Shortest first.
    pub windows: Vec<UsageWindow>,
}

impl UsageHeaders {
    /// Whether nothing was told.
    pub const fn is_empty(&self) -> bool {
        self.windows.is_empty()
    }

    /// Whether the next call would be refused: some window has none left.
    pub fn is_exhausted(&self) -> bool {
        self.windows.iter().any(|window| window.left == Some(0))
    }

    /// Apollo's headers [V: docs.apollo.io, rate limits]. A plan without a limit sends the header empty, and none are
    /// sent before the key was accepted.
    pub(super) fn of_apollo(headers: &HeaderMap) -> Self {
        const HOUR: u64 = 60 * 60;
        let windows = [
            (60, "x-rate-limit-minute", "x-minute-usage", "x-minute-requests-left"),
            (HOUR, "x-rate-limit-hourly", "x-hourly-usage", "x-hourly-requests-left"),
            (24 * HOUR, "x-rate-limit-24-hour", "x-24-hour-usage", "x-24-hour-requests-left"),
        ];
        let windows = windows
            .into_iter()
            .map(|(seconds, limit, used, left)| UsageWindow {
                length: Duration::from_secs(seconds),
                limit: number(headers, limit),
                used: number(headers, used),
                left: number(headers, left),
                // The windows open with the first call in them, and no header says when that was.
                resets_in: None,
            })
            .filter(|window| window.limit.is_some() || window.used.is_some() || window.left.is_some())
            .collect();
        Self { windows }
    }
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn empty_headers_are_windows_without_a_limit() {
        let usage = UsageHeaders::of_apollo(&headers(&[
            ("x-rate-limit-minute", "1000"),
            ("x-minute-usage", "3"),
            ("x-minute-requests-left", "997"),
            ("x-rate-limit-hourly", ""),
            ("x-hourly-requests-left", ""),
            ("x-24-hour-usage", "17"),
        ]));
        let [minute, day] = usage.windows.as_slice() else { panic!("{usage:?}") };
        assert_eq!((minute.limit, minute.used, minute.left), (Some(1000), Some(3), Some(997)));
        assert_eq!((day.length.as_secs(), day.limit, day.used), (86_400, None, Some(17)));
        assert!(!usage.is_exhausted());
    }

    #[test]
    fn a_window_without_calls_left_is_exhausted() {
        assert!(UsageHeaders::of_apollo(&headers(&[("x-hourly-requests-left", "0")])).is_exhausted());
        assert!(UsageHeaders::of_apollo(&HeaderMap::new()).is_empty());
    }
}
