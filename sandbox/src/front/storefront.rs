//! What a vendor has to be able to do.

use std::time::Duration;

use axum::http::StatusCode;

use super::reply::Reply;
use super::visit::Visit;
use crate::deliveries::Delivery;
use crate::faults::{Fault, StopReason, Twist};
use crate::ledger::{Charge, WindowState};
use crate::texts::{AcceptedText, News};
use crate::vendor::Vendor;

/// A vendor as callers see it. It only speaks: no waiting, no clock, no counting, no chance but the world's. What is
/// common to vendors is done by [`Front`](super::Front), so another vendor (a carrier, a model) is this trait and a
/// variant of [`Vendor`].
pub(crate) trait Storefront: Send + Sync + 'static {
    /// Who it is.
    fn vendor(&self) -> Vendor;

    /// Lets a caller in who shows a key, or says why not, in the vendor's words. Any key is good that is not marked:
    /// one with `invalid` in it is nobody's.
    ///
    /// # Errors
    /// The vendor's answer.
    fn admit(&self, visit: &Visit) -> Result<Account, Reply>;

    /// Answers, and says what it costs.
    fn serve(&self, visit: &Visit, account: &Account, twist: &Twist) -> Served;

    /// Refuses, in the vendor's words.
    fn refuse(&self, visit: &Visit, refusal: &Refusal) -> Reply;

    /// Tells the caller in headers how much of the limits is used, if the vendor does.
    fn stamp(&self, _reply: &mut Reply, _windows: &[WindowState]) {}

    /// Whether a fault can happen to this vendor.
    fn suffers(&self, fault: &Fault) -> bool;

    /// New records come to the lists it hands out, if it does.
    fn publish(&self, _records: u64) {}

    /// Puts news of the telephone network into its words, if it carries texts.
    fn tell(&self, _news: &[News], _about: Option<&AcceptedText>) -> Vec<Delivery> {
        Vec::new()
    }

    /// Forgets what it remembers of earlier requests.
    fn forget(&self) {}
}

/// Who asks.
#[derive(Debug)]
pub(crate) struct Account {
    /// What limits are counted by: an account, or an account at an endpoint.
    pub(crate) scope: String,
    /// The key that was shown.
    pub(crate) key: String,
}

/// An answer, and what follows from it.
pub(crate) struct Served {
    pub(crate) reply: Reply,
    /// The subjects that were asked about.
    pub(crate) asked: Vec<String>,
    pub(crate) charges: Vec<Charge>,
    pub(crate) deliveries: Vec<Delivery>,
}

impl From<Reply> for Served {
    /// An answer that costs nothing.
    fn from(reply: Reply) -> Self {
        Self { reply, asked: Vec::new(), charges: Vec::new(), deliveries: Vec::new() }
    }
}

/// Why the vendor does not even try.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Refusal {
    /// Too many requests.
    RateLimited { retry_after: Option<Duration> },
    /// The account is served no more.
    AccountStop(StopReason),
    /// The vendor is down.
    Outage(StatusCode),
    /// 200, and an error inside.
    ErrorInside,
}

impl Refusal {
    /// What `fault` makes the vendor say, if it makes it refuse.
    pub(super) fn of(fault: &Fault) -> Option<Self> {
        match *fault {
            Fault::RateLimited { retry_after_s } => {
                Some(Self::RateLimited { retry_after: retry_after_s.map(Duration::from_secs) })
            }
            Fault::AccountStop { reason } => Some(Self::AccountStop(reason)),
            Fault::Outage { status } => {
                Some(Self::Outage(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)))
            }
            Fault::ErrorInside => Some(Self::ErrorInside),
            _ => None,
        }
    }
}
