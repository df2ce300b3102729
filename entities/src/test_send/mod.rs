//! Templates sent to be looked at: to numbers and addresses that the team has confirmed as its own, one call each, never to a lead.

mod recipient;
mod sending;

pub use recipient::{
    Confirmed, NewRecipient, Recipient, VALUE_CONSTRAINT, add, confirm, get, is_lead, list, remove,
};
pub use sending::{Ended, NewTest, Open, Patience, Test, lately, look, plan, settle, take, teams};
