//! The `type` of a problem leads to a page that says what it means and what to do.

use anyhow::{Context, Result};
use api::problem::HttpCode;
use domain::FailureCode;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tests::{Services, TestApp, a_team};

#[tokio::test]
async fn a_problem_leads_to_its_page() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let nobody = app.anonymous(Method::GET, "/v1/uploads").send().await?;
    let empty = app.post_list(&team, "empty.csv", "", "").await?;
    let unknown = app.request(&team, Method::GET, "/v1/no-such-thing").send().await?;
    for response in [nobody, empty, unknown] {
        let problem: Value = response.json().await?;
        let link = problem["type"].as_str().context("a type")?;
        let page = app.anonymous(Method::GET, link).send().await?.error_for_status()?;
        let page: Value = page.json().await?;
        assert_eq!(
            (&page["code"], &page["title"]),
            (&problem["code"], &problem["title"]),
            "{problem}\n{page}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn every_code_has_one_for_machines_and_for_people() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let listed: Value =
        app.anonymous(Method::GET, "/errors").send().await?.error_for_status()?.json().await?;
    let listed: Vec<&str> =
        listed.as_array().context("a list")?.iter().filter_map(|entry| entry["page"].as_str()).collect();
    let failures = FailureCode::ALL.iter().map(|code| code.as_str());
    let codes: Vec<&str> = failures.chain(HttpCode::ALL.iter().map(|code| code.as_str())).collect();
    assert_eq!(listed, codes.iter().map(|code| format!("/errors/{code}")).collect::<Vec<_>>());
    for (code, path) in codes.iter().zip(listed) {
        let page: Value = app.anonymous(Method::GET, path).send().await?.error_for_status()?.json().await?;
        for part in ["title", "meaning", "what_to_do"] {
            assert!(page[part].as_str().is_some_and(|text| text.len() >= 10), "{part} of {page}");
        }
        let html = app.anonymous(Method::GET, path).header("accept", "text/html,*/*;q=0.8").send().await?;
        assert!(html.headers()["content-type"].to_str()?.starts_with("text/html"));
        let html = html.text().await?;
        assert!(html.contains(&format!("<code>{code}</code>")) && html.contains("What to do"), "{html}");
    }

    let unknown = app.anonymous(Method::GET, "/errors/upload.no_such").send().await?;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    let problem: Value = unknown.json().await?;
    assert_eq!(problem["expected"].as_array().map(Vec::len), Some(codes.len()), "{problem}");
    Ok(())
}
