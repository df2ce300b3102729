//! What a caller says of a campaign, and whether it makes sense.

use chrono::{DateTime, Utc};
use domain::FailureCode;
use domain::campaign::{Channel, ConsentBasis, Limits, OnWindowClose, SendWindow, Step, check_steps};
use domain::gate::Windows;
use domain::id::{BlockId, LeadId, SdrProfileId, SenderId, TemplateId};
use domain::money::MicroDollars;
use entities::campaign::{Audience, Draft, SentFrom};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::problem::{FieldError, HttpCode, Problem};

/// The most leads named one by one.
const MOST_NAMED: usize = 10_000;
/// The most blocks: 300,000 leads in blocks of 2,000.
const MOST_BLOCKS: usize = 500;

/// One message: a first one, or one that follows to whoever is still silent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCampaignStep)]
pub(crate) struct NewStep {
    /// What it says.
    #[schema(value_type = String, example = "tpl_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    template: TemplateId,
    /// Minutes after the step before; 0 for the first.
    #[serde(default)]
    delay_minutes: u32,
    /// Whether it is only for those who have not answered; so where it is left out.
    only_silent: Option<bool>,
}

/// Hours for sending, on the recipient's clock.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CampaignWindow)]
pub(crate) struct NewWindow {
    /// Minutes after midnight.
    #[schema(example = 600)]
    from: u16,
    /// Minutes after midnight.
    #[schema(example = 1080)]
    until: u16,
    /// `mon` to `sun`; every day where it is left out.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    days: domain::campaign::Days,
}

/// A campaign as its author wants it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCampaign)]
pub(crate) struct New {
    /// What to call it.
    name: String,
    /// `sms`, `email`, `multi` or `voice`.
    #[schema(value_type = String, example = "sms")]
    channel: Channel,
    /// For the leads of these blocks. This or `leads`.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    blocks: Vec<BlockId>,
    /// For these leads, 10,000 at the most.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    leads: Vec<LeadId>,
    /// The first message. This or `steps`.
    #[schema(value_type = Option<String>)]
    template: Option<TemplateId>,
    /// One to four messages.
    #[serde(default)]
    steps: Vec<NewStep>,
    /// The number or address it is sent from. This or `sender_pool`.
    #[schema(value_type = Option<String>)]
    sender: Option<SenderId>,
    /// The pool of numbers it is sent from.
    sender_pool: Option<String>,
    /// In whose voice.
    #[schema(value_type = Option<String>)]
    sdr_profile: Option<SdrProfileId>,
    /// When it begins, once it is released and scheduled.
    starts_at: Option<DateTime<Utc>>,
    /// When it ends, whatever is left.
    expires_at: Option<DateTime<Utc>>,
    /// What becomes of messages that the end of the hours leaves unsent: `hold` (they wait), `expire` or `ask`.
    #[schema(value_type = Option<String>, example = "hold")]
    on_window_close: Option<OnWindowClose>,
    /// Its own hours; the law's and the house's come on top.
    #[serde(default)]
    windows: Vec<NewWindow>,
    /// The most messages a day; 500.
    daily_limit: Option<u32>,
    /// The most messages a minute; 20.
    per_minute_limit: Option<u32>,
    /// The most it may cost, in micro-dollars.
    budget_micros: Option<i64>,
    /// On what grounds people may be written to: `express_written`, `express`, `inquiry`, `existing_customer` or `human_sent`.
    /// Each lead needs a consent of its own besides: without one nothing is sent to it.
    #[schema(value_type = String, example = "express_written")]
    consent_basis: ConsentBasis,
    /// What shows it, for whoever approves: where the list is from, what was shown. Nothing of a person.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    consent_evidence: Option<Value>,
    /// Words by which people find it.
    #[serde(default)]
    tags: Vec<String>,
}

