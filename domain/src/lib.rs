//! What is true of contacts, businesses, lists, consent and campaigns, whoever asks.
//!
//! Pure: no I/O, no clock, no randomness, no async. Everything here gives the same answer for the same input
//! on every machine and in every replay.

pub mod address;
pub mod campaign;
pub mod cell;
pub mod company;
pub mod email;
pub mod enrichment;
pub mod failure_code;
pub mod gate;
pub mod geo;
mod host;
pub mod id;
pub mod lead;
mod lexicon;
pub mod listing;
pub mod message;
pub mod money;
pub mod named;
pub mod normalize;
pub mod notice;
pub mod person_name;
pub mod phone;
pub mod reply;
pub mod role;
pub mod said;
pub mod sector;
pub mod segment;
pub mod service_level;
pub mod sic;
mod signs;
pub mod size;
mod table;
pub mod title;
pub mod website;

pub use failure_code::FailureCode;
