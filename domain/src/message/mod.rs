//! Messages: what they say, how long they are, and what became of them.

pub mod status;

pub use status::MessageStatus;
