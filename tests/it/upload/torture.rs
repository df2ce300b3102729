//! Lists as bad as they come: read, or refused with words that help.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use tests::{Snapshot, TestApp, a_team};

use super::journey::{assert_account_adds_up, number};

const HEADER: &str = "Company Name,Contact Name,Email Address,Phone Number,State";

fn utf16(text: &str, big: bool) -> Vec<u8> {
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[tokio::test]
async fn every_encoding_delimiter_and_line_end_reads_the_same() -> Result<()> {
    let app = TestApp::start().await?;
    let plain = format!(
        "{HEADER}\nMüller Plumbing LLC,José Núñez,jose@muller.com,(512) 555-0142,TX\n\
         \"Bolt, Roofing\",Ann Lee,ann@bolt.com,214-555-0177,TX\n"
    );
    let (windows, _, _) = (
        plain.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect::<Vec<u8>>(),
        (),
        (),
    );
    let other = |delimiter: &str| {
        plain.replace("\"Bolt, Roofing\"", "Bolt Roofing").replace(',', delimiter).into_bytes()
    };
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("utf-8", plain.clone().into_bytes()),
        ("utf-8 with a mark", format!("\u{FEFF}{plain}").into_bytes()),
        ("utf-16 little", utf16(&plain, false)),
        ("utf-16 big", utf16(&plain, true)),
        ("windows-1252", windows),
        ("crlf", plain.replace('\n', "\r\n").into_bytes()),
        ("cr", plain.replace('\n', "\r").into_bytes()),
        ("semicolons", other(";")),
        ("tabs", other("\t")),
        ("bars", other("|")),
        ("blank lines", plain.replace('\n', "\n\n \n").into_bytes()),
        ("no last line end", plain.trim_end().as_bytes().to_vec()),
        ("quoted line breaks", plain.replace("Bolt, Roofing", "Bolt,\nRoofing").into_bytes()),
    ];
    for (what, list) in cases {
        let team = a_team().create(&app.admin).await?;
        let upload = app.import(&team, "list.csv", list).await.context(what)?;
        assert_account_adds_up(&upload);
        assert_eq!((number(&upload, "leads"), number(&upload, "rows_rejected")), (2, 0), "{what}: {upload}");
        let leads = app.get(&team, "/v1/leads").await?.to_string();
        assert!(leads.contains("jose@muller.com") && leads.contains("ann@bolt.com"), "{what}: {leads}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_no_list_is_refused_with_words_that_help() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let big_field = format!("{HEADER}\n\"{}\n", "x".repeat(10 << 20));
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("a ZIP", b"PK\x03\x04\x14\0\0\0\x08\0rest of a zip".to_vec(), "upload.csv_parse_error"),
        ("a PDF", b"%PDF-1.7\n1 0 obj\n".to_vec(), "upload.csv_parse_error"),
        (
            "a NUL",
            format!("{HEADER}\nAcme,Ann,a@b.com,512\0555-0142,TX\n").into_bytes(),
            "upload.csv_parse_error",
        ),
        ("a field of 10 MB", big_field.into_bytes(), "upload.csv_parse_error"),
        ("no header", b"12,44,17\n13,45,18\n".to_vec(), ""),
    ];
    for (what, list, code) in cases {
        let id = app.upload(&team, &format!("{}.csv", what.replace(' ', "-")), list).await?;
        let failed = app.settled(&team, &id).await?;
        // A NUL or a huge field may cost the row or the file; either way it is said by its code.
        if failed["status"] == "completed" {
            assert_eq!(number(&failed, "leads"), 0, "{what}: {failed}");
            assert_eq!(number(&failed, "rows_rejected"), number(&failed, "rows_read"), "{what}: {failed}");
            continue;
        }
        assert_eq!(failed["status"], "failed", "{what}: {failed}");
        let said = failed["failure"]["code"].as_str().unwrap_or_default();
        assert!(
            said.starts_with("upload.")
                && (code.is_empty() || said == code || said == "upload.too_many_rejects"),
            "{what}: {failed}"
        );
        let detail = failed["failure"]["detail"].as_str().unwrap_or_default();
        assert!(detail.len() > 20, "{what}: {failed}");
    }
    let snapshot = Snapshot::of(&app.admin, &team).await?;
    assert_eq!(snapshot.count("leads"), 0);
    // An empty file is not even stored.
    let empty = app.post_list(&team, "empty.csv", "", "").await?;
    assert_eq!(empty.status(), 400);
    assert!(empty.text().await?.contains("upload.csv_parse_error"));
    Ok(())
}

/// Every list below `folder` that has a byte.
fn lists_below(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            lists_below(&path, found)?;
        } else if path
            .extension()
            .is_some_and(|ending| ["csv", "tsv", "txt"].iter().any(|list| ending == *list))
            && path.metadata()?.len() > 0
        {
            found.push(path);
        }
    }
    Ok(())
}

async fn accounted_for(app: &TestApp, path: &Path) -> Result<()> {
    let team = a_team().with(|settings| settings.reject_share = 1.0).create(&app.admin).await?;
    let response = app.post_list(&team, "torture.csv", "", std::fs::read(path)?).await?;
    let upload: serde_json::Value = response.json().await?;
    let id = upload["id"].as_str().with_context(|| upload.to_string())?.to_owned();
    let done = app.settled(&team, &id).await?;
    match done["status"].as_str() {
        Some("completed") => assert_account_adds_up(&done),
        Some("failed") => {
            let code = done["failure"]["code"].as_str().unwrap_or_default();
            ensure!(code.starts_with("upload."), "{done}");
        }
        _ => bail!("{done}"),
    }
    Ok(())
}

#[tokio::test]
async fn the_torture_lists_are_accounted_for() -> Result<()> {
    let Some(folder) = tests::source_tree::real_lists() else { return super::journey::skipped() };
    let mut paths = Vec::new();
    lists_below(&folder.join("csv_torture"), &mut paths)?;
    assert!(paths.len() >= 20, "the torture lists are there");
    let app = &TestApp::start().await?;
    let checks = paths
        .iter()
        .map(async |path| accounted_for(app, path).await.with_context(|| path.display().to_string()));
    stream::iter(checks).buffer_unordered(6).try_collect::<()>().await
}
