//! What the commands of the operator share: the database as its owner, and teams by name.

use anyhow::Context;
use domain::id::TeamId;
use entities::{Database, admin};
use providers::settings::Settings;

use crate::exit::UsageError;

/// The database at `DATABASE_URL` (or the one `DATABASE_URL_FILE` holds), as that URL's own user.
pub(super) async fn database() -> anyhow::Result<Database> {
    let mut settings = Settings::new(|name: &str| std::env::var(name).ok());
    let url = settings.database_url();
    settings.finish().context(
        "for the local stack, take the variables of .stack/dev/env into your shell: set -a; . .stack/dev/env",
    )?;
    let url = url.context("DATABASE_URL is not set")?;
    Database::admin(url.expose()).await.context("the database at DATABASE_URL cannot be used")
}

/// The team of this name.
pub(super) async fn team(db: &Database, name: &str) -> anyhow::Result<TeamId> {
    admin::find_team(db, name).await?.ok_or_else(|| {
        UsageError(format!("there is no team {name:?}; make it with: refinery teams create {name:?}")).into()
    })
}
