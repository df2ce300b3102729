//! The whole system in this process, on the local stack: what `dev` and `demo` run.

mod account;
mod keep;
mod narrate;
mod reports;
mod signals;
mod system;

pub(crate) use signals::told_to_stop;
pub(crate) use system::Local;
