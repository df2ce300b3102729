//! One file, from the loading dock to blocks.

mod again;
mod cancel;
pub(crate) mod journey;
mod killed;
mod rejects;
mod side_by_side;
mod torture;
mod twice;
mod undo;
