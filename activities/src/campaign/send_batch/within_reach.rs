//! Whom this worker can hand messages to, and how many at once. What only another worker could hand over waits for one; the rest
//! of the campaign does not wait for that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::FailureCode;
use entities::BulkTransaction;
use entities::alert::{self, NewAlert};
use entities::outreach::Scene;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use workflows::campaign::CampaignRef;

use crate::sending::vendor::Vendor;
use crate::{Fault, Resources};

/// One that takes messages, and how many more it takes now.
struct Line {
    vendor: Vendor,
    places: Arc<Semaphore>,
}

/// Whoever takes what a campaign's senders send, by their words.
pub(super) struct WithinReach {
    lines: BTreeMap<String, Line>,
    /// Those that this worker has no key to, or no server for, each with why.
    missing: BTreeMap<String, Fault>,
}

impl WithinReach {
    /// Those of the campaign's senders.
    ///
    /// # Errors
    /// [`FailureCode::CampaignSenderMissing`] where it has but one, and this worker, which serves its queue, cannot reach it.
    pub(super) fn of(resources: &Resources, of: CampaignRef, scene: &Scene) -> Result<Self, Fault> {
        let all = resources.texters.policy.concurrency;
        let words: BTreeSet<&str> = scene.senders.iter().map(|sender| sender.provider.as_str()).collect();
        let (mut lines, mut missing) = (BTreeMap::new(), BTreeMap::new());
        for word in &words {
            match Vendor::of(resources, of.team, word) {
                Ok(vendor) => {
                    let places = Arc::new(Semaphore::new(vendor.at_once(all)));
                    lines.insert((*word).to_owned(), Line { vendor, places });
                }
                Err(fault) if words.len() == 1 => return Err(fault),
                Err(fault) => {
                    missing.insert((*word).to_owned(), fault);
                }
            }
        }
        Ok(Self { lines, missing })
    }

    /// The only one, where it is but one: the budget of a vendor is known before the message is.
    pub(super) fn only(&self) -> Option<&str> {
        let first = self.lines.keys().next().map(String::as_str);
        first.filter(|_| self.lines.len() == 1 && self.missing.is_empty())
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.lines.len()
    }

    /// Their words.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.lines.keys().map(String::as_str)
    }

    /// The one of this word.
    pub(super) fn get(&self, word: &str) -> Option<&Vendor> {
        self.lines.get(word).map(|line| &line.vendor)
    }

    /// Whether a sender of the campaign is with one that this worker cannot reach.
    pub(super) fn misses(&self, word: &str) -> bool {
        self.missing.contains_key(word)
    }

    /// Whether it takes one more now.
    pub(super) fn has_place(&self, word: &str) -> bool {
        self.lines.get(word).is_none_or(|line| line.places.available_permits() > 0)
    }

    /// A place at it for one message, kept until the message has left; `None` while all are taken.
    pub(super) fn place(&self, word: &str) -> Option<Place> {
        match self.lines.get(word) {
            Some(line) => line.places.clone().try_acquire_owned().ok().map(|permit| Place(Some(permit))),
            // Nobody takes it, and so it ends at once.
            None => Some(Place(None)),
        }
    }

    /// Tells somebody, once for each campaign and vendor, that messages wait for a worker that can reach it.
    pub(super) async fn tell_of(
        &self,
        missing: &str,
        tx: &mut BulkTransaction,
        of: CampaignRef,
    ) -> Result<(), Fault> {
        let subject = of.campaign.to_string();
        let what = format!(
            "messages by {missing} wait for a worker that can reach it; set its key or address for a worker (.env.sample has its \
             name), then they go out by themselves"
        );
        let why = self.missing.get(missing).map(Fault::message);
        let detail = json!({ "code": FailureCode::CampaignSenderMissing, "what": what, "vendor": missing, "why": why });
        let dedup_key = format!("campaign.vendor_missing:{subject}:{missing}");
        let alert = NewAlert {
            kind: "campaign.vendor_missing",
            subject: &subject,
            detail: &detail,
            dedup_key: &dedup_key,
        };
        if alert::raise(tx, alert).await? {
            tracing::warn!(campaign = %of.campaign, vendor = missing, why, "messages wait for a worker that can reach their vendor");
        }
        Ok(())
    }
}

/// A place at a vendor, given back when it is dropped.
pub(super) struct Place(
    #[expect(dead_code, reason = "held, and given back by being dropped")] Option<OwnedSemaphorePermit>,
);
