//! `GET /errors/{code}`: where the `type` of a problem leads to. What a code means and what to do, from the tables of
//! codes themselves: [`FailureCode`] with its page of `docs/errors`, and [`HttpCode`].

use axum::Json;
use axum::extract::Path;
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Response};
use domain::FailureCode;
use domain::failure_code::Severity;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::header_text;
use crate::problem::{self, HttpCode, Problem};

/// The headings that every page in `docs/errors` has.
const HAPPENED: &str = "\n## What happened\n";
const TO_DO: &str = "\n## What to do\n";

/// The path of the page about a code: the `type` of its problems.
pub(crate) fn path(code: &str) -> String {
    format!("/errors/{code}")
}

/// What there is to know of a code.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorPage {
    /// The stable code.
    #[schema(example = "upload.duplicate_file")]
    code: &'static str,
    /// What it is, in a few words: the `title` of its problems.
    title: String,
    /// How far it reaches: `flag` a row that goes on, `reject` a row, `failure` the run, `incident` for a person. Not
    /// there for codes of requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    severity: Option<Severity>,
    /// What happened, in Markdown.
    meaning: &'static str,
    /// What to do about it, in Markdown.
    what_to_do: &'static str,
}

/// A code and where its page is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorCode {
    code: &'static str,
    title: String,
    /// The path of its page.
    page: String,
}

/// Every code that a problem, a failure or a rejected row may have.
#[utoipa::path(get, path = "/errors", tag = "operations", responses((status = 200, body = Vec<ErrorCode>)))]
pub(crate) async fn list() -> Json<Vec<ErrorCode>> {
    let entry = |page: ErrorPage| ErrorCode { code: page.code, title: page.title, page: path(page.code) };
    Json(pages().map(entry).collect())
}

/// What a code means and what to do about it: JSON, or a page for people where the client asks for HTML.
#[utoipa::path(
    get, path = "/errors/{code}", tag = "operations", params(("code" = String, Path)),
    responses(
        (status = 200, description = "What it means and what to do", content((ErrorPage = "application/json"), (String = "text/html"))),
        (status = 404, body = problem::ProblemBody, description = "No such code, with those there are"),
    ),
)]
pub(crate) async fn show(Path(code): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let Some(page) = pages().find(|page| page.code == code) else {
        return Err(Problem::http(HttpCode::NotFound, "there is no such code; those there are are listed")
            .expected(pages().map(|page| page.code.to_owned())));
    };
    let accepted = header_text(&headers, header::ACCEPT.as_str()).unwrap_or_default();
    if accepted.contains("text/html") {
        return Ok(Html(page.html()).into_response());
    }
    Ok(Json(page).into_response())
}

fn pages() -> impl Iterator<Item = ErrorPage> {
    let http = HttpCode::ALL.iter().map(|code| ErrorPage {
        code: code.as_str(),
        title: code.title().to_owned(),
        severity: None,
        meaning: code.meaning(),
        what_to_do: code.advice(),
    });
    FailureCode::ALL.iter().map(|code| ErrorPage::of(*code)).chain(http)
}

impl ErrorPage {
    /// `docs/errors/<code>.md`, in its two parts.
    fn of(code: FailureCode) -> Self {
        let (_, text) = code.page().split_once(HAPPENED).unwrap_or(("", code.page()));
        let (meaning, what_to_do) = text.split_once(TO_DO).unwrap_or((text, ""));
        Self {
            code: code.as_str(),
            title: problem::title(code),
            severity: Some(code.severity()),
            meaning: meaning.trim(),
            what_to_do: what_to_do.trim(),
        }
    }

    /// The same for a browser.
    fn html(&self) -> String {
        let [code, title, meaning, to_do] =
            [self.code, &self.title, self.meaning, self.what_to_do].map(escaped);
        format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{code}</title>\
             <style>body{{max-width:44rem;margin:3rem auto;padding:0 1rem;font-family:sans-serif;line-height:1.5}}\
             p{{white-space:pre-wrap}}</style>\
             <h1>{title}</h1><p><code>{code}</code></p><h2>What happened</h2><p>{meaning}</p>\
             <h2>What to do</h2><p>{to_do}</p></html>"
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_with_both_parts() {
        assert_eq!(pages().count(), FailureCode::ALL.len() + HttpCode::ALL.len());
        for page in pages() {
            assert!(page.meaning.len() > 20 && page.what_to_do.ends_with('.'), "{page:?}");
            assert!(!page.meaning.contains("## "), "{page:?}");
        }
    }

    #[test]
    fn signs_of_html_are_shown_and_not_obeyed() {
        assert_eq!(escaped("a<b> & c"), "a&lt;b&gt; &amp; c");
    }
}
