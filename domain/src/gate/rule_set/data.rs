//! The shape of a rule set in JSON.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::holiday::Holiday;
use super::{RuleSetVersion, Span};
use crate::campaign::ConsentBasis;
use crate::gate::{LineType, Mailbox};
use crate::geo::{State, TimeZone};

/// A rule set as it is written down.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    /// Its name, unique among all there ever were.
    pub(super) version: RuleSetVersion,
    /// From when on it is the one that counts.
    pub(super) effective_from: DateTime<Utc>,
    /// What it is, and what is not certain about it.
    pub(super) note: String,
    /// The hours of the house.
    pub(super) house: Span,
    /// The hours of federal law.
    pub(super) federal: Span,
    /// The hours for whom nobody knows where they are.
    pub(super) safe: Safe,
    /// How often.
    pub(super) caps: Caps,
    /// Which lines take texts.
    pub(super) line_types: Vec<LineType>,
    /// Which addresses get e-mail. Rules from before there was any say nothing of it.
    #[serde(default = "only_verified")]
    pub(super) mailboxes: Vec<Mailbox>,
    /// Which grounds of consent hold, and how long.
    pub(super) consent: Vec<Grounds>,
    /// Lists of holidays by name.
    pub(super) holidays: BTreeMap<String, Vec<Holiday>>,
    /// The law of states; one may be there several times, with other dates.
    pub(super) states: Vec<StateLaw>,
    /// The words of opting out and in.
    pub(super) words: WordLists,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Safe {
    pub(super) zone: TimeZone,
    pub(super) hours: Span,
    /// Where these hours are not right: who may be there and nobody knows is not written to.
    pub(super) not_covered: Vec<State>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Caps {
    pub(super) most_in_24h: u8,
    pub(super) follow_ups: u8,
}

/// What a basis of consent is good for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grounds {
    pub(super) basis: ConsentBasis,
    /// Whether the recipient agreed to texts, as some states require.
    pub(crate) opt_in: bool,
    /// Days after which it holds no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) days: Option<u16>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StateLaw {
    pub(super) state: State,
    /// The first day on which it holds; always, where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<NaiveDate>,
    /// The first day on which it holds no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<NaiveDate>,
    pub(super) mon_fri: Span,
    pub(super) sat: Span,
    pub(super) sun: Span,
    /// Lists of holidays on which it is closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) holidays: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) most_in_24h: Option<u8>,
    /// Whether it does not hold for messages to businesses.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) b2b_exempt: bool,
    /// Whether it holds for residents only, and not for whoever has its area code.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) residents_only: bool,
    /// Whether it wants a recipient who agreed to texts.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) opt_in_only: bool,
    /// Where this comes from, and whether sources agree.
    pub(super) source: String,
}

/// The words of opting out and in, as people might send them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WordLists {
    pub(crate) opt_out: Vec<String>,
    pub(crate) opt_in: Vec<String>,
    pub(crate) help: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

fn only_verified() -> Vec<Mailbox> {
    vec![Mailbox::Verified]
}
