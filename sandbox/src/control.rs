//! The control server: scripts faults, hands out the books, introduces people.

mod texts;

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::Script;
use crate::sandbox::Works;
use crate::vendor::Vendor;
use crate::world::{Identity, Introduction};

/// What tests and people steer the sandbox by.
pub(crate) fn router(works: Arc<Works>) -> Router {
    Router::new()
        .route("/", get(overview))
        .route("/faults", post(add_faults).get(list_faults).delete(clear_faults))
        .route("/ledger", get(ledger))
        .route("/bill", get(bill))
        .route("/reset", post(reset))
        .route("/people", post(introduce))
        .route("/people/find", post(find))
        .route("/listings", post(publish))
        .merge(texts::routes())
        .with_state(works)
}

async fn overview(State(works): State<Arc<Works>>) -> Json<Value> {
    Json(json!({
        "vendors": works.urls,
        "smtp": works.smtp_url,
        "routes": {
            "POST /faults": "a script or an array of scripts",
            "GET /faults": "the scripts and how often each happened",
            "DELETE /faults": "takes them back",
            "GET /ledger": "calls, bill, windows and subjects by vendor",
            "GET /bill": "the same without subjects",
            "POST /reset": "forgets calls, bill, faults and webhooks to come",
            "POST /people": "introduces a person: {identity, lines, mailboxes, deceased, litigator, known_to}",
            "POST /people/find": "who is meant by an identity, and which vendors know them",
            "GET /texts": "the texts that were taken; ?to= one recipient's",
            "GET /texts/violations": "the windows that were exceeded",
            "GET /texts/inbound": "what was written to the caller's numbers",
            "POST /texts/inbound": "{vendor, from, to, body, twice} somebody writes",
            "GET, PUT /texts/settings": "what the telephone network is like",
            "POST /texts/repliers": "a replier or an array: {to, containing, rate, says, after_ms, twice}",
            "POST /texts/senders": "a number or an array: {vendor, number, campaign, brand, ready, inbound_url, auth_token}",
            "GET /mail": "the messages that were taken",
            "PUT /mail/settings": "what the mail server is like",
            "PUT /model/answers": "an array: {containing, schema, says} what the model says, the first that fits",
            "GET /model/asked": "what the model was asked",
            "POST /listings": "{\"add\": n} puts n new records on top of every property list",
        },
    }))
}

/// One or many.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scripts {
    One(Script),
    Many(Vec<Script>),
}

async fn add_faults(State(works): State<Arc<Works>>, Json(body): Json<Value>) -> Response {
    // Read by hand, so that what is wrong is told with its place.
    let read = if body.is_array() {
        serde_json::from_value(body).map(Scripts::Many)
    } else {
        serde_json::from_value(body).map(Scripts::One)
    };
    let scripts = match read {
        Ok(Scripts::One(script)) => vec![script],
        Ok(Scripts::Many(scripts)) => scripts,
        Err(error) => return refused(&error.to_string()),
    };
    match works.script(scripts) {
        Ok(ids) => (StatusCode::CREATED, Json(json!({"ids": ids}))).into_response(),
        Err(error) => refused(&error.to_string()),
    }
}

async fn list_faults(State(works): State<Arc<Works>>) -> Response {
    Json(works.faults.list()).into_response()
}

async fn clear_faults(State(works): State<Arc<Works>>) -> StatusCode {
    works.faults.clear();
    StatusCode::NO_CONTENT
}

async fn ledger(State(works): State<Arc<Works>>) -> Response {
    Json(works.ledger.report()).into_response()
}

async fn bill(State(works): State<Arc<Works>>) -> Response {
    Json(works.ledger.report().without_subjects()).into_response()
}

async fn reset(State(works): State<Arc<Works>>) -> StatusCode {
    works.reset();
    StatusCode::NO_CONTENT
}

async fn introduce(State(works): State<Arc<Works>>, Json(introduction): Json<Introduction>) -> Response {
    match works.world.introduce(introduction) {
        Some(person) => (StatusCode::CREATED, Json(person)).into_response(),
        None => refused("the identity says nothing of anybody"),
    }
}

async fn find(State(works): State<Arc<Works>>, Json(told): Json<Identity>) -> Response {
    let Some(person) = works.world.person(&told) else {
        return refused("the identity says nothing of anybody");
    };
    let known_to: Vec<Vendor> =
        Vendor::ALL.into_iter().filter(|&vendor| works.world.knows(vendor, &person)).collect();
    Json(json!({"subject": told.subject(), "person": person, "known_to": known_to})).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Publish {
    add: u64,
}

async fn publish(State(works): State<Arc<Works>>, Json(publish): Json<Publish>) -> StatusCode {
    works.publish(publish.add);
    StatusCode::NO_CONTENT
}

fn refused(words: &str) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"error": words}))).into_response()
}
