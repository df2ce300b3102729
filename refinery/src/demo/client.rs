//! The API as the demo uses it: over HTTP, with a key, like anybody else.

use std::collections::BTreeMap;

use anyhow::Context;
use reqwest::{Body, RequestBuilder, Response, StatusCode, Url, header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// An upload as `GET /v1/uploads/{id}` tells of it; only what is shown.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Upload {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) original_name: String,
    pub(super) workflow_id: String,
    pub(super) counts: Counts,
    pub(super) failure: Option<Failure>,
    pub(super) progress: Option<Progress>,
    #[serde(default)]
    pub(super) rejected_by_code: BTreeMap<String, u64>,
    #[serde(default)]
    pub(super) stages: Vec<StageTime>,
    pub(super) links: Links,
}

/// What came of the rows.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Counts {
    pub(super) rows_read: u64,
    pub(super) rows_rejected: u64,
    pub(super) duplicates: u64,
    pub(super) leads: u64,
    pub(super) decision_makers: u64,
    pub(super) businesses: u64,
    pub(super) personas: u64,
}

/// Why it did not complete.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Failure {
    pub(super) code: String,
    pub(super) detail: String,
}

/// How far it is.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Progress {
    pub(super) stage: String,
    pub(super) bytes_read: u64,
    pub(super) bytes_total: u64,
    pub(super) rows_read: u64,
    pub(super) rows_normalized: u64,
}

/// What a stage took.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct StageTime {
    pub(super) stage: String,
    pub(super) wall_ms: u64,
}

/// Where the rest is.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Links {
    pub(super) workflow: Option<String>,
}

/// A block.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Block {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) leads: u64,
}

#[derive(Debug, Deserialize)]
struct Page<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Problem {
    code: String,
    detail: String,
    see: Option<String>,
}

/// How the API took a list.
#[derive(Debug)]
pub(super) enum Taken {
    /// It is being refined.
    New(Upload),
    /// The same content was loaded before.
    Before(Upload),
}

/// A connection with a key.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
    key: String,
}

impl Client {
    /// The API at `url`, opened by `key`.
    ///
    /// # Errors
    /// Where no HTTP client can be made.
    pub(crate) fn new(url: &str, key: &str) -> anyhow::Result<Self> {
        // A proxy that the environment names has no business between us and ourselves.
        let http = reqwest::Client::builder().no_proxy().build().context("the HTTP client")?;
        Ok(Self { http, url: url.to_owned(), key: key.to_owned() })
    }

    /// Sends a list of `size` bytes.
    pub(super) async fn send(&self, name: &str, size: u64, list: Body) -> anyhow::Result<Taken> {
        let url = Url::parse_with_params(&format!("{}/v1/uploads", self.url), [("filename", name)])
            .context("the API's address")?;
        let request = self
            .http
            .post(url)
            .header(header::CONTENT_TYPE, "text/csv")
            .header(header::CONTENT_LENGTH, size)
            .body(list);
        let response = self.ask(request).await?;
        if response.status() == StatusCode::CONFLICT {
            let problem: Problem = response.json().await.context("the API's answer cannot be read")?;
            return match problem.see {
                Some(path) if problem.code == "upload.duplicate_file" => {
                    Ok(Taken::Before(self.get(&path).await?))
                }
                _ => Err(refused(&problem)),
            };
        }
        Ok(Taken::New(read(response).await?))
    }

    /// An upload as it is now.
    pub(super) async fn upload(&self, id: &str) -> anyhow::Result<Upload> {
        self.get(&format!("/v1/uploads/{id}")).await
    }

    /// The blocks an upload made, the largest first.
    pub(super) async fn blocks(&self, upload: &str) -> anyhow::Result<Vec<Block>> {
        let mut blocks = Vec::new();
        let mut cursor = String::new();
        loop {
            let page: Page<Block> =
                self.get(&format!("/v1/blocks?limit=200&upload={upload}{cursor}")).await?;
            blocks.extend(page.items);
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        blocks.sort_by(|a, b| b.leads.cmp(&a.leads).then_with(|| a.name.cmp(&b.name)));
        Ok(blocks)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        read(self.ask(self.http.get(format!("{}{path}", self.url))).await?).await
    }

    async fn ask(&self, request: RequestBuilder) -> anyhow::Result<Response> {
        request.bearer_auth(&self.key).send().await.context("the API does not answer")
    }
}

async fn read<T: DeserializeOwned>(response: Response) -> anyhow::Result<T> {
    let status = response.status();
    if status.is_success() {
        return response.json().await.context("the API's answer cannot be read");
    }
    match response.json::<Problem>().await {
        Ok(problem) => Err(refused(&problem)),
        Err(_) => anyhow::bail!("the API answered {status}"),
    }
}

fn refused(problem: &Problem) -> anyhow::Error {
    anyhow::anyhow!("{} ({})", problem.detail, problem.code)
}
