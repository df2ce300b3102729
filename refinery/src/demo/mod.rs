//! A list through the API, followed to its end, and what came of it.

mod client;
mod follow;
mod list;
mod outcome;
mod stages;

pub(crate) use client::Client;
pub(crate) use follow::{Ended, upload_and_follow};
pub(crate) use list::List;
pub(crate) use outcome::show;
