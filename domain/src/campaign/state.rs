//! The states of a campaign and the actions that lead from one to the next: the one state machine, by which the
//! workflow's validators refuse, the API tells what can be done, and the table is kept.

use crate::FailureCode;
use crate::named::named_enum;
use crate::role::Permission;

named_enum! {
    /// Where a campaign is.
    CampaignState {
        /// Being written. Everything can still change.
        Draft = "draft",
        /// A preview was made and waits for approval.
        Staged = "staged",
        /// Released by an approver against the preview's hash.
        Approved = "approved",
        /// Waits for its start.
        Scheduled = "scheduled",
        /// Sends.
        Running = "running",
        /// Sends nothing until it is resumed.
        Paused = "paused",
        /// Everything was sent that was to be, and reported.
        Completed = "completed",
        /// Stopped for good by a person.
        Cancelled = "cancelled",
        /// Ran past its expiry.
        Expired = "expired",
        /// Stopped for good by a fault.
        Failed = "failed",
    }
}

named_enum! {
    /// What is done to a campaign, by a person or by the workflow itself.
    CampaignAction {
        /// Change what it says, to whom, from whom.
        Edit = "edit",
        /// Make a preview and ask for approval.
        Stage = "stage",
        /// Release it.
        Approve = "approve",
        /// Send it back to its author.
        Reject = "reject",
        /// Say when it starts, or that it may start now.
        Schedule = "schedule",
        /// Hold everything back from the next message on.
        Pause = "pause",
        /// Go on.
        Resume = "resume",
        /// Stop it for good.
        Cancel = "cancel",
        /// Change what it may send and spend.
        ChangeLimits = "change_limits",
        /// The workflow: its start has come.
        Start = "start",
        /// The workflow: the approval was not acted upon in time.
        LapseApproval = "lapse_approval",
        /// The workflow: all is sent and reported.
        Complete = "complete",
        /// The workflow: its end has come.
        Expire = "expire",
        /// The workflow: it cannot go on.
        Fail = "fail",
    }
}

/// An action that a state does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a campaign that is {state} cannot take {action}; it takes {}", .state.list_of_actions())]
pub struct RefusedAction {
    /// The state it is in.
    pub state: CampaignState,
    /// What was to be done.
    pub action: CampaignAction,
}

impl RefusedAction {
    /// The stable code of this refusal.
    pub const fn code(self) -> FailureCode {
        FailureCode::CampaignWrongState
    }
}

impl CampaignState {
    /// The state after an action. Pausing what is paused, resuming what runs and cancelling what is cancelled change
    /// nothing and are not refused, so that a repeated request is answered like the first.
    ///
    /// # Errors
    /// [`RefusedAction`] when this state does not take it.
    pub const fn after(self, action: CampaignAction) -> Result<Self, RefusedAction> {
        use CampaignAction as A;
        use CampaignState as S;
        Ok(match (self, action) {
            (S::Draft, A::Edit) => S::Draft,
            (S::Draft | S::Staged, A::Stage) => S::Staged,
            (S::Staged, A::Approve) => S::Approved,
            (S::Staged | S::Approved | S::Scheduled, A::Reject) => S::Draft,
            (S::Approved | S::Scheduled, A::Schedule) => S::Scheduled,
            (S::Approved | S::Scheduled, A::LapseApproval) => S::Staged,
            (S::Scheduled, A::Start) => S::Running,
            (S::Scheduled | S::Running | S::Paused, A::Pause) => S::Paused,
            (S::Paused | S::Running, A::Resume) => S::Running,
            (S::Running, A::Complete) => S::Completed,
            (S::Cancelled, A::Cancel) => S::Cancelled,
            (_, A::Cancel) if !self.is_final() => S::Cancelled,
            (_, A::ChangeLimits) if !self.is_final() => self,
            (_, A::Fail) if !self.is_final() => S::Failed,
            (S::Draft, A::Expire) => return Err(RefusedAction { state: self, action }),
            (_, A::Expire) if !self.is_final() => S::Expired,
            _ => return Err(RefusedAction { state: self, action }),
        })
    }

