//! The HTTP service: uploads, leads, blocks, and what there is to know of them.

mod auth;
mod codec;
pub mod config;
mod extract;
mod health;
mod idempotency;
mod metrics;
mod openapi;
mod page;
pub mod problem;
mod problem_from;
mod rate_limit;
mod request_id;
mod router;
mod serve;
mod state;
pub mod temporal;

pub use config::{Config, ConfigError};
pub use router::{description, router, routes};
pub use serve::{GRACE, ServeError, serve, serve_on};
pub use state::Parts;
pub use temporal::Temporal;
