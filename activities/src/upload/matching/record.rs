//! Rows as the engine compares them.

use domain::normalize::NormalizedRow;
use domain::said::Said;
use entities::DbError;
use entities::merge::Kind;
use entities::pipeline::match_keys::KeyBuffer;
use entities::pipeline::match_records::RecordBuffer;
use resolution::{Keys, Record, RuleSet, blocking_keys};

/// The rules for a kind.
pub(in super::super) const fn rules(kind: Kind) -> RuleSet {
    match kind {
        Kind::Persona => RuleSet::Persons,
        Kind::Business => RuleSet::Businesses,
    }
}

/// The records of a chunk's rows, and the keys by which they are found.
#[derive(Default)]
pub(in super::super) struct Landing {
    pub(in super::super) records: RecordBuffer,
    pub(in super::super) keys: KeyBuffer,
}

/// Of which kinds the records of a row are left out: those that name somebody whom the team has.
#[derive(Debug, Clone, Copy, Default)]
pub(in super::super) struct LeftOut {
    pub(in super::super) persona: bool,
    pub(in super::super) business: bool,
}

impl LeftOut {
    const fn has(self, kind: Kind) -> bool {
        match kind {
            Kind::Persona => self.persona,
            Kind::Business => self.business,
        }
    }
}

/// The kinds that a row names.
fn named(keys: &Keys) -> impl Iterator<Item = Kind> + Clone {
    let names = [(Kind::Persona, keys.persona), (Kind::Business, keys.business)];
    names.into_iter().filter(|(_, key)| key.is_some()).map(|(kind, _)| kind)
}

impl Landing {
    /// Adds what the row says of whom it names, but for those `left` out.
    pub(in super::super) fn push(
        &mut self,
        row_no: i32,
        row: &NormalizedRow,
        keys: &Keys,
        left: LeftOut,
    ) -> Result<(), DbError> {
        let kinds = named(keys).filter(|kind| !left.has(*kind));
        let record = Record::from(&Said::from(row));
        for kind in kinds.clone() {
            let rules = rules(kind);
            self.keys.push(kind, row_no, &blocking_keys(rules, &record.about(rules)));
        }
        self.records.push(row_no, kinds, record.stored())
    }

    /// Notes whose records of the row are left out. Answers whether some record of it is not.
    pub(in super::super) fn leave_out(
        &mut self,
        row_no: i32,
        keys: &Keys,
        left: LeftOut,
    ) -> Result<bool, DbError> {
        let mut kinds = named(keys).filter(|kind| left.has(*kind)).peekable();
        if kinds.peek().is_some() {
            self.records.push(row_no, kinds, &[])?;
        }
        Ok(named(keys).any(|kind| !left.has(kind)))
    }
}
