//! `POST /v1/templates/preview`: what a text would be sent as, before it is kept.

use axum::Json;
use domain::message::{Segments, Template, plain_quotes};
use domain::money::Priced;
use domain::role::Permission;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::JsonBody;
use crate::problem::Problem;

use super::{create, text};

/// A text that may become a template.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TextToPreview {
    /// `sms`, `email` or `voice`; `sms` where it is left out.
    #[serde(default)]
    channel: Option<String>,
    /// Of an e-mail.
    #[serde(default)]
    subject: Option<String>,
    body: String,
}

/// What it would be sent as.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TextPreview {
    /// The text with what is said where a value is missing.
    sample: String,
    variables: Vec<String>,
    /// `gsm7` or `ucs2`.
    encoding: String,
    /// Its length in units of the encoding.
    units: u32,
    /// How many segments are sent and charged.
    segments: u32,
    /// The first character that GSM 03.38 does not have, where that makes the text UCS-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    forced_by: Option<ForcedBy>,
    /// The text with plain quotes and dashes, where that saves segments.
    #[serde(skip_serializing_if = "Option::is_none")]
    plain: Option<String>,
    /// Whether it says how to opt out: a campaign's first text has to.
    opt_out_wording: bool,
    /// What a text of this length costs, in micro-dollars.
    price_micros: i64,
}

/// What makes a text UCS-2.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ForcedBy {
    character: char,
    /// How many characters of the sample come before it.
    at: usize,
}

/// What a text would be sent as: its segments, what makes them more, and what it costs. Nothing is kept.
#[utoipa::path(
    post, path = "/v1/templates/preview", tag = "campaigns", request_body = TextToPreview,
    responses(
        (status = 200, body = TextPreview),
        (status = 422, body = crate::problem::ProblemBody, description = "An unknown variable, open braces, too long: each named"),
    ),
)]
pub(crate) async fn preview(
    caller: Caller,
    JsonBody(new): JsonBody<TextToPreview>,
) -> Result<Json<TextPreview>, Problem> {
    caller.may(Permission::Read)?;
    let channel = create::channel(new.channel.as_deref().unwrap_or("sms"))?;
    let version = text::checked(channel, new.subject.as_deref(), &new.body)?;
    let parsed = Template::parse(&new.body).map_err(|fault| Problem::invalid("/body", fault.to_string()))?;
    let sample = parsed.sample();
    let segments = Segments::of(&sample);
    let plain = plain_quotes(&new.body).filter(|plain| {
        Template::parse(plain).is_ok_and(|plain| Segments::of(&plain.sample()).parts < segments.parts)
    });
    let each = if channel == "email" { Priced::Email } else { Priced::SmsSegment };
    let price = each.default_price().checked_mul(i64::from(version.segments));
    Ok(Json(TextPreview {
        variables: version.variables,
        encoding: segments.encoding.as_str().to_owned(),
        units: segments.units,
        segments: u32::from(version.segments),
        forced_by: segments
            .forced_by
            .map(|forcing| ForcedBy { character: forcing.character, at: forcing.at }),
        plain,
        opt_out_wording: version.opt_out_wording,
        price_micros: if channel == "voice" { 0 } else { price.unwrap_or_default().micros() },
        sample,
    }))
}
