//! Campaigns as the tests have them: a sandbox that takes texts, people who agreed to be written to, and rules that let
//! messages go at any hour unless a test says otherwise.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use domain::gate::RuleSet;
use domain::id::{CampaignId, LeadId, SenderId, TemplateId, TypedId};
use domain::message::{Segments, Template};
use entities::rule_set;
use entities::sender::{self, Letterhead, NewSender, Registered};
use entities::template::{self, NewVersion};
use reqwest::Method;
use sandbox::{AcceptedText, Sandbox, Settings};
use serde_json::{Value, json};
use uuid::Uuid;
use workflows::campaign::Pace;

use crate::carriers;
use crate::people::names;
use crate::{Services, Team, TestApp, WorkerProcess, a_team, wait_for};

/// A pace at which a lost worker is noticed soon and nothing is waited for long.
pub const BRISK: Pace = Pace {
    heartbeat_timeout_ms: 2_000,
    attempt_timeout_ms: 60_000,
    activity_timeout_ms: 600_000,
    batch_ms: 5_000,
    batch_messages: 1_000,
    plan_leads: 10,
    idle_ms: 1_000,
    reconcile_ms: 300,
    reports_ms: 2_000,
    reports_poll_ms: 200,
    events_per_run: 5_000,
};

/// How long a test's few messages may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The text of the first message.
pub const FIRST: &str =
    "Hi {{first_name|there}}, a word about {{company_name|your business}}? Reply STOP to opt out";

/// Where texts are sent from.
pub const NUMBER: &str = "+15125550100";

/// The system with a sandbox that takes texts, a team that writes and somebody who approves.
pub struct Outreach {
    /// The system.
    pub app: TestApp,
    /// The outside world.
    pub sandbox: Sandbox,
    /// Who drafts and sends.
    pub team: Team,
    /// Who approves, in the same team.
    pub approver: Team,
    /// Where texts are sent from.
    pub sender: SenderId,
    /// What the first message says.
    pub template: TemplateId,
}

impl Outreach {
    /// The system as it is for campaigns, without a worker.
    ///
    /// # Errors
    /// Where a part of it does not start.
    pub async fn new(settings: Settings) -> Result<Self> {
        Self::on(Services::shared().await, settings).await
    }

    /// The same on other services.
    ///
    /// # Errors
    /// As [`Outreach::new`].
    pub async fn on(services: &Services, settings: Settings) -> Result<Self> {
        Self::at_pace(services, settings, BRISK).await
    }

    /// The same, whose campaigns go at `pace`.
    ///
    /// # Errors
    /// As [`Outreach::new`].
    pub async fn at_pace(services: &Services, settings: Settings, pace: Pace) -> Result<Self> {
        let sandbox = Sandbox::start(settings).await?;
        let mut app = TestApp::at_pace(services, pace).await?;
        app.worker_config.sms = carriers::access(&sandbox);
        rule_set::load(&app.admin, "test-any-hour", DateTime::UNIX_EPOCH, &any_hour()?, "tests").await?;
        let team = a_team().create(&app.admin).await?;
        let approver = team.approver(&app.admin).await?;
        let mut tx = app.db.team_bulk(team.id).await?;
        let sender = NewSender {
            channel: "sms",
            provider: "signalhouse".to_owned(),
            address: NUMBER.to_owned(),
            name: "Austin".to_owned(),
            pool: None,
            area_code: Some("512".to_owned()),
            registered: Registered::default(),
            letterhead: Letterhead::default(),
        };
        let sender = sender::create(&mut tx, &sender, Some(team.user)).await?;
        let template = template::create(&mut tx, "first", "sms", &version(FIRST)?, Some(team.user)).await?;
        tx.commit().await?;
        Ok(Self { app, sandbox, team, approver, sender, template })
    }

    /// The same with a worker in this process.
    ///
    /// # Errors
    /// As [`Outreach::new`].
    pub async fn with_worker(settings: Settings) -> Result<Self> {
        let mut outreach = Self::new(settings).await?;
        outreach.app.start_worker()?;
        Ok(outreach)
    }

