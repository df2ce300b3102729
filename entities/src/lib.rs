//! The tables as typed rows, the questions asked of them by name, and the tenant session.
//!
//! Everything a team owns is read and written through [`TeamTransaction`] (typed entities) or
//! [`BulkTransaction`] (COPY and set-wise SQL): both set the team first, and row-level security keeps every
//! statement inside it. One file per table; a table's `Model` stays inside its file's functions where that is
//! possible, typed ids ([`domain::id`]) cross the border.

pub mod admin;
pub mod alert;
pub mod api_key;
pub mod audience;
pub mod audit_log;
mod binary_copy;
pub mod block;
pub mod budget;
pub mod business;
pub mod call_queue;
pub mod campaign;
pub mod campaign_lead;
pub mod canned_reply;
pub mod consent;
pub mod conversation;
pub mod copy_buffer;
pub mod data_source;
pub mod database;
pub mod deliverable;
pub mod enrichment;
pub mod error;
pub mod event_reading;
pub mod follow_up;
pub mod follow_up_rule;
pub mod fresh_id;
mod from_row;
pub mod gate_verdict;
pub mod idempotency_key;
pub mod inbound;
pub mod inbox_item;
pub mod integrity;
pub mod kill_switch;
pub mod lead;
pub mod letter;
pub mod mapping_profile;
pub mod membership;
pub mod merge;
pub mod message;
pub mod model;
pub mod number_order;
pub mod outbox;
pub mod outreach;
pub mod page;
pub mod persona;
pub mod pipeline;
pub mod provider_account;
pub mod provider_call;
pub mod pull;
pub mod rate_limit;
pub mod rejected_row;
pub mod reply;
pub mod rule_set;
pub mod sdr_profile;
pub mod sector_bucket;
pub mod send_intent;
pub mod sender;
pub mod service_level;
pub mod stage_run;
pub mod stored;
pub mod suppression;
pub mod task;
pub mod team;
pub mod team_settings;
pub mod template;
pub mod test_send;
pub mod throttle;
pub mod transaction;
pub mod user;
pub mod walls;
pub mod waterfall;
pub mod webhook;
pub mod webhook_endpoint;

pub use copy_buffer::CopyBuffer;
pub use database::Database;
pub use error::DbError;
pub use fresh_id::fresh_id;
pub use stored::Stored;
pub use transaction::{BulkTransaction, TeamTransaction};

/// What every question of this crate answers with.
pub type Result<T, E = DbError> = std::result::Result<T, E>;
