//! What is known of how a lead can be reached, and how it would end if more were.

use super::{PropertyFacts, Standing, quality_of_business, quality_of_property, standing};
use crate::lead::LeadFacts;

/// What an unknown owner is counted with where somebody may still tell: age, value and equity that fit.
const FITTING: (i32, i64, i64) = (62, 100_000, 1);

/// What is known of how a lead can be reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reach {
    /// Its facts as of now.
    pub facts: LeadFacts,
    /// Whether nobody may contact it, however well it can be reached.
    pub forbidden: bool,
    /// Whether there is a business that somebody could confirm.
    pub has_business: bool,
    /// Whether there is a number of which nobody has said what kind of line it is.
    pub unchecked_phone: bool,
    /// Of a property lead, what is known of the property; `None` for a business lead.
    pub property: Option<KnownProperty>,
}

/// What is known of a property.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KnownProperty {
    /// Whether its address key is known.
    pub mak: bool,
    /// Whether its parcel number is known.
    pub apn: bool,
    /// Whether the owner lives there.
    pub owner_occupied: Option<bool>,
    /// The owner's age in years.
    pub owner_age: Option<i32>,
    /// What it is worth, in dollars.
    pub value: Option<i64>,
    /// What of that is the owner's, in dollars.
    pub equity: Option<i64>,
}

impl KnownProperty {
    /// Whether a vendor could tell more of the owner and the property's worth.
    pub const fn is_incomplete(&self) -> bool {
        self.owner_occupied.is_none()
            || self.owner_age.is_none()
            || self.value.is_none()
            || self.equity.is_none()
    }
}

/// What may be learned of a lead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gain {
    /// A verified e-mail address.
    pub email: bool,
    /// A verified mobile or voip number.
    pub phone: bool,
    /// The key of the address.
    pub address_key: bool,
    /// Facts about the owner and the property, or that the business exists and how large it is.
    pub demographics: bool,
}

impl Reach {
    /// How the lead would end as it is.
    pub fn standing(&self) -> Standing {
        self.standing_with(Gain::default())
    }

    /// How it would end if all of this were learned, and what is learned were good.
    pub fn standing_with(&self, gain: Gain) -> Standing {
        let mut facts = self.facts;
        if gain.email {
            facts.insert(LeadFacts::VERIFIED_EMAIL);
        }
        if gain.phone {
            facts.insert(LeadFacts::VERIFIED_PHONE);
        }
        let quality = match self.property {
            Some(known) => quality_of_property(&known.with(facts, gain)),
            None => {
                if gain.demographics && self.has_business {
                    facts.insert(LeadFacts::BUSINESS_CONFIRMED);
                    if !facts.contains(LeadFacts::REVENUE_KNOWN) {
                        facts.insert(LeadFacts::TARGET_SIZE);
                    }
                }
                quality_of_business(facts)
            }
        };
        standing(quality.value, self.forbidden)
    }
}

impl KnownProperty {
    fn with(self, facts: LeadFacts, gain: Gain) -> PropertyFacts {
        let told = |known: Option<i64>, fitting| known.or_else(|| gain.demographics.then_some(fitting));
        PropertyFacts {
            verified_email: facts.contains(LeadFacts::VERIFIED_EMAIL),
            verified_phone: facts.contains(LeadFacts::VERIFIED_PHONE),
            // Whoever has the address key usually has the parcel's number, too.
            mak_and_apn: (self.mak || gain.address_key)
                && (self.apn || gain.address_key || gain.demographics),
            owner_occupied: self.owner_occupied.unwrap_or(gain.demographics),
            owner_age: self.owner_age.or_else(|| gain.demographics.then_some(FITTING.0)),
            value: told(self.value, FITTING.1),
            equity: told(self.equity, FITTING.2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_helps_whom_nobody_may_contact() {
        let all = Gain { email: true, phone: true, address_key: true, demographics: true };
        let reach = Reach { has_business: true, ..Reach::default() };
        assert_eq!(reach.standing_with(all), Standing::Contactable);
        assert_eq!(Reach { forbidden: true, ..reach }.standing_with(all), Standing::DoNotContact);
    }

    #[test]
    fn what_is_known_of_a_property_is_not_made_better() {
        let young = KnownProperty { owner_age: Some(30), owner_occupied: Some(false), ..Default::default() };
        let reach = Reach { property: Some(young), ..Reach::default() };
        let gain = Gain { phone: true, demographics: true, ..Gain::default() };
        assert_eq!(reach.standing_with(gain), Standing::DoNotContact, "30 for the phone and no ten more");
        let unknown = Reach { property: Some(KnownProperty::default()), ..Reach::default() };
        assert_eq!(unknown.standing_with(gain), Standing::Enriched, "30 and two tens");
    }
}
