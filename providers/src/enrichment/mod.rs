//! Vendors that tell how a person can be reached, and what they know of people, properties and businesses.
//!
//! [`EnrichmentProvider`] is what each can do; [`UniversalSkipResult`] what they find, in one shape; [`Verdict`] how a
//! call ended for each subject. The adapters keep to what the vendors' documents say, and where nobody documents a
//! thing they say so: `\[V\]` read in the vendor's own document or SDK, `\[R\]` reported by somebody who calls the vendor,
//! `\[K\]` general knowledge that nobody confirmed.
//!
//! Nothing here retries, waits, caches or counts money: limits hold across all workers, so they are not a process's to
//! keep.

mod apollo;
mod batchdata;
mod canonical;
mod capabilities;
mod contract_only;
mod found;
mod late;
#[cfg(test)]
mod late_tests;
mod lenient;
pub mod lists;
mod melissa;
mod name_check;
mod provider;
mod realestateapi;
mod redaction;
mod remote;
#[cfg(test)]
mod remote_tests;
mod rungs;
mod settings;
mod settle;
mod subject;
#[cfg(test)]
mod testing;
mod twilio_lookup;
mod usage;
mod verdict;
mod wanted;

pub use capabilities::{CallWindow, Capabilities, Charging};
pub use found::{
    BirthDate, Demographics, EmailKind, EmailStatus, Evidence, FoundEmail, FoundName, FoundOrganisation,
    FoundPerson, FoundPhone, FoundProperty, FoundSocial, Gender, LineType, SocialNetwork,
    UniversalSkipResult,
};
pub use late::{LateAnswer, LateError, later};
pub use name_check::{NameMatch, name_check};
pub use provider::{CallContext, EnrichmentProvider, Polled, ProviderId};
pub use rungs::{given_by, may_change, missing, rungs_in_order};
pub use settings::{EnrichmentProviders, EnrichmentSettings, TwilioAccess, VendorAccess};
pub use subject::{MissingInput, PostalAddress, Subject, SubjectKey};
pub use usage::{UsageHeaders, UsageWindow};
pub use verdict::{CallOutcome, Charged, Verdict};
pub use wanted::Wanted;

pub use crate::transport::{NoCertificates, UnknownWhy};
