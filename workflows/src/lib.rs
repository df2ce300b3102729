#![doc = include_str!("../README.md")]

mod calling;
pub mod campaign;
pub mod codec;
pub mod conversation;
pub mod deliverable;
pub mod enrichment;
pub mod pull;
pub mod search_attributes;
pub mod task_queue;
pub mod upload;
pub mod upload_undo;
