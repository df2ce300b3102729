//! All tests of more than one crate, in one binary: a folder per thing, a file per behaviour.

mod architecture;
mod campaign;
mod campaign_ledger;
mod enrichment;
mod merge;
mod notices;
mod pull;
mod replay;
mod reply;
mod reply_ledger;
mod requests;
mod resolve;
mod schema;
mod service_levels;
mod sms;
mod team_settings;
mod tenancy;
mod upload;
mod waterfall;
