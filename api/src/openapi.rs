//! The description of the service, for machines (`/openapi.json`) and people (`/docs`).

use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder};
use utoipa::{OpenApi as _, ToSchema};

use crate::problem::{FieldError, MEDIA_TYPE, ProblemBody};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Lead Refinery",
        description = "Lists of businesses in, campaign blocks out. Every route under /v1 wants an API key \
            (`Authorization: Bearer rk_…`); whatever belongs to another team is not found. Errors are problems \
            (RFC 9457) with a stable `code`. Send an `Idempotency-Key` with every POST: the same request under \
            the same key is done once, however often it is sent."
    ),
    components(schemas(ProblemBody, FieldError)),
    tags(
        (name = "uploads", description = "Files, from upload to blocks"),
        (name = "mapping profiles", description = "Saved ways of reading files"),
        (name = "leads", description = "People and businesses to be contacted"),
        (name = "enrichment", description = "Vendors who know how people are reached, and what they cost"),
        (name = "pulls", description = "Lists that come from vendors"),
        (name = "merges", description = "People and businesses that are one, and those that only look it"),
        (name = "campaigns", description = "What is said to whom, released by another person, sent once"),
        (name = "inbox", description = "What people answer, and what is done about it: the hottest first"),
        (name = "blocks", description = "Cohorts of leads, ready for a campaign"),
        (name = "buckets", description = "What there is by state and trade"),
        (name = "team", description = "What waits for a person, and who did what"),
        (name = "operations", description = "Health and numbers; no key needed"),
    )
)]
struct Description;

/// The description before any route is in it.
pub(crate) fn base() -> OpenApi {
    let mut api = Description::openapi();
    api.info.version = env!("CARGO_PKG_VERSION").to_owned();
    if let Some(components) = &mut api.components {
        let bearer =
            Http::builder().scheme(HttpAuthScheme::Bearer).description(Some("An API key, rk_…")).build();
        components.add_security_scheme("api_key", SecurityScheme::Http(bearer));
    }
    api
}

/// Adds to every operation under `/v1` what holds for all of them: the key, and the problems anybody can meet.
pub(crate) fn complete(api: &mut OpenApi) {
    let problem = |what: &str| {
        let schema = Ref::from_schema_name(ProblemBody::name());
        RefOr::T(
            ResponseBuilder::new()
                .description(what)
                .content(MEDIA_TYPE, ContentBuilder::new().schema(Some(schema)).build())
                .build(),
        )
    };
    for (path, item) in &mut api.paths.paths {
        if !path.starts_with("/v1/") {
            continue;
        }
        let operations = [&mut item.get, &mut item.post, &mut item.patch, &mut item.put, &mut item.delete]
            .into_iter()
            .flatten();
        for operation in operations {
            operation.security = Some(vec![SecurityRequirement::new("api_key", Vec::<String>::new())]);
            let responses = &mut operation.responses.responses;
            for (status, what) in [
                ("401", "No key, or one that is unknown or revoked"),
                ("403", "The key's scopes or its user's role do not reach this far"),
                ("429", "Too many requests of this user or team; see Retry-After"),
                ("500", "A defect of ours; the log has more under the request id"),
                ("503", "Something we depend on does not answer; see Retry-After"),
            ] {
                responses.entry(status.to_owned()).or_insert_with(|| problem(what));
            }
            if path.contains('{') {
                responses
                    .entry("404".to_owned())
                    .or_insert_with(|| problem("There is no such thing in this team"));
            }
        }
    }
}
