#![doc = include_str!("../README.md")]

pub mod email;
pub mod enrichment;
pub mod model;
pub mod notice;
pub mod object_store;
mod retry_after;
mod secret;
pub mod settings;
pub mod sms;
#[cfg(test)]
mod testing;
mod transport;
pub mod verify;

pub use enrichment::lists;
pub use secret::Secret;
