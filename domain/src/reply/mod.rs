//! Replies: what people answer.

pub mod opt_out;