    /// Whether nothing comes after it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled | Self::Expired | Self::Failed)
    }

    /// Whether messages may go out: the gate asks this before each.
    pub const fn sends(self) -> bool {
        matches!(self, Self::Running)
    }

    /// Whether its approval stands: what was approved is what is sent.
    pub const fn is_approved(self) -> bool {
        matches!(self, Self::Approved | Self::Scheduled | Self::Running | Self::Paused)
    }

    /// What it takes, in the order in which actions are declared.
    pub fn actions(self) -> impl Iterator<Item = CampaignAction> {
        CampaignAction::ALL.iter().copied().filter(move |action| self.after(*action).is_ok())
    }

    fn list_of_actions(self) -> String {
        let theirs = self.actions().filter(|action| action.permission().is_some());
        let words: Vec<&str> = theirs.map(CampaignAction::as_str).collect();
        if words.is_empty() { "nothing any more".to_owned() } else { words.join(", ") }
    }
}

impl CampaignAction {
    /// What a person needs for it; `None` where only the workflow itself does it.
    pub const fn permission(self) -> Option<Permission> {
        match self {
            Self::Edit | Self::Stage => Some(Permission::DraftCampaigns),
            Self::Approve | Self::Reject => Some(Permission::Approve),
            Self::Schedule | Self::Pause | Self::Resume | Self::Cancel | Self::ChangeLimits => {
                Some(Permission::Send)
            }
            Self::Start | Self::LapseApproval | Self::Complete | Self::Expire | Self::Fail => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::select;

    #[test]
    fn a_campaign_goes_from_draft_to_its_end() {
        use CampaignAction as A;
        let mut state = CampaignState::Draft;
        let mut told = vec![state.as_str()];
        for action in [A::Edit, A::Stage, A::Approve, A::Schedule, A::Start, A::Pause, A::Resume, A::Complete]
        {
            state = state.after(action).expect("the plain way");
            told.push(state.as_str());
        }
        assert_eq!(
            told,
            [
                "draft",
                "draft",
                "staged",
                "approved",
                "scheduled",
                "running",
                "paused",
                "running",
                "completed"
            ]
        );
    }

    #[test]
    fn a_refusal_says_what_the_state_does_take() {
        let refused = CampaignState::Draft.after(CampaignAction::Approve).expect_err("nobody saw a preview");
        assert_eq!(
            refused.to_string(),
            "a campaign that is draft cannot take approve; it takes edit, stage, cancel, change_limits"
        );
        assert_eq!(refused.code(), FailureCode::CampaignWrongState);
        let over = CampaignState::Completed.after(CampaignAction::Resume).expect_err("it is over");
        assert!(over.to_string().ends_with("it takes nothing any more"), "{over}");
    }

    #[test]
    fn requests_may_be_repeated() {
        for (action, state) in [
            (CampaignAction::Pause, CampaignState::Paused),
            (CampaignAction::Resume, CampaignState::Running),
            (CampaignAction::Cancel, CampaignState::Cancelled),
            (CampaignAction::Schedule, CampaignState::Scheduled),
            (CampaignAction::Stage, CampaignState::Staged),
        ] {
            assert_eq!(state.after(action), Ok(state), "{action}");
        }
    }

    #[test]
    fn the_workflows_own_actions_are_nobodys() {
        use CampaignAction as A;
        let own: Vec<_> = A::ALL.iter().filter(|action| action.permission().is_none()).collect();
        assert_eq!(own, [&A::Start, &A::LapseApproval, &A::Complete, &A::Expire, &A::Fail]);
        assert_eq!(A::Approve.permission(), Some(Permission::Approve));
    }

    proptest! {
        /// Whatever anybody does, in whatever order: it sends only after an approval that no rejection or lapse took
        /// back, and never again after its end.
        #[test]
        fn nothing_is_sent_without_approval(actions in proptest::collection::vec(select(CampaignAction::ALL), 0..40)) {
            let (mut state, mut approved) = (CampaignState::Draft, false);
            for action in actions {
                let before = state;
                match state.after(action) {
                    Ok(next) => state = next,
                    Err(refused) => prop_assert_eq!(refused, RefusedAction { state: before, action }),
                }
                approved = match (before.after(action).is_ok(), action) {
                    (true, CampaignAction::Approve) => true,
                    (true, CampaignAction::Reject | CampaignAction::LapseApproval) => false,
                    _ => approved,
                };
                prop_assert!(!state.sends() || approved, "{before} took {action} and sends");
                prop_assert_eq!(state.is_approved() && !approved, false);
                prop_assert!(!before.is_final() || state == before);
            }
        }

        #[test]
        fn every_state_that_is_not_final_can_be_cancelled(state in select(CampaignState::ALL)) {
            let cancelled = state.after(CampaignAction::Cancel);
            prop_assert_eq!(cancelled.is_ok(), !state.is_final() || state == CampaignState::Cancelled);
        }
    }
}
