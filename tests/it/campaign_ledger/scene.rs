//! A team with a campaign that runs, and people to be written to.

use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use domain::campaign::{Channel, ConsentBasis, Limits, OnWindowClose, Step};
use domain::id::{
    BlockId, CampaignId, IntentId, LeadId, PersonaId, SenderId, TeamId, TemplateId, TemplateVersionId,
    TypedId as _, UserId,
};
use domain::money::MicroDollars;
use entities::campaign::change::{self, Applied};
use entities::campaign::{self, Audience, Draft, SentFrom};
use entities::send_intent::{self, Begun, Claim, Outcome, Planned, Settled, Settlement};
use entities::sender::{self, Letterhead, NewSender, Registered};
use entities::template::{self, NewVersion};
use entities::{BulkTransaction, Database, campaign_lead, fresh_id};
use serde_json::json;
use tests::{Services, TestDb, a_team};
use uuid::Uuid;

/// What one text costs here.
pub(super) const PRICE: MicroDollars = MicroDollars::new(15_000);
/// How long a worker holds what it claims.
pub(super) const LEASE: Duration = Duration::from_secs(60);

/// A database with a team whose campaign runs.
pub(super) struct Scene {
    /// As the application.
    pub(super) db: Database,
    /// As the owner.
    pub(super) admin: Database,
    /// The team.
    pub(super) team: TeamId,
    /// Its member.
    pub(super) user: UserId,
    /// The number that texts come from.
    pub(super) sender: SenderId,
    /// What is said.
    pub(super) template: TemplateId,
    /// The version of it.
    pub(super) version: TemplateVersionId,
    /// The moment at which everything happens.
    pub(super) now: DateTime<Utc>,
    /// Drops the database, after those who are connected to it.
    _copy: TestDb,
}

/// Where texts come from.
pub(super) const FROM: &str = "+15125550100";

/// The number of the person with this index.
pub(super) fn number(index: usize) -> String {
    format!("+1512556{index:04}")
}

impl Scene {
    /// With room for so many connections.
    pub(super) async fn with(connections: u32) -> Result<Self> {
        let copy = TestDb::new(Services::shared().await).await?;
        let (db, admin) = (copy.app(connections).await?, copy.admin().await?);
        let made = a_team().create(&admin).await?;
        let (team, user) = (made.id, made.user);
        let mut tx = db.team_bulk(team).await?;
        let new = NewSender {
            channel: "sms",
            provider: "signalhouse".to_owned(),
            address: FROM.to_owned(),
            name: "Austin".to_owned(),
            pool: Some("texas".to_owned()),
            area_code: Some("512".to_owned()),
            registered: Registered { brand: Some("brand-1".to_owned()), ..Registered::default() },
            letterhead: Letterhead::default(),
        };
        let sender = sender::create(&mut tx, &new, Some(user)).await?;
        let says = NewVersion {
            subject: None,
            body: "Hi {{first_name|there}}, reply STOP to opt out".to_owned(),
            variables: vec!["first_name".to_owned()],
            encoding: "gsm7",
            segments: 1,
            opt_out_wording: true,
        };
        let template = template::create(&mut tx, "opener", "sms", &says, Some(user)).await?;
        let version = template::newest(&mut tx, &[template]).await?.first().context("a version")?.id;
        tx.commit().await?;
        // The database counts microseconds.
        let now = Utc::now().trunc_subsecs(6);
        Ok(Self { db, admin, team, user, sender, template, version, now, _copy: copy })
    }

    pub(super) async fn new() -> Result<Self> {
        Self::with(4).await
    }

    pub(super) async fn tx(&self) -> Result<BulkTransaction> {
        Ok(self.db.team_bulk(self.team).await?)
    }

