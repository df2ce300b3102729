//! All that the product knows of a team, so that two ways to the same end can be compared exactly.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Result, bail};
use domain::id::{DataSourceId, RowIds, TypedId};
use entities::{Database, walls};
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

use crate::Team;

/// Tables that tell of the way and not of the end: who did what, which key, which attempt took how long.
const OF_THE_WAY: [&str; 5] = ["api_keys", "audit_log", "idempotency_keys", "memberships", "stage_runs"];

/// Columns that differ whenever something is done twice at different times.
const OF_THE_MOMENT: [&str; 8] = [
    "created_at",
    "updated_at",
    "started_at",
    "completed_at",
    "first_seen_at",
    "last_seen_at",
    "attempt",
    "stale_since",
];

/// Columns of one table that are drawn or timed anew whenever something is done. What a merge keeps for its undoing has
/// times inside; that it undoes is for tests of its own.
const OF_CHANCE: [(&str, &[&str]); 3] = [
    ("persona_merge_history", &["id", "step", "merged_at", "unmerged_at", "undo"]),
    ("business_merge_history", &["id", "step", "merged_at", "unmerged_at", "undo"]),
    ("merge_reviews", &["id", "decided_at"]),
];

/// The rows of every product table of one team, sorted, in words that do not depend on which ids were drawn: a
/// file is `SOURCE-n` by its place in the order of upload, what its rows became is `SOURCE-n` and the row's number,
/// a block is its name. Times are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    tables: BTreeMap<String, Vec<String>>,
}

impl Snapshot {
    /// What `team` has.
    ///
    /// # Errors
    /// What the database said.
    pub async fn of(admin: &Database, team: &Team) -> Result<Self> {
        let words = words(admin, team).await?;
        let mut tables = BTreeMap::new();
        for table in walls::tenant_tables(admin).await? {
            let name = table.name;
            if OF_THE_WAY.contains(&name.as_str()) || is_partition(admin, &name).await? {
                continue;
            }
            let sql = format!("SELECT (to_jsonb(t) - $1::text[])::text FROM \"{name}\" t WHERE team_id = $2");
            let of_chance =
                OF_CHANCE.iter().filter(|(table, _)| *table == name).flat_map(|(_, columns)| *columns);
            let moment: Vec<String> =
                OF_THE_MOMENT.iter().chain(of_chance).map(|column| (*column).to_owned()).collect();
            let mut tx = admin.team_bulk(team.id).await?;
            let rows = sqlx::query(AssertSqlSafe(sql))
                .bind(moment)
                .bind(team.id.uuid())
                .fetch_all(tx.connection())
                .await?;
            let mut rows: Vec<String> =
                rows.iter().map(|row| Ok(translate(row.try_get(0)?, &words))).collect::<Result<_>>()?;
            rows.sort_unstable();
            tables.insert(name, rows);
        }
        Ok(Self { tables })
    }

    /// How many rows a table has.
    pub fn count(&self, table: &str) -> usize {
        self.tables.get(table).map_or(0, Vec::len)
    }

    /// The tables that have rows, with how many.
    pub fn counts(&self) -> BTreeMap<&str, usize> {
        let full = self.tables.iter().filter(|(_, rows)| !rows.is_empty());
        full.map(|(name, rows)| (name.as_str(), rows.len())).collect()
    }

    /// Refuses any difference, and shows the first ones of each table.
    ///
    /// # Errors
    /// Where there is a difference.
    pub fn same_as(&self, undisturbed: &Self) -> Result<()> {
        let names: BTreeSet<_> = self.tables.keys().chain(undisturbed.tables.keys()).collect();
        let (mut report, nothing) = (String::new(), Vec::new());
        for name in names {
            let ours = self.tables.get(name).unwrap_or(&nothing);
            let theirs = undisturbed.tables.get(name).unwrap_or(&nothing);
            if ours == theirs {
                continue;
            }
            writeln!(report, "{name}: {} rows here, {} undisturbed", ours.len(), theirs.len())?;
            let only = |rows: &[String], others: &[String]| -> Vec<String> {
                let others: BTreeSet<_> = others.iter().collect();
                rows.iter().filter(|row| !others.contains(row)).take(3).cloned().collect()
            };
            for row in only(ours, theirs) {
                writeln!(report, "  only here:        {row}")?;
            }
            for row in only(theirs, ours) {
                writeln!(report, "  only undisturbed: {row}")?;
            }
        }
        if report.is_empty() {
            return Ok(());
        }
        bail!("the rows differ from an undisturbed run's:\n{report}")
    }
}

async fn is_partition(admin: &Database, table: &str) -> Result<bool> {
    let row = sqlx::query("SELECT relispartition FROM pg_class WHERE oid = to_regclass($1)")
        .bind(table)
        .fetch_one(admin.pool())
        .await?;
    Ok(row.try_get(0)?)
}

/// What stands for what, the longest first.
async fn words(admin: &Database, team: &Team) -> Result<Vec<(String, String)>> {
    let mut words = vec![
        (team.id.uuid().to_string(), "TEAM".to_owned()),
        (team.id.to_string(), "TEAM".to_owned()),
        (team.user.uuid().to_string(), "USER".to_owned()),
    ];
    let mut tx = admin.team_bulk(team.id).await?;
    let sources: Vec<(Uuid,)> = tx
        .all(
            sqlx::query_as("SELECT id FROM data_sources WHERE team_id = $1 ORDER BY id").bind(team.id.uuid()),
        )
        .await?;
    for (number, (source,)) in sources.into_iter().enumerate() {
        let (word, id) = (format!("SOURCE-{number}"), DataSourceId::from_uuid(source));
        let rendered = id.to_string();
        let ulid = rendered.split_once('_').map_or(rendered.as_str(), |(_, ulid)| ulid).to_owned();
        let rows = RowIds::of(id).row(0).to_string();
        let prefix = rows.strip_suffix("00000000").unwrap_or(&rows).to_owned();
        words.extend([
            (rendered.clone(), word.clone()),
            (ulid.to_lowercase(), word.clone()),
            (ulid, word.clone()),
            (source.to_string(), word.clone()),
            (prefix.replace('-', ""), format!("{word}:")),
            (prefix, format!("{word}:")),
        ]);
    }
    let blocks: Vec<(Uuid, String)> =
        tx.all(sqlx::query_as("SELECT id, name FROM blocks WHERE team_id = $1").bind(team.id.uuid())).await?;
    words.extend(blocks.into_iter().map(|(id, name)| (id.to_string(), format!("BLOCK {name}"))));
    words.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
    Ok(words)
}

fn translate(row: String, words: &[(String, String)]) -> String {
    words.iter().fold(row, |row, (from, to)| if row.contains(from) { row.replace(from, to) } else { row })
}
