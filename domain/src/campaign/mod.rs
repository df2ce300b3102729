//! Campaigns: what one is, the states it passes, and when its messages go out.
//!
//! Nothing here sends. [`state`] is the one state machine that workflow, API and tables agree on;
//! [`Limits`] and [`SendWindow`] say how fast and at which hours.

mod audience;
mod channel;
mod consent;
mod engagement;
pub mod error_rate;
mod lead_state;
mod limits;
pub mod planner;
mod price;
pub mod state;
mod step;
mod window;

pub use audience::{Audience, AudienceFault};
pub use channel::Channel;
pub use consent::ConsentBasis;
pub use engagement::Engagement;
pub use error_rate::{ErrorRate, Outcomes, TooMuchFails};
pub use lead_state::LeadState;
pub use limits::{Limits, LimitsError};
pub use price::expected_cost;
pub use state::{CampaignAction, CampaignState, RefusedAction};
pub use step::{MAX_STEPS, Step, StepsError, check_steps};
pub use window::{DayName, Days, OnWindowClose, SendWindow, SendWindowError};
