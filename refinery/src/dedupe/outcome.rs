//! What came of it.

use std::collections::HashMap;

use resolution::{Decision, Resolution, RuleSet};
use serde::Serialize;

use super::read::List;
use super::write::all_pairs;
use crate::cli::Dedupe;

/// What came of a deduplication.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    /// Rows of each file.
    rows: Vec<usize>,
    /// The rules, and their version.
    rules: RuleSet,
    rules_version: u16,
    /// Different persons or businesses.
    clusters: usize,
    /// Rows that repeat an earlier one.
    duplicates: usize,
    /// Rows of the largest cluster.
    largest_cluster: usize,
    /// Pairs that are one.
    pairs_merged: usize,
    /// Pairs that a person should look at.
    pairs_for_review: usize,
    /// Pairs that were compared.
    pairs_compared: u64,
    /// Blocks that had too many rows to compare all with all, where only neighbours were compared.
    large_blocks: u64,
    read_s: f64,
    resolve_s: f64,
    /// The least certain pairs, in words.
    explained: Vec<Explained>,
}

/// A pair, in words.
#[derive(Debug, Serialize)]
struct Explained {
    id_a: String,
    id_b: String,
    because: String,
}

impl Outcome {
    pub(super) fn of(
        options: &Dedupe,
        rules: RuleSet,
        list: &List,
        resolution: &Resolution,
        [read_s, resolve_s]: [f64; 2],
    ) -> Self {
        let mut sizes: HashMap<u32, usize> = HashMap::new();
        for first in &resolution.cluster_of {
            *sizes.entry(*first).or_default() += 1;
        }
        let decided =
            |decision: Decision| all_pairs(resolution).filter(move |pair| pair.decision == decision).count();
        Self {
            rows: list.rows.clone(),
            rules,
            rules_version: rules.version(),
            clusters: sizes.len(),
            duplicates: list.ids.len() - sizes.len(),
            largest_cluster: sizes.values().copied().max().unwrap_or_default(),
            pairs_merged: decided(Decision::Merge),
            pairs_for_review: decided(Decision::Review),
            pairs_compared: resolution.blocks.pairs(),
            large_blocks: resolution.blocks.large_blocks(),
            read_s,
            resolve_s,
            explained: explain(options, rules, list, resolution),
        }
    }

    /// For a person.
    pub(crate) fn lines(&self) -> Vec<String> {
        let rows: usize = self.rows.iter().sum();
        let mut lines = vec![
            format!("rows                {rows}"),
            format!("{:<20}{}", self.rules.as_str(), self.clusters),
            format!("duplicates          {}", self.duplicates),
            format!("largest cluster     {} rows", self.largest_cluster),
            format!(
                "pairs               {} are one, {} for review",
                self.pairs_merged, self.pairs_for_review
            ),
            format!("compared            {} pairs in {:.1} s", self.pairs_compared, self.resolve_s),
        ];
        if self.large_blocks > 0 {
            lines.push(format!(
                "large blocks        {}: so many rows share one value that only the nearest were compared",
                self.large_blocks
            ));
        }
        for pair in &self.explained {
            lines.push(String::new());
            lines.push(format!("{} and {}", pair.id_a, pair.id_b));
            lines.push(format!("  {}", pair.because));
        }
        lines
    }
}

/// The pairs nearest to the threshold.
fn explain(options: &Dedupe, rules: RuleSet, list: &List, resolution: &Resolution) -> Vec<Explained> {
    let threshold = options.threshold.unwrap_or_else(|| rules.merge_from());
    let mut pairs = resolution.pairs.clone();
    pairs.sort_by(|x, y| {
        let distance = |probability: f32| (probability - threshold).abs();
        distance(x.probability).total_cmp(&distance(y.probability)).then((x.a, x.b).cmp(&(y.a, y.b)))
    });
    let explained = pairs.iter().take(options.explain).filter_map(|pair| {
        let (a, b) = (list.records.get(pair.a as usize)?, list.records.get(pair.b as usize)?);
        Some(Explained {
            id_a: list.ids[pair.a as usize].to_string(),
            id_b: list.ids[pair.b as usize].to_string(),
            because: resolution.model.compare(&a, &b).sentence(),
        })
    });
    explained.collect()
}
