//! How big a business is: people and yearly revenue, as ranges.

use crate::named::named_enum;

named_enum! {
    /// Business size by yearly revenue, smallest first.
    RevenueTier {
        /// Under $500,000.
        Startup = "startup",
        /// From $500,000.
        MainStreet = "main_street",
        /// From $2.5 million.
        Growth = "growth",
        /// From $10 million.
        Established = "established",
        /// From $50 million.
        Enterprise = "enterprise",
    }
}
