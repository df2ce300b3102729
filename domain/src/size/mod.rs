//! How big a business is: people and yearly revenue, as ranges.

mod amount;
mod employees;
mod revenue;

pub use employees::parse_employees;
pub use revenue::parse_revenue;

use crate::named::named_enum;

/// From how many to how many, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeRange<N> {
    /// At least so many. 0 where only an upper end is given.
    pub min: N,
    /// At most so many; `None` for "and more".
    pub max: Option<N>,
}

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

impl RevenueTier {
    /// The tier of a business that makes so many whole dollars a year; of a range, its lower end decides.
    pub const fn of(dollars: i64) -> Self {
        match dollars {
            ..500_000 => Self::Startup,
            500_000..2_500_000 => Self::MainStreet,
            2_500_000..10_000_000 => Self::Growth,
            10_000_000..50_000_000 => Self::Established,
            50_000_000.. => Self::Enterprise,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_begin_where_the_design_says() {
        let check = |dollars: i64, tier: RevenueTier| assert_eq!(RevenueTier::of(dollars), tier, "{dollars}");
        check(0, RevenueTier::Startup);
        check(499_999, RevenueTier::Startup);
        check(500_000, RevenueTier::MainStreet);
        check(2_499_999, RevenueTier::MainStreet);
        check(2_500_000, RevenueTier::Growth);
        check(10_000_000, RevenueTier::Established);
        check(50_000_000, RevenueTier::Enterprise);
        check(i64::MAX, RevenueTier::Enterprise);
    }
}
