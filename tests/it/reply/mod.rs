//! Replies from the webhook to the closed conversation, over the sandbox.

mod confirmed;
mod decisions;
mod deliverables;
mod follow_ups;
mod hooks;
mod journey;
mod keys;
mod killed;
mod letters;
mod model;
mod orders;
mod races;
mod relay;
mod storm;
mod twice;
mod whose;
