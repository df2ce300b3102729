//! What goes wrong on purpose: the kinds, the scripts that order them, and the book the scripts are kept in.

mod book;
mod kind;
mod script;

pub(crate) use book::FaultBook;
pub(crate) use kind::Twist;
pub use kind::{Fault, StopReason};
pub use script::{Script, ScriptError, ScriptState};
