//! What holds for requests, whatever they ask for.

mod error_pages;
mod idempotency_key;
mod vendor_reports;
