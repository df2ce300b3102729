//! What is true of contacts, businesses and lists, whoever asks.
//!
//! Pure: no I/O, no clock, no randomness, no async. Everything here gives the same answer for the same input
//! on every machine and in every replay.

pub mod email;
pub mod failure_code;
pub mod geo;
pub mod id;
pub mod lead;
pub mod listing;
pub mod named;
pub mod normalize;
pub mod phone;
pub mod role;
pub mod sector;
pub mod segment;
pub mod sic;
pub mod size;
pub mod title;

pub use failure_code::FailureCode;
