//! `POST /v1/deliverables/{id}/send`: what a person wrote, or a template, goes to the address that was left, once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::Utc;
use domain::FailureCode;
use domain::id::{DeliverableId, SenderId, TemplateId};
use domain::message::Template;
use domain::role::Permission;
use entities::letter::{self, For, NewLetter};
use entities::{BulkTransaction, deliverable, reply, sender, template};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::Deliverable;
use crate::auth::Caller;
use crate::extract::{Id, JsonBody};
use crate::inbox::in_nobody_elses_hands;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

/// The longest subject, in characters: what mail programs show.
const MAX_SUBJECT: usize = 200;
/// The longest text, in characters: a report of ten pages.
const MAX_TEXT: usize = 20_000;

/// What is sent: subject and text as they are, or a template.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DeliverableLetter)]
pub(crate) struct Written {
    /// What it is about.
    #[serde(default)]
    subject: Option<String>,
    /// What it says, as it is; sender, postal address and the way to unsubscribe are put below.
    #[serde(default)]
    text: Option<String>,
    /// A template of an e-mail, in place of both: its newest version, with the lead's values.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    template: Option<TemplateId>,
    /// From whom; the team's oldest active sender of e-mail where it is left out.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    sender: Option<SenderId>,
}

/// Has it sent, once: right before, switches and suppressions are looked at. The same again is answered like the first; `letter`
/// says how far it has come. What the mail server refuses can be written anew; what may have arrived cannot.
#[utoipa::path(
    post, path = "/v1/deliverables/{id}/send", tag = "inbox", params(("id" = String, Path)), request_body = Written,
    responses(
        (status = 202, body = Deliverable, description = "It is sent as soon as may be"),
        (status = 409, body = crate::problem::ProblemBody, description = "Another text is under way or was sent, the person is \
            not to be contacted, no sender of e-mail is active, or the conversation is in other hands: the detail says which"),
        (status = 422, body = crate::problem::ProblemBody, description = "Nothing to send, a template of another channel or \
            without a value that it needs, or a sender of another channel"),
    ),
)]
pub(crate) async fn send(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<DeliverableId>,
    sent: Result<JsonBody<Written>, Problem>,
) -> Result<(StatusCode, Json<Deliverable>), Problem> {
    // What is another team's is not found, whatever the caller may do and whatever was sent.
    let mut tx = caller.bulk_transaction(&state).await?;
    let found = deliverable::get(&mut tx, id).await?;
    caller.may(Permission::Send)?;
    let JsonBody(written) = sent?;
    let now = Utc::now();
    in_nobody_elses_hands(&mut tx, &caller, found.conversation, now).await?;
    // In the order in which everybody locks them.
    reply::lock(&mut tx, found.conversation).await?;
    let owed = reply::owed(&mut tx, id).await?;
    let (subject, text) = says(&mut tx, &found, &written).await?;
    if let Some(before) = letter::of_deliverable(&mut tx, id).await?
        && matches!(before.state.as_str(), "planned" | "calling" | "accepted" | "unknown")
    {
        if (before.subject.as_str(), before.body.as_str()) == (subject.as_str(), text.as_str()) {
            let body = answer(&mut tx, id).await?;
            tx.commit().await?;
            return Ok((StatusCode::ACCEPTED, Json(body)));
        }
        let what = format!(
            "something was written for it before that is {}; it goes to nobody twice: see GET /v1/deliverables/{id}",
            before.state
        );
        return Err(Problem::http(HttpCode::Conflict, what));
    }
    if !matches!(owed.state.as_str(), "requested" | "handed_over") {
        let what = format!("it is {}, and nothing can be sent for it any more", owed.state);
        return Err(Problem::http(HttpCode::Conflict, what));
    }
    if owed.forbidden {
        let what = "nobody is to be written to at this address; GET /v1/suppressions says why";
        return Err(Problem::http(HttpCode::Conflict, what));
    }
    has_sender(&mut tx, written.sender).await?;
    let new = NewLetter {
        conversation: found.conversation,
        lead: found.lead,
        what_for: For::Deliverable(id),
        sender: written.sender,
        to: &found.address,
        subject: &subject,
        body: &text,
        by: Some(caller.user),
    };
    let planned = letter::plan(&mut tx, new, now).await?;
    let planned = planned.ok_or_else(|| Problem::http(HttpCode::Conflict, "somebody has it sent already"))?;
    reply::written(&mut tx, id, planned, caller.user, now).await?;
    let details = json!({ "letter": planned, "template": written.template, "kind": owed.kind });
    caller.record_in_bulk(&mut tx, "deliverable.send", id, details).await?;
    let body = answer(&mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(body)))
}

/// The deliverable as it is now, with what was written for it.
pub(super) async fn answer(tx: &mut BulkTransaction, id: DeliverableId) -> Result<Deliverable, Problem> {
    let letter = letter::of_deliverable(tx, id).await?;
    let found = deliverable::get(tx, id).await?;
    Ok(Deliverable { letter: letter.map(Into::into), ..found.into() })
}

/// Subject and text, with the lead's values where a template has them.
async fn says(
    tx: &mut BulkTransaction,
    found: &deliverable::Deliverable,
    written: &Written,
) -> Result<(String, String), Problem> {
    let Some(template) = written.template else {
        let subject = within("/subject", written.subject.as_deref(), MAX_SUBJECT)?;
        if subject.contains(['\r', '\n']) {
            return Err(Problem::invalid("/subject", "must be one line"));
        }
        let text = within("/text", written.text.as_deref(), MAX_TEXT)?;
        return Ok((subject.to_owned(), text.to_owned()));
    };
    if written.subject.is_some() || written.text.is_some() {
        return Err(Problem::invalid(
            "/template",
            "a template has its own words; leave out subject and text",
        ));
    }
    let version = template::newest(tx, &[template]).await?.into_iter().next();
    let version = version.ok_or_else(|| Problem::not_found("template", template))?;
    let subject = version.subject.as_deref().ok_or_else(|| {
        Problem::invalid("/template", "must be a template of an e-mail, which has a subject")
    })?;
    let who = reply::values(tx, found.conversation).await?;
    let say = |text: &str| {
        let parsed =
            Template::parse(text).map_err(|fault| Problem::invalid("/template", fault.to_string()))?;
        parsed.render(&who).map_err(|fault| Problem::invalid("/template", fault.to_string()))
    };
    Ok((say(subject)?, say(&version.body)?))
}

fn within<'a>(pointer: &str, text: Option<&'a str>, most: usize) -> Result<&'a str, Problem> {
    let text = text.map(str::trim).unwrap_or_default();
    if !(1..=most).contains(&text.chars().count()) {
        let what = format!("must have 1 to {most} characters, where no template is named");
        return Err(Problem::invalid(pointer, what));
    }
    Ok(text)
}

async fn has_sender(tx: &mut BulkTransaction, sender: Option<SenderId>) -> Result<(), Problem> {
    if sender::mail_sender(tx, sender).await?.is_some() {
        return Ok(());
    }
    if sender.is_some() {
        let what = "must be an active sender of e-mail with a postal address; see GET /v1/senders";
        return Err(Problem::invalid("/sender", what));
    }
    let what =
        "the team has no active sender of e-mail with a postal address; make one with POST /v1/senders";
    Err(Problem::failure(StatusCode::CONFLICT, FailureCode::CampaignSenderMissing, what))
}
