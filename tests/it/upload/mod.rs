//! One file, from the loading dock to blocks.

mod again;
mod bucket_indexes;
mod cancel;
mod events;
pub(crate) mod journey;
mod killed;
mod killed_together;
mod limits;
mod preview;
mod rejects;
mod side_by_side;
mod sources;
mod torture;
mod twice;
mod undo;
