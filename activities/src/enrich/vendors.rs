//! The vendors, and what a process needs to keep to their limits.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use domain::enrichment::RateLimit;
use entities::provider_account::Breaker;
use entities::rate_limit::Bucket;
use governor::{DefaultDirectRateLimiter, Quota};
use providers::enrichment::{
    Capabilities, EnrichmentProvider, EnrichmentProviders, ProviderId, Wanted, given_by, rungs_in_order,
};
use tokio::sync::Semaphore;
use workflows::codec::KeyRing;

const MINUTE: Duration = Duration::from_secs(60);

/// How an installation calls its vendors.
#[derive(Debug, Clone)]
pub struct VendorPolicy {
    /// Calls of one vendor under way at once in one process.
    pub concurrency: usize,
    /// Calls a second, across all workers, of a vendor that tells no limit of its own.
    pub calls_per_second: u32,
    /// How long one call may take.
    pub call_timeout: Duration,
    /// When a vendor is left alone because it fails.
    pub breaker: Breaker,
    /// How long a vendor is left alone that answers 429 and does not say how long.
    pub default_retry_after: Duration,
    /// A wait up to this is sat out; for a longer one the activity ends and is tried again then.
    pub longest_wait: Duration,
    /// Where this installation is reached from outside, for vendors that answer later: scheme and host. Without it they
    /// are asked only for what they can answer at once.
    pub public_url: Option<String>,
}

impl Default for VendorPolicy {
    fn default() -> Self {
        Self {
            concurrency: 10,
            calls_per_second: 50,
            call_timeout: Duration::from_secs(30),
            breaker: Breaker::default(),
            default_retry_after: Duration::from_secs(30),
            longest_wait: Duration::from_secs(5),
            public_url: None,
        }
    }
}

/// One vendor with its limits in this process.
#[derive(Clone)]
pub(super) struct Vendor {
    pub(super) provider: Arc<dyn EnrichmentProvider>,
    /// Calls being prepared, made or written down at once: twice as many as may be at the vendor, so that there is always one
    /// ready to leave. Given in the order in which they are asked for, so that pages come to their end one after the other.
    pub(super) places: Arc<Semaphore>,
    /// Calls noted as leaving that wait for a permit: enough that there is always one, few since they count as lost when
    /// the worker dies.
    pub(super) doors: Arc<Semaphore>,
    /// Calls at the vendor at once.
    pub(super) permits: Arc<Semaphore>,
    /// Spreads calls over the second, so that workers do not all draw at its beginning.
    pub(super) pacer: Arc<DefaultDirectRateLimiter>,
    /// What holds across all workers, of the account and of each team.
    pub(super) limits: Vec<RateLimit>,
}

impl fmt::Debug for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vendor")
            .field("provider", &self.provider.id())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// The vendors that can be asked, and the keys under which their answers are kept.
#[derive(Clone)]
pub struct Vendors {
    all: Arc<BTreeMap<ProviderId, Vendor>>,
    rungs: Arc<[Arc<dyn EnrichmentProvider>]>,
    pub(crate) keys: KeyRing,
    pub(crate) policy: Arc<VendorPolicy>,
}

impl fmt::Debug for Vendors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vendors")
            .field("all", &self.all.keys())
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl Vendors {
    /// The vendors of `providers`, called as `policy` says; answers are encrypted under `keys`.
    pub fn new(providers: &EnrichmentProviders, keys: KeyRing, policy: VendorPolicy) -> Self {
        let all: BTreeMap<ProviderId, Vendor> = providers
            .iter()
            .filter(|provider| !provider.capabilities().contract_required)
            .map(|provider| (provider.id(), Vendor::new(provider.clone(), &policy)))
            .collect();
        let rungs = rungs_in_order(all.values().map(|vendor| vendor.provider.clone()));
        Self { all: Arc::new(all), rungs: rungs.into(), keys, policy: Arc::new(policy) }
    }

    /// The words of all vendors that can be asked: each has a task queue.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.all.keys().map(|id| id.as_str())
    }

    /// A vendor by its word; `None` where it is not configured.
    pub(super) fn get(&self, word: &str) -> Option<&Vendor> {
        self.all.get(&word.parse().ok()?)
    }

    /// What calls of a vendor's account are drawn from, whatever is asked of it: those of `ask::leave`.
    pub(crate) fn buckets(&self, word: &str) -> Vec<(Bucket, RateLimit)> {
        let limits = self.get(word).map_or(&[][..], |vendor| &vendor.limits);
        limits
            .iter()
            .enumerate()
            .flat_map(|(number, limit)| {
                let name = bucket(word, number);
                [(Bucket::Account(name.clone()), *limit), (Bucket::Team(name), *limit)]
            })
            .collect()
    }

    /// The rungs of the waterfall, the cheapest first.
    pub(super) fn rungs(&self) -> &[Arc<dyn EnrichmentProvider>] {
        &self.rungs
    }

    /// Everything that the rungs after `vendor` give, and what checking known numbers does.
    pub(super) fn later_than(&self, vendor: &Vendor) -> Wanted {
        let here = self.rungs.iter().position(|rung| rung.id() == vendor.provider.id());
        let later = here.map_or(&[][..], |here| &self.rungs[here + 1..]);
        given_by(later).or(self.checks())
    }

    /// Everything that any rung gives.
    pub(super) fn given(&self) -> Wanted {
        given_by(&self.rungs)
    }

    /// Who tells what kind of line a number is, and nothing else.
    pub(super) fn checks_lines(&self) -> Option<&Vendor> {
        self.all
            .values()
            .find(|vendor| vendor.provider.capabilities().gives == Wanted { line_type: true, ..Wanted::NONE })
    }

    /// What checking known numbers gives.
    pub(super) fn checks(&self) -> Wanted {
        Wanted { line_type: self.checks_lines().is_some(), ..Wanted::NONE }
    }
}

