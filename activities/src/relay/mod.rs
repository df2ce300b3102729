//! What was committed here is told elsewhere, at least once.

pub mod endpoint;
