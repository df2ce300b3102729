//! Who would be written to, what, when and for how much: what an approver decides on.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::FailureCode;
use domain::campaign::{Audience, Channel};
use domain::geo::TimeZone;
use domain::id::{CampaignId, LeadId, TypedId};
use domain::message::footer;
use domain::money::MicroDollars;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::hash::PreviewHash;
use super::moment::Moment;
use super::rehearse::{Rehearsal, rehearse};
use super::scene::Scene;
use crate::audience::{self, Candidate};
use crate::{BulkTransaction, Result};

/// How many leads are read at once.
const PAGE: u32 = 2_000;

/// How many rendered messages are shown.
const SAMPLES: usize = 5;

/// A lead that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// The lead.
    pub lead: LeadId,
    /// The rule that decides, by its word.
    pub rule: String,
    /// The same for a person, without personal data.
    pub says: String,
}

/// A message as one lead would get it. Personal data: for whoever may read leads.
#[derive(Clone, PartialEq, Eq)]
pub struct Sample {
    /// The lead.
    pub lead: LeadId,
    /// Which step, from 1.
    pub step: u8,
    /// Of an e-mail.
    pub subject: Option<String>,
    /// The words.
    pub body: String,
    /// How many segments.
    pub segments: u16,
    /// For how much.
    pub price: MicroDollars,
}

impl std::fmt::Debug for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sample").field("lead", &self.lead).field("step", &self.step).finish_non_exhaustive()
    }
}

/// Who would be written to, what, when and for how much.
#[derive(Debug, Clone)]
pub struct Preview {
    /// What it was made of, as a hash that says what has changed since.
    pub hash: PreviewHash,
    /// Leads of the campaign.
    pub leads: u32,
    /// Those of them who would be written to.
    pub audience: u32,
    /// Those who would not, and why.
    pub exclusions: Vec<Exclusion>,
    /// A few messages as they would be.
    pub samples: Vec<Sample>,
    /// First messages by how many segments they have.
    pub segments: BTreeMap<u16, u32>,
    /// What the first messages cost together.
    pub first_cost: MicroDollars,
    /// When messages would go out, follow-ups to nobody who answers left aside.
    pub rehearsal: Rehearsal,
    /// What a person should know before releasing it.
    pub warnings: Vec<String>,
    /// Leads with a number that takes texts, or with an address where it is e-mail.
    pub reachable: u32,
    /// Whether the campaign has a step, and each step a text.
    pub has_steps: bool,
    /// Whether it has an active sender.
    pub has_sender: bool,
    /// Whether the first message says how to opt out.
    pub says_how_to_opt_out: bool,
    /// The version of the rules.
    pub rule_set: String,
    /// By which way.
    pub channel: Channel,
}

impl Preview {
    /// How many are left out, by the deciding rule.
    pub fn excluded_by_rule(&self) -> BTreeMap<&str, u32> {
        let mut counts = BTreeMap::new();
        for one in &self.exclusions {
            *counts.entry(one.rule.as_str()).or_default() += 1;
        }
        counts
    }

    /// Messages by hour, as clocks show it where the recipients are: `2026-11-23T09 America/Chicago`.
    pub fn calendar(&self) -> BTreeMap<String, u32> {
        let mut hours = BTreeMap::new();
        for send in &self.rehearsal.sends {
            let zone = send.zone.unwrap_or(TimeZone::Eastern);
            let local = zone.local(send.at);
            *hours.entry(format!("{}T{:02} {zone}", local.date, local.second / 3_600)).or_default() += 1;
        }
        hours
    }

    /// Why the campaign cannot be staged; `None` where it can.
    pub fn refusal(&self) -> Option<(FailureCode, String)> {
        if !self.has_steps {
            return Some((
                FailureCode::CampaignTemplateMissing,
                "the campaign has no template; give its first step one: a text is never made up".to_owned(),
            ));
        }
        if !self.has_sender {
            return Some((
                FailureCode::CampaignSenderMissing,
                "the campaign has no active sender for each of its steps; give it a number, an address with a postal address, or a pool".to_owned(),
            ));
        }
        if !self.says_how_to_opt_out {
            return Some((
                FailureCode::CampaignTemplateInvalid,
                "the first text must say how to opt out, for example: Reply STOP to opt out".to_owned(),
            ));
        }
        let audience = Audience { leads: self.leads, reachable: self.reachable, allowed: self.audience };
        audience.check(self.channel).err().map(|fault| {
            let why: Vec<String> =
                self.excluded_by_rule().iter().map(|(rule, leads)| format!("{leads} by {rule}")).collect();
            let why = if why.is_empty() { String::new() } else { format!(" ({})", why.join(", ")) };
            (fault.code(), format!("{fault}{why}"))
        })
    }

