//! How long it takes to find out who is who in a list, how right that is, and in how much memory; beside Splink in the same run.
//!
//! `cargo bench -p tests --bench resolve [-- --with-splink]`. Resolves generated lists of 300,000 and 1,000,000 rows as persons,
//! each in a process of its own, so that its memory can be told. Seconds count from the file to the clusters. With
//! `--with-splink` the Python on the path (or `REFINERY_PYTHON`) resolves the smaller list too: `pip install 'splink<5'` first.
//! All is done five times, both in turn, since a machine's neighbours slow down now the one and now the other. The last line has
//! the medians, and the most memory.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use memchr::memchr2_iter;
use resolution::{Engine, Field, Records, RuleSet};
use serde::{Deserialize, Serialize};

/// The same lists in every run.
const SEED: u64 = 1;
/// The lists.
const ROWS: [u64; 2] = [300_000, 1_000_000];
/// Rows that a thread reads at once: few enough that they are in its core's own memory still when they are taken apart.
const BATCH: usize = 1_024;

/// How many times each list is resolved.
const TIMES: usize = 5;

/// What the columns of the generated list are, by their number.
const COLUMNS: [(usize, Field); 10] = [
    (0, Field::Company),
    (1, Field::Name),
    (3, Field::Email),
    (4, Field::Street),
    (5, Field::City),
    (6, Field::State),
    (7, Field::Zip),
    (9, Field::Phone),
    (10, Field::Phone),
    (12, Field::Website),
];

/// The column that tells the truth: the generator gives each business a number of its own, which repetitions keep.
const TRUTH: usize = 10;

/// What one process found.
#[derive(Debug, Serialize, Deserialize)]
struct Figures {
    f1: f64,
    seconds: f64,
    peak_rss_mb: u64,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--child") {
        let list = arguments.get(at + 1).context("--child needs a file")?;
        println!("{}", serde_json::to_string(&resolve(Path::new(list))?)?);
        return Ok(());
    }
    let with_splink = arguments.iter().any(|argument| argument == "--with-splink");
    let (mut ours, mut splink) = (Vec::new(), None);
    for rows in ROWS {
        let list = List::of(rows)?;
        let (mut found, mut of_splink) = (Vec::new(), Vec::new());
        for _ in 0..TIMES {
            let run = figures(Command::new(std::env::current_exe()?).arg("--child").arg(&list.0))?;
            println!("{rows} rows: {run:?}");
            found.push(run);
            if with_splink && rows == ROWS[0] {
                let python = std::env::var("REFINERY_PYTHON").unwrap_or_else(|_| "python3".to_owned());
                let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/splink_resolve.py");
                let run = figures(Command::new(python).arg(script).arg(&list.0))?;
                println!("{rows} rows, Splink: {run:?}");
                of_splink.push(run);
            }
        }
        ours.push(median(found)?);
        if !of_splink.is_empty() {
            splink = Some(median(of_splink)?);
        }
    }
    let [small, large] = ours.as_slice() else { bail!("two lists were to be resolved") };
    let of_splink = |figure: fn(&Figures) -> f64| match &splink {
        Some(found) => format!("{:.4}", figure(found)),
        None => "not_run".to_owned(),
    };
    println!(
        "f1={:.4} seconds={:.3} splink_f1={} splink_seconds={} peak_rss_mb={} seconds_1m={:.3} peak_rss_1m_mb={}",
        small.f1,
        small.seconds,
        of_splink(|found| found.f1),
        of_splink(|found| found.seconds),
        small.peak_rss_mb,
        large.seconds,
        large.peak_rss_mb
    );
    Ok(())
}

/// The run that took neither long nor short, with the most memory that any took and the lowest F1.
fn median(mut runs: Vec<Figures>) -> Result<Figures> {
    runs.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    let peak_rss_mb = runs.iter().map(|run| run.peak_rss_mb).max().context("no run")?;
    let f1 = runs.iter().map(|run| run.f1).fold(1.0, f64::min);
    Ok(Figures { f1, seconds: runs[runs.len() / 2].seconds, peak_rss_mb })
}

/// A generated list in a file that is gone with it.
struct List(PathBuf);

