//! The outside world as real HTTP servers: one for each vendor, in the vendor's own shapes, with the vendor's own traps,
//! over one made-up population; and a control server that makes things go wrong and keeps the books.
//!
//! It is written from the vendors' documents and shares no types with the adapters that call it, so that a test between
//! the two can fail.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use sandbox::{Fault, Sandbox, Script, Settings, Vendor};
//!
//! let sandbox = Sandbox::start(Settings::default()).await?;
//! sandbox.script(Script::new(Fault::Cut { processed: true }).at(Vendor::BatchData).times(3))?;
//! // … have something call sandbox.url(Vendor::BatchData) …
//! assert!(sandbox.ledger().vendor(Vendor::BatchData).paid_again().is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! # Who lives there
//! Nobody is stored. A question – name, address, e-mail, firm, whatever the vendor is told – *means* a person, and
//! everything true of that person follows from the seed: their phones, mailboxes, post, age, house. The same question
//! means the same person whichever vendor is asked; a person is known again by name and address, or else by name and
//! e-mail address, LinkedIn, domain, company or phone, the first of these that was said. A vendor that is told only an
//! e-mail address and one that is told only a street cannot know that they speak of the same person – unless the person
//! was introduced with both ([`World::introduce`], `POST /people`), which also fixes facts: a litigator, the dead, a
//! number on the do-not-call list, who knows them.
//!
//! Whether a vendor knows somebody is chance by [`VendorSettings::hit_rate`]; which of their phones and mailboxes it
//! has, too. What a phone *is* (line type, carrier, do-not-call) follows from the number, so vendors and the lookup
//! agree. Numbers are in exchange 555 and e-mail addresses under `.example`: nothing here reaches anybody.
//!
//! # Making things go wrong
//! A script says what happens ([`Fault`]), to whom, and to how many of the next requests or to which share of them:
//!
//! ```text
//! curl -X POST $CONTROL/faults -H 'content-type: application/json' -d '[
//!   {"vendor": "batchdata", "fault": {"kind": "rate_limited", "retry_after_s": 2}, "times": 3},
//!   {"vendor": "apollo", "fault": {"kind": "webhook_twice"}, "rate": 0.05},
//!   {"vendor": "melissa", "fault": {"kind": "cut"}, "containing": "Springfield"}
//! ]'
//! curl $CONTROL/faults             # what is in force, and how often it happened
//! curl -X DELETE $CONTROL/faults
//! ```
//!
//! The first script that fits has the request; a request suffers one fault at most. Beside scripts, keys have marks: one
//! with `invalid` in it is nobody's, for BatchData one with `v1` is for version 1 and any other for version 3, for
//! Apollo one with `free` is of a plan that may not enrich. And a vendor may have true limits
//! ([`VendorSettings::limits`]), which it enforces in fixed windows.
//!
//! # The books
//! `GET /ledger` ([`Sandbox::ledger`]) says what came, what was answered, what is owed and for whom, how many requests
//! there were at once and in the busiest window. Processing and billing are one step that comes *before* latency: a
//! caller who is cut off, times out or dies has been billed. Subjects are hashes ([`Identity::subject`]); no name, phone
//! or address is in the books.
//!
//! # Texts and mail
//! SignalHouse and Twilio Messages are two doors to one telephone network ([`TextSettings`], `PUT /texts/settings`): it refuses
//! by code, loses answers after it took a text, fails, filters, and reports late, twice, out of order or never; whom it hits
//! follows from the seed and the recipient. Windows ([`Throttle`]) are counted in segments, and what exceeds one is a
//! [`Violation`]. People answer as [`Replier`]s say; who writes STOP is opted out. Webhooks are signed as the vendors sign
//! them: SignalHouse's go where `POST /webhook` said, Twilio's to `StatusCallback` and to the number's address.
//!
//! ```text
//! curl -X PUT $CONTROL/texts/settings -H 'content-type: application/json' -d '{"lost_replies": 0.02,
//!   "refused": {"21610": 0.01, "OUT": 0.01}, "failed": {"30007": 0.01}, "reports": {"twice": 0.1, "missing": 0.05},
//!   "throttles": [{"by": "number", "segments": 1, "per_ms": 1000, "slack_ms": 100}]}'
//! curl -X POST $CONTROL/texts/repliers -H 'content-type: application/json' -d '[{"rate": 0.2, "says": ["Stop!"]}]'
//! curl "$CONTROL/texts?to=5125550234"     # what that person got
//! curl $CONTROL/texts/violations
//! ```
//!
//! The mail server ([`Sandbox::smtp_url`], [`MailSettings`], `GET /mail`) takes messages over SMTP in the clear.
//!
//! # A model
//! The vendor `model` speaks as OpenAI's chat completions do. It says what it was told to say of messages that have a text in them
//! ([`ModelSays`], `PUT /model/answers`), else the least that the schema of the answer allows, and keeps what it was asked
//! (`GET /model/asked`).
//!
//! # Another vendor
//! A variant of [`Vendor`], its settings, and a file in `vendors` that answers: pure functions of request and world.
//! Counting, limits, faults, latency, billing and webhooks are the frame's.

mod control;
mod deliveries;
mod error;
mod faults;
mod front;
mod ledger;
mod mail;
mod model;
mod sandbox;
mod settings;
mod signatures;
mod texts;
mod vendor;
mod vendors;
mod world;

pub use error::SandboxError;
pub use faults::{Fault, Script, ScriptError, ScriptState, StopReason};
pub use ledger::{LedgerReport, SubjectReport, VendorReport, WindowReport};
pub use mail::{AcceptedMail, MailSettings};
pub use model::{ModelAsked, ModelSays};
pub use sandbox::Sandbox;
pub use settings::{RateLimit, Settings, VendorSettings, VendorTable};
pub use texts::{
    AcceptedText, InboundText, Replier, ReportSettings, Sender, TextSettings, Throttle, ThrottleBy, Violation,
};
pub use vendor::{UnknownVendor, Vendor};
pub use world::{Address, Identity, Introduction, Line, LineKind, Mailbox, Person, Property, World};
