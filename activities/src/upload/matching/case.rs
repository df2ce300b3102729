//! What there is to decide on: the records of the file that no exact key has placed, and those of the team that share a
//! key with one of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::id::{DataSourceId, RowIds};
use entities::BulkTransaction;
use entities::merge::{Kind, kept_apart, roots};
use entities::pipeline::slices::Slices;
use entities::pipeline::{Staging, candidates, match_records};
use resolution::{Census, Evidence, Model, Record, Records};
use uuid::Uuid;

use super::judge::Near;
use super::record::rules;
use super::rows::Rows;
use super::threads;
use crate::Fault;

/// Probability from which an import makes two records one. Below it, down to what the engine takes for possible, a
/// person looks: a false merge texts a stranger.
const MERGE_FROM: f32 = 0.95;

/// One kind. A record of the file has the number of its row; those of the team have the numbers behind, in order of their
/// ids.
pub(super) struct Case {
    pub(super) kind: Kind,
    pub(super) source: DataSourceId,
    pub(super) model: Model,
    /// The rows of the file with a record that no exact key has placed.
    pub(super) to_place: Arc<Rows>,
    /// How many they are.
    pub(super) records_of_file: u64,
    /// Chunks with rows whose records were left out because the team had whom they name, and has them no more. Without
    /// those records there is nothing to decide on.
    pub(super) lacking: BTreeSet<i32>,
    /// What is in memory: records of some rows in order, then those of the team.
    records: Records,
    /// Of each row where its record is in memory.
    place_of_row: Vec<u32>,
    /// Of how many rows it is.
    loaded: usize,
    /// Of each record of the team its id, in order.
    known: Vec<Uuid>,
    /// Who has a record of the team now that was merged.
    roots: BTreeMap<Uuid, Uuid>,
    /// What a person keeps apart, in order.
    apart: Vec<(Uuid, Uuid)>,
}

/// A row whose record is not in memory.
const NOT_LOADED: u32 = u32::MAX;

impl Case {
    /// Goes through the records of the file, for how common a name or a word is in it. None of them stays in memory.
    pub(super) async fn open(
        tx: &mut BulkTransaction,
        source: DataSourceId,
        staging: &Staging,
        slices: &Slices,
        kind: Kind,
    ) -> Result<Self, Fault> {
        let mut unplaced = Rows::all_of(slices.last_row());
        for row in candidates::placed(tx, staging, kind).await? {
            unplaced.remove(row.cast_unsigned());
        }
        let mut to_place = Rows::none_of(slices.last_row());
        let mut records_of_file = 0;
        let mut lacking = BTreeSet::new();
        let mut census = Census::of(usize::try_from(slices.rows()).unwrap_or(usize::MAX));
        each_record(tx, source, kind, &unplaced, |chunk, row, record| match record {
            Some(record) => {
                census.add(&record);
                to_place.insert(row);
                records_of_file += 1;
            }
            None => _ = lacking.insert(chunk),
        })
        .await?;
        let population = candidates::population(tx, kind).await? + slices.rows();
        Ok(Self {
            kind,
            source,
            model: Model::shipped(rules(kind), population).merge_from(MERGE_FROM).observing(census.finish()),
            place_of_row: vec![NOT_LOADED; slices.last_row().cast_unsigned() as usize + 1],
            to_place: Arc::new(to_place),
            records_of_file,
            lacking,
            records: Records::new(),
            loaded: 0,
            known: Vec::new(),
            roots: BTreeMap::new(),
            apart: kept_apart(tx, kind).await?,
        })
    }

    /// Takes the records of `rows` into memory, in the place of what is there.
    pub(super) async fn load(&mut self, tx: &mut BulkTransaction, rows: &Rows) -> Result<(), Fault> {
        self.records = Records::new();
        self.known.clear();
        self.place_of_row.fill(NOT_LOADED);
        each_record(tx, self.source, self.kind, rows, |_, row, record| {
            if let Some(record) = record {
                self.place_of_row[row as usize] = self.records.len() as u32;
                self.records.push_record(&record);
            }
        })
        .await?;
        self.loaded = self.records.len();
        Ok(())
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

    /// The first number of a record of the team.
    pub(super) fn first_known(&self) -> u32 {
        self.place_of_row.len() as u32
    }

    /// How many records of the team there are.
    pub(super) fn known(&self) -> usize {
        self.known.len()
    }

    /// Where a record is in memory.
    fn place(&self, number: u32) -> usize {
        match number.checked_sub(self.first_known()) {
            Some(at) => self.loaded + at as usize,
            None => self.place_of_row[number as usize] as usize,
        }
    }

    /// What a record says, if it is in memory.
    pub(super) fn record(&self, number: u32) -> Option<Record> {
        self.records.get(self.place(number))
    }

    /// The id of a record.
    pub(super) fn id(&self, number: u32) -> Uuid {
        match number.checked_sub(self.first_known()) {
            Some(at) => self.known[at as usize],
            None => RowIds::of(self.source).row(number),
        }
    }

    /// Who has the record now.
    fn now(&self, id: Uuid) -> Uuid {
        self.roots.get(&id).copied().unwrap_or(id)
    }

    /// Pairs with records of the team, by their numbers. One that is gone has none.
    pub(super) fn numbered(&self, pairs: &[(u32, Uuid)]) -> Vec<(u32, u32)> {
        let number = |id: &Uuid| {
            self.known.binary_search(&self.now(*id)).ok().map(|at| self.first_known() + at as u32)
        };
        pairs.iter().filter_map(|(one, id)| Some((*one, number(id)?))).collect()
    }

    /// The pairs that may be one.
    pub(super) fn compare(&self, pairs: &[(u32, u32)]) -> Near {
        let near = |pairs: &[(u32, u32)]| -> Near {
            let compared = pairs.iter().filter_map(|(a, b)| {
                let found = self.model.near(&self.records, self.place(*a), self.place(*b))?;
                (!self.is_kept_apart(*a, *b)).then_some(((*a, *b), found))
            });
            compared.collect()
        };
        let share = pairs.len().div_ceil(threads().get()).max(1);
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
        let mut evidence = self.model.evidence(&self.records, self.place(a), self.place(b));
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

/// Gives `each` those of `rows` that name a `kind`, with chunk and record; one that was left out has none.
async fn each_record(
    tx: &mut BulkTransaction,
    source: DataSourceId,
    kind: Kind,
    rows: &Rows,
    mut each: impl FnMut(i32, u32, Option<Record>),
) -> Result<(), Fault> {
    let mut unreadable = false;
    match_records::read(tx, source, kind, rules(kind).version(), |chunk, row, stored| {
        if rows.contains(row) {
            let record = Record::from_stored(stored).map(|record| record.about(rules(kind)));
            unreadable |= record.is_none() && !stored.is_empty();
            each(chunk, row, record);
        }
    })
    .await?;
    if unreadable {
        return Err(super::broken("a stored record of the file cannot be read"));
    }
    Ok(())
}
