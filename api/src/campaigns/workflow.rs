//! What campaigns ask of Temporal.

use domain::campaign::CampaignAction;
use domain::id::{CampaignId, UserId};
use temporalio_client::errors::WorkflowUpdateError;
use temporalio_client::{
    WorkflowExecuteUpdateOptions, WorkflowIdReusePolicy, WorkflowQueryOptions, WorkflowStartOptions,
};
use temporalio_common::search_attributes::SearchAttributes;
use workflows::campaign::{
    Approve, By, CampaignInput, CampaignProgress, CampaignRef, CampaignWorkflow, ChangeOutput, NewLimits,
    Pace, Schedule, workflow_id,
};
use workflows::search_attributes;

use crate::temporal::{
    CALL_TIMEOUT, QUERY_TIMEOUT, Started, Temporal, TemporalError, handle_of, started, told, within,
};

/// What is wanted of a campaign that has a workflow.
#[derive(Debug, Clone)]
pub(crate) enum Order {
    /// Staging takes as long as reading the audience does.
    Stage,
    Approve {
        preview_hash: String,
    },
    Reject,
    Schedule {
        starts_at: Option<i64>,
    },
    Pause,
    Resume,
    Cancel,
    Limits {
        daily: Option<u32>,
        per_minute: Option<u32>,
    },
}

impl Order {
    /// What it is in the state machine.
    pub(crate) const fn action(&self) -> CampaignAction {
        match self {
            Self::Stage => CampaignAction::Stage,
            Self::Approve { .. } => CampaignAction::Approve,
            Self::Reject => CampaignAction::Reject,
            Self::Schedule { .. } => CampaignAction::Schedule,
            Self::Pause => CampaignAction::Pause,
            Self::Resume => CampaignAction::Resume,
            Self::Cancel => CampaignAction::Cancel,
            Self::Limits { .. } => CampaignAction::ChangeLimits,
        }
    }

    /// How long it may take: what looks at the whole audience takes a while.
    const fn patience(&self) -> std::time::Duration {
        match self {
            Self::Stage | Self::Approve { .. } => std::time::Duration::from_secs(60),
            _ => std::time::Duration::from_secs(10),
        }
    }
}

impl Temporal {
    /// Starts the workflow of a campaign. It runs once.
    ///
    /// # Errors
    /// [`TemporalError::Unavailable`], [`TemporalError::Other`].
    pub(crate) async fn start_campaign(
        &self,
        queue: &str,
        campaign: CampaignRef,
        pace: Pace,
    ) -> Result<Started, TemporalError> {
        let options = WorkflowStartOptions::new(queue, workflow_id(campaign.campaign))
            .id_reuse_policy(WorkflowIdReusePolicy::RejectDuplicate)
            .search_attributes(SearchAttributes::new([
                search_attributes::TEAM.value_set(campaign.team.to_string()),
                search_attributes::CAMPAIGN.value_set(campaign.campaign.to_string()),
            ]))
            .static_summary("A campaign, from draft to the last delivery report")
            .static_details(format!("team {}, campaign {}", campaign.team, campaign.campaign))
            .build();
        let input = CampaignInput::new(campaign, pace);
        let client = self.client().await?;
        started(within(CALL_TIMEOUT, client.start_workflow(CampaignWorkflow::run, input, options)).await?)
    }

    /// How far a campaign is. `None` where no worker answers in time or it is not running.
    ///
    /// # Errors
    /// [`TemporalError::Unavailable`], [`TemporalError::Other`].
    pub(crate) async fn campaign_progress(
        &self,
        campaign: CampaignId,
    ) -> Result<Option<CampaignProgress>, TemporalError> {
        let handle = handle_of(self.client().await?, CampaignWorkflow::run, workflow_id(campaign));
        let query = handle.query(CampaignWorkflow::progress, (), WorkflowQueryOptions::default());
        told(tokio::time::timeout(QUERY_TIMEOUT, query).await)
    }

    /// Gives an order to the workflow of a campaign and waits until it is carried out or refused.
    ///
    /// # Errors
    /// [`TemporalError::NotRunning`], [`TemporalError::Refused`] with the reason, [`TemporalError::Unavailable`], also where no
    /// worker takes the order in time.
    pub(crate) async fn order_campaign(
        &self,
        campaign: CampaignId,
        by: UserId,
        order: &Order,
    ) -> Result<ChangeOutput, TemporalError> {
        let handle = handle_of(self.client().await?, CampaignWorkflow::run, workflow_id(campaign));
        let options = WorkflowExecuteUpdateOptions::default;
        let by_alone = By { by };
        let given = async {
            match order {
                Order::Stage => handle.execute_update(CampaignWorkflow::stage, by_alone, options()).await,
                Order::Approve { preview_hash } => {
                    let approve = Approve { by, preview_hash: preview_hash.clone() };
                    handle.execute_update(CampaignWorkflow::approve, approve, options()).await
                }
                Order::Reject => handle.execute_update(CampaignWorkflow::reject, by_alone, options()).await,
                Order::Schedule { starts_at } => {
                    let schedule = Schedule { by, starts_at: *starts_at };
                    handle.execute_update(CampaignWorkflow::schedule, schedule, options()).await
                }
                Order::Pause => handle.execute_update(CampaignWorkflow::pause, by_alone, options()).await,
                Order::Resume => handle.execute_update(CampaignWorkflow::resume, by_alone, options()).await,
                Order::Cancel => handle.execute_update(CampaignWorkflow::cancel, by_alone, options()).await,
                Order::Limits { daily, per_minute } => {
                    let limits = NewLimits { by, daily: *daily, per_minute: *per_minute };
                    handle.execute_update(CampaignWorkflow::change_limits, limits, options()).await
                }
            }
        };
        let answer = within(order.patience(), given).await?;
        answer.map_err(|error| match error {
            WorkflowUpdateError::NotFound(_) => TemporalError::NotRunning,
            WorkflowUpdateError::Failed(failure) => TemporalError::Refused(failure.message.clone()),
            WorkflowUpdateError::Rpc(status) => TemporalError::of_status(status),
            error => TemporalError::Other(error.into()),
        })
    }
}
