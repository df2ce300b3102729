//! Templates of texts: versions, what they are sent as, and what is wrong with them.

mod create;
mod get;
mod list;
mod preview;
mod test;
mod text;

use chrono::{DateTime, Utc};
use domain::id::{TemplateId, TemplateVersionId, UserId};
use entities::template;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(preview::preview))
        .routes(routes!(get::get))
        .routes(routes!(create::revise))
        .routes(routes!(get::archive))
        .routes(routes!(test::send))
}

/// A template.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Template {
    #[schema(value_type = String, example = "tpl_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: TemplateId,
    /// Unique in the team.
    name: String,
    /// `sms`, `email` or `voice`.
    channel: String,
    /// Its newest version, which new campaigns take.
    version: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    created_by: Option<UserId>,
    created_at: DateTime<Utc>,
    /// When it was put away.
    #[serde(skip_serializing_if = "Option::is_none")]
    archived_at: Option<DateTime<Utc>>,
}

impl From<template::Template> for Template {
    fn from(template: template::Template) -> Self {
        Self {
            id: template.id.0,
            name: template.name,
            channel: template.channel,
            version: template.version,
            created_by: template.created_by.map(|id| id.0),
            created_at: template.created_at,
            archived_at: template.archived_at,
        }
    }
}

/// What a template said at one time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateVersion {
    #[schema(value_type = String)]
    id: TemplateVersionId,
    version: i32,
    /// Of an e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    body: String,
    variables: Vec<String>,
    /// `gsm7` or `ucs2`, with its fallbacks for values.
    encoding: String,
    /// How many segments that is.
    segments: i16,
    /// Whether it says how to opt out: a campaign's first text has to.
    opt_out_wording: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    created_by: Option<UserId>,
    created_at: DateTime<Utc>,
}

impl From<template::Version> for TemplateVersion {
    fn from(version: template::Version) -> Self {
        Self {
            id: version.id,
            version: version.version,
            subject: version.subject,
            body: version.body,
            variables: version.variables,
            encoding: version.encoding,
            segments: version.segments,
            opt_out_wording: version.opt_out_wording,
            created_by: version.created_by,
            created_at: version.created_at,
        }
    }
}

/// A template with all it ever said.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateDetail {
    #[serde(flatten)]
    template: Template,
    /// Newest first.
    versions: Vec<TemplateVersion>,
}