impl New {
    /// The draft, with all that is wrong with it told at once.
    ///
    /// # Errors
    /// A problem that names each field; `campaign.template_missing` where there is none.
    pub(crate) fn read(self, now: DateTime<Utc>) -> Result<Draft, Problem> {
        let mut faults = Vec::new();
        let mut fault =
            |pointer: &str, detail: String| faults.push(FieldError { pointer: pointer.to_owned(), detail });
        if self.name.trim().is_empty() || self.name.chars().count() > 200 {
            fault("/name", "must be 1 to 200 characters".to_owned());
        }
        let audience = match (self.blocks.is_empty(), self.leads.is_empty()) {
            (false, true) if self.blocks.len() <= MOST_BLOCKS => Audience::Blocks(self.blocks),
            (true, false) if self.leads.len() <= MOST_NAMED => Audience::Leads(self.leads),
            (false, true) => {
                fault("/blocks", format!("must be {MOST_BLOCKS} at the most"));
                Audience::Blocks(Vec::new())
            }
            (true, false) => {
                fault("/leads", format!("must be {MOST_NAMED} at the most; make blocks of more"));
                Audience::Leads(Vec::new())
            }
            _ => {
                fault("/blocks", "say whom it is for, in one way: blocks or leads".to_owned());
                Audience::Leads(Vec::new())
            }
        };
        let sent_from = match (self.sender, self.sender_pool) {
            (Some(_), Some(_)) => {
                fault("/sender", "say from whom in one way: sender or sender_pool".to_owned());
                None
            }
            (Some(sender), None) => Some(SentFrom::Sender(sender)),
            (None, pool) => pool.map(SentFrom::Pool),
        };
        let steps = match (self.template, self.steps) {
            (Some(template), steps) if steps.is_empty() => {
                vec![Step { template, delay_minutes: 0, only_silent: true }]
            }
            (Some(_), _) => {
                fault("/template", "say template or steps, not both".to_owned());
                Vec::new()
            }
            (None, steps) if steps.is_empty() => {
                return Err(Problem::failure(
                    axum::http::StatusCode::UNPROCESSABLE_ENTITY,
                    FailureCode::CampaignTemplateMissing,
                    "a campaign needs a template: make one with POST /v1/templates; a text is never made up",
                ));
            }
            (None, steps) => steps
                .into_iter()
                .map(|step| Step {
                    template: step.template,
                    delay_minutes: step.delay_minutes,
                    only_silent: step.only_silent.unwrap_or(true),
                })
                .collect(),
        };
        if let Err(error) = check_steps(&steps) {
            fault("/steps", error.to_string());
        }
        let limits = Limits {
            per_day: self.daily_limit.unwrap_or(Limits::default().per_day),
            per_minute: self.per_minute_limit.unwrap_or(Limits::default().per_minute),
            budget: self.budget_micros.map(MicroDollars::new),
        };
        if let Err(error) = limits.checked() {
            fault("/daily_limit", error.to_string());
        }
        let windows: Vec<SendWindow> = self
            .windows
            .iter()
            .map(|window| SendWindow { from: window.from, until: window.until, days: window.days })
            .collect();
        let windows = Windows::new(&windows).unwrap_or_else(|error| {
            fault("/windows", error.to_string());
            Windows::NONE
        });
        if let Some(end) = self.expires_at
            && end <= self.starts_at.unwrap_or(now).max(now)
        {
            fault("/expires_at", "must be after its start, and still to come".to_owned());
        }
        if !self.consent_evidence.as_ref().is_none_or(Value::is_object) {
            fault("/consent_evidence", "must be an object".to_owned());
        }
        if self.tags.len() > 20 || self.tags.iter().any(|tag| tag.trim().is_empty() || tag.len() > 100) {
            fault("/tags", "must be 20 at the most, of 1 to 100 characters each".to_owned());
        }
        if !faults.is_empty() {
            let all: Vec<String> =
                faults.iter().map(|one| format!("{}: {}", one.pointer, one.detail)).collect();
            return Err(Problem::http(HttpCode::Invalid, all.join("; ")).with_errors(faults));
        }
        Ok(Draft {
            name: self.name.trim().to_owned(),
            channel: self.channel,
            audience,
            sent_from,
            sdr_profile: self.sdr_profile,
            tags: self.tags,
            starts_at: self.starts_at,
            expires_at: self.expires_at,
            on_window_close: self.on_window_close.unwrap_or(OnWindowClose::Hold),
            windows: if windows.is_empty() { json!({}) } else { json!(windows) },
            limits,
            consent_basis: self.consent_basis,
            consent_evidence: self.consent_evidence.unwrap_or_else(|| json!({})),
            steps,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: Value) -> Result<Draft, Problem> {
        let new: New = serde_json::from_value(body).expect("a campaign");
        new.read(DateTime::UNIX_EPOCH)
    }

    fn template() -> String {
        entities::fresh_id::<TemplateId>().to_string()
    }

    #[test]
    fn what_is_left_out_is_what_operators_know() {
        let lead = entities::fresh_id::<LeadId>().to_string();
        let draft = read(json!({
            "name": " Spring ", "channel": "sms", "leads": [lead], "template": template(),
            "consent_basis": "express_written",
        }));
        let draft = draft.expect("a draft");
        assert_eq!((draft.name.as_str(), draft.limits.per_day, draft.limits.per_minute), ("Spring", 500, 20));
        assert_eq!((draft.steps.len(), draft.on_window_close), (1, OnWindowClose::Hold));
        assert_eq!(draft.windows, json!({}));
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_and_a_text_is_never_made_up() {
        let problem = read(json!({
            "name": "", "channel": "sms", "template": template(), "daily_limit": 0,
            "windows": [{"from": 700, "until": 600}], "consent_basis": "express",
        }))
        .expect_err("much is wrong");
        for pointer in ["/name", "/blocks", "/daily_limit", "/windows"] {
            assert!(problem.detail().contains(pointer), "{}", problem.detail());
        }
        let lead = entities::fresh_id::<LeadId>().to_string();
        let none = read(json!({"name": "x", "channel": "sms", "leads": [lead], "consent_basis": "express"}));
        assert_eq!(none.expect_err("no template").code(), "campaign.template_missing");
    }
}
