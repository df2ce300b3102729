//! Messages: what they say, how long they are, and what became of them.

mod footer;
mod opt_out_wording;
mod plain;
mod segments;
pub mod status;
mod template;
mod variable;

pub use footer::footer;
pub use plain::plain_quotes;
pub use segments::{Encoding, Forcing, Segments};
pub use status::MessageStatus;
pub use template::{MAX_CHARACTERS, RenderFault, Template, TemplateFault};
pub use variable::{Values, Variable};
