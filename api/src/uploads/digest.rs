//! The digest of an upload that is not stored: to tell whether it is one that was.

use axum::extract::Request;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use sha2::{Digest, Sha256};

use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

use super::form::Form;
use super::receive::{self, Incoming, Sink};

/// The SHA-256 of the list in `request`, in hexadecimal as it is stored. Reads it to its end and keeps nothing of it.
///
/// # Errors
/// A problem where there is no list in it, or it breaks off.
pub(crate) async fn sha256_of(state: &AppState, request: Request) -> Result<String, Problem> {
    receive::receive(state, request, &mut Form::default(), Hash).await
}

struct Hash;

impl Sink for Hash {
    type Output = String;

    async fn take<S, E>(self, _form: &Form, file: Incoming<S>) -> Result<String, Problem>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + Send,
    {
        let mut digest = Sha256::new();
        let mut bytes = std::pin::pin!(file.bytes);
        while let Some(piece) = bytes.next().await {
            digest.update(piece.map_err(|error| {
                Problem::http(HttpCode::BadRequest, "the body broke off before its end; send it again")
                    .because(error)
            })?);
        }
        Ok(hex::encode(digest.finalize()))
    }

    async fn drop_output(_digest: String, _state: &AppState) {}
}
