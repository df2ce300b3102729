//! How long a file takes from stored object to blocks, beside a plain COPY of the same file in the same run.
//!
//! `cargo bench -p tests --bench ingest -- --rows 300000`. With `--existing 1000000` the team has imported another list
//! of so many rows before. Prints the time of each stage and table, and ends with
//! one line of figures, which is also written to `target/bench/ingest.json`. The worker is a process of its own, so
//! that its memory can be told; the services are durable ones (`fsync` on), not those of the tests.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use domain::id::TypedId as _;
use entities::Database;
use entities::stage_run;
use sqlx::AssertSqlSafe;
use tests::{Services, Team, TestApp, WorkerProcess, a_team};
use workflows::upload::{Pace, UploadRef};

/// How often the plain COPY is run; the median counts.
const COPY_ROUNDS: usize = 3;
/// The same list in every run.
const SEED: u64 = 1;
/// How long one import may take.
const PATIENCE: Duration = Duration::from_secs(1_800);

fn main() -> Result<()> {
    let rows = number("--rows")?.unwrap_or(300_000);
    let existing = number("--existing")?.unwrap_or(0);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run(rows, existing))
}

/// The number behind `name`; what else cargo passes (`--bench`) is of no interest.
fn number(name: &str) -> Result<Option<u64>> {
    let mut args = std::env::args().skip_while(|arg| arg != name).skip(1);
    let asked = std::env::args().any(|arg| arg == name);
    let value = args.next().map(|value| value.replace('_', "").parse());
    match (asked, value) {
        (true, Some(Ok(number))) => Ok(Some(number)),
        (true, _) => bail!("{name} needs a number"),
        (false, _) => Ok(None),
    }
}

async fn run(rows: u64, existing: u64) -> Result<()> {
    let mut list = Vec::new();
    refinery::sample::write(&mut list, rows, SEED)?;
    println!("{rows} rows, {:.1} bytes a row", ratio(list.len() as f64, rows as f64));

    let services = Services::durable("bench").await?;
    let app = TestApp::without_worker(&services).await?;
    let team = a_team().with(|settings| settings.max_file_bytes = u64::MAX >> 1).create(&app.admin).await?;
    let copy = plain_copy(&app.admin, &list).await?;
    println!("plain COPY, unlogged, no index: {:.3} s", copy.as_secs_f64());

    let worker = WorkerProcess::spawn(env!("CARGO_BIN_EXE_test-worker"), &app)?;
    // The first list warms up what every list needs once: connections, caches, compiled queries.
    let mut little = Vec::new();
    refinery::sample::write(&mut little, 200, SEED + 1)?;
    import(&app, &team, "warm.csv", &little).await?;

    if existing > 0 {
        let mut others = Vec::new();
        refinery::sample::write(&mut others, existing, SEED + 2)?;
        let (took, _) = import(&app, &team, "others.csv", &others).await?;
        println!("{existing} rows before: {:.3} s", took.as_secs_f64());
    }

    let (first, source) = import(&app, &team, "list.csv", &list).await?;
    print_stages(&app, source, rows).await?;
    let peak_rss_mb = worker.peak_rss_kb()? / 1024;
    let made = app.source(source).await?;
    let (again, repeated) = import(&app, &team, "again.csv", &list).await?;
    let remade = app.source(repeated).await?;
    println!(
        "first: {:.3} s, {} leads, {} duplicates, {} blocks; the same again: {:.3} s, {} leads",
        first.as_secs_f64(),
        made.leads,
        made.duplicates,
        made.blocks,
        again.as_secs_f64(),
        remade.leads
    );
    drop(worker);

    let ingest_vs_copy = ratio(first.as_secs_f64(), copy.as_secs_f64());
    let us_per_row = ratio(first.as_secs_f64() * 1e6, rows as f64);
    let again_vs_first = ratio(again.as_secs_f64(), first.as_secs_f64());
    let figures = serde_json::json!({
        "ingest_vs_copy": ingest_vs_copy,
        "us_per_row": us_per_row,
        "peak_rss_mb": peak_rss_mb,
        "rows": rows,
        "existing": existing,
        "copy_s": copy.as_secs_f64(),
        "first_s": first.as_secs_f64(),
        "again_vs_first": again_vs_first,
        "again_new_leads": remade.leads,
    });
    write_figures(&figures)?;
    println!("again_vs_first={again_vs_first:.2} again_new_leads={}", remade.leads);
    println!(
        "ingest_vs_copy={ingest_vs_copy:.1} us_per_row={us_per_row:.1} peak_rss_mb={peak_rss_mb} rows={rows}"
    );
    drop(app);
    services.stop().await
}

