//! The whole way of a list: CSV in, blocks out, and the account of its rows adds up.

use anyhow::{Context, Result};
use serde_json::Value;
use tests::{Snapshot, TestApp, a_team, lists};

pub(crate) fn number(upload: &Value, name: &str) -> u64 {
    upload["counts"][name]
        .as_u64()
        .or_else(|| upload[name].as_u64())
        .unwrap_or_else(|| panic!("{name} in {upload}"))
}

/// rows_read = rows_rejected + duplicates + leads.
pub(crate) fn assert_account_adds_up(upload: &Value) {
    let of = |name| number(upload, name);
    assert_eq!(of("rows_read"), of("rows_rejected") + of("duplicates") + of("leads"), "{upload}");
}

#[tokio::test]
async fn a_list_becomes_blocks_and_every_row_is_accounted_for() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let (list, made) = lists::list(1_200, 1);
    let upload = app.import(&team, "plumbers.csv", list).await?;

    assert_account_adds_up(&upload);
    assert_eq!(number(&upload, "rows_read"), made.rows);
    assert_eq!(number(&upload, "rows_rejected"), made.unusable);
    assert_eq!(number(&upload, "duplicates"), made.repeated);
    let leads = number(&upload, "leads");
    assert_eq!(leads, made.rows - made.unusable - made.repeated);
    assert_eq!(number(&upload, "businesses"), leads, "every lead of this list is at a business of its own");

    // Every stage says how long it took.
    let stages = upload["stages"].as_array().context("stages")?;
    let names: Vec<_> = stages.iter().filter_map(|stage| stage["stage"].as_str()).collect();
    assert_eq!(
        names,
        [
            "inspect_file",
            "stream_chunk",
            "normalize_chunk",
            "resolve",
            "prepare_leads",
            "stage_blocks",
            "archive"
        ]
    );
    assert!(stages.iter().all(|stage| stage["wall_ms"].as_u64().is_some_and(|ms| ms < 60_000)), "{stages:?}");

    // The database says the same, and nothing points nowhere.
    let snapshot = Snapshot::of(&app.admin, &team).await?;
    assert_eq!(snapshot.count("leads") as u64, leads);
    assert_eq!(snapshot.count("businesses") as u64, leads);
    assert_eq!(snapshot.count("rejected_rows") as u64, made.unusable);
    assert_eq!(snapshot.count("block_leads") as u64, leads, "every lead is in one block");
    for staging in ["raw_prospects", "normalized_rows", "resolved_rows"] {
        assert_eq!(snapshot.count(staging), 0, "the staging is dropped");
    }
    let orphans = entities::integrity::orphans(&app.db, team.id).await?;
    assert!(orphans.iter().all(|orphans| orphans.count == 0), "{orphans:?}");

    // Blocks keep to their limits and add up too.
    let blocks = app.get(&team, "/v1/blocks?limit=200").await?;
    let blocks = blocks["items"].as_array().context("blocks")?;
    assert_eq!(blocks.len() as u64, number(&upload, "blocks"));
    let sizes: Vec<u64> = blocks.iter().filter_map(|block| block["leads"].as_u64()).collect();
    assert_eq!(sizes.iter().sum::<u64>(), leads);
    assert!(sizes.iter().all(|size| (1..=2_000).contains(size)), "{sizes:?}");

    // A lead leads back to its file and row.
    let page = app.get(&team, "/v1/leads?limit=1").await?;
    let lead = page["items"][0]["id"].as_str().context("a lead")?.to_owned();
    let detail = app.get(&team, &format!("/v1/leads/{lead}")).await?.to_string();
    assert!(detail.contains("plumbers.csv"), "{detail}");
    Ok(())
}

#[tokio::test]
async fn real_lists_come_through() -> Result<()> {
    let Some(folder) = tests::source_tree::real_lists() else { return skipped() };
    let app = TestApp::start().await?;
    for name in ["us-500.csv", "south_bend_business_licenses.csv"] {
        let team = a_team().with(|settings| settings.reject_share = 1.0).create(&app.admin).await?;
        let list =
            std::fs::read(folder.join(name)).with_context(|| format!("{name} in REFINERY_TEST_DATA"))?;
        let upload = app.import(&team, name, list).await?;
        assert_account_adds_up(&upload);
        if name == "us-500.csv" {
            assert_eq!(number(&upload, "rows_read"), 500);
            assert_eq!(number(&upload, "leads"), 500);
        }
    }
    Ok(())
}

#[expect(clippy::print_stderr, clippy::unnecessary_wraps, reason = "a person must see what was not tested")]
pub(super) fn skipped() -> Result<()> {
    eprintln!("skipped: REFINERY_TEST_DATA does not name the folder of the real lists");
    Ok(())
}
