//! A database with a team in it, and leads put there directly.

use anyhow::Result;
use domain::id::{LeadId, PersonaId, TeamId, TypedId as _};
use entities::{Database, fresh_id};
use tests::{Services, TestDb, a_team};

/// A database with one team.
pub(super) struct Scene {
    /// As the application.
    pub(super) db: Database,
    /// As the owner.
    pub(super) admin: Database,
    /// The team.
    pub(super) team: TeamId,
    /// Drops the database, after those who are connected to it.
    _copy: TestDb,
}

impl Scene {
    /// With room for so many connections.
    pub(super) async fn with(connections: u32) -> Result<Self> {
        let copy = TestDb::new(Services::shared().await).await?;
        let (db, admin) = (copy.app(connections).await?, copy.admin().await?);
        let team = a_team().create(&admin).await?.id;
        Ok(Self { db, admin, team, _copy: copy })
    }

    pub(super) async fn new() -> Result<Self> {
        Self::with(4).await
    }

    /// A lead of a person of its own, with these facts.
    pub(super) async fn person(&self, facts: i32) -> Result<(LeadId, PersonaId)> {
        let (lead, persona): (LeadId, PersonaId) = (fresh_id(), fresh_id());
        let mut tx = self.db.team_bulk(self.team).await?;
        tx.run(
            sqlx::query(
                "INSERT INTO personas (team_id, id, match_key, given_name) VALUES ($1, $2, $2, 'Ann')",
            )
            .bind(self.team.uuid())
            .bind(persona.uuid()),
        )
        .await?;
        insert_lead(&mut tx, lead, Some(persona), facts).await?;
        tx.commit().await?;
        Ok((lead, persona))
    }

    /// A lead without a person.
    pub(super) async fn nobody(&self, facts: i32) -> Result<LeadId> {
        let lead: LeadId = fresh_id();
        let mut tx = self.db.team_bulk(self.team).await?;
        insert_lead(&mut tx, lead, None, facts).await?;
        tx.commit().await?;
        Ok(lead)
    }
}

async fn insert_lead(
    tx: &mut entities::BulkTransaction,
    lead: LeadId,
    persona: Option<PersonaId>,
    facts: i32,
) -> Result<()> {
    let query = sqlx::query(
        "INSERT INTO leads (team_id, id, kind, persona_id, lead_key, contact_class, score, facts, score_rules, \
                quality_score, tags) \
         VALUES ($1, $2, CASE WHEN $3::uuid IS NULL THEN 'business' ELSE 'person' END, $3, $2, 'generic_contact', 0, $4, 1, \
                 0, '{}')",
    );
    let query = query.bind(tx.team_id().uuid()).bind(lead.uuid()).bind(persona.map(|id| id.uuid()));
    tx.run(query.bind(facts)).await?;
    Ok(())
}