    /// A worker process, to be killed.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn worker_process(&self, program: &str) -> Result<WorkerProcess> {
        WorkerProcess::spawn(program, &self.app)
    }

    /// People at businesses in Austin, each with a mobile number of their own; they have agreed to be written to.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn people(&self, count: usize) -> Result<Vec<LeadId>> {
        let leads = self.strangers(count).await?;
        self.agree(&leads).await?;
        Ok(leads)
    }

    /// The same, who have not agreed to anything.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn strangers(&self, count: usize) -> Result<Vec<LeadId>> {
        let (given, family): (Vec<String>, Vec<String>) = names(count).into_iter().unzip();
        let taken = self.app.count(&self.team, "SELECT count(*) FROM leads WHERE team_id = $1").await?;
        let first = usize::try_from(taken)?;
        // 200 and more: the exchanges below are for services.
        let number =
            |at: usize| format!("+1512{:03}{:04}", 300 + (first + at) / 10_000, (first + at) % 10_000);
        let numbers: Vec<String> = (0..count).map(number).collect();
        let made: Vec<(Uuid,)> = sqlx::query_as(
            "WITH named AS (
                 SELECT fresh_uuid() AS persona, fresh_uuid() AS business, t.*
                   FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS t (given, family, number, place)),
             people AS (
                 INSERT INTO personas (team_id, id, match_key, given_name, family_name)
                 SELECT $1, persona, persona, given, family FROM named),
             phones AS (
                 INSERT INTO persona_phones (team_id, persona_id, number, class, line_type, is_valid, verified)
                 SELECT $1, persona, number, 'mobile', 'mobile', true, true FROM named),
             firms AS (
                 INSERT INTO businesses (team_id, id, match_key, name, display_name, state, zip5)
                 SELECT $1, business, business, upper(family) || ' PLUMBING', family || ' Plumbing', 'TX', '78701' FROM named)
             INSERT INTO leads (team_id, id, kind, persona_id, business_id, lead_key, contact_class, score, facts, score_rules,
                                quality_score, tags, phone, state, zip5, city)
             SELECT $1, fresh_uuid(), 'person', persona, business, persona, 'generic_contact', 50, 3, 1, 80, '{}', number, 'TX',
                    '78701', 'Austin' FROM named ORDER BY place
             RETURNING id",
        )
        .bind(self.team.id.uuid())
        .bind(given)
        .bind(family)
        .bind(numbers)
        .fetch_all(self.app.admin.pool())
        .await?;
        Ok(made.into_iter().map(|(id,)| LeadId::from_uuid(id)).collect())
    }

    /// Lets leads agree to be written to, with evidence.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn agree(&self, leads: &[LeadId]) -> Result<()> {
        let ids: Vec<Uuid> = leads.iter().map(|lead| lead.uuid()).collect();
        sqlx::query(
            "INSERT INTO consents (team_id, id, kind, value, basis, text_shown, source, method, given_at)
             SELECT $1, fresh_uuid(), 'phone', phone, 'express_written', 'I agree to be texted', 'a form', 'web_form',
                    now() - interval '1 day' FROM leads WHERE team_id = $1 AND id = ANY($2)",
        )
        .bind(self.team.id.uuid())
        .bind(ids)
        .execute(self.app.admin.pool())
        .await?;
        Ok(())
    }

    /// What is asked for, with whatever `change` says differently.
    pub fn draft(&self, leads: &[LeadId], change: Value) -> Value {
        let mut draft = json!({
            "name": "Spring", "channel": "sms", "leads": leads, "template": self.template, "sender": self.sender,
            "consent_basis": "express_written", "daily_limit": 100_000, "per_minute_limit": 6_000,
        });
        if let (Some(draft), Value::Object(change)) = (draft.as_object_mut(), change) {
            draft.extend(change);
        }
        draft
    }

    /// Drafts a campaign.
    ///
    /// # Errors
    /// Where the API refuses it.
    pub async fn create(&self, leads: &[LeadId], change: Value) -> Result<CampaignId> {
        let body = self.draft(leads, change);
        let response = self.app.request(&self.team, Method::POST, "/v1/campaigns").json(&body).send().await?;
        let (status, campaign): (_, Value) = (response.status(), response.json().await?);
        ensure!(status.is_success(), "{status}: {campaign}");
        Ok(campaign["id"].as_str().context("an id")?.parse()?)
    }

    /// Orders something of a campaign; answers status and body.
    ///
    /// # Errors
    /// Where the API does not answer.
    pub async fn order(&self, who: &Team, id: CampaignId, what: &str, body: Value) -> Result<(u16, Value)> {
        let path = format!("/v1/campaigns/{id}/{what}");
        let mut request = self.app.request(who, Method::POST, &path);
        if !body.is_null() {
            request = request.json(&body);
        }
        let response = request.send().await?;
        Ok((response.status().as_u16(), response.json().await?))
    }

    /// As [`Outreach::order`] by who drafts, and it must be carried out.
    ///
    /// # Errors
    /// Where it is not.
    pub async fn must(&self, id: CampaignId, what: &str) -> Result<Value> {
        let (status, body) = self.order(&self.team, id, what, Value::Null).await?;
        ensure!(status < 300, "{what}: {status}: {body}");
        Ok(body)
    }

    /// Stages, approves and schedules a campaign.
    ///
    /// # Errors
    /// Where one of them is refused.
    pub async fn release(&self, id: CampaignId) -> Result<()> {
        self.must(id, "stage").await?;
        let preview = self.app.get(&self.team, &format!("/v1/campaigns/{id}/preview")).await?;
        let hash = json!({ "preview_hash": preview["preview_hash"] });
        let (status, body) = self.order(&self.approver, id, "approve", hash).await?;
        ensure!(status == 200, "approve: {status}: {body}");
        self.must(id, "schedule").await?;
        Ok(())
    }

    /// The campaign as the API tells it.
    ///
    /// # Errors
    /// Where it does not.
    pub async fn campaign(&self, id: CampaignId) -> Result<Value> {
        self.app.get(&self.team, &format!("/v1/campaigns/{id}")).await
    }

    /// Waits until a campaign is in this state.
    ///
    /// # Errors
    /// Where `patience` ends before, or it has ended otherwise.
    pub async fn reaches(&self, id: CampaignId, state: &str, patience: Duration) -> Result<Value> {
        wait_for(patience, async || {
            let campaign = self.campaign(id).await?;
            if campaign["state"] == state {
                return Ok(ControlFlow::Break(campaign));
            }
            let looks = format!("{id} is not {state}: {campaign}");
            ensure!(!campaign["ended_at"].is_string(), looks);
            Ok(ControlFlow::Continue(looks))
        })
        .await
    }

    /// How many texts the vendor took, by recipient.
    pub fn taken(&self) -> BTreeMap<String, usize> {
        let mut taken = BTreeMap::new();
        for text in self.sandbox.texts(None) {
            *taken.entry(text.to).or_default() += 1;
        }
        taken
    }

    /// What the vendor took.
    pub fn texts(&self) -> Vec<AcceptedText> {
        self.sandbox.texts(None)
    }

    /// The numbers of leads, ten digits each, as the vendor has them.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn numbers(&self, leads: &[LeadId]) -> Result<Vec<String>> {
        let ids: Vec<Uuid> = leads.iter().map(|lead| lead.uuid()).collect();
        let rows: Vec<(String,)> = sqlx::query_as(
            "SELECT right(phone, 10) FROM leads WHERE team_id = $1 AND id = ANY($2) ORDER BY array_position($2, id)",
        )
        .bind(self.team.id.uuid())
        .bind(ids)
        .fetch_all(self.app.admin.pool())
        .await?;
        Ok(rows.into_iter().map(|(number,)| number).collect())
    }

    /// Each of these leads got exactly one text, and nobody else got any.
    ///
    /// # Errors
    /// Where that is not so.
    pub async fn each_got_one(&self, leads: &[LeadId]) -> Result<()> {
        let mut wanted = self.numbers(leads).await?;
        wanted.sort_unstable();
        let taken = self.taken();
        let twice: Vec<_> = taken.iter().filter(|(_, times)| **times != 1).collect();
        ensure!(twice.is_empty(), "more than one text: {twice:?}");
        let got: Vec<String> = taken.into_keys().collect();
        ensure!(got == wanted, "{} got a text and {} were to", got.len(), wanted.len());
        Ok(())
    }
}

