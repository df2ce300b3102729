//! Makes the search attributes that workflows set known to the namespace.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use temporalio_client::tonic::{Code, IntoRequest, Status};
use temporalio_client::{Client, NamespacedClient};
use temporalio_common::protos::temporal::api::enums::v1::IndexedValueType;
use temporalio_common::protos::temporal::api::operatorservice::v1::{
    AddSearchAttributesRequest, ListSearchAttributesRequest,
};
use workflows::search_attributes::ALL;

use crate::WorkerError;

/// Adds whichever search attribute is missing from the client's namespace; a workflow that sets one that Temporal
/// does not know would never get past its first task.
///
/// # Errors
/// [`WorkerError::SearchAttributes`] where some are missing and may not be added.
pub async fn ensure_search_attributes(client: &Client) -> Result<(), WorkerError> {
    let backoff = ExponentialBuilder::new().with_min_delay(Duration::from_millis(200)).with_max_times(8);
    (|| look_and_add(client)).retry(backoff).when(may_pass).await
}

async fn look_and_add(client: &Client) -> Result<(), WorkerError> {
    let refused = |missing: &[&str]| {
        let missing = missing.join(", ");
        move |status: Status| WorkerError::SearchAttributes { missing, source: status.into() }
    };
    let missing = missing_attributes(client).await.map_err(refused(&[]))?;
    if missing.is_empty() { Ok(()) } else { add(client, &missing).await.map_err(refused(&missing)) }
}

/// Whether Temporal, or the namespace, may be there when it is asked again.
fn may_pass(error: &WorkerError) -> bool {
    let WorkerError::SearchAttributes { source, .. } = error else { return false };
    let codes = [Code::Unavailable, Code::DeadlineExceeded, Code::NotFound, Code::ResourceExhausted];
    source.downcast_ref::<Status>().is_some_and(|status| codes.contains(&status.code()))
}

async fn missing_attributes(client: &Client) -> Result<Vec<&'static str>, Status> {
    let request = ListSearchAttributesRequest { namespace: client.namespace() };
    let known = client
        .connection()
        .operator_service()
        .list_search_attributes(request.into_request())
        .await?
        .into_inner();
    Ok(ALL
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !known.custom_attributes.contains_key(*name))
        .collect())
}

async fn add(client: &Client, missing: &[&str]) -> Result<(), Status> {
    let attributes = ALL
        .iter()
        .filter(|(name, _)| missing.contains(name))
        .map(|(name, kind)| ((*name).to_owned(), value_type(kind) as i32))
        .collect();
    let request = AddSearchAttributesRequest { search_attributes: attributes, namespace: client.namespace() };
    match client.connection().operator_service().add_search_attributes(request.into_request()).await {
        Ok(_) => tracing::info!(added = missing.join(", "), "search attributes were added to Temporal"),
        // Another worker was faster.
        Err(status) if status.code() == Code::AlreadyExists => {}
        Err(status) => return Err(status),
    }
    Ok(())
}

fn value_type(kind: &str) -> IndexedValueType {
    match kind {
        "Text" => IndexedValueType::Text,
        "Int" => IndexedValueType::Int,
        "Double" => IndexedValueType::Double,
        "Bool" => IndexedValueType::Bool,
        "Datetime" => IndexedValueType::Datetime,
        "KeywordList" => IndexedValueType::KeywordList,
        _ => IndexedValueType::Keyword,
    }
}
