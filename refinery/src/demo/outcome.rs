//! What came of a list, for people and for machines.

use std::collections::BTreeMap;

use serde::Serialize;

use super::client::{Block, Failure, Upload};
use super::follow::Ended;
use crate::speak;

/// How many blocks are listed for people; machines get all.
const BLOCKS_SHOWN: usize = 25;

/// The outcome as `--json` prints it: exactly these keys.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    data_source_id: String,
    rows_read: u64,
    rows_rejected: u64,
    rejected_by_code: BTreeMap<String, u64>,
    businesses: u64,
    personas: u64,
    duplicates: u64,
    leads: u64,
    decision_makers: u64,
    blocks: Vec<Block>,
    stage_ms: BTreeMap<String, u64>,
    workflow_id: String,
    #[serde(skip)]
    order: Vec<String>,
    #[serde(skip)]
    status: String,
    #[serde(skip)]
    failure: Option<Failure>,
    #[serde(skip)]
    workflow_url: Option<String>,
}

impl Outcome {
    /// What `upload` and its blocks say.
    pub(super) fn of(upload: Upload, blocks: Vec<Block>) -> Self {
        Self {
            data_source_id: upload.id,
            rows_read: upload.counts.rows_read,
            rows_rejected: upload.counts.rows_rejected,
            rejected_by_code: upload.rejected_by_code,
            businesses: upload.counts.businesses,
            personas: upload.counts.personas,
            duplicates: upload.counts.duplicates,
            leads: upload.counts.leads,
            decision_makers: upload.counts.decision_makers,
            blocks,
            order: upload.stages.iter().map(|stage| stage.stage.clone()).collect(),
            stage_ms: upload.stages.into_iter().map(|stage| (stage.stage, stage.wall_ms)).collect(),
            workflow_id: upload.workflow_id,
            status: upload.status,
            failure: upload.failure,
            workflow_url: upload.links.workflow,
        }
    }

    /// The lines for people.
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![String::new()];
        if let Some(failure) = &self.failure {
            lines.push(format!("The upload {}: {} ({})", self.status, failure.detail, failure.code));
            lines.push(String::new());
        }
        let mut count = |words: &str, number: u64| lines.push(format!("{words:28} {:>10}", grouped(number)));
        count("rows read", self.rows_read);
        count("rejected", self.rows_rejected);
        for (code, rows) in &self.rejected_by_code {
            count(&format!("  {code}"), *rows);
        }
        count("businesses", self.businesses);
        count("personas", self.personas);
        count("duplicates", self.duplicates);
        count("leads", self.leads);
        count("  decision makers", self.decision_makers);
        count("blocks", self.blocks.len() as u64);
        for block in self.blocks.iter().take(BLOCKS_SHOWN) {
            lines.push(format!("  {:>7}  {}", grouped(block.leads), block.name));
        }
        if let Some(more) = self.blocks.len().checked_sub(BLOCKS_SHOWN).filter(|more| *more > 0) {
            lines.push(format!("           and {more} more: GET /v1/blocks?upload={}", self.data_source_id));
        }
        let times: Vec<String> = self
            .order
            .iter()
            .filter_map(|stage| {
                self.stage_ms.get(stage).map(|ms| format!("{stage} {:.1} s", *ms as f64 / 1_000.0))
            })
            .collect();
        if !times.is_empty() {
            lines.push(String::new());
            lines.push(format!("Time per stage: {}", times.join(", ")));
        }
        lines.push(match &self.workflow_url {
            Some(url) => format!("The workflow: {url}"),
            None => format!("The workflow: {}", self.workflow_id),
        });
        lines
    }
}

/// Prints the outcome: one JSON object for machines, lines for people.
pub(crate) fn show(ended: &Ended, json: bool) {
    let (Ended::Completed(outcome) | Ended::Failed(outcome)) = ended;
    if json {
        speak::result(serde_json::json!(outcome));
        if let Some(failure) = &outcome.failure {
            speak::note(format!("the upload {}: {} ({})", outcome.status, failure.detail, failure.code));
        }
    } else {
        outcome.lines().iter().for_each(speak::result);
    }
}

/// `12,345`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(text: &str) -> Upload {
        serde_json::from_str(text).expect("an upload as the API tells of it")
    }

    const UPLOAD: &str = r#"{"id":"src_1","status":"completed","original_name":"a.csv","size_bytes":9,"sha256":"",
        "attempt":1,"workflow_id":"upload:src_1","links":{"self":"/v1/uploads/src_1","events":"","rejects":""},
        "counts":{"rows_read":1200,"rows_rejected":2,"duplicates":3,"leads":1195,"decision_makers":7,"businesses":5,
        "personas":6,"blocks":1},"rejected_by_code":{"import.no_contact":2},
        "stages":[{"stage":"resolve","chunks":1,"rows":9,"wall_ms":1500}],"next_steps":[]}"#;

    #[test]
    fn machines_get_exactly_the_promised_keys() {
        let block = Block { id: "blk_1".into(), name: "HVAC - Small Biz".into(), leads: 40 };
        let outcome = serde_json::json!(Outcome::of(upload(UPLOAD), vec![block]));
        let mut keys: Vec<&str> =
            outcome.as_object().expect("an object").keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(
            keys,
            [
                "blocks",
                "businesses",
                "data_source_id",
                "decision_makers",
                "duplicates",
                "leads",
                "personas",
                "rejected_by_code",
                "rows_read",
                "rows_rejected",
                "stage_ms",
                "workflow_id"
            ]
        );
        assert_eq!(
            outcome["blocks"][0],
            serde_json::json!({"id": "blk_1", "name": "HVAC - Small Biz", "leads": 40})
        );
        assert_eq!(outcome["stage_ms"], serde_json::json!({"resolve": 1500}));
    }

    #[test]
    fn people_read_numbers_with_commas() {
        let lines = Outcome::of(upload(UPLOAD), Vec::new()).lines().join("\n");
        for words in ["1,200", "import.no_contact", "resolve 1.5 s", "upload:src_1"] {
            assert!(lines.contains(words), "{words} in {lines}");
        }
    }
}
