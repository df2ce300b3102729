//! By which way a campaign reaches people.

use crate::named::named_enum;

named_enum! {
    /// By which way a campaign reaches people.
    Channel {
        /// Texts, to mobile and voip numbers.
        Sms = "sms",
        /// E-mail.
        Email = "email",
        /// Texts and e-mail; a lead needs both a number and an address.
        Multi = "multi",
        /// Calls, made by a person: each is a task.
        Voice = "voice",
    }
}

impl Channel {
    /// Whether a lead needs a phone number.
    pub const fn needs_phone(self) -> bool {
        matches!(self, Self::Sms | Self::Multi | Self::Voice)
    }

    /// Whether that number must be able to take texts.
    pub const fn needs_mobile(self) -> bool {
        matches!(self, Self::Sms | Self::Multi)
    }

    /// Whether a lead needs an e-mail address.
    pub const fn needs_email(self) -> bool {
        matches!(self, Self::Email | Self::Multi)
    }
}
