//! How long a generated list takes, and how much memory: `speed [ROWS] [persons|businesses]`.
//!
//! Prints what reading and resolving took, in seconds, the peak memory in MB, and what blocking did.

#[path = "../../../refinery/src/sample/mod.rs"]
#[expect(dead_code, unreachable_pub, reason = "the dirty list is for the demo")]
mod sample;

use std::io::Write;
use std::time::Instant;

use resolution::{Engine, Field, Records, RuleSet};

/// What the columns of the generated list are, in their order.
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

/// Rows that a thread reads at once.
const BATCH: usize = 4_096;

#[expect(clippy::disallowed_methods, reason = "measures; the engine itself sees no clock")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let rows = arguments.next().map_or(Ok(300_000), |rows| rows.parse::<u64>())?;
    let rules = arguments.next().map_or(Ok(RuleSet::Persons), |rules| rules.parse::<RuleSet>())?;
    let path = std::env::temp_dir().join(format!("refinery-speed-{rows}.csv"));
    if !path.exists() {
        sample::write(std::io::BufWriter::new(std::fs::File::create(&path)?), rows, sample::DEMO_SEED)?;
    }
    let mut out = std::io::stdout().lock();
    let start = Instant::now();
    let mut reader = csv::Reader::from_path(&path)?;
    let batches = std::iter::from_fn(|| {
        let mut rows = Vec::with_capacity(BATCH);
        while rows.len() < BATCH {
            let mut row = csv::ByteRecord::with_capacity(256, 18);
            match reader.read_byte_record(&mut row) {
                Ok(true) => rows.push(row),
                Ok(false) | Err(_) => break,
            }
        }
        (!rows.is_empty()).then_some(rows)
    });
    let threads = std::thread::available_parallelism()?;
    let records = Records::read_batches(threads, batches, |rows: Vec<csv::ByteRecord>, records| {
        for row in rows {
            let cell =
                |at: usize| row.get(at).and_then(|cell| std::str::from_utf8(cell).ok()).unwrap_or_default();
            records.push(COLUMNS.iter().map(|(at, field)| (*field, cell(*at))));
        }
    });
    let read = start.elapsed();
    let resolution = Engine::new(rules).resolve(&records);
    let all = start.elapsed();
    let clusters = resolution.cluster_of.iter().enumerate().filter(|(row, of)| *row as u32 == **of).count();
    writeln!(
        out,
        "rows={} clusters={clusters} read={:.3} resolve={:.3} seconds={:.3} peak_rss_mb={}",
        records.len(),
        read.as_secs_f64(),
        (all - read).as_secs_f64(),
        all.as_secs_f64(),
        peak_memory().unwrap_or(0)
    )?;
    for rule in &resolution.blocks.rules {
        writeln!(
            out,
            "{:18} blocks {:8} pairs {:9} cap {:5} large {:6} left out {}",
            rule.rule.as_str(),
            rule.blocks,
            rule.pairs,
            rule.cap,
            rule.large_blocks,
            rule.pairs_left_out
        )?;
    }
    Ok(())
}

/// Peak resident memory of this process in MB, where `/proc` says.
#[expect(clippy::disallowed_methods, reason = "measures; the engine itself reads no file")]
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes / 1024)
}
