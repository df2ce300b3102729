#![doc = include_str!("../README.md")]

pub mod enrichment;
pub mod object_store;
mod secret;
pub mod settings;
pub mod verify;

pub use enrichment::lists;
pub use secret::Secret;
