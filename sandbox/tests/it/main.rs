//! The sandbox over HTTP, as its callers see it.

mod apollo;
mod asking;
mod batchdata;
mod control;
mod faults;
mod ledger;
mod lists;
mod melissa;
mod people;
mod realestateapi;
mod receiver;
mod twilio;
mod webhooks;
