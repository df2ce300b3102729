//! The law of one state, ready to be asked.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};

use super::data::StateLaw;
use super::holiday::Holiday;
use super::{RuleSetFault, Span};

/// All laws of one state, of whatever dates.
#[derive(Debug, Clone, Default)]
pub(super) struct StateLaws(Vec<Law>);

impl StateLaws {
    pub(super) fn push(&mut self, law: Law) {
        self.0.push(law);
    }

    pub(super) fn all(&self) -> &[Law] {
        &self.0
    }
}

/// A law of a state.
#[derive(Debug, Clone)]
pub(crate) struct Law {
    from: NaiveDate,
    until: NaiveDate,
    mon_fri: Span,
    sat: Span,
    sun: Span,
    holidays: Vec<Holiday>,
    /// Messages to one recipient in 24 hours.
    pub(crate) most_in_24h: Option<u8>,
    /// Whether it does not hold for messages to businesses.
    pub(crate) b2b_exempt: bool,
    /// Whether it holds for residents only.
    pub(crate) residents_only: bool,
    /// Whether it wants a recipient who agreed to texts.
    pub(crate) opt_in_only: bool,
}

/// What a law says of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LawHours<'l> {
    /// These hours.
    Hours(Span),
    /// None: it is a holiday.
    Holiday(&'l str),
}

impl Law {
    pub(super) fn of(law: &StateLaw, lists: &BTreeMap<String, Vec<Holiday>>) -> Result<Self, RuleSetFault> {
        let mut holidays = Vec::new();
        for list in &law.holidays {
            let found = lists.get(list).ok_or_else(|| RuleSetFault::NoSuchHolidays {
                state: law.state.abbreviation(),
                list: list.clone(),
            })?;
            holidays.extend(found.iter().cloned());
        }
        Ok(Self {
            from: law.from.unwrap_or(NaiveDate::MIN),
            until: law.until.unwrap_or(NaiveDate::MAX),
            mon_fri: law.mon_fri,
            sat: law.sat,
            sun: law.sun,
            holidays,
            most_in_24h: law.most_in_24h,
            b2b_exempt: law.b2b_exempt,
            residents_only: law.residents_only,
            opt_in_only: law.opt_in_only,
        })
    }

    pub(super) fn is_in_force(&self, date: NaiveDate) -> bool {
        self.from <= date && date < self.until
    }

    /// What it says of a day.
    pub(crate) fn hours(&self, date: NaiveDate) -> LawHours<'_> {
        if let Some(holiday) = self.holidays.iter().find(|holiday| holiday.is_on(date)) {
            return LawHours::Holiday(&holiday.name);
        }
        LawHours::Hours(match date.weekday() {
            Weekday::Sat => self.sat,
            Weekday::Sun => self.sun,
            _ => self.mon_fri,
        })
    }
}
