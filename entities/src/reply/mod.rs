//! What the engine of replies asks of the tables, and writes: what came in and is not classified, where it belongs, what is
//! suggested and released, what follows up, what is owed. People's own questions of the inbox are elsewhere.
//!
//! Each step does what is still to be done by the rows and finds nothing the second time. What is done about something that came in
//! is done for many conversations at once: a hundred messages cost hardly more statements than one.

mod decide;
mod deliverable;
mod effects;
mod follow;
mod incoming;
mod place;
mod rules;
mod standing;
mod suggestion;

pub use decide::{Decided, Decision, Refused, close_quiet, decide};
pub use deliverable::{NOTICE as DELIVERABLE_NOTICE, Owed, call_off, hand_over, owe, owed, written};
pub use effects::{address, adjust_score, move_newest, tag, values};
pub use follow::{
    Came, DueFollowUp, Occasion, cancel_follow_ups, due_follow_ups, end_follow_up, plan_follow_ups,
};
pub use incoming::{Classified, Incoming, classified, unclassified};
pub use place::{Place, Placing, lapse, place, placing, raise_waiting};
pub use rules::{Newest, RuleInForce, newest, rules_in_force};
pub use standing::{Standing, lock, lock_all, standing, standings};
pub use suggestion::{NewSuggestion, SuggestionScene, approve_automatically, suggest, suggestion_scenes};