    /// What is kept of it with the campaign: counts only, nothing of a person.
    pub fn stored(&self) -> Value {
        json!({
            "hash": self.hash.to_string(),
            "leads": self.leads,
            "audience": self.audience,
            "reachable": self.reachable,
            "excluded": self.excluded_by_rule(),
            "segments": self.segments,
            "first_cost_micros": self.first_cost,
            "cost_micros": self.rehearsal.cost(),
            "messages": self.rehearsal.sends.len(),
            "calendar": self.calendar(),
            "ends_at": self.rehearsal.ends_at(),
            "warnings": self.warnings,
            "rule_set": self.rule_set,
        })
    }
}

/// Reads all people of a campaign.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn everybody(
    tx: &mut BulkTransaction,
    campaign: CampaignId,
    now: DateTime<Utc>,
) -> Result<Vec<Candidate>> {
    let total = audience::size(tx, campaign).await?;
    let mut people = Vec::with_capacity(usize::try_from(total).unwrap_or_default());
    let mut from = 0;
    while from < total {
        people.extend(audience::page(tx, campaign, (from, from.saturating_add(PAGE)), now).await?);
        from = from.saturating_add(PAGE);
    }
    Ok(people)
}

/// The preview of a campaign as it is now, as if it were released.
///
/// # Errors
/// [`crate::DbError::NotFound`] where there is no such campaign; any other [`crate::DbError`].
pub async fn preview(tx: &mut BulkTransaction, campaign: CampaignId, now: DateTime<Utc>) -> Result<Preview> {
    let scene = Scene::read(tx, campaign, None, now).await?;
    let people = everybody(tx, campaign, now).await?;
    let team = super::team_zone(tx).await?;
    Ok(of(&scene, people, now, team))
}

/// The preview of what was read.
pub(super) fn of(scene: &Scene, people: Vec<Candidate>, now: DateTime<Utc>, team: TimeZone) -> Preview {
    let at = scene.starts_at.map_or(now, |at| at.max(now));
    let moment = Moment::if_released(None);
    let mut audience_hash = Sha256::new();
    let (mut audience, mut reachable) = (0, 0);
    let (mut exclusions, mut samples, mut segments) = (Vec::new(), Vec::new(), BTreeMap::new());
    let mut first_cost = MicroDollars::ZERO;
    for person in &people {
        reachable += u32::from(is_reachable(scene, person));
        let Some(step) = scene.step(1) else { continue };
        if let Some(rule) = &person.excluded_rule {
            let says = "left out when the audience was made".to_owned();
            exclusions.push(Exclusion { lead: person.lead, rule: rule.clone(), says });
            continue;
        }
        let (rule, says) = match scene.judge(person, step, &moment, at) {
            Ok(judged) if judged.verdict.allowed || judged.verdict.next_allowed_at.is_some() => {
                audience += 1;
                audience_hash.update(person.lead.uuid().as_bytes());
                audience_hash.update(judged.text.hash);
                *segments.entry(judged.text.segments).or_default() += 1;
                first_cost = first_cost.checked_add(judged.text.price).unwrap_or(first_cost);
                if samples.len() < SAMPLES {
                    samples.extend(sample(scene, person));
                }
                continue;
            }
            Ok(judged) => (judged.verdict.rule.as_str().to_owned(), judged.verdict.says.into_owned()),
            Err(lacking) => (lacking.as_str().to_owned(), lacking.says().to_owned()),
        };
        exclusions.push(Exclusion { lead: person.lead, rule, says });
    }
    let leads = u32::try_from(people.len()).unwrap_or(u32::MAX);
    let rehearsal = rehearse(scene, people, now, scene.limits.budget, team);
    let warnings = warnings(scene, &rehearsal, now);
    let first = scene.step(1);
    Preview {
        hash: PreviewHash::of([
            audience_hash,
            template_hash(scene),
            limits_hash(scene),
            Sha256::new()
                .chain_update(scene.segment_price.micros().to_le_bytes())
                .chain_update(scene.email_price.micros().to_le_bytes())
                .chain_update(scene.call_price.micros().to_le_bytes())
                .chain_update(first_cost.micros().to_le_bytes()),
            Sha256::new().chain_update(scene.rules.version()),
        ]),
        leads,
        audience,
        exclusions,
        samples,
        segments,
        first_cost,
        rehearsal,
        warnings,
        reachable,
        has_steps: first.is_some(),
        has_sender: scene.has_senders(),
        says_how_to_opt_out: scene.steps.iter().find(|step| step.channel == "sms").is_none_or(|step| {
            // An e-mail has a way out below it, and who is called says so.
            step.template.has_opt_out_wording()
        }),
        rule_set: scene.rules.version().to_owned(),
        channel: scene.channel,
    }
}

