//! The reader as its users see it.

mod accounts;
mod generated;
mod real_files;
mod soup;
mod traps;
