//! Which rung of the waterfall is worth asking for whom. Pure.
//!
//! The cheapest rung comes first. Nobody is asked about a lead that is contactable, of another only what is missing is
//! asked for, and a rung is skipped where neither it nor what may still come after it can change how the lead ends.

use std::sync::Arc;

use domain::enrichment::{Gain, Reach, Standing};
use domain::lead::LeadFacts;

use super::{EnrichmentProvider, Wanted};

/// The rungs in the order in which they are asked: by price, then by name, so that everybody has the same. Who only tells
/// what kind of line a known number is is no rung, and neither is who needs a contract.
pub fn rungs_in_order(
    providers: impl Iterator<Item = Arc<dyn EnrichmentProvider>>,
) -> Vec<Arc<dyn EnrichmentProvider>> {
    let mut rungs: Vec<_> = providers
        .filter(|provider| {
            let can = provider.capabilities();
            !can.contract_required && !Wanted { line_type: false, ..can.gives }.is_empty()
        })
        .collect();
    rungs.sort_by_key(|provider| (provider.capabilities().most_micros(Wanted::ALL), provider.id().as_str()));
    rungs
}

/// What a lead lacks that somebody could tell. Nothing, where it can be contacted or nobody may.
pub fn missing(lead: &Reach) -> Wanted {
    if lead.forbidden || lead.standing() == Standing::Contactable {
        return Wanted::NONE;
    }
    let reachable = lead.facts.contains(LeadFacts::VERIFIED_PHONE);
    Wanted {
        mobile: !reachable,
        email: !lead.facts.contains(LeadFacts::VERIFIED_EMAIL),
        line_type: !reachable && lead.unchecked_phone,
        address_key: lead.property.is_some_and(|property| !property.mak),
        demographics: match lead.property {
            Some(property) => property.is_incomplete(),
            None => lead.has_business && !lead.facts.contains(LeadFacts::BUSINESS_CONFIRMED),
        },
    }
}

/// Whether asking somebody who gives `gives` may change how the lead ends, given that those who give `later` may be asked
/// after it.
pub fn may_change(lead: &Reach, gives: Wanted, later: Wanted) -> bool {
    let missing = missing(lead);
    let own = missing.and(gives);
    !own.is_empty() && lead.standing_with(gain(own.or(missing.and(later)))) != lead.standing()
}

fn gain(wanted: Wanted) -> Gain {
    Gain {
        email: wanted.email,
        phone: wanted.mobile || wanted.line_type,
        address_key: wanted.address_key,
        demographics: wanted.demographics,
    }
}

/// Everything that any of the rungs gives.
pub fn given_by(rungs: &[Arc<dyn EnrichmentProvider>]) -> Wanted {
    rungs.iter().fold(Wanted::NONE, |all, rung| all.or(rung.capabilities().gives))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOBILE: Wanted = Wanted { mobile: true, ..Wanted::NONE };
    const EMAIL: Wanted = Wanted { email: true, ..Wanted::NONE };

    fn lead(facts: LeadFacts) -> Reach {
        Reach { facts, ..Reach::default() }
    }

    #[test]
    fn a_contactable_or_forbidden_lead_lacks_nothing() {
        let reached = lead(LeadFacts::VERIFIED_EMAIL | LeadFacts::VERIFIED_PHONE);
        assert!(missing(&reached).is_empty());
        let dead = Reach { forbidden: true, ..lead(LeadFacts::NONE) };
        assert!(missing(&dead).is_empty() && !may_change(&dead, Wanted::ALL, Wanted::ALL));
    }

    #[test]
    fn only_what_is_missing_is_asked_for() {
        let mailed = Reach { has_business: true, ..lead(LeadFacts::VERIFIED_EMAIL | LeadFacts::HAS_PERSON) };
        assert_eq!(missing(&mailed), Wanted { demographics: true, ..MOBILE });
    }

    #[test]
    fn a_rung_that_changes_nothing_is_skipped() {
        // 30 for a phone alone, with nothing to come, is still below 40: nobody is helped.
        let nobody = lead(LeadFacts::HAS_ROLE_EMAIL);
        assert!(!may_change(&nobody, MOBILE, Wanted::NONE));
        assert!(may_change(&nobody, MOBILE, EMAIL), "with an e-mail later it is 70");
        assert!(may_change(&nobody, EMAIL, Wanted::NONE), "40 is enriched");
        let mailed = lead(LeadFacts::VERIFIED_EMAIL);
        assert!(may_change(&mailed, MOBILE, Wanted::NONE), "70 is contactable");
        assert!(!may_change(&mailed, EMAIL, MOBILE), "it has one");
    }
}
