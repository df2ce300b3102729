//! `POST /v1/uploads/preview`: how a list would be understood, and nothing is kept of it.

use anyhow::{Context, Result};
use bytes::Bytes;
use providers::object_store::KeyPrefix;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tests::{Services, Snapshot, Team, TestApp, a_team};

/// With semicolons, in Windows-1252: an é is one byte.
const LIST: &str = "Company Name;Contact;E-mail Adress;Telephone;State;Shoe Size;State\n\
    caf\u{e9} soleil llc;JOS\u{c9} N\u{da}\u{d1}EZ;Jose@CafeSoleil.com;(512) 555-0142;texas;44;x\n\
    ;;;;TX;45;x\n";

fn windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect()
}

async fn post(app: &TestApp, team: &Team, query: &str, body: impl Into<Bytes>) -> Result<Response> {
    let path = format!("/v1/uploads/preview?filename=list.csv{query}");
    let request = app.request(team, Method::POST, &path).header("content-type", "text/csv");
    Ok(request.body(body.into()).send().await?)
}

async fn preview(app: &TestApp, team: &Team, query: &str, body: impl Into<Bytes>) -> Result<Value> {
    let response = post(app, team, query, body).await?;
    let (status, body) = (response.status(), response.text().await?);
    assert_eq!(status, 200, "{body}");
    Ok(serde_json::from_str(&body)?)
}

/// The column under this header.
fn column<'a>(preview: &'a Value, header: &str) -> Result<&'a Value> {
    let columns = preview["columns"].as_array().context("columns")?;
    columns.iter().find(|column| column["header"] == header).with_context(|| format!("{header} in {preview}"))
}

fn confidence(column: &Value) -> f64 {
    column["confidence"].as_f64().unwrap_or(f64::NAN)
}

#[tokio::test]
async fn it_says_how_the_list_would_be_understood() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let seen = preview(&app, &team, "", windows_1252(LIST)).await?;

    assert_eq!(
        (&seen["encoding"], &seen["delimiter"], &seen["header_line"]),
        (&json!("windows-1252"), &json!(";"), &json!(1))
    );
    let known = column(&seen, "Company Name")?;
    assert_eq!((&known["field"], &known["how"]), (&json!("company_name"), &json!("alias")));
    let guessed = column(&seen, "E-mail Adress")?;
    assert_eq!((&guessed["field"], &guessed["how"]), (&json!("email"), &json!("fuzzy")));
    let unknown = column(&seen, "Shoe Size")?;
    assert_eq!((&unknown["field"], &unknown["how"]), (&Value::Null, &json!("nothing")));
    assert_eq!((confidence(known), confidence(unknown)), (1.0, 0.0));
    assert!((0.1..1.0).contains(&confidence(guessed)), "a guess is no certainty: {guessed}");
    let warnings = seen["warnings"].as_array().context("warnings")?;
    let warned: Vec<&str> = warnings.iter().filter_map(|warning| warning["code"].as_str()).collect();
    assert!(warned.contains(&"duplicate_header") && warned.contains(&"mapping_guessed"), "{warnings:?}");

    let row = &seen["rows"][0];
    assert_eq!((&row["row"], &row["line"]), (&json!(1), &json!(2)));
    assert_eq!(row["cells"]["contact_name"], "JOS\u{c9} N\u{da}\u{d1}EZ", "as it stands in the file");
    assert_eq!(row["extras"]["Shoe Size"], "44");
    let normalized = &row["normalized"];
    assert_eq!(
        (&normalized["given_name"], &normalized["family_name"]),
        (&json!("Jos\u{e9}"), &json!("N\u{fa}\u{f1}ez")),
        "{row}"
    );
    assert_eq!(
        (&normalized["email"], &normalized["phone"], &normalized["state"]),
        (&json!("jose@cafesoleil.com"), &json!("+15125550142"), &json!("TX"))
    );
    let refused = &seen["rows"][1]["rejected"];
    assert_eq!((&refused["code"], &refused["line"]), (&json!("normalize.empty_row"), &json!(3)), "{seen}");
    Ok(())
}

#[tokio::test]
async fn a_mapping_profile_is_tried_out() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let list = "Col A,Col B\nAcme Plumbing LLC,(512) 555-0142\n";
    let without = post(&app, &team, "", list).await?;
    assert!(!without.text().await?.contains("\"profile\""));
    let profile = json!({ "name": "odd", "columns": { "Col A": "company_name", "Col B": "phone" } });
    app.request(&team, Method::POST, "/v1/mapping-profiles")
        .json(&profile)
        .send()
        .await?
        .error_for_status()?;

    let seen = preview(&app, &team, "&mapping_profile=odd", list).await?;
    let column = column(&seen, "Col A")?;
    assert_eq!((&column["field"], &column["how"]), (&json!("company_name"), &json!("profile")));
    assert_eq!(seen["rows"][0]["normalized"]["phone"], "+15125550142");
    let unknown = post(&app, &team, "&mapping_profile=even", list).await?;
    assert_eq!(unknown.status(), 404);
    assert!(unknown.text().await?.contains("odd"), "it says which profiles there are");
    Ok(())
}

#[tokio::test]
async fn what_only_calls_itself_a_list_is_said() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let cases: [(&str, &[u8]); 3] = [
        ("PDF", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\n"),
        ("ZIP", b"PK\x03\x04\x14\0\0\0\x08\0list.csv and more"),
        ("empty", b""),
    ];
    for (what, bytes) in cases {
        let response = post(&app, &team, "", bytes).await?;
        let status = response.status();
        let problem: Value = response.json().await?;
        assert!(status.is_client_error(), "{what}: {status} {problem}");
        assert_eq!(problem["code"], "upload.csv_parse_error", "{what}: {problem}");
        assert!(problem["detail"].as_str().is_some_and(|said| said.contains(what)), "{what}: {problem}");
    }
    Ok(())
}

#[tokio::test]
async fn nothing_is_kept_of_it_whether_it_is_sent_raw_or_as_a_form() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let raw = preview(&app, &team, "", windows_1252(LIST)).await?;
    let form = [
        b"--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"list.csv\"\r\n\r\n".as_slice(),
        &windows_1252(LIST),
        b"\r\n--edge--\r\n",
    ]
    .concat();
    let request = app.request(&team, Method::POST, "/v1/uploads/preview");
    let request = request.header("content-type", "multipart/form-data; boundary=edge");
    let as_form: Value = request.body(form).send().await?.error_for_status()?.json().await?;
    assert_eq!(as_form, raw);

    assert_eq!(app.store.list(&KeyPrefix::team(team.id)).await?, []);
    assert!(Snapshot::of(&app.admin, &team).await?.counts().is_empty());
    let uploads = app.get(&team, "/v1/uploads").await?;
    assert_eq!(uploads["items"], json!([]));
    Ok(())
}
