//! Campaigns from draft to the last delivery report, over the sandbox.

mod approval;
mod email;
mod history;
mod hours;
mod journey;
mod killed;
mod letterhead;
mod numbers;
mod several_vendors;
mod stopped;
mod storm;
mod team_limits;
mod test_sends;
mod voice;
