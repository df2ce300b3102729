//! A text that is to go out.

use std::fmt;
use std::time::Duration;

use domain::phone::Phone;

/// What a message says. Personal data: `Debug` shows its length alone, there is no `Display`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MessageText(String);

impl MessageText {
    /// The words, for whoever sends, stores or judges them.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The words, taken out.
    pub fn into_inner(self) -> String {
        self.0
    }
}

impl From<String> for MessageText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for MessageText {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for MessageText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageText({} bytes)", self.0.len())
    }
}

/// A text that is to go out, to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingText {
    /// What makes two calls the same send: one intent and one attempt at it have one key, for ever. ASCII letters, digits,
    /// `-`, `_` and `:`, at most 255 of them; never made from a number or a name, since vendors log it. SignalHouse takes it
    /// as `Idempotency-Key` \[V\]; Twilio has nothing of the kind for messages \[K\], so there only the ledger and
    /// [`find`](super::SmsProvider::find) keep a text from going out twice.
    pub key: String,
    /// One of our numbers at the vendor.
    pub from: Phone,
    /// Whom it is for.
    pub to: Phone,
    /// What it says, rendered. Longer than 1600 characters is refused by Twilio.
    pub text: MessageText,
    /// Where Twilio is to post what becomes of it: an address of ours with its token. SignalHouse is never told one: what it
    /// posts there belongs to no endpoint and so has no secret to be signed with \[K\]; its reports come to the group's
    /// webhook, which is signed \[V\].
    pub status_callback: Option<String>,
    /// How long the vendor may go on trying before it gives the text up; without one, its own default. Twilio takes 1 to
    /// 36,000 seconds; SignalHouse knows no such thing.
    pub validity: Option<Duration>,
}
