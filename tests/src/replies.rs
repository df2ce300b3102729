//! Conversations as the tests have them: people who were written to, a door through which a vendor delivers what they answer,
//! and a look at what became of it.

mod decisions;

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use chrono::Utc;
use domain::id::{ConversationId, LeadId, SuggestionId, TypedId};
use entities::webhook;
use reqwest::{Method, StatusCode};
use sandbox::{AcceptedText, Settings, Vendor};
use serde_json::{Value, json};
use uuid::Uuid;
use workflows::conversation::Pace;

use crate::campaigns::{NUMBER, Outreach};
use crate::signatures::hmac;
use crate::{Services, Team, wait_for, wait_until};

/// A pace at which a lost worker is noticed soon, what is changed past the workflow is met within two seconds, and every fifth
/// round continues as new.
pub const BRISK: Pace = Pace {
    heartbeat_timeout_ms: 2_000,
    attempt_timeout_ms: 60_000,
    activity_timeout_ms: 600_000,
    retry_ms: 500,
    quiet_ms: 30 * 24 * 60 * 60_000,
    idle_ms: 2_000,
    rounds: 5,
};

/// How long a test's few messages may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// What the vendor signs deliveries with.
const SECRET: &str = "a-signing-secret-of-the-tests";

/// The system with people who were written to, and a door for what they answer.
pub struct Correspondence {
    /// The system, the sandbox and the team.
    pub outreach: Outreach,
    token: String,
}

/// What a conversation looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Its id.
    pub id: ConversationId,
    /// `open`, `held` or `closed`.
    pub state: String,
    /// Why it is held.
    pub hold_reason: Option<String>,
    /// The intents of its items, in the order in which they came; `-` where one is not classified.
    pub intents: Vec<String>,
    /// The states of its suggestions, in the order in which they were made.
    pub suggestions: Vec<String>,
}

impl Correspondence {
    /// The system without a worker.
    ///
    /// # Errors
    /// Where a part of it does not start.
    pub async fn new(settings: Settings) -> Result<Self> {
        Self::on(Services::shared().await, settings).await
    }

    /// The same on other services.
    ///
    /// # Errors
    /// As [`Correspondence::new`].
    pub async fn on(services: &Services, settings: Settings) -> Result<Self> {
        let mut outreach = Outreach::on(services, settings).await?;
        outreach.app.worker_config.conversation_pace = BRISK;
        let token = token();
        let door = Self::open(&outreach, &outreach.team, "signalhouse", &token, SECRET).await?;
        ensure!(door.starts_with("http"), "{door}");
        Ok(Self { outreach, token })
    }

    /// The same with a worker in this process.
    ///
    /// # Errors
    /// As [`Correspondence::new`].
    pub async fn with_worker(settings: Settings) -> Result<Self> {
        let mut all = Self::new(settings).await?;
        all.outreach.app.start_worker()?;
        Ok(all)
    }