/// All steps as one lead would get them.
fn sample(scene: &Scene, person: &Candidate) -> Vec<Sample> {
    let steps = scene.steps.iter().filter_map(|step| {
        let text = scene.text(person, step).ok()?;
        let sender = scene.sender_for(person.lead, &step.channel).filter(|_| step.channel == "email");
        let below = sender.map(|sender| {
            footer(&sender.display_name, &sender.postal_address, "(an address of the recipient's own)")
        });
        Some(Sample {
            lead: person.lead,
            step: step.number,
            subject: text.subject,
            body: match below {
                Some(below) => format!("{}{below}", text.body.trim_end()),
                None => text.body,
            },
            segments: text.segments,
            price: text.price,
        })
    });
    steps.collect()
}

fn is_reachable(scene: &Scene, person: &Candidate) -> bool {
    let phone = !scene.channel.needs_phone() || person.phone.is_some();
    let texts =
        !scene.channel.needs_mobile() || person.line_type.as_deref().is_some_and(|line| line != "landline");
    let email = !scene.channel.needs_email() || person.email.is_some();
    phone && texts && email
}

fn template_hash(scene: &Scene) -> Sha256 {
    let mut hash = Sha256::new();
    for step in &scene.steps {
        hash.update([step.number, u8::from(step.only_silent)]);
        hash.update(step.version.uuid().as_bytes());
        hash.update(step.delay.as_micros().to_le_bytes());
    }
    hash
}

/// Sender, hours, limits, budget and end.
fn limits_hash(scene: &Scene) -> Sha256 {
    let mut hash = Sha256::new();
    for sender in &scene.senders {
        hash.update(sender.id.uuid().as_bytes());
        // What every e-mail says of whom it is from was seen too.
        let head = [&sender.display_name, &sender.postal_address].map(String::as_str).join("\n");
        hash.update(if sender.channel == "email" { head.as_bytes() } else { b"" });
    }
    let said = json!([
        scene.channel,
        scene.windows,
        scene.on_window_close,
        scene.limits,
        scene.expires_at,
        scene.basis,
    ]);
    hash.chain_update(said.to_string())
}

fn warnings(scene: &Scene, rehearsal: &Rehearsal, now: DateTime<Utc>) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(at) = rehearsal.out_of_money_at {
        let sent = rehearsal.sends.len();
        warnings.push(format!(
            "the budget ends at {at}, after {sent} messages: the campaign would be paused there"
        ));
    }
    if let Some(at) = rehearsal.asks_at {
        warnings.push(format!(
            "at {at} the hours for sending end before everything is sent, and a person is asked"
        ));
    }
    if rehearsal.unsent > 0 && rehearsal.out_of_money_at.is_none() {
        warnings.push(format!("{} messages would not go out before the campaign's end", rehearsal.unsent));
    }
    if rehearsal.ends_at().is_some_and(|end| end - now > TimeDelta::days(30)) {
        warnings.push(
            "sending would take more than a month; raise the daily limit or take fewer leads".to_owned(),
        );
    }
    if scene.expires_at.is_none() {
        warnings
            .push("the campaign has no end of its own; set expires_at if what it says gets old".to_owned());
    }
    for step in scene.steps.iter().filter(|step| step.channel == "sms") {
        let segments = domain::message::Segments::of(step.template.text());
        if let Some(forced) = segments.forced_by {
            warnings.push(format!(
                "step {}: the character {:?} makes it UCS-2, which has 70 characters a segment instead of 160",
                step.number, forced.character
            ));
        }
    }
    warnings
}
