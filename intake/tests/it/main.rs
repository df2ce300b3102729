//! The reader as its users see it.

mod accounts;
mod generated;
mod headers;
mod real_files;
mod refusals;
mod reports;
mod soup;
mod traps;
