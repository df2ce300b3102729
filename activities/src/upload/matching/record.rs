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

impl Landing {
    /// Adds what the row says of whom it names.
    pub(in super::super) fn push(
        &mut self,
        row_no: i32,
        row: &NormalizedRow,
        named: &Keys,
    ) -> Result<(), DbError> {
        let record = Record::from(&Said::from(row));
        let names = [(Kind::Persona, named.persona), (Kind::Business, named.business)];
        let kinds = names.into_iter().filter(|(_, key)| key.is_some()).map(|(kind, _)| kind);
        for kind in kinds.clone() {
            let rules = rules(kind);
            self.keys.push(kind, row_no, &blocking_keys(rules, &record.about(rules)));
        }
        self.records.push(row_no, kinds, record.stored())
    }
}