/// A version of a template, as the API would find it.
///
/// # Errors
/// Where the text is no template.
pub fn version(body: &str) -> Result<NewVersion> {
    let template = Template::parse(body)?;
    let segments = Segments::of(&template.sample());
    Ok(NewVersion {
        subject: None,
        body: body.to_owned(),
        variables: template.variables().iter().map(|variable| variable.as_str().to_owned()).collect(),
        encoding: "gsm7",
        segments: u16::try_from(segments.parts.max(1))?,
        opt_out_wording: template.has_opt_out_wording(),
    })
}

/// The rules that the program came with, but for the hours: anybody may be written to at any hour.
fn any_hour() -> Result<Value> {
    hours("00:00-24:00", "test-any-hour")
}

/// The rules that the program came with, with these hours of the house and no other.
///
/// # Errors
/// Where they are none.
pub fn hours(house: &str, version: &str) -> Result<Value> {
    let mut rules: Value = serde_json::from_str(&RuleSet::shipped().to_json()?)?;
    rules["version"] = version.into();
    rules["effective_from"] = "1970-01-01T00:00:00Z".into();
    rules["house"] = house.into();
    rules["federal"] = "00:00-24:00".into();
    rules["states"] = json!([]);
    RuleSet::from_json(&rules.to_string())?;
    Ok(rules)
}

/// The moment a text was taken, for tests that look at the pace.
pub fn moments(texts: &[AcceptedText]) -> Vec<DateTime<Utc>> {
    let mut moments: Vec<DateTime<Utc>> = texts.iter().map(|text| text.at).collect();
    moments.sort_unstable();
    moments
}