    /// People with mobile numbers of their own, [`number`] by index from `first`.
    pub(super) async fn people(&self, first: usize, count: usize) -> Result<Vec<LeadId>> {
        let mut tx = self.tx().await?;
        let (mut leads, mut personas, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        for index in first..first + count {
            leads.push(fresh_id::<LeadId>());
            personas.push(fresh_id::<PersonaId>().uuid());
            numbers.push(number(index));
        }
        let ids: Vec<Uuid> = leads.iter().map(|lead| lead.uuid()).collect();
        let team = self.team.uuid();
        tx.run(
            sqlx::query("INSERT INTO personas (team_id, id, match_key, given_name) SELECT $1, p, p, 'Ann' FROM unnest($2::uuid[]) p")
                .bind(team)
                .bind(&personas),
        )
        .await?;
        tx.run(
            sqlx::query(
                "INSERT INTO leads (team_id, id, kind, persona_id, lead_key, contact_class, score, facts, score_rules,
                                    quality_score, tags, phone)
                 SELECT $1, l.lead, 'person', l.persona, l.lead, 'generic_contact', 50, 0, 1, 60, '{}', l.number
                   FROM unnest($2::uuid[], $3::uuid[], $4::text[]) l (lead, persona, number)",
            )
            .bind(team)
            .bind(&ids)
            .bind(&personas)
            .bind(&numbers),
        )
        .await?;
        tx.run(
            sqlx::query(
                "INSERT INTO persona_phones (team_id, persona_id, number, class, line_type, is_valid, verified, carrier)
                 SELECT $1, l.persona, l.number, 'mobile', 'mobile', true, true, 'att'
                   FROM unnest($2::uuid[], $3::text[]) l (persona, number)",
            )
            .bind(team)
            .bind(&personas)
            .bind(&numbers),
        )
        .await?;
        tx.commit().await?;
        Ok(leads)
    }

    /// How a campaign is to be.
    pub(super) fn draft(&self, audience: Audience) -> Draft {
        Draft {
            name: "Plumbers of Texas".to_owned(),
            channel: Channel::Sms,
            audience,
            sent_from: Some(SentFrom::Sender(self.sender)),
            sdr_profile: None,
            tags: vec!["spring".to_owned()],
            starts_at: None,
            expires_at: None,
            on_window_close: OnWindowClose::Hold,
            windows: json!({}),
            limits: Limits::default(),
            consent_basis: ConsentBasis::ExpressWritten,
            consent_evidence: json!({ "form": "spring" }),
            steps: vec![Step { template: self.template, delay_minutes: 0, only_silent: true }],
        }
    }

    /// A campaign of these leads that runs.
    pub(super) async fn campaign(&self, leads: &[LeadId]) -> Result<CampaignId> {
        let mut tx = self.tx().await?;
        let draft = self.draft(Audience::Leads(leads.to_vec()));
        let id = campaign::create(&mut tx, &draft, Some(self.user)).await?;
        campaign_lead::fill(&mut tx, id).await?;
        change::set_preview(&mut tx, id, &json!({}), "pv1-a-b-c-d", (0, 0), self.now).await?;
        let starts_at = self.now;
        for applied in [
            Applied::Staged,
            Applied::Approved { until: self.now + TimeDelta::days(3), hash: "pv1-a-b-c-d".to_owned() },
            Applied::Scheduled { starts_at },
            Applied::Started,
        ] {
            change::apply(&mut tx, id, Uuid::new_v4(), Some(self.user), self.now, &applied).await?;
        }
        tx.commit().await?;
        Ok(id)
    }

    /// A campaign that runs, with the first step planned for each of so many people.
    pub(super) async fn planned(&self, people: usize) -> Result<(CampaignId, Vec<LeadId>)> {
        let leads = self.people(0, people).await?;
        let campaign = self.campaign(&leads).await?;
        let texts: Vec<Planned> =
            leads.iter().map(|lead| Planned { lead: *lead, step: 1, due_at: self.now }).collect();
        let mut tx = self.tx().await?;
        assert_eq!(send_intent::plan(&mut tx, campaign, &texts).await?, people as u64);
        tx.commit().await?;
        Ok((campaign, leads))
    }

    /// Pauses, resumes or ends a campaign.
    pub(super) async fn change(&self, campaign: CampaignId, applied: Applied) -> Result<()> {
        let mut tx = self.tx().await?;
        change::apply(&mut tx, campaign, Uuid::new_v4(), None, self.now, &applied).await?;
        Ok(tx.commit().await?)
    }

    /// A claim of one text to one number.
    pub(super) fn claim<'a>(&'a self, intent: IntentId, to: &'a str) -> Claim<'a> {
        Claim {
            intent,
            key: intent.to_string(),
            channel: "sms",
            provider: "signalhouse",
            sender: Some(self.sender),
            from: FROM,
            to,
            subject: None,
            body: "Hi Ann, reply STOP to opt out",
            text_hash: [7; 32],
            segments: 1,
            carrier: Some("att"),
            price: PRICE,
            template_version: Some(self.version),
            verdict: None,
        }
    }

