//! Dates as lists write them, as far as they go.

use super::Part;
use super::writer::Writer;

/// A date of which month and day may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartialDate {
    /// Year, of four digits.
    pub year: u16,
    /// Month from 1, or 0 when unknown.
    pub month: u8,
    /// Day from 1, or 0 when unknown.
    pub day: u8,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

impl PartialDate {
    /// Reads `1978-12-11`, `12/11/1978` (month first, as in the United States, unless it cannot be), `11.12.1978`,
    /// `19781211`, `Dec 11 1978`, `11 December 1978`, `12/1978`, `1978`, and years of two digits (`3/1/70`), which
    /// are those before 2030. A month or day that cannot be is unknown. `None` for what is no date.
    pub fn parse(text: &str) -> Option<Self> {
        let date = text
            .split(['T', ' '])
            .next()
            .filter(|first| first.len() >= 8 && text.contains(':'))
            .unwrap_or(text);
        let mut numbers: Vec<(u32, usize)> = Vec::with_capacity(3);
        let mut month = None;
        let mut month_at = 0;
        for word in date.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            if digits.is_empty() {
                month = Some(month_of(word)?);
                month_at = numbers.len();
            } else if digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.len() <= 8 {
                numbers.push((digits.parse().ok()?, digits.len()));
            } else {
                return None;
            }
        }
        let (year, month, day) = match (numbers.as_slice(), month) {
            ([(packed, 8)], None) => compact(*packed),
            ([(year, 4)], None) => (*year, 0, 0),
            ([(year, 4)], Some(month)) => (*year, month, 0),
            ([(year, 4), (day, _)], Some(month)) => (*year, month, *day),
            ([(day, _), (year, length)], Some(month)) if month_at <= 1 => (full(*year, *length), month, *day),
            ([(year, 4), (month, _), (day, _)], None) => (*year, *month, *day),
            ([(year, 4), (month, _)], None) => (*year, *month, 0),
            ([(month, _), (year, 4)], None) => (*year, *month, 0),
            ([(month, _), (day, _), (year, length)], None) => (full(*year, *length), *month, *day),
            _ => return None,
        };
        let (month, day) = if month > 12 && day <= 12 { (day, month) } else { (month, day) };
        let year = u16::try_from(year).ok().filter(|year| (1000..=2999).contains(year))?;
        let within = |number: u32, most: u32| if number <= most { number as u8 } else { 0 };
        Some(Self { year, month: within(month, 12), day: within(day, 31) })
    }

    /// Whether month and day are known.
    pub const fn is_whole(self) -> bool {
        self.month != 0 && self.day != 0
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let [high, low, month, day] = bytes.try_into().ok()?;
        Some(Self { year: u16::from_be_bytes([high, low]), month, day })
    }

    const fn to_bytes(self) -> [u8; 4] {
        let [high, low] = self.year.to_be_bytes();
        [high, low, self.month, self.day]
    }
}

/// `19781211`, or `12111978`.
const fn compact(packed: u32) -> (u32, u32, u32) {
    let year = packed / 10_000;
    if year >= 1300 && year < 3000 || packed % 10_000 < 1000 {
        (year, packed / 100 % 100, packed % 100)
    } else {
        (packed % 10_000, packed / 1_000_000, packed / 10_000 % 100)
    }
}

const fn full(year: u32, length: usize) -> u32 {
    match length {
        4 => year,
        _ if year < 30 => 2000 + year,
        _ if year < 100 => 1900 + year,
        _ => year,
    }
}

fn month_of(word: &str) -> Option<u32> {
    let start = word.get(..3)?;
    let at = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(start))?;
    u32::try_from(at + 1).ok()
}

/// A date cell.
pub(super) fn date(value: &str, record: &mut Writer) {
    if let Some(date) = PartialDate::parse(value) {
        record.add(Part::Date, &date.to_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_lists_write_dates() {
        let check = |text: &str, year: u16, month: u8, day: u8| {
            assert_eq!(PartialDate::parse(text), Some(PartialDate { year, month, day }), "{text:?}");
        };
        check("1978-12-11", 1978, 12, 11);
        check("12/11/1978", 1978, 12, 11);
        check("3/1/70", 1970, 3, 1);
        check("1/7/18", 2018, 1, 7);
        check("25/12/1980", 1980, 12, 25);
        check("19781211", 1978, 12, 11);
        check("12111978", 1978, 12, 11);
        check("Mar 1 1970", 1970, 3, 1);
        check("1 March 1970", 1970, 3, 1);
        check("March 1st, 1970", 1970, 3, 1);
        check("Sept 1970", 1970, 9, 0);
        check("12/1978", 1978, 12, 0);
        check("1978", 1978, 0, 0);
        check("1978-12-11T00:00:00", 1978, 12, 11);
        check("1978-12-11 10:20:30", 1978, 12, 11);
        check("19781399", 1978, 0, 0);
    }

    #[test]
    fn what_is_no_date() {
        for text in ["", "unknown", "12", "n/a", "12/11", "99999999999", "0000-00-00", "Smarch 4"] {
            assert_eq!(PartialDate::parse(text), None, "{text:?}");
        }
    }
}
