//! Rows that cannot be used are set aside, told of, and can be mended.

use anyhow::{Context, Result};
use reqwest::Method;
use tests::{Snapshot, Team, TestApp, a_team};

use super::journey::{assert_account_adds_up, number};

const HEADER: &str = "Company Name,Contact Name,Email Address,Phone Number,State";

async fn rejects(app: &TestApp, team: &Team, id: &str) -> Result<String> {
    let response = app.request(team, Method::GET, &format!("/v1/uploads/{id}/rejects.csv")).send().await?;
    Ok(response.error_for_status()?.text().await?)
}

#[tokio::test]
async fn mended_rejects_are_uploaded_again() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let list = format!(
        "{HEADER}\r\nAcme Plumbing LLC,Maria Garcia,maria@acme.com,(512) 555-0142,TX\r\n\
         Bolt Roofing,Jim Smith,jim@bolt.com,214-555-0177,TX,too,many,cells\r\n,,,,TX\r\n\
         Cole Bakery,Ann Lee,ann@cole.com,813-555-0111,FL\r\n"
    );
    let upload = app.import(&team, "list.csv", list).await?;
    let id = upload["id"].as_str().context("an id")?;
    assert_account_adds_up(&upload);
    assert_eq!((number(&upload, "rows_rejected"), number(&upload, "leads")), (2, 2));

    let csv = rejects(&app, &team, id).await?;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 3, "{csv}");
    assert!(
        lines[1].contains('3') && lines[1].contains("upload.row_unreadable"),
        "line and code: {}",
        lines[1]
    );
    assert!(lines[1].contains("Bolt Roofing") && lines[1].contains("cells"), "the raw row: {}", lines[1]);

    // A person mends both rows in the very file and uploads it.
    let mended = csv
        .replace(",too,many,cells", "")
        .replace(",,,,TX", "Dane Trucking,Al Poe,al@dane.com,716-555-0155,TX");
    assert_ne!(mended, csv);
    let again = app.import(&team, "mended.csv", mended).await?;
    assert_account_adds_up(&again);
    assert_eq!((number(&again, "rows_rejected"), number(&again, "leads")), (0, 2), "{again}");
    assert_eq!(Snapshot::of(&app.admin, &team).await?.count("leads"), 4);
    Ok(())
}

#[tokio::test]
async fn too_many_rejects_fail_the_file_and_leave_no_lead() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().with(|settings| settings.reject_share = 0.4).create(&app.admin).await?;
    let list =
        format!("{HEADER}\r\nAcme Plumbing LLC,Maria Garcia,maria@acme.com,(512) 555-0142,TX\r\n,,,,TX\r\n");
    let id = app.upload(&team, "list.csv", list).await?;
    let failed = app.settled(&team, &id).await?;
    assert_eq!(failed["status"], "failed", "{failed}");
    assert_eq!(failed["failure"]["code"], "upload.too_many_rejects", "{failed}");
    let csv = rejects(&app, &team, &id).await?;
    assert_eq!(csv.lines().count(), 2, "the report outlives the failure: {csv}");
    let snapshot = Snapshot::of(&app.admin, &team).await?;
    for table in ["leads", "businesses", "personas", "raw_prospects", "normalized_rows"] {
        assert_eq!(snapshot.count(table), 0, "{table}");
    }
    Ok(())
}
