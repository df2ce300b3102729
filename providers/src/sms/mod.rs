//! Vendors that carry text messages.
//!
//! [`SmsProvider`] is what each can do; [`SendOutcome`] how a call ended, so that a message is neither lost nor sent
//! twice; [`RefusalAction`] what a vendor's code asks of us; [`webhook`] what vendors post to us. The adapters keep to what
//! the vendors' documents say, and where nobody documents a thing they say so: `\[V\]` read in the vendor's own document or
//! SDK, `\[R\]` reported by somebody who calls the vendor, `\[K\]` general knowledge that nobody confirmed.
//!
//! Nothing here retries, waits, counts money or asks whether somebody may be written to: windows, limits, suppressions
//! and budgets hold across all workers, so they are not a process's to keep.

mod call;
mod codes;
mod event;
mod fault;
mod found;
mod number;
mod outcome;
mod party;
mod provider;
mod settings;
mod signalhouse;
mod text;
mod twilio;
pub mod webhook;

pub use event::{MissedEvents, OptOutType, SmsEvent, StatusReport};
pub use fault::SmsFault;
pub use found::{Found, Sought};
pub use number::{Bought, NumberOffer, OwnedNumber};
pub use outcome::{RefusalAction, SendOutcome};
pub use party::Party;
pub use provider::{SmsProvider, SmsProviderId};
pub use settings::{SignalHouseAccess, SmsProviders, SmsSettings, TwilioMessagesAccess};
pub use text::{MessageText, OutgoingText};