impl List {
    fn of(rows: u64) -> Result<Self> {
        let list =
            Self(std::env::temp_dir().join(format!("refinery-resolve-{}-{rows}.csv", std::process::id())));
        refinery::sample::write(BufWriter::new(File::create(&list.0)?), rows, SEED)?;
        Ok(list)
    }
}

impl Drop for List {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            println!("{} was not removed: {error}", self.0.display());
        }
    }
}

/// Runs a process that ends with its figures as a line of JSON.
fn figures(command: &mut Command) -> Result<Figures> {
    let output =
        command.stderr(std::process::Stdio::inherit()).output().context("the process does not start")?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("{command:?} ended with {}; for Splink: pip install splink", output.status);
    }
    serde_json::from_str(text.lines().last().unwrap_or_default()).context("the process ends without figures")
}

fn resolve(list: &Path) -> Result<Figures> {
    let start = Instant::now();
    let mut lines = BufReader::with_capacity(1 << 18, File::open(list)?);
    lines.read_until(b'\n', &mut Vec::new()).context("no header")?;
    let pieces = std::iter::from_fn(|| piece(&mut lines).transpose());
    let unreadable: Mutex<Option<anyhow::Error>> = Mutex::default();
    let records = Records::read_batches(std::thread::available_parallelism()?, pieces, |rows, records| {
        if let Err(error) = rows.map_err(anyhow::Error::from).and_then(|rows| read(&rows, records)) {
            unreadable.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    });
    if let Some(error) = unreadable.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    let resolution = Engine::new(RuleSet::Persons).resolve(&records);
    let seconds = start.elapsed().as_secs_f64();
    // Before the truth is read: it takes memory too.
    let peak_rss_mb = peak_rss_mb()?;
    Ok(Figures { f1: f1(list, &resolution.cluster_of)?, seconds, peak_rss_mb })
}

/// The next rows of a list as they stand there; `None` at its end. A line break between quotes ends no row.
fn piece(lines: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut rows = Vec::with_capacity(BATCH * 256);
    let (mut count, mut quoted) = (0, false);
    loop {
        let read = lines.fill_buf()?;
        if read.is_empty() {
            return Ok((!rows.is_empty()).then_some(rows));
        }
        let ends_piece = |at: &usize| {
            quoted ^= read[*at] == b'"';
            count += usize::from(!quoted && read[*at] == b'\n');
            count == BATCH
        };
        let end = memchr2_iter(b'\n', b'"', read).find(ends_piece);
        let taken = end.map_or(read.len(), |at| at + 1);
        rows.extend_from_slice(&read[..taken]);
        lines.consume(taken);
        if end.is_some() {
            return Ok(Some(rows));
        }
    }
}

fn read(rows: &[u8], records: &mut Records) -> Result<()> {
    let mut reader = simd_csv::ReaderBuilder::new().has_headers(false).from_reader(rows);
    let mut row = simd_csv::StringRecord::new();
    while reader.read_record(&mut row)? {
        records.push(COLUMNS.iter().map(|(at, field)| (*field, row.get(*at).unwrap_or_default())));
    }
    Ok(())
}

/// F1 of the pairs that the clusters imply.
fn f1(list: &Path, cluster_of: &[u32]) -> Result<f64> {
    let (mut found, mut there, mut right) = (HashMap::new(), HashMap::new(), HashMap::new());
    let mut reader = csv::Reader::from_path(list)?;
    for (row, cluster) in reader.records().zip(cluster_of) {
        let truth: String =
            row?.get(TRUTH).unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
        *found.entry(*cluster).or_insert(0_u64) += 1;
        *right.entry((*cluster, truth.clone())).or_insert(0_u64) += 1;
        *there.entry(truth).or_insert(0_u64) += 1;
    }
    let [found, there, right] = [pairs(found.values()), pairs(there.values()), pairs(right.values())];
    Ok(2.0 * right as f64 / (found + there).max(1) as f64)
}

fn pairs<'a>(sizes: impl Iterator<Item = &'a u64>) -> u64 {
    sizes.map(|size| size * (size - 1) / 2).sum()
}

/// The most memory this process has had, as `/proc` tells it.
fn peak_rss_mb() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status").context("peak memory needs Linux")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    let kilobytes: u64 = line.split_whitespace().next().context("no figure")?.parse()?;
    Ok(kilobytes / 1_024)
}
