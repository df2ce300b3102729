//! One person of a campaign.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::campaign::{Channel, ConsentBasis, LeadState};
use domain::gate::{Mailbox, SuppressionReason, SuppressionScope};
use domain::geo::{State, TimeZone, Zip5, resolve_zone};
use domain::id::LeadId;
use domain::message::Values;
use domain::phone::Phone;

/// What a suppression was said of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopOf {
    /// The number.
    Phone,
    /// The address.
    Email,
    /// The person.
    Person,
}

/// A suppression that holds for the person, as the gate knows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Stop {
    /// What it was said of.
    pub of: StopOf,
    /// For what it holds.
    pub scope: SuppressionScope,
    /// Why.
    pub reason: SuppressionReason,
    /// The brand or the number that it was said to; empty where it holds for everything.
    pub subject: String,
}

impl Stop {
    /// Whether it speaks of messages by this way. What is wrong with a number says nothing of an address, and the other way
    /// round; who wants to be left alone, or must be, is left alone by every way.
    pub const fn is_about(&self, channel: Channel) -> bool {
        let by_email = matches!(channel, Channel::Email);
        let elsewhere = match self.of {
            StopOf::Person => false,
            StopOf::Phone => by_email,
            StopOf::Email => !by_email,
        };
        self.reason.bars(channel) && !(elsewhere && self.reason.is_of_the_line())
    }

    /// Whether it holds for messages of this brand, from this number.
    pub fn holds_for(&self, brand: Option<&str>, address: &str) -> bool {
        match self.scope {
            SuppressionScope::Brand => brand == Some(self.subject.as_str()),
            SuppressionScope::Number => address == self.subject,
            SuppressionScope::Global | SuppressionScope::Team => true,
        }
    }
}

impl fmt::Debug for Stop {
    /// Without the number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stop({} {})", self.scope, self.reason)
    }
}

/// On what grounds the person may be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grounds {
    /// What was agreed.
    pub basis: ConsentBasis,
    /// When.
    pub given_at: DateTime<Utc>,
    /// Until when it holds, where that was said.
    pub expires_at: Option<DateTime<Utc>>,
}

/// One person of a campaign.
#[derive(Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The lead.
    pub lead: LeadId,
    /// Its place in the campaign, from 0.
    pub position: u32,
    /// Where it is in the campaign.
    pub state: LeadState,
    /// The rule that left it out when the audience was made, by its word.
    pub excluded_rule: Option<String>,
    /// The last step that was accepted; 0: none.
    pub step: u8,
    /// The number it is reached by.
    pub phone: Option<Phone>,
    /// `mobile`, `landline` or `voip`, as a lookup says.
    pub line_type: Option<String>,
    /// Who carries it, as a lookup says.
    pub carrier: Option<String>,
    /// The address it is reached by.
    pub email: Option<String>,
    /// What is known of that address.
    pub mailbox: Mailbox,
    /// The state of its address.
    pub address_state: Option<State>,
    /// The ZIP of its address.
    pub zip: Option<Zip5>,
    /// Its county, by its plain name; empty where it is not known.
    pub county: String,
    /// Whether it is one of a business.
    pub is_business: bool,
    /// What stops messages to it.
    pub stops: Vec<Stop>,
    /// Why it may be texted and called: the strongest consent that holds for the number.
    pub grounds: Option<Grounds>,
    /// Why it may be e-mailed: the strongest consent that holds for the address.
    pub email_grounds: Option<Grounds>,
    /// When messages were sent to it in the last 24 hours by anybody of the team, those under way included; the oldest first.
    pub recent: Vec<DateTime<Utc>>,
    /// How many messages were ever sent to it, those under way included.
    pub ever: u32,
    /// SHA-256 of the texts that were sent to it.
    pub texts: Vec<[u8; 32]>,
    /// What a message may say of it.
    pub who: Values,
}

impl Candidate {
    /// Where the person's clock is, as far as one is known.
    pub fn zone(&self) -> Option<TimeZone> {
        let area = self.phone.as_ref().and_then(|phone| phone.area_code().parse().ok());
        resolve_zone(self.zip, self.address_state, &self.county, area).map(|found| found.zone)
    }
}

impl fmt::Debug for Candidate {
    /// Without anything of the person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("lead", &self.lead)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
