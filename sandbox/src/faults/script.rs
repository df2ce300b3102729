//! A script: which fault, to whom, how often.

use serde::{Deserialize, Serialize};

use super::kind::Fault;
use crate::vendor::Vendor;

/// Orders a fault. Without `times` and `rate` it goes on until it is taken back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Whose requests; without it those of every vendor the fault can happen to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<Vendor>,
    /// What happens to them.
    pub fault: Fault,
    /// To how many of the next requests that fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// To which share of those that fit, above 0 and up to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Only to requests that have this text in path, query (decoded) or body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub containing: Option<String>,
}

impl Script {
    /// The fault, to every request of every vendor it can happen to.
    pub fn new(fault: Fault) -> Self {
        Self { vendor: None, fault, times: None, rate: None, containing: None }
    }

    /// Only to requests to `vendor`.
    #[must_use]
    pub fn at(mut self, vendor: Vendor) -> Self {
        self.vendor = Some(vendor);
        self
    }

    /// Only to the next `times` requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Only to a share of requests.
    #[must_use]
    pub fn rate(mut self, rate: f64) -> Self {
        self.rate = Some(rate);
        self
    }

    /// Only to requests that have `text` in path, query or body.
    #[must_use]
    pub fn containing(mut self, text: impl Into<String>) -> Self {
        self.containing = Some(text.into());
        self
    }
}

/// A script as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScriptState {
    /// Its number, in order of arrival. The first that fits a request has it.
    pub id: u64,
    /// How often it happened.
    pub happened: u64,
    /// The script; its `times` are those still to come.
    pub script: Script,
}

/// Why a script is refused.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// A share outside of 0 to 1.
    #[error("rate {0} is no share: write a number above 0 and up to 1")]
    Rate(f64),
    /// Not a status of an outage.
    #[error("an outage has status 500, 502, 503 or 504, not {0}")]
    Status(u16),
    /// The vendor has nothing the fault could happen to.
    #[error("{kind} cannot happen to {vendor}: it has nothing of the kind")]
    Unsuited {
        /// The fault.
        kind: &'static str,
        /// The vendor.
        vendor: Vendor,
    },
}
