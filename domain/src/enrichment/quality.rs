//! How well a lead can be reached, and what follows for its status. Design §7.
//!
//! What was verified counts the same for every lead: 40 for an e-mail address, 30 for a mobile or voip phone. Three tens
//! are the kind's own. A verified phone with all three is exactly contactable, so that a lead whose address nobody can
//! find is not lost.
//!
//! SQL has the same rules for operators (`quality_of_business`, `quality_of_property`, `status_of_quality`); a test holds
//! them equal.

use crate::lead::{CONTACTABLE_FROM, ContactClass, ENRICHED_FROM, LeadFacts, Reason, contact_class};
use crate::named::named_enum;

/// From which age of its owner a property lead fits.
const FITTING_AGE: i32 = 62;
/// From which value in dollars it fits.
const FITTING_VALUE: i64 = 100_000;

/// One line of a quality: so many points when it holds.
#[derive(Debug, Clone, Copy)]
pub struct QualityWeight<F> {
    /// What a person reads as the reason.
    pub label: &'static str,
    /// Points added.
    pub points: u8,
    /// Whether it holds.
    pub holds: fn(&F) -> bool,
}

/// A quality with its account. The points of the reasons add up to the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quality {
    /// 0 to 100.
    pub value: u8,
    /// What it is made of.
    pub reasons: Vec<Reason>,
}

/// What the quality of a property lead depends on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PropertyFacts {
    /// A vendor or the mail server says that the address exists.
    pub verified_email: bool,
    /// A lookup says valid and mobile or voip.
    pub verified_phone: bool,
    /// Both the address key (MAK) and the parcel number are known.
    pub mak_and_apn: bool,
    /// The owner lives there.
    pub owner_occupied: bool,
    /// The owner's age in years.
    pub owner_age: Option<i32>,
    /// What it is worth, in dollars.
    pub value: Option<i64>,
    /// What of that is the owner's, in dollars.
    pub equity: Option<i64>,
}

impl PropertyFacts {
    /// Whether the owner is of an age, and the property of a value, that the firm's offer is about.
    pub fn fits(&self) -> bool {
        self.owner_age.is_some_and(|age| age >= FITTING_AGE)
            && self.value.is_some_and(|value| value >= FITTING_VALUE)
            && self.equity.is_some_and(|equity| equity > 0)
    }
}

/// What makes the quality of a business lead.
pub static BUSINESS_QUALITY: [QualityWeight<LeadFacts>; 5] = [
    QualityWeight {
        label: "verified e-mail",
        points: 40,
        holds: |facts| facts.contains(LeadFacts::VERIFIED_EMAIL),
    },
    QualityWeight {
        label: "verified mobile or voip phone",
        points: 30,
        holds: |facts| facts.contains(LeadFacts::VERIFIED_PHONE),
    },
    QualityWeight {
        label: "likely decision maker",
        points: 10,
        holds: |facts| contact_class(*facts) == ContactClass::LikelyDecisionMaker,
    },
    QualityWeight {
        label: "business confirmed by a vendor",
        points: 10,
        holds: |facts| facts.contains(LeadFacts::BUSINESS_CONFIRMED),
    },
    QualityWeight {
        label: "size or revenue in the target",
        points: 10,
        holds: |facts| facts.contains(LeadFacts::TARGET_SIZE),
    },
];

/// What makes the quality of a property lead.
pub static PROPERTY_QUALITY: [QualityWeight<PropertyFacts>; 5] = [
    QualityWeight { label: "verified e-mail", points: 40, holds: |facts| facts.verified_email },
    QualityWeight { label: "verified mobile or voip phone", points: 30, holds: |facts| facts.verified_phone },
    QualityWeight { label: "address key and parcel number", points: 10, holds: |facts| facts.mak_and_apn },
    QualityWeight { label: "owner-occupied", points: 10, holds: |facts| facts.owner_occupied },
    QualityWeight { label: "age, value and equity fit", points: 10, holds: PropertyFacts::fits },
];

fn quality<F>(weights: &[QualityWeight<F>], facts: &F) -> Quality {
    let reasons: Vec<Reason> = weights
        .iter()
        .filter(|weight| (weight.holds)(facts))
        .map(|weight| Reason { label: weight.label, points: weight.points.into() })
        .collect();
    let value = weights.iter().filter(|weight| (weight.holds)(facts)).map(|weight| weight.points).sum();
    Quality { value, reasons }
}

/// The quality of a business lead, with its reasons.
pub fn quality_of_business(facts: LeadFacts) -> Quality {
    quality(&BUSINESS_QUALITY, &facts)
}

/// The quality of a property lead, with its reasons.
pub fn quality_of_property(facts: &PropertyFacts) -> Quality {
    quality(&PROPERTY_QUALITY, facts)
}

named_enum! {
    /// What follows from a quality, once enrichment has answered.
    Standing {
        /// From 60: can be reached.
        Contactable = "contactable",
        /// From 40: known better, and not well enough.
        Enriched = "enriched",
        /// Below: nobody should be bothered. A state, no prohibition: enrichment may ask again.
        DoNotContact = "do_not_contact",
    }
}

/// What follows from a quality. `forbidden`: the lead opted out, or a vendor says that the person died or sues callers.
pub const fn standing(quality: u8, forbidden: bool) -> Standing {
    if forbidden || quality < ENRICHED_FROM {
        Standing::DoNotContact
    } else if quality >= CONTACTABLE_FROM {
        Standing::Contactable
    } else {
        Standing::Enriched
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_verified_phone_with_all_tens_is_contactable_for_both_kinds() {
        let business = LeadFacts::VERIFIED_PHONE
            | LeadFacts::DECISION_MAKER
            | LeadFacts::BUSINESS_CONFIRMED
            | LeadFacts::TARGET_SIZE;
        let quality = quality_of_business(business);
        assert_eq!((quality.value, quality.reasons.len()), (60, 4));
        let property = PropertyFacts {
            verified_phone: true,
            mak_and_apn: true,
            owner_occupied: true,
            owner_age: Some(62),
            value: Some(100_000),
            equity: Some(1),
            ..PropertyFacts::default()
        };
        assert_eq!(quality_of_property(&property).value, 60);
        assert_eq!(quality_of_property(&PropertyFacts { owner_age: Some(61), ..property }).value, 50);
        assert_eq!(quality_of_property(&PropertyFacts { equity: Some(0), ..property }).value, 50);
        assert_eq!(quality_of_property(&PropertyFacts { value: None, ..property }).value, 50);
    }

    #[test]
    fn standings_begin_where_the_design_says() {
        for (quality, expected) in [
            (0, Standing::DoNotContact),
            (39, Standing::DoNotContact),
            (40, Standing::Enriched),
            (59, Standing::Enriched),
            (60, Standing::Contactable),
            (100, Standing::Contactable),
        ] {
            assert_eq!(standing(quality, false), expected, "{quality}");
            assert_eq!(standing(quality, true), Standing::DoNotContact);
        }
    }

    #[test]
    fn all_that_is_good_makes_a_hundred() {
        assert_eq!(BUSINESS_QUALITY.iter().map(|weight| weight.points).sum::<u8>(), 100);
        assert_eq!(PROPERTY_QUALITY.iter().map(|weight| weight.points).sum::<u8>(), 100);
    }

    proptest! {
        #[test]
        fn reasons_add_up(bits in any::<u32>()) {
            let quality = quality_of_business(LeadFacts::from_bits(bits));
            let sum: i16 = quality.reasons.iter().map(|reason| reason.points).sum();
            prop_assert_eq!(sum, i16::from(quality.value));
        }
    }
}
