//! What the world is like: who knows how many people, how fast, at what price, how often at most.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::mail::MailSettings;
use crate::texts::TextSettings;
use crate::vendor::Vendor;

/// What the world is like. [`Settings::default`] is a world with the vendors' usual prices, no latency and no limits
/// but Apollo's documented one.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The same seed, the same people.
    pub seed: u64,
    /// The control server listens here, the vendors on the ports after it, the mail server behind them; without one all take
    /// free ports.
    pub port_base: Option<u16>,
    /// The records a property list holds before anything is published to it.
    pub list_length: u64,
    /// How long after its request a webhook is posted.
    pub webhook_delay: Duration,
    /// What the telephone network behind the vendors of texts is like.
    pub texts: TextSettings,
    /// What the mail server is like.
    pub mail: MailSettings,
    /// What each vendor is like: see [`Settings::vendor`] and [`Settings::vendor_mut`].
    pub vendors: VendorTable,
}

/// The settings of all vendors.
#[derive(Debug, Clone)]
pub struct VendorTable(BTreeMap<Vendor, VendorSettings>);

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            port_base: None,
            list_length: 137,
            webhook_delay: Duration::from_millis(50),
            texts: TextSettings::default(),
            mail: MailSettings::default(),
            vendors: VendorTable(
                Vendor::ALL.into_iter().map(|vendor| (vendor, VendorSettings::of(vendor))).collect(),
            ),
        }
    }
}

impl Settings {
    /// The settings of one vendor.
    pub fn vendor(&self, vendor: Vendor) -> &VendorSettings {
        &self.vendors.0[&vendor]
    }

    /// The settings of one vendor, to change them.
    pub fn vendor_mut(&mut self, vendor: Vendor) -> &mut VendorSettings {
        self.vendors.0.entry(vendor).or_insert_with(|| VendorSettings::of(vendor))
    }

    /// Gives every vendor the same latency.
    #[must_use]
    pub fn with_latency(mut self, latency: Duration) -> Self {
        self.vendors.0.values_mut().for_each(|settings| settings.latency = latency);
        self
    }
}

/// What one vendor is like.
#[derive(Debug, Clone)]
pub struct VendorSettings {
    /// The share of people the vendor knows, 0 to 1. Twilio answers for every number; SignalHouse and the
    /// model know nobody.
    pub hit_rate: f64,
    /// How long an answer takes, from when the request came.
    pub latency: Duration,
    /// What the vendor refuses beyond, for each account (Apollo: each account and endpoint). Fixed windows, opened by
    /// the first request. Apollo's headers call them minute, hourly and 24-hour in this order, however long they are.
    pub limits: Vec<RateLimit>,
    prices: BTreeMap<&'static str, u64>,
}

impl VendorSettings {
    fn of(vendor: Vendor) -> Self {
        let prices: &[(&'static str, u64)] = match vendor {
            Vendor::Melissa => &[("record", 50_000)],
            Vendor::BatchData => &[("match", 70_000), ("dnc", 2_000), ("property", 10_000)],
            Vendor::RealEstateApi => &[("match", 100_000)],
            Vendor::Apollo => &[("credit", 100_000)],
            Vendor::Twilio => &[("lookup", 5_000), ("segment", 7_900), ("number", 1_150_000)],
            Vendor::SignalHouse => &[("segment", 5_000), ("number", 1_000_000)],
            Vendor::Model => &[("million_input", 150_000), ("million_output", 600_000)],
        };
        let limits = match vendor {
            Vendor::Apollo => vec![
                RateLimit::of(1_000, Duration::from_secs(60)),
                RateLimit::none(Duration::from_secs(3_600)),
                RateLimit::none(Duration::from_secs(86_400)),
            ],
            _ => Vec::new(),
        };
        let hit_rate = match vendor {
            Vendor::Melissa => 0.6,
            Vendor::BatchData => 0.7,
            Vendor::RealEstateApi => 0.75,
            Vendor::Apollo => 0.65,
            Vendor::Twilio | Vendor::SignalHouse | Vendor::Model => 1.0,
        };
        Self { hit_rate, latency: Duration::ZERO, limits, prices: prices.iter().copied().collect() }
    }

    /// What a unit costs, in micro-dollars: Melissa's `record`, BatchData's `match`, `dnc` and `property`,
    /// RealEstateAPI's `match`, Apollo's `credit` (1 for a match, 8 for a mobile number), Twilio's `lookup`, and `segment`
    /// (of a text) and `number` of Twilio and SignalHouse. Of the model `million_input` and `million_output`: a million tokens of
    /// questions and of answers.
    ///
    /// # Panics
    /// If the vendor sells no such unit.
    pub fn price(&self, unit: &'static str) -> u64 {
        self.prices[unit]
    }

    /// Sets the price of a unit, in micro-dollars.
    pub fn set_price(&mut self, unit: &'static str, micro_dollars: u64) {
        self.prices.insert(unit, micro_dollars);
    }
}

/// So many requests in a fixed window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// The most that is answered; `None` says that the window is counted but unlimited.
    pub requests: Option<u32>,
    /// The length of the window, from its first request.
    pub per: Duration,
}

impl RateLimit {
    /// At most `requests` in `per`.
    pub const fn of(requests: u32, per: Duration) -> Self {
        Self { requests: Some(requests), per }
    }

    /// A window that is counted, not limited.
    pub const fn none(per: Duration) -> Self {
        Self { requests: None, per }
    }
}
