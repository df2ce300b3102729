//! `POST /v1/templates/{id}/test`: sends a template to one of the team's own, to be looked at.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::id::{SenderId, TemplateId, TestRecipientId};
use domain::message::Template;
use domain::role::Permission;
use entities::test_send::{self, NewTest};
use entities::{sender, template};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::{Id, JsonBody};
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;
use crate::test_recipients::{Allowance, TestSend, size, within_allowance};

/// To whom, and from whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTemplateTest {
    /// One of the team's own that is confirmed: see `/v1/test-recipients`.
    #[schema(value_type = String)]
    recipient: TestRecipientId,
    /// The sender it would go from.
    #[schema(value_type = String)]
    sender: SenderId,
}

/// Has the newest version sent, with what it says where a value is missing. It goes by the sender and its vendor, once; what it
/// costs counts in the team's budgets.
#[utoipa::path(
    post, path = "/v1/templates/{id}/test", tag = "campaigns", params(("id" = String, Path)),
    request_body = NewTemplateTest,
    responses(
        (status = 202, body = TestSend, description = "It is sent; `Location` says how far it has come"),
        (status = 409, body = crate::problem::ProblemBody, description = "The recipient is not confirmed, or a lead is reached there"),
        (status = 422, body = crate::problem::ProblemBody, description = "A template that a person says, or a sender of another channel"),
        (status = 429, body = crate::problem::ProblemBody, description = "Too many in an hour"),
    ),
)]
pub(crate) async fn send(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<TemplateId>,
    new: Result<JsonBody<NewTemplateTest>, Problem>,
) -> Result<Response, Problem> {
    caller.may(Permission::DraftCampaigns)?;
    // What is another team's is not found, whatever is said about it.
    let tx = caller.transaction(&state).await?;
    let known = template::get(&tx, id).await?;
    let JsonBody(new) = new?;
    let sender = sender::get(&tx, new.sender).await?;
    tx.commit().await?;
    if known.channel == "voice" {
        return Err(Problem::http(HttpCode::Invalid, "what a person says is not sent; read it to them"));
    }
    if sender.channel != known.channel {
        return Err(Problem::invalid("/sender", format!("must be a sender of {}", known.channel)));
    }
    let mut tx = caller.bulk_transaction(&state).await?;
    let recipient = test_send::get(&mut tx, new.recipient).await?;
    let wanted = if known.channel == "email" { "email" } else { "phone" };
    if recipient.kind != wanted {
        return Err(Problem::invalid("/recipient", format!("must be one with a {wanted}")));
    }
    if recipient.confirmed_at.is_none() {
        let what = format!(
            "nobody has confirmed that it is the team's; POST /v1/test-recipients/{}/confirm with the code sent there",
            new.recipient
        );
        return Err(Problem::http(HttpCode::Conflict, what));
    }
    let Allowance = within_allowance(&mut tx).await?;
    let versions = template::newest(&mut tx, &[id]).await?;
    let version = versions.into_iter().next().ok_or_else(|| Problem::not_found("template", id))?;
    let sample = |text: &str| {
        let parsed =
            Template::parse(text).map_err(|fault| Problem::invalid("/template", fault.to_string()))?;
        Ok::<_, Problem>(parsed.sample())
    };
    let body = sample(&version.body)?;
    let subject = version.subject.as_deref().map(sample).transpose()?;
    let (segments, price) = size(&known.channel, &body);
    let test = NewTest {
        recipient: new.recipient,
        sender: new.sender,
        version: Some(version.id),
        subject: subject.as_deref(),
        body: &body,
        segments,
        price,
    };
    let test = test_send::plan(&mut tx, test, Some(caller.user)).await?;
    let details = json!({ "version": version.version, "recipient": new.recipient, "test": test });
    caller.record_in_bulk(&mut tx, "template.test", id, details).await?;
    let planned = test_send::look(&mut tx, test).await?;
    tx.commit().await?;
    let location = format!("/v1/test-sends/{test}");
    let body = Json(TestSend::from(planned));
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], body).into_response())
}
