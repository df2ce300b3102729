//! Every route, and what stands before it.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

use crate::problem::{self, HttpCode, Problem};
use crate::state::{AppState, Parts};
use crate::{
    alerts, audit, auth, blocks, buckets, budgets, call_queue, campaign_reports, campaigns, canned_replies,
    codec, consents, conversations, deliverables, enrichments, error_pages, failures, follow_ups, health,
    hooks, idempotency, inbox, kill_switches, leads, mapping_profiles, merge_reviews, merges, metrics, model,
    number_orders, openapi, providers, pulls, request_id, sdr_profiles, senders, service_levels,
    suppressions, tasks, teams, templates, test_recipients, unsubscribe, uploads, webhook_endpoints,
    webhooks,
};

/// The service made of `parts`, to be put behind a listener or asked directly.
pub fn router(parts: Parts) -> Router {
    of_state(AppState::new(parts))
}

/// Requests pass, from the outside in: request id, problem bodies, panics, counting, and under
/// `/v1` also: key and rate limit, a task of their own, idempotency.
pub(crate) fn of_state(state: AppState) -> Router {
    let (router, api) = described().split_for_parts();
    // Layers added last are outermost.
    let v1 = router
        .layer(from_fn_with_state(state.clone(), idempotency::once))
        .layer(from_fn(idempotency::detach))
        .layer(from_fn_with_state(state.clone(), auth::require));
    let (open, _) = open().split_for_parts();
    Router::new()
        .merge(v1)
        .merge(open)
        .merge(codec::routes(state.temporal_ui_url.as_deref()))
        .merge(SwaggerUi::new("/docs").url("/openapi.json", full(api)))
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn_with_state(state.clone(), metrics::count))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(problem::finish))
        .layer(from_fn(request_id::assign))
        .with_state(state)
}

/// Routes that want a key.
fn described() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::base())
        .merge(uploads::router())
        .merge(mapping_profiles::router())
        .merge(leads::router())
        .merge(blocks::router())
        .merge(buckets::router())
        .merge(merges::router())
        .merge(merge_reviews::router())
        .merge(enrichments::router())
        .merge(providers::router())
        .merge(pulls::router())
        .merge(campaigns::router())
        .merge(budgets::router())
        .merge(templates::router())
        .merge(senders::router())
        .merge(number_orders::router())
        .merge(test_recipients::router())
        .merge(sdr_profiles::router())
        .merge(campaign_reports::router())
        .merge(suppressions::router())
        .merge(consents::router())
        .merge(kill_switches::router())
        .merge(webhooks::router())
        .merge(inbox::router())
        .merge(conversations::router())
        .merge(canned_replies::router())
        .merge(call_queue::router())
        .merge(tasks::router())
        .merge(deliverables::router())
        .merge(follow_ups::router())
        .merge(model::router())
        .merge(webhook_endpoints::router())
        .merge(failures::router())
        .merge(audit::router())
        .merge(alerts::router())
        .merge(service_levels::router())
        .merge(teams::router())
}

/// Routes that want none.
fn open() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(metrics::show))
        .routes(routes!(enrichments::hook::receive))
        .routes(routes!(hooks::receive))
        .routes(routes!(hooks::receive_call))
        .routes(routes!(unsubscribe::show, unsubscribe::leave))
        .routes(routes!(error_pages::list))
        .routes(routes!(error_pages::show))
}

fn full(mut api: OpenApi) -> OpenApi {
    api.merge(open().into_openapi());
    openapi::complete(&mut api);
    api
}

/// The description of the whole service.
pub fn description() -> OpenApi {
    full(described().into_openapi())
}

/// Every route that wants a key, as method and path with `{…}` for ids: for a test that tries each without a
/// key and with another team's.
pub fn routes() -> Vec<(&'static str, String)> {
    let api = described().into_openapi();
    let mut all = Vec::new();
    for (path, item) in &api.paths.paths {
        let methods = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        all.extend(
            methods.iter().filter(|(_, operation)| operation.is_some()).map(|(m, _)| (*m, path.clone())),
        );
    }
    all
}

async fn no_such_path() -> Problem {
    Problem::http(HttpCode::NotFound, "there is nothing at this path; /docs shows what there is")
}

async fn no_such_method() -> Problem {
    Problem::http(
        HttpCode::MethodNotAllowed,
        "this path does not take this method; /docs shows which it takes",
    )
}

fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without words");
    Problem::internal(format!("a handler panicked: {words}")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_that_wants_a_key_is_under_v1_and_says_so() {
        let api = description();
        for (method, path) in routes() {
            assert!(path.starts_with("/v1/"), "{method} {path}");
            let item = &api.paths.paths[&path];
            for operation in [&item.get, &item.post, &item.patch].into_iter().flatten() {
                assert!(operation.security.is_some(), "{path}");
                assert!(operation.responses.responses.contains_key("401"), "{path}");
                assert!(operation.tags.is_some(), "{path} has no tag");
            }
        }
    }

    /// Two types of one name would silently share one schema.
    #[test]
    fn what_is_sent_is_described_as_what_it_is() {
        let components = description().components.expect("schemas");
        let properties = |name: &str| {
            let schema = serde_json::to_value(&components.schemas[name]).expect("JSON");
            schema["properties"].as_object().expect("an object").keys().cloned().collect::<Vec<_>>()
        };
        assert!(properties("NewBlock").contains(&"criteria".to_owned()));
        assert!(properties("NewMappingProfile").contains(&"columns".to_owned()));
        assert!(properties("UploadProgress").contains(&"rows_normalized".to_owned()));
        assert!(properties("AuditEntry").contains(&"action".to_owned()));
    }
}
