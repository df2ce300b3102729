//! What campaigns and conversations send with alike: the vendors that carry texts, how fast a number may send, what follows
//! from how a call ended, and how a vendor is asked what became of one.
//!
//! Two callers, one way: a message is claimed in the ledger, begun by the last look at the database, called, and written down,
//! and whatever is learned of a number, a sender or an account holds for both.

pub(crate) mod calls;
pub(crate) mod carrier;
pub(crate) mod doors;
pub(crate) mod letters;
pub(crate) mod limits;
pub mod mail;
pub mod numbers;
pub(crate) mod policy;
pub(crate) mod sought;
pub mod tests_to_own;
mod texters;
pub(crate) mod vendor;

pub use mail::Mailer;
pub use texters::{SendPolicy, Texters};
