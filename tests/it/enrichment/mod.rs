//! What enrichment stands on in the database: calls paid once, limits never passed, rules that SQL and Rust share.

mod accounts;
mod buckets;
mod budgets;
mod calls;
mod contact_points;
mod engagement;
mod properties;
mod pulls;
mod runs;
mod same_rules;
mod scene;
mod storm;
mod walls;
