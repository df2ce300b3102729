//! From what a list says to what can be relied on: one row at a time, without looking at any other.

mod flags;
mod requirements;
mod row;

pub use flags::RowFlags;
pub use requirements::{Rejection, Requirements};
pub use row::NormalizedRow;