impl Vendor {
    fn new(provider: Arc<dyn EnrichmentProvider>, policy: &VendorPolicy) -> Self {
        let limits = limits(&provider.capabilities(), policy);
        let fastest = limits.iter().map(|limit| limit.interval()).min().unwrap_or_default();
        let burst =
            u32::try_from(policy.concurrency).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(fastest).map(|quota| quota.allow_burst(burst));
        let pacer = DefaultDirectRateLimiter::direct(quota.unwrap_or_else(|| Quota::per_second(burst)));
        Self {
            provider,
            places: Arc::new(Semaphore::new(policy.concurrency.max(1).saturating_mul(2))),
            doors: Arc::new(Semaphore::new((policy.concurrency / 3).max(1))),
            permits: Arc::new(Semaphore::new(policy.concurrency.max(1))),
            pacer: Arc::new(pacer),
            limits,
        }
    }

    pub(super) fn word(&self) -> &'static str {
        self.provider.id().as_str()
    }
}

/// The name of a vendor's bucket: one for each of its limits.
pub(crate) fn bucket(word: &str, number: usize) -> String {
    if number == 0 { word.to_owned() } else { format!("{word}:{number}") }
}

/// The limits that a vendor tells, or the installation's own for one that tells none. Where a window cannot be spread
/// (one call in it), the interval is the window.
fn limits(can: &Capabilities, policy: &VendorPolicy) -> Vec<RateLimit> {
    let burst = u32::try_from(policy.concurrency).unwrap_or(1).max(1);
    let told: Vec<RateLimit> = can
        .windows
        .iter()
        .filter_map(|window| {
            // A day's calls may be made when there is something to ask; a minute's are spread, so that workers share them.
            let burst = if window.length > MINUTE { window.calls / 2 } else { burst };
            let burst = burst.min(window.calls.saturating_sub(1)).max(1);
            RateLimit::within(window.calls, window.length, burst)
                .or_else(|_| RateLimit::new(1, window.length))
                .ok()
        })
        .collect();
    if !told.is_empty() {
        return told;
    }
    RateLimit::per_second(burst, policy.calls_per_second.max(1)).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use providers::enrichment::{CallWindow, Charging};

    use super::*;

    fn telling(windows: &'static [CallWindow]) -> Capabilities {
        Capabilities {
            gives: Wanted::ALL,
            most_subjects: 1,
            charging: Charging::PerMatch,
            price_micros: 1,
            mobile_extra_micros: 0,
            answers_later: false,
            contract_required: false,
            windows,
        }
    }

    #[test]
    fn no_window_of_a_vendor_is_overrun_and_a_silent_one_has_the_houses_limit() {
        let policy = VendorPolicy::default();
        for limit in limits(&telling(&[CallWindow { calls: 50, length: MINUTE }]), &policy) {
            assert!(limit.most_in(MINUTE) <= 50, "{limit:?}");
        }
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        let day = limits(&telling(&[CallWindow { calls: 2_000, length: DAY }]), &policy);
        assert!(day.iter().all(|limit| limit.burst() == 1_000 && limit.most_in(DAY) <= 2_000), "{day:?}");
        let one = limits(&telling(&[CallWindow { calls: 1, length: MINUTE }]), &policy);
        assert_eq!(
            one.iter().map(|limit| (limit.burst(), limit.interval())).collect::<Vec<_>>(),
            [(1, MINUTE)]
        );
        let own = limits(&telling(&[]), &policy);
        assert_eq!(own.first().map(|limit| limit.interval()), Some(Duration::from_millis(20)));
    }
}
