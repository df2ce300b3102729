//! The people of a campaign, with everything that the gate asks about each and everything that a message may say.
//!
//! [`page`] reads them by position, [`of_leads`] some of them by id; both answer with [`Candidate`]s, a page in one statement.

mod candidate;
mod read;

pub use candidate::{Candidate, Grounds, Stop, StopOf};
pub use read::{by_letter, hold_recipient, hold_recipients, of_conversation, of_leads, page, size};