    /// Claims what is due, up to `limit`, for `worker`: each with the number of its lead.
    pub(super) async fn claim_due(
        &self,
        tx: &mut BulkTransaction,
        campaign: CampaignId,
        worker: &str,
        limit: u32,
    ) -> Result<Vec<IntentId>> {
        let due = send_intent::due(tx, campaign, self.now, limit).await?;
        let ids: Vec<Uuid> = due.iter().map(|one| one.lead.uuid()).collect();
        let numbers: Vec<(Uuid, String)> = tx
            .all(
                sqlx::query_as(
                    "SELECT lead_id, phone FROM campaign_leads WHERE campaign_id = $1 AND lead_id = ANY($2)",
                )
                .bind(campaign.uuid())
                .bind(ids),
            )
            .await?;
        let mut claims = Vec::new();
        for one in &due {
            let to = numbers.iter().find(|(lead, _)| *lead == one.lead.uuid()).context("a number")?;
            claims.push(self.claim(one.intent, &to.1));
        }
        Ok(send_intent::claim(tx, worker, LEASE, self.now, &claims).await?)
    }

    /// Claims so many texts and commits.
    pub(super) async fn claimed(
        &self,
        campaign: CampaignId,
        worker: &str,
        limit: u32,
    ) -> Result<Vec<IntentId>> {
        let mut tx = self.tx().await?;
        let claimed = self.claim_due(&mut tx, campaign, worker, limit).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    /// The last check.
    pub(super) async fn begin(&self, worker: &str, intents: &[IntentId]) -> Result<Begun> {
        let mut tx = self.tx().await?;
        let begun = send_intent::begin(&mut tx, worker, intents, LEASE, self.now).await?;
        tx.commit().await?;
        Ok(begun)
    }

    /// What came of one call.
    pub(super) async fn settle(&self, intent: IntentId, outcome: Outcome<'_>) -> Result<Option<Settlement>> {
        let mut tx = self.tx().await?;
        let settled = send_intent::settle(&mut tx, self.now, &[Settled { intent, outcome }]).await?;
        tx.commit().await?;
        Ok(settled.first().copied())
    }

    /// One text from plan to acceptance.
    pub(super) async fn sent(&self, campaign: CampaignId, external_id: &str) -> Result<IntentId> {
        let [intent] = self.claimed(campaign, "one", 1).await?[..] else { anyhow::bail!("nothing is due") };
        assert_eq!(self.begin("one", &[intent]).await?.calling, [intent]);
        let outcome = Outcome::Accepted { external_id, segments: None, price: None };
        self.settle(intent, outcome).await?.context("new")?;
        Ok(intent)
    }

    /// The states of a campaign's texts, counted.
    pub(super) async fn states(&self, campaign: CampaignId) -> Result<Vec<(String, i64)>> {
        let mut tx = self.tx().await?;
        Ok(tx
            .all(
                sqlx::query_as(
                    "SELECT state, count(*) FROM send_intents WHERE campaign_id = $1 GROUP BY 1 ORDER BY 1",
                )
                .bind(campaign.uuid()),
            )
            .await?)
    }

    /// One number that a query of the owner answers with.
    pub(super) async fn count(&self, sql: &'static str) -> Result<i64> {
        let (count,): (i64,) = sqlx::query_as(sql).fetch_one(self.admin.pool()).await?;
        Ok(count)
    }

    /// A block of leads.
    pub(super) async fn block(&self, leads: &[LeadId]) -> Result<BlockId> {
        let id: BlockId = fresh_id();
        let mut tx = self.tx().await?;
        let team = self.team.uuid();
        tx.run(
            sqlx::query("INSERT INTO blocks (id, team_id, name, lead_count) VALUES ($1, $2, 'a block', $3)")
                .bind(id.uuid())
                .bind(team)
                .bind(i32::try_from(leads.len())?),
        )
        .await?;
        let ids: Vec<Uuid> = leads.iter().map(|lead| lead.uuid()).collect();
        tx.run(
            sqlx::query(
                "INSERT INTO block_leads (team_id, block_id, lead_id) SELECT $1, $2, unnest($3::uuid[])",
            )
            .bind(team)
            .bind(id.uuid())
            .bind(ids),
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }
}
