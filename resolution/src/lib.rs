//! Which rows are about the same business, the same person, the same lead.
//!
//! First form: exact keys only. Two rows are about the same thing when their keys are equal, and keys are made
//! of normalized values, so that spelling, punctuation and the format of a number do not matter, but a typo
//! does. What exact keys cannot see (see `README.md`) is left for the probabilistic engine that replaces them.
//!
//! Pure: no I/O, no clock, no randomness. The same row has the same keys on every machine and in every release;
//! a change of their making needs new tags and a migration of what is stored.

mod digest;
mod fold;
pub mod keys;

pub use keys::{Keys, keys};
