//! What the service asks of Temporal: start, query, cancel. Connects when first needed, so that the service
//! works (and takes uploads) while Temporal is away.

use std::sync::Arc;
use std::time::Duration;

use domain::id::{DataSourceId, TeamId};
use temporal::{AddressError, ConnectError, Target};
use temporalio_client::errors::{
    WorkflowInteractionError, WorkflowQueryError, WorkflowStartError, WorkflowUpdateError,
};
use temporalio_client::tonic::{Code, Status};
use temporalio_client::{
    Client, WorkflowCancelOptions, WorkflowExecuteUpdateOptions, WorkflowHandle, WorkflowIdReusePolicy,
    WorkflowQueryOptions, WorkflowStartOptions,
};
use temporalio_common::HasWorkflowDefinition;
use temporalio_common::search_attributes::SearchAttributes;
use tokio::sync::OnceCell;
use workflows::codec::KeyRing;
use workflows::search_attributes;
use workflows::upload::{self, Pace, UploadInput, UploadProgress, UploadRef, UploadWorkflow};
use workflows::upload_undo::{self, UndoInput, UploadUndoWorkflow};

/// How long Temporal may take to take a call or to refuse it.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a query may take: it needs a worker, and without one it would hang until Temporal gives up.
pub(crate) const QUERY_TIMEOUT: Duration = Duration::from_secs(2);

/// Why Temporal did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum TemporalError {
    /// The configured address is no address.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Temporal cannot be reached, or is too slow.
    #[error("Temporal does not answer; check that it runs and that TEMPORAL_ADDRESS names it")]
    Unavailable(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// The workflow is not running, or never was.
    #[error("the workflow is not running")]
    NotRunning,
    /// The workflow refused; the text says why.
    #[error("{0}")]
    Refused(String),
    /// Anything else.
    #[error("Temporal refused the request")]
    Other(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl TemporalError {
    pub(crate) fn of_status(status: Status) -> Self {
        match status.code() {
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::ResourceExhausted => {
                Self::Unavailable(Some(status.into()))
            }
            Code::NotFound => Self::NotRunning,
            _ => Self::Other(status.into()),
        }
    }
}

/// A connection to Temporal, made when it is first needed. Clones share it.
#[derive(Clone)]
pub struct Temporal {
    target: Option<Target>,
    client: Arc<OnceCell<Client>>,
}

impl std::fmt::Debug for Temporal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Temporal").field("connected", &self.client.initialized()).finish_non_exhaustive()
    }
}

/// Whether a start made a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// It did.
    Now,
    /// There was one of this id already; it is what was wanted.
    Before,
}

impl Temporal {
    /// Temporal at `address` (`host:port` or a URL), payloads encrypted under `keys`. Connects later.
    ///
    /// # Errors
    /// [`TemporalError::Address`].
    pub fn at(address: &str, namespace: &str, keys: KeyRing) -> Result<Self, TemporalError> {
        let target = Target::at(address, namespace, "refinery-api", keys)?.within(CALL_TIMEOUT);
        Ok(Self { target: Some(target), client: Arc::default() })
    }

    /// Temporal through a client that is connected already. Its data converter must encrypt.
    pub fn connected(client: Client) -> Self {
        Self { target: None, client: Arc::new(OnceCell::new_with(Some(client))) }
    }

    /// Asks Temporal for a sign of life.
    ///
    /// # Errors
    /// [`TemporalError::Unavailable`].
    pub async fn ping(&self) -> Result<(), TemporalError> {
        let client = self.client().await?;
        let mut service = client.connection().health_service();
        let request = temporalio_common::protos::grpc::health::v1::HealthCheckRequest {
            service: "temporal.api.workflowservice.v1.WorkflowService".to_owned(),
        };
        use temporalio_client::tonic::IntoRequest;
        within(CALL_TIMEOUT, service.check(request.into_request()))
            .await?
            .map_err(TemporalError::of_status)?;
        Ok(())
    }

    /// Starts the refining of a file. `first` refuses to run a file again that ran before; a retry does not.
    ///
    /// # Errors
    /// [`TemporalError::Unavailable`], [`TemporalError::Other`].
    pub async fn start_upload(
        &self,
        queue: &str,
        upload: UploadRef,
        first: bool,
    ) -> Result<Started, TemporalError> {
        let reuse = if first {
            WorkflowIdReusePolicy::RejectDuplicate
        } else {
            WorkflowIdReusePolicy::AllowDuplicate
        };
        let options = WorkflowStartOptions::new(queue, upload::workflow_id(upload.source))
            .id_reuse_policy(reuse)
            .search_attributes(attributes(upload.team, upload.source))
            .static_summary("A list, from stored file to campaign blocks")
            .static_details(format!(
                "team {}, file {}, attempt {}",
                upload.team, upload.source, upload.attempt
            ))
            .build();
        let input = UploadInput { upload, pace: Pace::default() };
        let client = self.client().await?;
        started(within(CALL_TIMEOUT, client.start_workflow(UploadWorkflow::run, input, options)).await?)
    }

    /// Starts the taking back of a file.
    ///
    /// # Errors
    /// [`TemporalError::Unavailable`], [`TemporalError::Other`].
    pub async fn start_undo(&self, queue: &str, input: UndoInput) -> Result<Started, TemporalError> {
        let options = WorkflowStartOptions::new(queue, upload_undo::workflow_id(input.source))
            .id_reuse_policy(WorkflowIdReusePolicy::AllowDuplicateFailedOnly)
            .search_attributes(attributes(input.team, input.source))
            .static_summary("Taking back a list")
            .static_details(format!("team {}, file {}", input.team, input.source))
            .build();
        let client = self.client().await?;
        started(within(CALL_TIMEOUT, client.start_workflow(UploadUndoWorkflow::run, input, options)).await?)
    }

