//! Campaigns: what one is, the states it passes, and when its messages go out.
//!
//! Nothing here sends. [`state`] is the one state machine that workflow, API and tables agree on;
//! [`Limits`] and [`SendWindow`] say how fast and at which hours.

mod channel;
mod consent;
mod lead_state;
mod limits;
pub mod planner;
pub mod state;
mod step;
mod window;

pub use channel::Channel;
pub use consent::ConsentBasis;
pub use lead_state::LeadState;
pub use limits::{Limits, LimitsError};
pub use state::{CampaignAction, CampaignState, RefusedAction};
pub use step::{MAX_STEPS, Step, StepsError, check_steps};
pub use window::{DayName, Days, OnWindowClose, SendWindow, SendWindowError};
