#![doc = include_str!("../README.md")]

mod config;
mod connect;
mod error;
mod run;
mod search_attributes;
mod thread;

pub use config::Config;
pub use connect::{connect_temporal, resources};
pub use error::WorkerError;
pub use run::{Worker, run, run_with};
pub use search_attributes::ensure_search_attributes;
pub use thread::{STACK_BYTES, Thread};
