//! Taking the body in: raw or multipart, straight to object storage, with a few parts of it in memory at most.

use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use domain::FailureCode;
use futures::{Stream, StreamExt};

use crate::extract::header_text;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

use super::form::Form;

/// The longest field of a multipart body that is not the file, in bytes.
const MAX_FIELD: usize = 64 * 1024;

/// What files are called whose sender does not say.
const NAMELESS: &str = "upload.csv";

/// Kinds of raw bodies that may be lists. Browsers and spreadsheets disagree on what a CSV file is.
const KINDS: [&str; 8] = [
    "text/csv",
    "application/csv",
    "text/plain",
    "text/tab-separated-values",
    "text/comma-separated-values",
    "application/vnd.ms-excel",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
];

/// A file on its way in: what it is called, how long it claims to be, and its bytes.
pub(crate) struct Incoming<S> {
    /// Its name.
    pub(crate) name: String,
    /// Its length in bytes, where the sender says.
    pub(crate) length: Option<u64>,
    /// Its bytes.
    pub(crate) bytes: S,
}

/// What a handler does with the file. It is a trait because a multipart part borrows from its body, which no
/// closure type can say.
pub(crate) trait Sink: Send {
    /// What comes of it.
    type Output: Send;

    /// Takes the file. `form` has what was said before it.
    fn take<S, E>(
        self,
        form: &Form,
        file: Incoming<S>,
    ) -> impl Future<Output = Result<Self::Output, Problem>> + Send
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + Send;

    /// Throws away what came of it, since what followed the file made no sense.
    fn drop_output(output: Self::Output, state: &AppState) -> impl Future<Output = ()> + Send;
}

/// Reads the body of `request` into `sink`. Fields may stand before and behind the file.
///
/// # Errors
/// A problem; what the sink took is dropped then.
pub(crate) async fn receive<K: Sink>(
    state: &AppState,
    request: Request,
    form: &mut Form,
    sink: K,
) -> Result<K::Output, Problem> {
    let kind = header_text(request.headers(), header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "multipart/form-data" {
        let mut body = Multipart::from_request(request, &()).await.map_err(|error| bad(error.body_text()))?;
        return parts(state, &mut body, form, sink).await;
    }
    if !essence.is_empty() && !KINDS.contains(&essence.as_str()) {
        return Err(Problem::http(
            HttpCode::UnsupportedMediaType,
            format!(
                "send the list itself as text/csv, or multipart/form-data with a part called file; not {essence}"
            ),
        ));
    }
    let name = form
        .filename
        .clone()
        .or_else(|| name_in_headers(request.headers()))
        .unwrap_or_else(|| NAMELESS.to_owned());
    let length =
        header_text(request.headers(), header::CONTENT_LENGTH.as_str()).and_then(|text| text.parse().ok());
    let bytes = Body::into_data_stream(request.into_body());
    sink.take(form, Incoming { name, length, bytes }).await
}

async fn parts<K: Sink>(
    state: &AppState,
    body: &mut Multipart,
    form: &mut Form,
    sink: K,
) -> Result<K::Output, Problem> {
    let mut sink = Some(sink);
    let mut taken = None;
    let read = async {
        while let Some(part) = body.next_field().await.map_err(broken)? {
            let name = part.name().unwrap_or_default().to_owned();
            if name != "file" && part.file_name().is_none() {
                let value = text(&name, part).await?;
                form.set(&name, value)?;
                continue;
            }
            let Some(sink) = sink.take() else {
                return Err(Problem::invalid("file", "send one file at a time"));
            };
            let name = form.filename.clone().or_else(|| part.file_name().map(str::to_owned));
            let file =
                Incoming { name: name.unwrap_or_else(|| NAMELESS.to_owned()), length: None, bytes: part };
            taken = Some(sink.take(form, file).await?);
        }
        Ok(())
    };
    let read = read.await;
    match (read, taken) {
        (Ok(()), Some(taken)) => Ok(taken),
        (Ok(()), None) => Err(Problem::invalid("file", "is missing: send the list as a part called file")),
        (Err(problem), None) => Err(problem),
        (Err(problem), Some(taken)) => {
            K::drop_output(taken, state).await;
            Err(problem)
        }
    }
}

async fn text(name: &str, mut part: Field<'_>) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(broken)? {
        if bytes.len() + piece.len() > MAX_FIELD {
            return Err(Problem::invalid(name, format!("must be at most {MAX_FIELD} bytes long")));
        }
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|_| Problem::invalid(name, "must be UTF-8"))
}

fn broken(error: MultipartError) -> Problem {
    bad(error.body_text()).because(error)
}

fn bad(detail: String) -> Problem {
    Problem::http(HttpCode::BadRequest, format!("{detail}; nothing was kept, send it again"))
}

/// The file name in `X-Filename` or `Content-Disposition`.
fn name_in_headers(headers: &HeaderMap) -> Option<String> {
    let disposition = || {
        let value = header_text(headers, header::CONTENT_DISPOSITION.as_str())?;
        let name = value.split(';').find_map(|part| part.trim().strip_prefix("filename="))?;
        Some(name.trim().trim_matches('"'))
    };
    header_text(headers, "x-filename").or_else(disposition).filter(|name| !name.is_empty()).map(str::to_owned)
}

/// Copies the first `limit` bytes that pass into `head`.
pub(crate) fn copying_head<S, E>(
    bytes: S,
    head: &mut Vec<u8>,
    limit: usize,
) -> impl Stream<Item = Result<Bytes, E>> + Send
where
    S: Stream<Item = Result<Bytes, E>> + Send,
    E: Send,
{
    bytes.inspect(move |piece| {
        if let Ok(piece) = piece {
            let room = limit.saturating_sub(head.len()).min(piece.len());
            head.extend_from_slice(&piece[..room]);
        }
    })
}

/// The problem of a file without content.
pub(crate) fn empty() -> Problem {
    Problem::failure(
        StatusCode::BAD_REQUEST,
        FailureCode::UploadCsvParseError,
        "the file is empty; send a list with a header and at least one row",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), value.parse().expect("ASCII")))
            .collect()
    }

    #[test]
    fn the_name_comes_from_either_header() {
        assert_eq!(name_in_headers(&headers(&[("x-filename", "a.csv")])).as_deref(), Some("a.csv"));
        let disposition = headers(&[("content-disposition", "attachment; filename=\"my list.csv\"")]);
        assert_eq!(name_in_headers(&disposition).as_deref(), Some("my list.csv"));
        assert_eq!(name_in_headers(&headers(&[("content-disposition", "inline")])), None);
    }

    #[tokio::test]
    async fn the_head_is_copied_up_to_its_limit_and_all_passes() {
        let pieces = ["abc", "def"].map(|text| Ok::<_, std::io::Error>(Bytes::from(text)));
        let mut head = Vec::new();
        let passed: Vec<_> = copying_head(futures::stream::iter(pieces), &mut head, 4).collect().await;
        assert_eq!(passed.len(), 2);
        assert_eq!(head, b"abcd");
    }
}
