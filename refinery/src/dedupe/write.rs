//! Writing what was found, as CSV.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::Context;
use csv_async::AsyncWriter;
use futures::executor::block_on;
use resolution::{Comparing, Decision, FoundPair, Resolution};

use super::plain_file::PlainFile;
use super::read::List;

/// Each row's id and the number of its cluster, from 1 in the order of the rows.
pub(super) fn clusters(path: &Path, list: &List, resolution: &Resolution) -> anyhow::Result<()> {
    let mut numbers = vec![0_u32; list.ids.len()];
    let mut next = 1;
    with_writer(path, &["id", "cluster_id"], async |csv| {
        for (id, first) in list.ids.iter().zip(&resolution.cluster_of) {
            let number = &mut numbers[*first as usize];
            if *number == 0 {
                *number = next;
                next += 1;
            }
            csv.write_record([id.as_ref(), &number.to_string()]).await?;
        }
        Ok(())
    })
}

/// The pairs with the level of each comparison, as [`all_pairs`] has them.
pub(super) fn pairs(path: &Path, list: &List, resolution: &Resolution) -> anyhow::Result<()> {
    let mut header = vec!["id_a", "id_b", "probability", "weight", "decision"];
    header.extend(Comparing::ALL.iter().map(|comparing| comparing.as_str()));
    with_writer(path, &header, async |csv| {
        for pair in all_pairs(resolution) {
            let (Some(a), Some(b)) = (list.records.get(pair.a as usize), list.records.get(pair.b as usize))
            else {
                continue;
            };
            let comparison = resolution.model.compare(&a, &b);
            let mut row = vec![
                list.ids[pair.a as usize].to_string(),
                list.ids[pair.b as usize].to_string(),
                format!("{:.6}", pair.probability),
                format!("{:.3}", pair.weight),
                pair.decision.to_string(),
            ];
            row.extend(Comparing::ALL.iter().map(|comparing| {
                let reached = comparison.levels.iter().find(|reached| reached.comparison == *comparing);
                reached.map_or_else(|| "missing".to_owned(), |reached| reached.level.to_string())
            }));
            csv.write_record(&row).await?;
        }
        Ok(())
    })
}

/// The pairs of which a merge or a review follows. A row that says exactly what an earlier one does is paired with that one;
/// the engine names only the first of such rows.
pub(super) fn all_pairs(resolution: &Resolution) -> impl Iterator<Item = FoundPair> {
    let repeated = (0..).zip(&resolution.same_as).filter(|(row, first)| {
        row != *first && resolution.cluster_of[*row as usize] == resolution.cluster_of[**first as usize]
    });
    let repeated = repeated.map(|(row, first)| FoundPair {
        a: *first,
        b: row,
        weight: f32::INFINITY,
        probability: 1.0,
        decision: Decision::Merge,
        conflict: None,
    });
    resolution.pairs.iter().copied().chain(repeated)
}

fn with_writer(
    path: &Path,
    header: &[&str],
    rows: impl AsyncFnOnce(&mut AsyncWriter<PlainFile<BufWriter<File>>>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let file = File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
    // The writer waits for its last bytes when it is dropped, so it must outlive the waiting here.
    let mut csv = AsyncWriter::from_writer(PlainFile(BufWriter::new(file)));
    block_on(async {
        csv.write_record(header).await?;
        rows(&mut csv).await?;
        Ok(csv.flush().await?)
    })
}
