//! Job titles: what a person is there, and how far up.

use crate::named::named_enum;

named_enum! {
    /// How far up a person stands, highest first.
    Seniority {
        /// Owns the business: owner, founder, proprietor, principal.
        Owner = "owner",
        /// Runs it: president, chief anything, chair, treasurer.
        CSuite = "c_suite",
        /// Partner or managing member.
        Partner = "partner",
        /// Vice president of any rank.
        Vp = "vp",
        /// Director of any rank, where the word is a rank.
        Director = "director",
        /// Manager, administrator, controller.
        Manager = "manager",
        /// Everybody else who has a title.
        Staff = "staff",
    }
}
