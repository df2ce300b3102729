//! TransUnion TLOxp and Idiodata: neither publishes the shape of its interface, and both answer only those who signed for
//! a permissible purpose (GLBA, DPPA). What is here says so, and sends nothing: a shape that was made up would be worse
//! than none.

use async_trait::async_trait;

use super::canonical::Canonical;
use super::{
    CallContext, CallOutcome, Capabilities, Charging, EnrichmentProvider, MissingInput, ProviderId, Subject,
    Verdict, Wanted,
};

/// A vendor that needs a contract first.
#[derive(Debug)]
pub(super) struct ContractOnly(pub(super) ProviderId);

#[async_trait]
impl EnrichmentProvider for ContractOnly {
    fn id(&self) -> ProviderId {
        self.0
    }

    /// What such vendors are bought for; price and limits are in the contract.
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            gives: Wanted { mobile: true, email: true, demographics: true, ..Wanted::NONE },
            most_subjects: 1,
            charging: Charging::ByContract,
            price_micros: 0,
            mobile_extra_micros: 0,
            answers_later: false,
            contract_required: true,
            windows: &[],
        }
    }

    fn requirements(&self, _subject: &Subject, _wanted: Wanted) -> Result<(), MissingInput> {
        Err(MissingInput {
            provider: self.0,
            needs: "a contract with the vendor that names a permissible purpose, and then an adapter for its interface",
        })
    }

    fn request_hash(&self, subject: &Subject, wanted: Wanted) -> [u8; 32] {
        Canonical::new(self.0)
            .flag("mobile", wanted.mobile)
            .flag("email", wanted.email)
            .flag("demographics", wanted.demographics)
            .text("given", subject.given_name.as_deref())
            .text("family", subject.family_name.as_deref())
            .address("property", &subject.property())
            .finish()
    }

    async fn lookup(&self, subjects: &[Subject], _wanted: Wanted, _context: &CallContext) -> CallOutcome {
        tracing::info!(provider = %self.0, subjects = subjects.len(), ended = "contract_required", "asked a vendor");
        CallOutcome::for_all(subjects.iter().map(|subject| subject.key), &Verdict::ContractRequired)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn says_that_a_contract_is_needed() {
        let tlo = ContractOnly(ProviderId::Tlo);
        let subject = Subject::new(Uuid::from_u128(7));
        let outcome = tlo.lookup(std::slice::from_ref(&subject), Wanted::ALL, &CallContext::default()).await;
        assert_eq!(outcome.verdict_of(subject.key), Some(&Verdict::ContractRequired));
        assert_eq!((outcome.charged_micros(), outcome.status), (0, None));
        let refused = tlo.requirements(&subject, Wanted::ALL).expect_err("none may be asked");
        assert!(refused.to_string().starts_with("tlo cannot be asked: a contract"), "{refused}");
        assert!(tlo.capabilities().contract_required);
        let other = ContractOnly(ProviderId::Idiodata);
        assert_ne!(tlo.request_hash(&subject, Wanted::ALL), other.request_hash(&subject, Wanted::ALL));
    }
}
