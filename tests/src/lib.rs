//! What the tests of the whole system stand on: services that are really there, a database of one's own, a worker
//! and an API of one's own, and lists to send through them.
//!
//! [`Services::shared`] brings PostgreSQL, Temporal and S3 up once for all tests of the process, which is also the
//! one that ends them. Each test has a [`TestApp`]: a copy of one migrated database, a task queue nobody else polls,
//! and objects under teams nobody else has. Tests wait for conditions ([`wait_until`]), never for time.

pub mod app;
pub mod campaign_storm;
pub mod campaigns;
pub mod carriers;
pub mod database;
pub mod events;
pub mod faults;
pub mod letters;
pub mod lists;
pub mod logs;
pub mod people;
pub mod process;
pub mod pulls;
pub mod reckoning;
pub mod replies;
pub mod reply_storm;
pub mod services;
pub mod signatures;
pub mod snapshot;
pub mod source_tree;
pub mod storm;
pub mod team;
pub mod upload;
pub mod vendors;
pub mod wait;
pub mod workflows;

pub use app::TestApp;
pub use database::TestDb;
pub use process::WorkerProcess;
pub use services::Services;
pub use snapshot::Snapshot;
pub use team::{Team, a_team};
pub use wait::{wait_for, wait_until};
