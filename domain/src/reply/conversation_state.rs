//! The states of a conversation and the actions that lead from one to the next: the one state machine, by which the workflow's
//! validators refuse, the API tells what can be done, and the table is kept.

use crate::FailureCode;
use crate::named::named_enum;

named_enum! {
    /// Where a conversation is.
    ConversationState {
        /// Replies are read, answers are suggested and, once approved, go out.
        Open = "open",
        /// Nothing goes out until a person has cleared it.
        Held = "held",
        /// Dealt with. The next message opens it again.
        Closed = "closed",
    }
}

named_enum! {
    /// Why a conversation is held.
    HoldReason {
        /// They opted out.
        OptedOut = "opted_out",
        /// What they said is likely to be an opt-out.
        LikelyOptOut = "likely_opt_out",
        /// The number is not that of the person who was meant.
        WrongNumber = "wrong_number",
        /// Nobody knows whose number it is.
        NoLead = "no_lead",
        /// A person took it over and writes by hand.
        TakenOver = "taken_over",
        /// A person held it.
        ByHand = "by_hand",
    }
}

named_enum! {
    /// What is done to a conversation, by a person, by a message or by the workflow itself.
    ConversationAction {
        /// A message came in.
        Receive = "receive",
        /// They want to be left alone.
        Silence = "silence",
        /// Let nothing out until somebody has looked.
        Hold = "hold",
        /// A person has looked: let answers out again.
        Clear = "clear",
        /// A person writes from now on.
        TakeOver = "take_over",
        /// Let an answer out.
        Answer = "answer",
        /// Say how it ended.
        Close = "close",
        /// Open it again by hand.
        Reopen = "reopen",
        /// The workflow: nothing was said for thirty days.
        GoQuiet = "go_quiet",
    }
}

/// An action that a state does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a conversation that is {state} cannot take {action}; it takes {}", .state.list_of_actions())]
pub struct RefusedConversationAction {
    /// The state it is in.
    pub state: ConversationState,
    /// What was to be done.
    pub action: ConversationAction,
}

impl RefusedConversationAction {
    /// The stable code of this refusal.
    pub const fn code(self) -> FailureCode {
        FailureCode::CloseWrongState
    }
}

impl ConversationState {
    /// The state after an action. Holding what is held, clearing what is open and closing what is closed change nothing and
    /// are not refused, so that a repeated request is answered like the first. Whoever wants to be left alone is heard in every
    /// state. A message opens what is closed and leaves held what is held.
    ///
    /// # Errors
    /// [`RefusedConversationAction`] when this state does not take it.
    pub const fn after(self, action: ConversationAction) -> Result<Self, RefusedConversationAction> {
        use ConversationAction as A;
        use ConversationState as S;
        Ok(match (self, action) {
            (S::Open | S::Closed, A::Receive) => S::Open,
            (S::Held, A::Receive) => S::Held,
            (_, A::Silence) => S::Held,
            (S::Open | S::Held, A::Hold) => S::Held,
            // Whoever writes by hand needs it open; suggestions are refused by who has it, not by its state.
            (S::Open | S::Held, A::TakeOver) => self,
            (S::Open | S::Held, A::Clear) => S::Open,
            (S::Open, A::Answer) => S::Open,
            (_, A::Close) => S::Closed,
            (S::Open | S::Closed, A::Reopen) => S::Open,
            (S::Open | S::Closed, A::GoQuiet) => S::Closed,
            // What waits for a person does not end by being forgotten.
            (S::Held, A::GoQuiet) => S::Held,
            _ => return Err(RefusedConversationAction { state: self, action }),
        })
    }

    /// The actions it takes.
    pub fn actions(self) -> impl Iterator<Item = ConversationAction> {
        ConversationAction::ALL.iter().copied().filter(move |action| self.after(*action).is_ok())
    }

    fn list_of_actions(self) -> String {
        self.actions().map(ConversationAction::as_str).collect::<Vec<_>>().join(", ")
    }
}

impl HoldReason {
    /// Whether clearing it takes the suppression back as well: only where nobody was sure that there was an opt-out. What
    /// somebody plainly said is taken back by nobody but themselves.
    pub const fn lifts_suppression(self) -> bool {
        matches!(self, Self::LikelyOptOut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ConversationAction as A;
    use ConversationState as S;

    #[test]
    fn nothing_goes_out_of_what_is_held_or_closed() {
        assert_eq!(S::Open.after(A::Answer), Ok(S::Open));
        for state in [S::Held, S::Closed] {
            let refused = state.after(A::Answer).expect_err("nothing goes out");
            assert_eq!(refused.code(), FailureCode::CloseWrongState);
            assert!(refused.to_string().contains(state.as_str()), "{refused}");
        }
    }

    #[test]
    fn an_opt_out_is_heard_in_every_state_and_no_message_lifts_it() {
        for state in S::ALL {
            assert_eq!(state.after(A::Silence), Ok(S::Held));
        }
        assert_eq!(S::Held.after(A::Receive), Ok(S::Held));
        assert_eq!(S::Held.after(A::GoQuiet), Ok(S::Held));
        assert!(S::Held.after(A::Reopen).is_err(), "it is cleared, not reopened");
    }

    #[test]
    fn the_next_message_opens_what_was_closed() {
        assert_eq!(S::Closed.after(A::Receive), Ok(S::Open));
        assert_eq!(S::Closed.after(A::Reopen), Ok(S::Open));
        assert!(S::Closed.after(A::Clear).is_err());
    }

    #[test]
    fn repeating_changes_nothing() {
        for state in S::ALL {
            for action in A::ALL.iter().filter(|action| !matches!(action, A::Receive)) {
                if let Ok(after) = state.after(*action) {
                    assert_eq!(after.after(*action), Ok(after), "{state} {action}");
                }
            }
        }
    }

    #[test]
    fn only_a_likely_opt_out_is_lifted_by_a_person() {
        let lifted: Vec<_> = HoldReason::ALL.iter().filter(|reason| reason.lifts_suppression()).collect();
        assert_eq!(lifted, [&HoldReason::LikelyOptOut]);
    }
}