    /// Opens a door of a team for a vendor; answers its address.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn open(
        outreach: &Outreach,
        team: &Team,
        vendor: &str,
        token: &str,
        secret: &str,
    ) -> Result<String> {
        let url = outreach.app.url(&format!("/hooks/{vendor}/{token}"));
        let lock = json!({ "url": url, "secrets": [secret] }).to_string();
        let (key_id, sealed) = Services::payload_keys()?.seal(lock.as_bytes())?;
        let mut tx = outreach.app.db.team_bulk(team.id).await?;
        webhook::make_door(&mut tx, vendor, token.as_bytes(), Some((&sealed, &key_id)), Some(team.user))
            .await?;
        tx.commit().await?;
        Ok(url)
    }

    /// Has the sandbox's SignalHouse deliver what people answer to the system.
    ///
    /// # Errors
    /// Where the sandbox refuses.
    pub async fn subscribe(&self) -> Result<()> {
        let token = token();
        let url = self.outreach.app.url(&format!("/hooks/signalhouse/{token}"));
        let hook = json!({ "name": "ours", "url": url, "subscribedEvents": ["MESSAGE_RECEIVED", "MESSAGE_DELIVERED"] });
        let vendor = self.outreach.sandbox.url(Vendor::SignalHouse);
        let post = reqwest::Client::new().post(format!("{vendor}/webhook")).bearer_auth("a-key");
        let hook: Value = post.json(&hook).send().await?.error_for_status()?.json().await?;
        let secret = hook["signingSecret"].as_str().context("a secret")?;
        Self::open(&self.outreach, &self.outreach.team, "signalhouse", &token, secret).await?;
        Ok(())
    }

    /// People who were written to a minute ago and got it; answers them with their numbers, as E.164.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn written_to(&self, count: usize) -> Result<Vec<(LeadId, String)>> {
        let leads = self.outreach.people(count).await?;
        let ids: Vec<Uuid> = leads.iter().map(|lead| lead.uuid()).collect();
        let rows: Vec<(Uuid, String)> = sqlx::query_as(
            "WITH sent AS (
                 INSERT INTO messages (team_id, direction, channel, lead_id, provider, external_id, sender_id, from_value,
                                       to_value, body, status, sent_at, delivered_at)
                 SELECT $1, 'outbound', 'sms', id, 'signalhouse', 'first-' || id, $4, $3, phone, 'May we ask you something?',
                        'delivered', now() - interval '1 minute', now() - interval '1 minute'
                   FROM leads WHERE team_id = $1 AND id = ANY ($2))
             SELECT id, phone FROM leads WHERE team_id = $1 AND id = ANY ($2) ORDER BY array_position($2, id)",
        )
        .bind(self.outreach.team.id.uuid())
        .bind(ids)
        .bind(NUMBER)
        .bind(self.outreach.sender.uuid())
        .fetch_all(self.outreach.app.admin.pool())
        .await?;
        Ok(rows.into_iter().map(|(id, phone)| (LeadId::from_uuid(id), phone)).collect())
    }

    /// Delivers that `from` (E.164) wrote this, under this id, as the vendor does; answers the status and how long it took.
    ///
    /// # Errors
    /// Where the API does not answer.
    pub async fn deliver_as(&self, id: &str, from: &str, text: &str) -> Result<(StatusCode, Duration)> {
        let body = json!({
            "timestamp": Utc::now().timestamp_millis(), "event": "MESSAGE_RECEIVED", "identifier": id,
            "metaData": { "Message": {
                "direction": "INBOUND", "senderPhoneNumber": from.trim_start_matches('+'),
                "recipientPhoneNumber": NUMBER.trim_start_matches('+'), "messageBody": text,
            } },
        })
        .to_string();
        let timestamp = Utc::now().timestamp_millis();
        let signature = hmac(SECRET, format!("{timestamp}.{body}").as_bytes());
        let request = self
            .outreach
            .app
            .anonymous(Method::POST, &format!("/hooks/signalhouse/{}", self.token))
            .header("content-type", "application/json")
            .header("x-signalhouse-signature-v1", format!("t={timestamp},v1={signature}"))
            .header("x-signalhouse-delivery-id", Uuid::new_v4().to_string())
            .body(body);
        let start = Instant::now();
        let response = request.send().await?;
        Ok((response.status(), start.elapsed()))
    }

    /// Delivers that `from` wrote this, and it must be taken.
    ///
    /// # Errors
    /// Where it is not.
    pub async fn write(&self, from: &str, text: &str) -> Result<()> {
        let (status, _) = self.deliver_as(&Uuid::new_v4().simple().to_string(), from, text).await?;
        ensure!(status == StatusCode::NO_CONTENT, "{status}");
        Ok(())
    }

    /// The conversation with a number; `None` where there is none.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn look(&self, from: &str) -> Result<Option<Look>> {
        type Row = (Uuid, String, Option<String>, Option<Vec<String>>, Option<Vec<String>>);
        let row: Option<Row> = sqlx::query_as(
            "SELECT c.id, c.state, c.hold_reason,
                    (SELECT array_agg(coalesce(i.intent, '-') ORDER BY i.received_at, i.id) FROM inbox_items i
                      WHERE i.team_id = $1 AND i.conversation_id = c.id),
                    (SELECT array_agg(s.state ORDER BY s.created_at, s.id) FROM reply_suggestions s
                      WHERE s.team_id = $1 AND s.conversation_id = c.id)
               FROM conversations c WHERE c.team_id = $1 AND c.their_address = $2",
        )
        .bind(self.outreach.team.id.uuid())
        .bind(from)
        .fetch_optional(self.outreach.app.admin.pool())
        .await?;
        Ok(row.map(|(id, state, hold_reason, intents, suggestions)| Look {
            id: ConversationId::from_uuid(id),
            state,
            hold_reason,
            intents: intents.unwrap_or_default(),
            suggestions: suggestions.unwrap_or_default(),
        }))
    }

    /// Waits until the conversation with a number looks as it should.
    ///
    /// # Errors
    /// Where the database fails, or it does not come to look so.
    pub async fn until(&self, from: &str, what: &str, so: impl Fn(&Look) -> bool) -> Result<Look> {
        wait_for(PATIENCE, async || {
            let look = self.look(from).await?;
            Ok(match look {
                Some(look) if so(&look) => ControlFlow::Break(look),
                look => ControlFlow::Continue(format!("not so: {what}; {look:?}")),
            })
        })
        .await
    }

    /// Waits until everything that came from a number is classified and has its place.
    ///
    /// # Errors
    /// As [`Correspondence::until`].
    pub async fn classified(&self, from: &str, items: usize) -> Result<Look> {
        self.until(from, &format!("{items} items are classified"), |look| {
            look.intents.len() == items && look.intents.iter().all(|intent| intent != "-")
        })
        .await
    }

    /// Waits until a suggestion waits for a person; answers its id and text.
    ///
    /// # Errors
    /// As [`Correspondence::until`].
    pub async fn suggested(&self, from: &str) -> Result<(ConversationId, SuggestionId, String)> {
        let look = self
            .until(from, "a suggestion waits", |look| {
                look.suggestions.iter().any(|state| state == "proposed")
            })
            .await?;
        let (id, text): (Uuid, String) = sqlx::query_as(
            "SELECT id, text FROM reply_suggestions WHERE team_id = $1 AND conversation_id = $2 AND state = 'proposed'",
        )
        .bind(self.outreach.team.id.uuid())
        .bind(look.id.uuid())
        .fetch_one(self.outreach.app.admin.pool())
        .await?;
        Ok((look.id, SuggestionId::from_uuid(id), text))
    }

    /// The texts that the vendor took for a number (E.164).
    pub fn texts_to(&self, number: &str) -> Vec<AcceptedText> {
        self.outreach.sandbox.texts(Some(number.trim_start_matches("+1")))
    }

    /// Waits until the vendor has taken so many texts for a number.
    pub async fn texted(&self, number: &str, times: usize) {
        let what = format!("{times} texts are taken");
        wait_until(&what, PATIENCE, || async { self.texts_to(number).len() >= times }).await;
    }

    /// Changes the team's settings.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn set(&self, settings: Value) -> Result<()> {
        sqlx::query("UPDATE teams SET settings = settings || $2 WHERE id = $1")
            .bind(self.outreach.team.id.uuid())
            .bind(settings)
            .execute(self.outreach.app.admin.pool())
            .await?;
        Ok(())
    }

    /// Lets what was planned to follow in a conversation be due.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn let_time_pass(&self, of: ConversationId) -> Result<u64> {
        let done = sqlx::query(
            "UPDATE follow_ups SET due_at = now() - interval '1 second'
              WHERE team_id = $1 AND conversation_id = $2 AND state = 'planned'",
        )
        .bind(self.outreach.team.id.uuid())
        .bind(of.uuid())
        .execute(self.outreach.app.admin.pool())
        .await?;
        Ok(done.rows_affected())
    }

    /// A count of the team's rows; `$1` is the team.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn count(&self, sql: &'static str) -> Result<i64> {
        self.outreach.app.count(&self.outreach.team, sql).await
    }
}

/// A token as the API makes them.
fn token() -> String {
    let one = Uuid::new_v4().simple().to_string();
    format!("{one}{}", &one[..11])
}
