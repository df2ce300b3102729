//! Which rows are about the same business, the same person, the same lead.
//!
//! **The engine** decides by weight of evidence, in the words of Fellegi and Sunter: *blocking rules* say which pairs are
//! compared, *comparisons* reach *levels*, each level has a *match weight* in bits, the weights add up to a *probability*, and
//! pairs make *clusters*. See `docs/resolution.md`.
//!
//! A whole list:
//!
//! ```
//! use resolution::{Engine, Field, Records, RuleSet};
//!
//! let mut records = Records::new();
//! records.push([(Field::Name, "Robert Smith"), (Field::Phone, "702-919-1300"), (Field::City, "Las Vegas")]);
//! records.push([(Field::Name, "Smith, Bob"), (Field::Phone, "(702) 919 1300"), (Field::City, "LAS VEGAS")]);
//! records.push([(Field::Name, "Patricia Smith"), (Field::Phone, "702-919-1300"), (Field::City, "Las Vegas")]);
//!
//! let resolution = Engine::new(RuleSet::Persons).resolve(&records);
//! assert_eq!(resolution.cluster_of, [0, 0, 2]);
//! ```
//!
//! Piece by piece, for records that are stored: [`blocking_keys`] to find who is worth comparing, [`Model::compare`] to compare,
//! [`cluster`] to decide.
//!
//! ```
//! use resolution::{Decision, Field, Model, Record, RuleSet, blocking_keys};
//!
//! let stored = Record::new([(Field::Name, "Robert Smith"), (Field::Email, "bob.smith@example.org"), (Field::Zip, "89111")]);
//! let fresh = Record::new([(Field::Name, "Bob Smith"), (Field::Email, "Bob.Smith@example.org"), (Field::Zip, "89111-2201")]);
//!
//! let keys = blocking_keys(RuleSet::Persons, &fresh);
//! assert!(blocking_keys(RuleSet::Persons, &stored).iter().any(|key| keys.contains(key)));
//!
//! let model = Model::shipped(RuleSet::Persons, 1_000_000);
//! let comparison = model.compare(&stored, &fresh);
//! assert_eq!(comparison.decision, Decision::Merge, "{}", comparison.sentence());
//! ```
//!
//! **Exact keys** ([`keys()`]) are the first form, still in use where rows are imported: two rows are about the same thing when
//! their keys are equal.
//!
//! Pure: no I/O, no clock, no randomness. The same rows give the same answer on every machine, in any order.

mod blocking;
mod cluster;
mod commonness;
mod comparison;
mod conflict;
mod digest;
mod engine;
mod field;
mod fold;
mod frequency;
mod hash;
pub mod keys;
mod model;
mod near;
mod pair;
mod parallel;
mod record;
mod records;
mod rules;
mod similarity;
mod training;
mod words;

pub use blocking::{BlockReport, BlockingKeys, BlockingRule, LargeBlock, RuleReport, blocking_keys};
pub use cluster::{Clusters, Edge, Evidence, HeldBack, cluster, contradictions};
pub use comparison::{Comparing, Level};
pub use conflict::Conflict;
pub use engine::{Engine, FoundPair, Resolution};
pub use field::Field;
pub use frequency::{Census, Frequencies};
pub use keys::{Keys, keys};
pub use model::Model;
pub use pair::{Comparison, Decision, ReachedLevel, Related, decision, probability};
pub use record::{PartialDate, Record};
pub use records::Records;
pub use rules::{REVIEW_FROM, RuleSet};
