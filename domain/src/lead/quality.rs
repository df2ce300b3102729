//! How well a business lead can be reached: what vendors confirmed, not what lists claim.
//!
//! At import nothing is verified, so that a lead has at most the tens of decision maker and target size.
//! Property leads have tens of their own (record numbers, occupancy, demographics), which are not facts of a
//! business lead.

use super::LeadFacts;
use crate::enrichment::quality_of_business;

/// The quality from which a lead is contactable, once enrichment has answered.
pub const CONTACTABLE_FROM: u8 = 60;

/// The quality from which a lead counts as enriched; below it nobody should be bothered.
pub const ENRICHED_FROM: u8 = 40;

/// The quality of a business lead, 0 to 100: verified e-mail 40, verified mobile or voip phone 30, and ten
/// each for a likely decision maker, a business that a vendor confirmed, and size or revenue in the team's
/// target. A verified mobile can so reach [`CONTACTABLE_FROM`] without any e-mail.
pub fn quality_score(facts: LeadFacts) -> u8 {
    quality_of_business(facts).value
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_verified_mobile_can_be_contactable_and_a_list_alone_cannot() {
        let list = LeadFacts::DECISION_MAKER | LeadFacts::TARGET_SIZE;
        assert_eq!(quality_score(LeadFacts::NONE), 0);
        assert_eq!(quality_score(list), 20);
        let confirmed = list | LeadFacts::VERIFIED_PHONE | LeadFacts::BUSINESS_CONFIRMED;
        assert_eq!(quality_score(confirmed), CONTACTABLE_FROM);
        assert_eq!(quality_score(LeadFacts::VERIFIED_EMAIL), ENRICHED_FROM);
    }

    proptest! {
        #[test]
        fn quality_is_within_bounds(bits in any::<u32>()) {
            prop_assert!(quality_score(LeadFacts::from_bits(bits)) <= 100);
        }
    }
}
