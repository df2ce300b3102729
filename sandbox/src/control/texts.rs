//! What steers the telephone network, the mail server and the model.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::refused;
use crate::mail::MailSettings;
use crate::model::ModelSays;
use crate::sandbox::Works;
use crate::texts::{Replier, Sender, TextSettings};
use crate::vendor::Vendor;

pub(super) fn routes() -> Router<Arc<Works>> {
    Router::new()
        .route("/texts", get(texts))
        .route("/texts/violations", get(violations))
        .route("/texts/inbound", get(inbound).post(text_in))
        .route("/texts/settings", get(settings).put(set))
        .route("/texts/repliers", post(repliers))
        .route("/texts/senders", post(senders))
        .route("/mail", get(mail))
        .route("/mail/settings", put(set_mail))
        .route("/model/answers", put(set_answers))
        .route("/model/asked", get(asked))
}

async fn set_answers(State(works): State<Arc<Works>>, Json(body): Json<Value>) -> Response {
    match serde_json::from_value::<Vec<ModelSays>>(body) {
        Ok(answers) => {
            works.desk.set(answers);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => refused(&error.to_string()),
    }
}

async fn asked(State(works): State<Arc<Works>>) -> Response {
    Json(works.desk.asked()).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    to: Option<String>,
}

async fn texts(State(works): State<Arc<Works>>, Query(which): Query<Which>) -> Response {
    Json(works.texts(which.to.as_deref())).into_response()
}

async fn violations(State(works): State<Arc<Works>>) -> Response {
    Json(works.network.violations()).into_response()
}

async fn inbound(State(works): State<Arc<Works>>) -> Response {
    Json(works.network.inbound_texts()).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    vendor: Vendor,
    from: String,
    to: String,
    body: String,
    #[serde(default)]
    twice: bool,
}

async fn text_in(State(works): State<Arc<Works>>, Json(body): Json<Value>) -> Response {
    let Written { vendor, from, to, body, twice } = match read(body) {
        Ok(written) => written,
        Err(response) => return response,
    };
    match works.text_in(vendor, &from, &to, &body, twice) {
        Some(text) => (StatusCode::CREATED, Json(text)).into_response(),
        None => refused("from and to must be numbers of ten digits"),
    }
}

async fn settings(State(works): State<Arc<Works>>) -> Response {
    Json(works.network.settings()).into_response()
}

async fn set(State(works): State<Arc<Works>>, Json(body): Json<Value>) -> Response {
    let settings: TextSettings = match read(body) {
        Ok(settings) => settings,
        Err(response) => return response,
    };
    let wrong = settings.wrong_shares();
    if !wrong.is_empty() {
        return refused(&wrong.join("; "));
    }
    works.network.set(settings);
    StatusCode::NO_CONTENT.into_response()
}

async fn repliers(State(works): State<Arc<Works>>, Json(body): Json<Value>) -> Response {
    let repliers: Vec<Replier> = match one_or_many(body) {
        Ok(repliers) => repliers,
        Err(response) => return response,
    };
    works.network.add_repliers(repliers);
    StatusCode::NO_CONTENT.into_response()
}

async fn senders(State(works): State<Arc<Works>>, Json(body): Json<Value>) -> Response {
    let senders: Vec<Sender> = match one_or_many(body) {
        Ok(senders) => senders,
        Err(response) => return response,
    };
    for sender in senders {
        if !works.network.add_sender(sender) {
            return refused("a number must have ten digits");
        }
    }
    StatusCode::NO_CONTENT.into_response()
}

async fn mail(State(works): State<Arc<Works>>) -> Response {
    Json(json!({"micro_dollars": works.post.owed(), "mail": works.post.mail()})).into_response()
}

async fn set_mail(State(works): State<Arc<Works>>, Json(body): Json<Value>) -> Response {
    let settings: MailSettings = match read(body) {
        Ok(settings) => settings,
        Err(response) => return response,
    };
    works.post.set(settings);
    StatusCode::NO_CONTENT.into_response()
}

/// Read by hand, so that what is wrong is told with its place.
#[expect(clippy::result_large_err, reason = "the error is the answer, and is made once")]
fn read<T: DeserializeOwned>(body: Value) -> Result<T, Response> {
    serde_json::from_value(body).map_err(|error| refused(&error.to_string()))
}

#[expect(clippy::result_large_err, reason = "the error is the answer, and is made once")]
fn one_or_many<T: DeserializeOwned>(body: Value) -> Result<Vec<T>, Response> {
    let body = if body.is_array() { body } else { json!([body]) };
    read(body)
}
