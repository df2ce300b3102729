//! When the messages of a campaign go out: limits, hours and steps on a clock that is an argument.
//!
//! The sender and the rehearsal share what is here. [`Pace`] and [`DayQuota`] say when one more may go; [`run`] takes a whole
//! campaign through a virtual clock, asking the gate before each message as the sender does, and says what would go out
//! when and what would be held by which rule. It sends nothing and knows no other clock.

mod class;
mod pace;
mod plan;
mod quota;
mod simulation;
mod way;

pub use pace::Pace;
pub use plan::{Event, HeldBy, Plan, PlanLead, PlanStep, SegmentLimits, StepFacts};
pub use quota::DayQuota;
pub use simulation::run;

#[cfg(test)]
mod tests;
