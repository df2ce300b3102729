//! The sandbox over HTTP, as its callers see it.

mod apollo;
mod asking;
mod batchdata;
mod control;
mod faults;
mod inbox;
mod ledger;
mod lists;
mod mail;
mod melissa;
mod model;
mod people;
mod realestateapi;
mod receiver;
mod signalhouse;
mod texts;
mod twilio;
mod twilio_messages;
mod webhooks;
