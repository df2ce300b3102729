//! The ledger of what campaigns send, in a real database: each text once, none that must not be, none above a limit.

mod audience;
mod claims;
mod last_check;
mod machines;
mod money;
mod reports;
mod scene;
mod settling;
mod stats;
mod suppressions;
mod throttles;
mod walls;
