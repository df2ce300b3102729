//! On what grounds somebody may be contacted.

use crate::named::named_enum;

named_enum! {
    /// On what grounds somebody may be contacted. Carriers take undocumented consent for none, and so do we: each
    /// basis needs its evidence (`consents`), and a lead without a basis is not texted.
    ///
    /// A purchased list is no basis.
    ConsentBasis {
        /// Agreed in writing or by a form to marketing texts, with the text that was shown.
        ExpressWritten = "express_written",
        /// Agreed to be texted, by word or by giving the number for it.
        Express = "express",
        /// Asked something first, and the message answers it.
        Inquiry = "inquiry",
        /// A customer, about what was bought.
        ExistingCustomer = "existing_customer",
        /// A person sends each first message by hand, one at a time.
        HumanSent = "human_sent",
    }
}

impl ConsentBasis {
    /// Whether messages may be sent by machine without a person's hand on each first one.
    pub const fn covers_automatic(self) -> bool {
        !matches!(self, Self::HumanSent)
    }
}
