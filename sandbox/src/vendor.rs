//! The vendors of this world, by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A vendor that has a server of its own here. Another one is added by a variant, a line in each table below, and a
/// file in `vendors` that answers for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Vendor {
    /// Melissa Personator Consumer: checks, verifies and appends.
    Melissa,
    /// BatchData: skip tracing by property, and lists of properties.
    BatchData,
    /// RealEstateAPI: skip tracing, one or a hundred at once.
    RealEstateApi,
    /// Apollo: people at work, phones by webhook.
    Apollo,
    /// Twilio: Lookup, which tells what kind of line a number is, and Messages.
    Twilio,
    /// SignalHouse: texts.
    SignalHouse,
    /// A language model, in the shape of OpenAI's chat completions.
    Model,
}

impl Vendor {
    /// All of them, in the order of their ports.
    pub const ALL: [Self; 7] = [
        Self::Melissa,
        Self::BatchData,
        Self::RealEstateApi,
        Self::Apollo,
        Self::Twilio,
        Self::SignalHouse,
        Self::Model,
    ];

    /// The name in scripts, in the ledger and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Melissa => "melissa",
            Self::BatchData => "batchdata",
            Self::RealEstateApi => "realestateapi",
            Self::Apollo => "apollo",
            Self::Twilio => "twilio",
            Self::SignalHouse => "signalhouse",
            Self::Model => "model",
        }
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No vendor of this name.
#[derive(Debug, thiserror::Error)]
#[error(
    "there is no vendor {0:?}; there are melissa, batchdata, realestateapi, apollo, twilio, signalhouse and model"
)]
pub struct UnknownVendor(String);

impl FromStr for Vendor {
    type Err = UnknownVendor;

    fn from_str(text: &str) -> Result<Self, UnknownVendor> {
        Self::ALL
            .into_iter()
            .find(|vendor| vendor.name() == text)
            .ok_or_else(|| UnknownVendor(text.to_owned()))
    }
}
