//! How long a vendor wants to be left alone.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

/// No vendor means longer than this; more would overflow somebody's clock.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// `Retry-After` (RFC 9110 §10.2.3): seconds, or a date, which is measured by the vendor's own clock where its answer
/// has one (`Date`) and else by ours. Fractions count as the whole second. A date that has passed is no wait.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return seconds_up(seconds);
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let now = headers
        .get(DATE)
        .and_then(|date| httpdate::parse_http_date(date.to_str().ok()?.trim()).ok())
        .unwrap_or(now);
    let wait = until.duration_since(now).unwrap_or_default();
    let up = if wait.subsec_nanos() > 0 { wait.as_secs() + 1 } else { wait.as_secs() };
    Some(Duration::from_secs(up).min(LONGEST))
}

/// So many seconds, rounded up.
pub(crate) fn seconds_up(seconds: f64) -> Option<Duration> {
    let sane = seconds.is_finite() && seconds >= 0.0;
    sane.then(|| Duration::from_secs_f64(seconds.min(LONGEST.as_secs_f64()).ceil()))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(pairs: &[(http::HeaderName, &'static str)], now: u64) -> Option<u64> {
        let headers: HeaderMap =
            pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        retry_after(&headers, SystemTime::UNIX_EPOCH + Duration::from_secs(now)).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_and_dates_to_the_second() {
        // 784111777 is 1994-11-06 08:49:37.
        const NOW: u64 = 784_111_770;
        assert_eq!(read(&[(RETRY_AFTER, "17")], NOW), Some(17));
        assert_eq!(read(&[(RETRY_AFTER, " 0 ")], NOW), Some(0));
        assert_eq!(read(&[(RETRY_AFTER, "1.2")], NOW), Some(2));
        assert_eq!(read(&[(RETRY_AFTER, "Sun, 06 Nov 1994 08:49:37 GMT")], NOW), Some(7));
        assert_eq!(read(&[(RETRY_AFTER, "Sunday, 06-Nov-94 08:49:37 GMT")], NOW), Some(7));
        assert_eq!(read(&[(RETRY_AFTER, "Sun, 06 Nov 1994 08:49:37 GMT")], NOW + 60), Some(0));
    }

    #[test]
    fn a_date_is_measured_by_the_vendors_clock() {
        let headers =
            [(RETRY_AFTER, "Sun, 06 Nov 1994 08:49:37 GMT"), (DATE, "Sun, 06 Nov 1994 08:48:37 GMT")];
        assert_eq!(read(&headers, 0), Some(60));
    }

    #[test]
    fn nonsense_is_none_and_too_long_is_capped() {
        for text in ["", "soon", "-5", "NaN", "inf"] {
            assert_eq!(read(&[(RETRY_AFTER, text)], 0), None, "{text}");
        }
        assert_eq!(read(&[], 0), None);
        assert_eq!(read(&[(RETRY_AFTER, "99999999999999999999")], 0), Some(LONGEST.as_secs()));
    }
}
