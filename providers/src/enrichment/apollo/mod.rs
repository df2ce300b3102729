//! Apollo.

mod contact;
mod webhook;

pub(in crate::enrichment) use webhook::later;

/// A number costs 8 credits where a match costs one [V]; what a credit costs is the customer's contract [K].
const MOBILE_EXTRA_MICROS: i64 = 8 * 100_000;