/// The limit: the server reads the same file into one unlogged table of texts.
async fn plain_copy(admin: &Database, list: &[u8]) -> Result<Duration> {
    let file = std::env::temp_dir().join(format!("refinery-bench-{}.csv", std::process::id()));
    std::fs::write(&file, list)?;
    // PostgreSQL may run as another user.
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644))?;
    let copied = copy_rounds(admin, &file, list).await;
    std::fs::remove_file(&file)?;
    copied
}

async fn copy_rounds(admin: &Database, file: &Path, list: &[u8]) -> Result<Duration> {
    let header = list.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let columns = header.iter().filter(|byte| **byte == b',').count() + 1;
    let columns: Vec<String> = (0..columns).map(|number| format!("c{number} text")).collect();
    let mut took = Vec::with_capacity(COPY_ROUNDS);
    for _ in 0..COPY_ROUNDS {
        let make = format!("CREATE UNLOGGED TABLE plain ({})", columns.join(", "));
        sqlx::query(AssertSqlSafe(make)).execute(admin.pool()).await?;
        let copy = format!("COPY plain FROM '{}' (FORMAT csv, HEADER)", file.display());
        let start = Instant::now();
        sqlx::query(AssertSqlSafe(copy)).execute(admin.pool()).await?;
        took.push(start.elapsed());
        sqlx::query("DROP TABLE plain").execute(admin.pool()).await?;
    }
    took.sort();
    took.get(COPY_ROUNDS / 2).copied().context("no round")
}

/// Stores the list and times its workflow.
async fn import(app: &TestApp, team: &Team, name: &str, list: &[u8]) -> Result<(Duration, UploadRef)> {
    let upload = app.store_list(team, name, list).await?;
    let start = Instant::now();
    app.refine(upload, Pace::default()).await?;
    let done = app.completed(upload, PATIENCE).await?;
    let took = start.elapsed();
    if done.rows_read != done.rows_rejected + done.duplicates + done.leads {
        bail!("the account of {name} does not add up: {done:?}");
    }
    Ok((took, upload))
}

async fn print_stages(app: &TestApp, upload: UploadRef, rows: u64) -> Result<()> {
    let tx = app.db.team(upload.team).await?;
    println!("stage             chunks   wall ms   busy ms   busy us/row");
    for stage in stage_run::totals(&tx, upload.source).await? {
        println!(
            "{:<18}{:>6}{:>10}{:>10}{:>14.2}",
            stage.stage,
            stage.chunks,
            stage.wall_ms,
            stage.busy_ms,
            ratio(stage.busy_ms as f64 * 1e3, rows as f64)
        );
    }
    tx.commit().await?;
    let tables: Vec<(String, i64)> = sqlx::query_as(
        "SELECT key, sum(value::bigint)::bigint FROM stage_runs, jsonb_each_text(output->'table_ms') \
          WHERE data_source_id = $1 GROUP BY 1",
    )
    .bind(upload.source.uuid())
    .fetch_all(app.admin.pool())
    .await?;
    println!("table                      busy ms   busy us/row");
    for (table, ms) in tables.into_iter().collect::<BTreeMap<_, _>>() {
        println!("{table:<26}{ms:>8}{:>14.2}", ratio(ms as f64 * 1e3, rows as f64));
    }
    Ok(())
}

fn write_figures(figures: &serde_json::Value) -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("ingest.json"), serde_json::to_vec_pretty(figures)?)?;
    Ok(())
}

fn ratio(a: f64, b: f64) -> f64 {
    if b == 0.0 { 0.0 } else { a / b }
}
