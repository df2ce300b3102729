//! Replies from the webhook to the closed conversation, over the sandbox.

mod decisions;
mod follow_ups;
mod hooks;
mod journey;
mod keys;
mod killed;
mod races;
mod relay;
mod storm;
mod twice;
