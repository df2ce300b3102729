//! Teams, with a person and a key.

use anyhow::Result;
use domain::id::{TeamId, UserId};
use entities::api_key::Scope;
use entities::membership::Role;
use entities::team::TeamSettings;
use entities::{Database, admin};
use uuid::Uuid;

/// A team with one member and that member's key.
#[derive(Debug, Clone)]
pub struct Team {
    /// The team.
    pub id: TeamId,
    /// Its member.
    pub user: UserId,
    /// The secret of the member's key.
    pub key: String,
}

impl Team {
    /// A second person of the team, who may approve.
    ///
    /// # Errors
    /// What the database said.
    pub async fn approver(&self, database: &Database) -> Result<Self> {
        let word = Uuid::new_v4().simple().to_string();
        let user = admin::create_user(database, &format!("{word}@example.com"), "Approver").await?;
        admin::add_member(database, self.id, user, Role::Approver).await?;
        let scopes = [Scope::Read, Scope::Write];
        let (_, secret) = admin::create_key(database, self.id, user, "approve", &scopes).await?;
        Ok(Self { id: self.id, user, key: secret.expose().to_owned() })
    }
}

/// How a team is to be.
#[derive(Debug, Clone)]
pub struct TeamBuilder {
    role: Role,
    scopes: Vec<Scope>,
    settings: TeamSettings,
}

/// A team whose member may do everything, with limits that no test runs into.
pub fn a_team() -> TeamBuilder {
    let settings = TeamSettings {
        requests_per_minute_user: 100_000,
        requests_per_minute_team: 100_000,
        ..TeamSettings::default()
    };
    TeamBuilder { role: Role::Admin, scopes: vec![Scope::Read, Scope::Write], settings }
}

impl TeamBuilder {
    /// The role of its member.
    #[must_use]
    pub fn with_role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// What its member's key may be used for.
    #[must_use]
    pub fn with_scopes(mut self, scopes: &[Scope]) -> Self {
        scopes.clone_into(&mut self.scopes);
        self
    }

    /// Other limits or preferences.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut TeamSettings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Makes it.
    ///
    /// # Errors
    /// What the database said.
    pub async fn create(self, database: &Database) -> Result<Team> {
        let word = Uuid::new_v4().simple().to_string();
        let id = admin::create_team(database, &format!("Team {word}")).await?;
        admin::set_settings(database, id, &self.settings).await?;
        let user = admin::create_user(database, &format!("{word}@example.com"), "Operator").await?;
        admin::add_member(database, id, user, self.role).await?;
        let (_, secret) = admin::create_key(database, id, user, "test", &self.scopes).await?;
        Ok(Team { id, user, key: secret.expose().to_owned() })
    }
}
