//! A team that has written to people, and people who answer.

use anyhow::{Context, Result};
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use domain::id::{
    CampaignId, ConversationId, InboxItemId, LeadId, SuggestionId, TeamId, TypedId as _, UserId,
};
use entities::conversation::{self, Opened};
use entities::message::{self, Received};
use entities::{BulkTransaction, Database, admin, fresh_id};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Postgres};
use tests::{Services, TestDb, a_team};
use uuid::Uuid;

/// Our number.
pub(super) const OURS: &str = "+15125550100";
/// Somebody's.
pub(super) const THEIRS: &str = "+15125560001";

/// A database with a team.
pub(super) struct Scene {
    /// As the application.
    pub(super) db: Database,
    /// As the owner.
    pub(super) admin: Database,
    /// The team.
    pub(super) team: TeamId,
    /// Its member.
    pub(super) user: UserId,
    /// The moment at which everything happens.
    pub(super) now: DateTime<Utc>,
    _copy: TestDb,
}

impl Scene {
    pub(super) async fn new() -> Result<Self> {
        let copy = TestDb::new(Services::shared().await).await?;
        let (db, admin) = (copy.app(6).await?, copy.admin().await?);
        let made = a_team().create(&admin).await?;
        // The database counts microseconds.
        let now = Utc::now().trunc_subsecs(6);
        Ok(Self { db, admin, team: made.id, user: made.user, now, _copy: copy })
    }

    pub(super) async fn tx(&self) -> Result<BulkTransaction> {
        Ok(self.db.team_bulk(self.team).await?)
    }

    /// Another member of the team.
    pub(super) async fn colleague(&self) -> Result<UserId> {
        let word = Uuid::new_v4().simple().to_string();
        let user = admin::create_user(&self.admin, &format!("{word}@example.com"), "Colleague").await?;
        admin::add_member(&self.admin, self.team, user, entities::membership::Role::Operator).await?;
        Ok(user)
    }

    /// A lead with this score.
    pub(super) async fn lead(&self, score: i16) -> Result<LeadId> {
        let lead: LeadId = fresh_id();
        let mut tx = self.tx().await?;
        let query = sqlx::query(
            "INSERT INTO leads (team_id, id, kind, lead_key, contact_class, score, facts, score_rules, quality_score, tags)
             VALUES ($1, $2, 'person', $2, 'generic_contact', $3, 0, 1, 60, '{}')",
        );
        tx.run(query.bind(self.team.uuid()).bind(lead.uuid()).bind(score)).await?;
        tx.commit().await?;
        Ok(lead)
    }

    /// A text that went out to somebody, so many minutes ago.
    pub(super) async fn texted(&self, lead: LeadId, to: &str, minutes_ago: i64) -> Result<CampaignId> {
        let campaign: CampaignId = fresh_id();
        let mut tx = self.tx().await?;
        let query = sqlx::query(
            "INSERT INTO messages (team_id, direction, channel, campaign_id, lead_id, step, provider, external_id, from_value,
                                   to_value, body, status, sent_at)
             VALUES ($1, 'outbound', 'sms', $2, $3, 1, 'signalhouse', $4, $5, $6, 'Hi there', 'delivered', $7)",
        );
        let query = query.bind(self.team.uuid()).bind(campaign.uuid()).bind(lead.uuid());
        let query = query.bind(Uuid::new_v4().to_string()).bind(OURS).bind(to);
        tx.run(query.bind(self.now - TimeDelta::minutes(minutes_ago))).await?;
        tx.commit().await?;
        Ok(campaign)
    }

    /// Somebody writes at a moment.
    pub(super) async fn says_at(&self, from: &str, body: &str, at: DateTime<Utc>) -> Result<Opened> {
        let mut tx = self.tx().await?;
        let opened = self.says_in(&mut tx, "sms", from, body, None, at).await?;
        tx.commit().await?;
        Ok(opened)
    }

    /// Somebody writes.
    pub(super) async fn says(&self, from: &str, body: &str) -> Result<Opened> {
        self.says_at(from, body, self.now).await
    }

    /// As [`Scene::says`], in a transaction, by any way.
    pub(super) async fn says_in(
        &self,
        tx: &mut BulkTransaction,
        channel: &str,
        from: &str,
        body: &str,
        classification: Option<&str>,
        at: DateTime<Utc>,
    ) -> Result<Opened> {
        let external_id = Uuid::new_v4().to_string();
        let received = Received {
            channel,
            provider: "signalhouse",
            external_id: &external_id,
            from,
            to: OURS,
            body,
            classification,
        };
        let kept = message::receive(tx, &received, at).await?.context("it is new")?;
        Ok(conversation::of_message(tx, &received, &kept, at).await?)
    }

    /// A message of somebody who was written to before.
    pub(super) async fn a_reply(&self) -> Result<Opened> {
        let lead = self.lead(50).await?;
        self.texted(lead, THEIRS, 60).await?;
        self.says(THEIRS, "Who is this?").await
    }

    /// Something that is proposed to be answered.
    pub(super) async fn proposed(&self, of: ConversationId, item: InboxItemId) -> Result<SuggestionId> {
        let id: SuggestionId = fresh_id();
        let mut tx = self.tx().await?;
        let query = sqlx::query(
            "INSERT INTO reply_suggestions (team_id, id, conversation_id, item_id, origin, text, confidence, expires_at)
             VALUES ($1, $2, $3, $4, 'playbook', 'We help owners', 80, $5)",
        );
        let query = query.bind(self.team.uuid()).bind(id.uuid()).bind(of.uuid()).bind(item.uuid());
        tx.run(query.bind(self.now + TimeDelta::days(1))).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// What was read of an item.
    pub(super) async fn read_as(&self, item: InboxItemId, intent: &str, score: i16) -> Result<()> {
        let mut tx = self.tx().await?;
        let query = sqlx::query(
            "UPDATE inbox_items SET intent = $3, confidence = 60, classified_by = 'rules', classified_at = $4,
                    priority_score = $5 WHERE team_id = $1 AND id = $2",
        );
        let query = query.bind(self.team.uuid()).bind(item.uuid()).bind(intent).bind(self.now);
        tx.run(query.bind(score)).await?;
        Ok(tx.commit().await?)
    }

    /// One value of the database, as text.
    pub(super) async fn value(&self, sql: &str, id: Uuid) -> Result<String> {
        let mut tx = self.tx().await?;
        // Written by the test.
        let sql = AssertSqlSafe(sql.to_owned());
        let row: Option<(Option<String>,)> = tx.first(sqlx::query_as(sql).bind(id)).await?;
        tx.commit().await?;
        Ok(row.and_then(|(value,)| value).unwrap_or_default())
    }

    /// What the database says to a statement: the constraint that it violates, or an empty word.
    pub(super) async fn refusal(&self, query: Query<'_, Postgres, PgArguments>) -> Result<String> {
        let mut tx = self.tx().await?;
        let answer = tx.run(query).await;
        tx.rollback().await?;
        match answer {
            Ok(_) => Ok(String::new()),
            Err(entities::DbError::Conflict { constraint, .. }) => Ok(constraint),
            Err(error) => Err(error.into()),
        }
    }
}
