//! What there is to decide on: the records of the file that no exact key has placed, and those of the team that share a
//! key with one of them.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use domain::id::{DataSourceId, RowIds};
use entities::BulkTransaction;
use entities::merge::{Kind, kept_apart, roots};
use entities::pipeline::slices::Slices;
use entities::pipeline::{Staging, candidates, match_records};
use resolution::{Evidence, Model, Record, Records};
use uuid::Uuid;

use super::judge::Near;
use super::pairs::NO_RECORD;
use super::record::rules;
use super::threads;
use crate::Fault;

/// Probability from which an import makes two records one. Below it, down to what the engine takes for possible, a
/// person looks: a false merge texts a stranger.
const MERGE_FROM: f32 = 0.95;

/// The records of one kind, numbered: those of the file in order of their rows, then those of the team in order of
/// their ids.
pub(super) struct Case {
    pub(super) kind: Kind,
    pub(super) model: Model,
    pub(super) records: Records,
    /// Of each record of the file its row, and by it its id.
    rows: Vec<u32>,
    ids_of_rows: RowIds,
    /// Of each record of the team its id, in order.
    known: Vec<Uuid>,
    /// Of each row the number of its record.
    pub(super) number_of_row: Vec<u32>,
    /// Chunks with rows whose records were left out because the team had whom they name, and has them no more. Without
    /// those records there is nothing to decide on.
    pub(super) lacking: BTreeSet<i32>,
    /// Who has a record of the team now that was merged.
    roots: BTreeMap<Uuid, Uuid>,
    /// What a person keeps apart, in order.
    apart: Vec<(Uuid, Uuid)>,
}

impl Case {
    /// The records of the file.
    pub(super) async fn open(
        tx: &mut BulkTransaction,
        source: DataSourceId,
        staging: &Staging,
        slices: &Slices,
        kind: Kind,
    ) -> Result<Self, Fault> {
        let mut number_of_row = vec![0; slices.last_row().cast_unsigned() as usize + 1];
        for row in candidates::placed(tx, staging, kind).await? {
            if let Some(number) = number_of_row.get_mut(row.cast_unsigned() as usize) {
                *number = NO_RECORD;
            }
        }
        let mut records = Records::new();
        let mut rows_of_records = Vec::new();
        let mut unreadable = false;
        let mut lacking = BTreeSet::new();
        match_records::read(tx, source, kind, rules(kind).version(), |chunk, row, stored| {
            if number_of_row.get(row as usize).is_some_and(|number| *number != NO_RECORD) {
                if stored.is_empty() {
                    lacking.insert(chunk);
                    return;
                }
                match Record::from_stored(stored) {
                    Some(record) => {
                        records.push_record(&record.about(rules(kind)));
                        rows_of_records.push(row);
                    }
                    None => unreadable = true,
                }
            }
        })
        .await?;
        if unreadable {
            return Err(super::broken("a stored record of the file cannot be read"));
        }
        number_of_row.fill(NO_RECORD);
        for (number, row) in (0..).zip(&rows_of_records) {
            number_of_row[*row as usize] = number;
        }
        let population = candidates::population(tx, kind).await? + slices.rows();
        Ok(Self {
            kind,
            // How common a name or a word is, the file says itself.
            model: Model::shipped(rules(kind), population)
                .merge_from(MERGE_FROM)
                .observing(&records, threads()),
            rows: rows_of_records,
            ids_of_rows: RowIds::of(source),
            known: Vec::new(),
            records,
            number_of_row,
            lacking,
            roots: BTreeMap::new(),
            apart: kept_apart(tx, kind).await?,
        })
    }

    /// Adds the records of the team that are named in `pairs`, or those that have them now.
    pub(super) async fn add_known(
        &mut self,
        tx: &mut BulkTransaction,
        pairs: &[(u32, Uuid)],
    ) -> Result<(), Fault> {
        let mut named: Vec<Uuid> = pairs.iter().map(|(_, id)| *id).collect();
        named.sort_unstable();
        named.dedup();
        self.roots = roots(tx, self.kind, &named).await?;
        let mut now: Vec<Uuid> = named.into_iter().map(|id| self.now(id)).collect();
        now.sort_unstable();
        now.dedup();
        let mut found: Vec<(Uuid, Record)> = Vec::new();
        let kind = self.kind;
        let rules = rules(kind);
        candidates::of_team(tx, kind, &now, |id, said| found.push((id, Record::from(said).about(rules))))
            .await?;
        found.sort_unstable_by_key(|(id, _)| *id);
        for (id, record) in found {
            self.known.push(id);
            self.records.push_record(&record);
        }
        Ok(())
    }

    /// How many records are of the file.
    pub(super) fn fresh(&self) -> usize {
        self.rows.len()
    }

    /// How many records are of the team.
    pub(super) fn known(&self) -> usize {
        self.known.len()
    }

    /// The id of a record.
    pub(super) fn id(&self, record: u32) -> Uuid {
        let record = record as usize;
        match self.rows.get(record) {
            Some(row) => self.ids_of_rows.row(*row),
            None => self.known[record - self.rows.len()],
        }
    }

    /// Who has the record now.
    fn now(&self, id: Uuid) -> Uuid {
        self.roots.get(&id).copied().unwrap_or(id)
    }

    /// Pairs with records of the team, by their numbers. One that is gone has none.
    pub(super) fn numbered(&self, pairs: &[(u32, Uuid)]) -> Vec<(u32, u32)> {
        let number =
            |id: &Uuid| self.known.binary_search(&self.now(*id)).ok().map(|at| (self.fresh() + at) as u32);
        pairs.iter().filter_map(|(one, id)| Some((*one, number(id)?))).collect()
    }

    /// The pairs that may be one, found on so many threads.
    pub(super) fn compare(&self, threads: NonZeroUsize, pairs: &[(u32, u32)]) -> Near {
        let near = |pairs: &[(u32, u32)]| -> Near {
            let compared = pairs.iter().filter_map(|(a, b)| {
                let found = self.model.near(&self.records, *a as usize, *b as usize)?;
                (!self.is_kept_apart(*a, *b)).then_some(((*a, *b), found))
            });
            compared.collect()
        };
        if threads.get() == 1 {
            return near(pairs);
        }
        let share = pairs.len().div_ceil(threads.get()).max(1);
        std::thread::scope(|scope| {
            let workers: Vec<_> = pairs.chunks(share).map(|pairs| scope.spawn(move || near(pairs))).collect();
            workers
                .into_iter()
                .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        })
    }

    /// What is known of any two.
    pub(super) fn evidence(&self, a: u32, b: u32) -> Evidence {
        let mut evidence = self.model.evidence(&self.records, a as usize, b as usize);
        if self.is_kept_apart(a, b) {
            // Whichever word the engine has for it: never one.
            evidence.conflict = Some(resolution::Conflict::Identifier);
        }
        evidence
    }

    fn is_kept_apart(&self, a: u32, b: u32) -> bool {
        if self.apart.is_empty() {
            return false;
        }
        let (a, b) = (self.id(a), self.id(b));
        self.apart.binary_search(&(a.min(b), a.max(b))).is_ok()
    }
}
