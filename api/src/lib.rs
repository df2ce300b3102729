#![doc = include_str!("../README.md")]

mod audit;
mod auth;
mod blocks;
mod buckets;
mod budgets;
mod codec;
pub mod config;
mod enrichments;
mod error_pages;
mod extract;
mod failures;
mod health;
mod idempotency;
mod leads;
mod mapping_profiles;
mod merge_reviews;
mod merges;
mod metrics;
mod openapi;
mod page;
pub mod problem;
mod problem_from;
mod providers;
mod rate_limit;
mod read_options;
mod request_id;
mod router;
mod serve;
mod state;
pub mod temporal;
mod uploads;

pub use config::{Config, ConfigError};
pub use router::{description, router, routes};
pub use serve::{GRACE, ServeError, serve, serve_on};
pub use state::Parts;
pub use temporal::Temporal;
