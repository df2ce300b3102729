//! Answers that come later, by webhook.

use super::{Charged, FoundPerson, ProviderId, apollo};

/// One person of a later answer. Vendors deliver it again when they think that it got lost: applying it twice must
/// change nothing, for which [`vendor_person_id`](Self::vendor_person_id) and what is in it are enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateAnswer {
    /// Whose answer it is.
    pub provider: ProviderId,
    /// The request it belongs to, where the vendor says.
    pub request_id: Option<String>,
    /// The vendor's id of the person, as in [`Pending`](super::Verdict::Pending); `None` where only the request is named.
    pub vendor_person_id: Option<String>,
    /// What was found; without numbers and addresses where nothing was. Has no name, so the name that counts is the one
    /// of the first answer.
    pub person: FoundPerson,
    /// What this part cost, as far as it tells.
    pub charged: Charged,
    /// The credits of the whole delivery, all its persons together, where the vendor says.
    pub delivery_credits: Option<u32>,
}

/// Why a body is no later answer. Never shows the body, which may hold personal data.
#[derive(Debug, thiserror::Error)]
pub enum LateError {
    /// This vendor sends none.
    #[error("{0} sends no answers later: check which webhook address was given to whom")]
    NoneExpected(ProviderId),
    /// The body is not JSON.
    #[error("the delivery is not JSON ({})", kind(.0))]
    NotJson(#[source] serde_json::Error),
    /// The body is JSON and lacks what makes it a delivery.
    #[error(
        "the delivery lacks {missing}: the vendor's format changed, or it was not the vendor who sent it"
    )]
    NotADelivery {
        /// What is missing.
        missing: &'static str,
    },
}

/// Where reading stopped, without what stands there.
fn kind(error: &serde_json::Error) -> String {
    format!("{:?}, line {}, column {}", error.classify(), error.line(), error.column())
}

/// Reads what a vendor delivers to a callback address: Apollo's phones, in its own form and in that of its waterfall.
/// An empty list is a delivery about nobody: nothing was found.
///
/// # Errors
/// [`LateError`] where the body is no such delivery. Answer it with a status that makes nobody send it again.
pub fn later(provider: ProviderId, body: &[u8]) -> Result<Vec<LateAnswer>, LateError> {
    match provider {
        ProviderId::Apollo => apollo::later(body),
        ProviderId::Melissa
        | ProviderId::BatchData
        | ProviderId::RealEstateApi
        | ProviderId::TwilioLookup
        | ProviderId::Tlo
        | ProviderId::Idiodata => Err(LateError::NoneExpected(provider)),
    }
}
