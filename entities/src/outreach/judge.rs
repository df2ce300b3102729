//! From a person of the audience and a step of the campaign to the gate's inputs, the text, and the verdict.

use chrono::{DateTime, Utc};
use domain::campaign::Channel;
use domain::gate::{
    self, Budget, CampaignFacts, Consent, Inputs, KillSwitch, LineType, Place, Suppressed, Verdict,
};
use domain::message::Segments;
use domain::money::MicroDollars;
use domain::phone::PhoneClass;
use sha2::{Digest, Sha256};

use super::moment::Moment;
use super::scene::{Scene, SceneSender, SceneStep};
use crate::audience::Candidate;

/// What is said to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    /// Of an e-mail.
    pub subject: Option<String>,
    /// The words. Personal data.
    pub body: String,
    /// SHA-256 of them.
    pub hash: [u8; 32],
    /// How many segments that is; 1 for an e-mail and a call.
    pub segments: u16,
    /// What it is expected to cost.
    pub price: MicroDollars,
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Text")
            .field("segments", &self.segments)
            .field("price", &self.price)
            .finish_non_exhaustive()
    }
}

/// Why there is nothing to be judged: it is no matter of the gate's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacking {
    /// No number or address to send it to.
    Recipient,
    /// No sender is active.
    Sender,
    /// A value without a fallback is missing, or the text gets too long.
    Text,
    /// Nobody answers by this channel.
    Channel,
}

impl Lacking {
    /// The word where a rule's would stand.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recipient => "no_recipient",
            Self::Sender => "no_sender",
            Self::Text => "no_text",
            Self::Channel => "no_channel",
        }
    }

    /// The same for a person.
    pub const fn says(self) -> &'static str {
        match self {
            Self::Recipient => "the lead has no number or address to send it to",
            Self::Sender => "no sender of the campaign is active",
            Self::Text => "the lead lacks a value that the template has no fallback for",
            Self::Channel => "a conversation is answered by texts alone",
        }
    }
}

/// What was judged, and how.
#[derive(Debug, Clone)]
pub struct Judged<'a> {
    /// What the gate says.
    pub verdict: Verdict,
    /// What it was told.
    pub inputs: Inputs,
    /// What would be said.
    pub text: Text,
    /// From whom.
    pub sender: &'a SceneSender,
    /// To whom: a number (E.164) or an address.
    pub to: String,
}

impl Scene {
    /// Whether step `step` may go to this person at `at`, and what it would say.
    ///
    /// # Errors
    /// [`Lacking`] where nothing could be sent whatever the rules say.
    pub fn judge(
        &self,
        who: &Candidate,
        step: &SceneStep,
        moment: &Moment,
        at: DateTime<Utc>,
    ) -> Result<Judged<'_>, Lacking> {
        let (inputs, text, sender, to) = self.inputs(who, step, moment, at)?;
        let verdict = gate::judge(self.rules.set(), &inputs);
        Ok(Judged { verdict, inputs, text, sender, to })
    }

    pub(super) fn inputs(
        &self,
        who: &Candidate,
        step: &SceneStep,
        moment: &Moment,
        at: DateTime<Utc>,
    ) -> Result<(Inputs, Text, &SceneSender, String), Lacking> {
        let sender = self.sender_for(who.lead, &step.channel).ok_or(Lacking::Sender)?;
        let by_email = step.channel == Channel::Email.as_str();
        let to = if by_email { who.email.clone() } else { who.phone.map(|phone| phone.expose().to_owned()) };
        let to = to.ok_or(Lacking::Recipient)?;
        let text = self.text(who, step)?;
        let campaign = CampaignFacts {
            state: moment.state,
            starts_at: self.starts_at,
            expires_at: self.expires_at,
            windows: self.windows,
        };
        let channel = step.channel.parse().unwrap_or(self.channel);
        let inputs = gate_inputs(who, &text, sender, (channel, campaign), moment, at);
        Ok((inputs, text, sender, to))
    }

    /// What a step says to a person.
    ///
    /// # Errors
    /// [`Lacking::Text`] where a value is missing that has no fallback.
    pub fn text(&self, who: &Candidate, step: &SceneStep) -> Result<Text, Lacking> {
        let render =
            |template: &domain::message::Template| template.render(&who.who).map_err(|_| Lacking::Text);
        let body = render(&step.template)?;
        let subject = step.subject.as_ref().map(render).transpose()?;
        let (in_segments, unit) = match step.channel.as_str() {
            "email" => (false, self.email_price),
            "voice" => (false, self.call_price),
            _ => (true, self.segment_price),
        };
        Ok(Text::of(subject, body, in_segments, unit))
    }
}

impl Text {
    /// What is said, with how many segments that is and what it costs at `unit` each; an e-mail and a call are one.
    pub(super) fn of(subject: Option<String>, body: String, in_segments: bool, unit: MicroDollars) -> Self {
        let parts = if in_segments { Segments::of(&body).parts.max(1) } else { 1 };
        let segments = u16::try_from(parts).unwrap_or(u16::MAX);
        let price = unit.checked_mul(segments.into()).unwrap_or(unit);
        let hash = Sha256::digest(body.as_bytes()).into();
        Self { subject, body, hash, segments, price }
    }
}

/// What the gate is told of one text to one person, whoever sends it: the one place where that is put together.
pub(super) fn gate_inputs(
    who: &Candidate,
    text: &Text,
    sender: &SceneSender,
    (channel, campaign): (Channel, CampaignFacts),
    moment: &Moment,
    at: DateTime<Utc>,
) -> Inputs {
    let by_email = matches!(channel, Channel::Email);
    let switch = moment.switch.or(moment.stopped_senders.contains(&sender.id).then_some(KillSwitch::Sender));
    Inputs {
        at,
        channel,
        kill_switch: switch,
        campaign,
        team_active: true,
        suppressed: suppressed(who, sender, channel),
        consent: if by_email { who.email_grounds } else { who.grounds }.map(|grounds| Consent {
            basis: grounds.basis,
            // The table takes no consent without the text that was shown, its source and method.
            has_evidence: true,
            given_at: grounds.given_at,
            expires_at: grounds.expires_at,
        }),
        line: line(who),
        mailbox: who.mailbox,
        place: Place::of(who.phone.as_ref().filter(|_| !by_email), who.address_state, who.zip, &who.county),
        b2b: who.is_business,
        sends: who.recent.iter().copied().collect(),
        first_contact: who.ever == 0,
        follow_ups: who.step.saturating_sub(1),
        same_text_sent: who.texts.contains(&text.hash),
        budget: Budget { left: moment.budget_left, cost: text.price, renews_at: moment.budget_renews_at },
        approval: moment.approval,
        by_hand: false,
    }
}

/// The widest suppression that holds for messages of this sender by this way.
fn suppressed(who: &Candidate, sender: &SceneSender, channel: Channel) -> Option<Suppressed> {
    let about = who.stops.iter().filter(|stop| stop.is_about(channel));
    let holding = about.filter(|stop| stop.holds_for(sender.brand.as_deref(), &sender.address));
    holding
        .map(|stop| Suppressed { scope: stop.scope, reason: stop.reason })
        .min_by_key(|found| found.scope as u8)
}

/// What is known of the line: what a lookup says, and before that what the digits say.
fn line(who: &Candidate) -> LineType {
    match who.phone.map(|phone| phone.class()) {
        Some(PhoneClass::TollFree) => return LineType::TollFree,
        Some(PhoneClass::Premium) => return LineType::Premium,
        _ => {}
    }
    who.line_type.as_deref().and_then(|line| line.parse().ok()).unwrap_or(LineType::Unknown)
}
