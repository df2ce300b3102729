//! What the team has on the records that rows of a file may be.

use std::collections::HashSet;

use domain::id::TypedId as _;
use domain::said::{Said, VALUES};
use futures::TryStreamExt as _;
use uuid::Uuid;

use super::staging::Staging;
use crate::binary_copy::BinaryCopy;
use crate::merge::Kind;
use crate::{BulkTransaction, Result};

/// A person is compared with the business that was known of it first, and with an address of its own where it has
/// none. `{team}` and `{of_these}` are filled in.
const PERSON: &str = "SELECT p.id, p.given_name, p.family_name, p.name_suffix, b.name, b.dba, \
        coalesce(b.street, a.street), CASE WHEN b.street IS NULL THEN a.unit ELSE b.unit END, \
        coalesce(b.city, a.city), coalesce(b.state, a.state), coalesce(b.zip5, a.zip5), b.website, f.phones, e.emails \
   FROM unnest('{of_these}'::uuid[]) i (id) JOIN personas p ON p.team_id = {team} AND p.id = i.id \
   LEFT JOIN LATERAL (SELECT b.* FROM business_owners o JOIN businesses b ON b.team_id = {team} \
                         AND b.id = o.business_id WHERE o.team_id = {team} AND o.persona_id = p.id \
                       ORDER BY o.created_at, o.business_id LIMIT 1) b ON true \
   LEFT JOIN LATERAL (SELECT a.* FROM persona_addresses a WHERE a.team_id = {team} AND a.persona_id = p.id \
                       ORDER BY a.first_seen_at, a.addr_hash LIMIT 1) a ON true \
   LEFT JOIN LATERAL (SELECT string_agg(f.number, E'\\n' ORDER BY f.number) AS phones FROM persona_phones f \
                       WHERE f.team_id = {team} AND f.persona_id = p.id) f ON true \
   LEFT JOIN LATERAL (SELECT string_agg(e.address, E'\\n' ORDER BY e.address) AS emails FROM persona_emails e \
                       WHERE e.team_id = {team} AND e.persona_id = p.id) e ON true";

const BUSINESS: &str = "SELECT b.id, NULL, NULL, NULL, b.name, b.dba, b.street, b.unit, b.city, b.state, b.zip5, \
        b.website, b.phone, b.email \
   FROM unnest('{of_these}'::uuid[]) i (id) JOIN businesses b ON b.team_id = {team} AND b.id = i.id";

/// How many records one query asks for.
const IDS_AT_ONCE: usize = 10_000;

/// Gives `each` those of `ids` that the team has, in no order.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn of_team(
    tx: &mut BulkTransaction,
    kind: Kind,
    ids: &[Uuid],
    mut each: impl FnMut(Uuid, &Said<'_>),
) -> Result<()> {
    let template = match kind {
        Kind::Persona => PERSON,
        Kind::Business => BUSINESS,
    };
    let whose = format!("'{}'::uuid", tx.team_id().uuid());
    for some in ids.chunks(IDS_AT_ONCE) {
        let array = format!("{{{}}}", joined(some.iter().map(Uuid::to_string)));
        let query = template.replace("{team}", &whose).replace("{of_these}", &array);
        stream(tx, &query, &mut each).await?;
    }
    Ok(())
}

/// The rows whose record is not one of its own, by exact keys: it is an earlier row's or the team's.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn placed(tx: &mut BulkTransaction, staging: &Staging, kind: Kind) -> Result<Vec<i32>> {
    let template = match kind {
        Kind::Persona => "SELECT row_no FROM {resolved} WHERE NOT new_persona ORDER BY 1",
        Kind::Business => "SELECT row_no FROM {resolved} WHERE NOT new_business ORDER BY 1",
    };
    let sql = staging.sql(tx, template);
    let rows: Vec<(i32,)> = tx.all(sqlx::query_as(sql)).await?;
    Ok(rows.into_iter().map(|(row_no,)| row_no).collect())
}

/// Those of `keys`, exact keys of a kind, whose people or businesses the team has, or had before they went into others.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn had(tx: &mut BulkTransaction, kind: Kind, keys: &[Uuid]) -> Result<HashSet<Uuid>> {
    let team = tx.team_id().uuid();
    let sql = match kind {
        Kind::Persona => {
            "SELECT match_key FROM personas WHERE team_id = $1 AND match_key = ANY($2) UNION ALL \
             SELECT merged_key FROM persona_merge_history \
              WHERE team_id = $1 AND merged_key = ANY($2) AND unmerged_at IS NULL"
        }
        Kind::Business => {
            "SELECT match_key FROM businesses WHERE team_id = $1 AND match_key = ANY($2) UNION ALL \
             SELECT merged_key FROM business_merge_history \
              WHERE team_id = $1 AND merged_key = ANY($2) AND unmerged_at IS NULL"
        }
    };
    let rows: Vec<(Uuid,)> = tx.all(sqlx::query_as(sql).bind(team).bind(keys)).await?;
    Ok(rows.into_iter().map(|(key,)| key).collect())
}

/// About how many people or businesses the team has: what its files brought.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn population(tx: &mut BulkTransaction, kind: Kind) -> Result<u64> {
    let team = tx.team_id().uuid();
    let column = match kind {
        Kind::Persona => "SELECT coalesce(sum(personas), 0)::bigint FROM data_sources WHERE team_id = $1",
        Kind::Business => "SELECT coalesce(sum(businesses), 0)::bigint FROM data_sources WHERE team_id = $1",
    };
    let sum: Option<(i64,)> = tx.first(sqlx::query_as(column).bind(team)).await?;
    Ok(sum.map_or(0, |(sum,)| sum.cast_unsigned()))
}

fn joined(values: impl Iterator<Item = String>) -> String {
    values.collect::<Vec<_>>().join(",")
}

/// Runs a query of fourteen columns by COPY; its texts are our own ids and numbers, never a user's.
async fn stream(tx: &mut BulkTransaction, query: &str, mut each: impl FnMut(Uuid, &Said<'_>)) -> Result<()> {
    let mut answer = Vec::new();
    {
        let copy = format!("COPY ({query}) TO STDOUT (FORMAT binary)");
        let mut stream = tx.connection().copy_out_raw(&copy).await?;
        while let Some(bytes) = stream.try_next().await? {
            answer.extend_from_slice(&bytes);
        }
    }
    let mut rows = BinaryCopy::of(&answer)?;
    while rows.next_row(14)? {
        let id = rows.uuid()?;
        let mut text = || Ok::<_, crate::DbError>(rows.opt_text()?.unwrap_or_default());
        let said = Said {
            given_name: text()?,
            family_name: text()?,
            name_suffix: text()?,
            company: text()?,
            dba: text()?,
            street: text()?,
            unit: text()?,
            city: text()?,
            state: text()?,
            zip5: text()?,
            website: text()?,
            phones: several(text()?),
            emails: several(text()?),
        };
        each(id, &said);
    }
    Ok(())
}

/// The first few lines of a text.
fn several(lines: &str) -> [&str; VALUES] {
    let mut values = [""; VALUES];
    for (value, line) in values.iter_mut().zip(lines.split('\n')) {
        *value = line;
    }
    values
}
