//! The vendors, each in its own words. Written from the vendors' documents and from what integrators report of them;
//! what is only believed is marked so on the spot.

mod apollo;
mod batchdata;
mod melissa;
mod model;
mod realestateapi;
mod signalhouse;
mod twilio;

use std::sync::Arc;

use crate::front::Storefront;
use crate::model::Desk;
use crate::settings::Settings;
use crate::texts::Network;
use crate::vendor::Vendor;
use crate::world::{Line, Person, World};

/// The storefront of `vendor`.
pub(crate) fn open(
    vendor: Vendor,
    settings: &Settings,
    world: Arc<World>,
    network: Arc<Network>,
    desk: Arc<Desk>,
) -> Arc<dyn Storefront> {
    let own = settings.vendor(vendor).clone();
    match vendor {
        Vendor::Melissa => Arc::new(melissa::Melissa::new(world, own)),
        Vendor::BatchData => Arc::new(batchdata::BatchData::new(world, own, settings.list_length)),
        Vendor::RealEstateApi => Arc::new(realestateapi::RealEstateApi::new(world, own)),
        Vendor::Apollo => Arc::new(apollo::Apollo::new(world, own, settings.webhook_delay)),
        Vendor::Twilio => Arc::new(twilio::Twilio::new(world, network, own)),
        Vendor::SignalHouse => Arc::new(signalhouse::SignalHouse::new(network, own)),
        Vendor::Model => Arc::new(model::Model::new(desk, own)),
    }
}

/// Whether a key is marked as nobody's.
fn is_nobodys(key: &str) -> bool {
    key.is_empty() || key.contains("invalid")
}

/// The person as answered about: somebody else, if so ordered.
fn perhaps_another(world: &World, person: Person, wrong: bool) -> Person {
    if wrong { world.stranger(&person) } else { person }
}

/// The number with the punctuation people use: (512) 555-0234.
fn national(line: &Line) -> String {
    let number = &line.number;
    match (number.get(..3), number.get(3..6), number.get(6..)) {
        (Some(area), Some(exchange), Some(rest)) => format!("({area}) {exchange}-{rest}"),
        _ => number.clone(),
    }
}