    /// How far a file is. `None` where no worker answers in time or no workflow is known: the database has
    /// what is certain.
    ///
    /// # Errors
    /// [`TemporalError::Unavailable`], [`TemporalError::Other`].
    pub async fn upload_progress(
        &self,
        source: DataSourceId,
    ) -> Result<Option<UploadProgress>, TemporalError> {
        let handle = handle_of(self.client().await?, UploadWorkflow::run, upload::workflow_id(source));
        let query = handle.query(UploadWorkflow::progress, (), WorkflowQueryOptions::default());
        told(tokio::time::timeout(QUERY_TIMEOUT, query).await)
    }

    /// Asks the workflow of a file to stop and to take away what it staged. Where no worker takes the request in
    /// time, it is left with Temporal as a cancellation, which the workflow meets when it goes on.
    ///
    /// # Errors
    /// [`TemporalError::NotRunning`], [`TemporalError::Refused`] where it is too late,
    /// [`TemporalError::Unavailable`].
    pub async fn cancel_upload(&self, source: DataSourceId) -> Result<(), TemporalError> {
        let handle = handle_of(self.client().await?, UploadWorkflow::run, upload::workflow_id(source));
        let update =
            handle.execute_update(UploadWorkflow::cancel, (), WorkflowExecuteUpdateOptions::default());
        match tokio::time::timeout(CALL_TIMEOUT, update).await {
            Ok(answer) => taken(answer),
            Err(_no_worker) => cancelled(
                within(CALL_TIMEOUT, handle.cancel(WorkflowCancelOptions::builder().build())).await?,
            ),
        }
    }

    pub(crate) async fn client(&self) -> Result<&Client, TemporalError> {
        let connect = self.client.get_or_try_init(|| async {
            let target = self.target.as_ref().ok_or(TemporalError::Unavailable(None))?;
            target.connect().await.map_err(|error| match error {
                ConnectError::Away(cause) => TemporalError::Unavailable(Some(cause)),
                ConnectError::Refused(cause) => TemporalError::Other(cause),
            })
        });
        within(CALL_TIMEOUT, connect).await?
    }
}

/// The handle of a workflow, typed by the marker of its run: one typed by the workflow's state could not be kept
/// across an `await`, since that state belongs to a single thread of a worker.
pub(crate) fn handle_of<W: HasWorkflowDefinition>(
    client: &Client,
    _run: W,
    id: String,
) -> WorkflowHandle<Client, W> {
    client.get_workflow_handle(id)
}

pub(crate) async fn within<F: Future>(limit: Duration, call: F) -> Result<F::Output, TemporalError> {
    tokio::time::timeout(limit, call).await.map_err(|late| TemporalError::Unavailable(Some(late.into())))
}

/// What an update came to.
pub(crate) fn taken(answer: Result<(), WorkflowUpdateError>) -> Result<(), TemporalError> {
    answer.map_err(|error| match error {
        WorkflowUpdateError::NotFound(_) => TemporalError::NotRunning,
        WorkflowUpdateError::Failed(failure) => TemporalError::Refused(failure.message.clone()),
        WorkflowUpdateError::Rpc(status) => TemporalError::of_status(status),
        error => TemporalError::Other(error.into()),
    })
}

/// What a cancellation came to.
pub(crate) fn cancelled(answer: Result<(), WorkflowInteractionError>) -> Result<(), TemporalError> {
    answer.map_err(|error| match error {
        WorkflowInteractionError::NotFound(_) => TemporalError::NotRunning,
        WorkflowInteractionError::Rpc(status) => TemporalError::of_status(status),
        error => TemporalError::Other(error.into()),
    })
}

/// What a query came to: `None` where no worker answers in time or no workflow is known.
pub(crate) fn told<T, L>(
    answer: Result<Result<T, WorkflowQueryError>, L>,
) -> Result<Option<T>, TemporalError> {
    match answer {
        Err(_) | Ok(Err(WorkflowQueryError::NotFound(_))) => Ok(None),
        Ok(Ok(answer)) => Ok(Some(answer)),
        Ok(Err(WorkflowQueryError::Rpc(status))) => Err(TemporalError::of_status(status)),
        Ok(Err(error)) => Err(TemporalError::Other(error.into())),
    }
}

fn attributes(team: TeamId, source: DataSourceId) -> SearchAttributes {
    SearchAttributes::new([
        search_attributes::TEAM.value_set(team.to_string()),
        search_attributes::SOURCE.value_set(source.to_string()),
    ])
}

pub(crate) fn started<T>(answer: Result<T, WorkflowStartError>) -> Result<Started, TemporalError> {
    match answer {
        Ok(_) => Ok(Started::Now),
        Err(WorkflowStartError::AlreadyStarted { .. }) => Ok(Started::Before),
        Err(WorkflowStartError::Rpc(status)) => Err(TemporalError::of_status(status)),
        Err(error) => Err(TemporalError::Other(error.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_sorted_by_what_to_do() {
        let of = |code| TemporalError::of_status(Status::new(code, "x"));
        assert!(matches!(of(Code::Unavailable), TemporalError::Unavailable(_)));
        assert!(matches!(of(Code::DeadlineExceeded), TemporalError::Unavailable(_)));
        assert!(matches!(of(Code::NotFound), TemporalError::NotRunning));
        assert!(matches!(of(Code::InvalidArgument), TemporalError::Other(_)));
    }
}
