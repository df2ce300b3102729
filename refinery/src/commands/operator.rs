//! What the commands of the operator share: the database as its owner, and teams by name.

use anyhow::Context;
use chrono::{DateTime, Utc};
use domain::id::TeamId;
use entities::{Database, admin};
use providers::settings::Settings;

use crate::exit::UsageError;

/// The database at `DATABASE_URL` (or the one `DATABASE_URL_FILE` holds), as that URL's own user.
pub(super) async fn database() -> anyhow::Result<Database> {
    let mut settings = Settings::new(|name: &str| std::env::var(name).ok());
    let url = settings.database_url();
    if settings.get("DATABASE_URL").is_none() && settings.get("DATABASE_URL_FILE").is_none() {
        let hint = "DATABASE_URL is not set. While `refinery dev` or `refinery demo` runs, its variables are to be had \
                    with: set -a; . .stack/dev/env";
        return Err(UsageError(hint.to_owned()).into());
    }
    settings.finish()?;
    let url = url.context("DATABASE_URL is not set")?;
    Database::admin(url.expose()).await.context("the database at DATABASE_URL cannot be used")
}

/// The team of this name.
pub(super) async fn team(db: &Database, name: &str) -> anyhow::Result<TeamId> {
    admin::find_team(db, name).await?.ok_or_else(|| {
        UsageError(format!("there is no team {name:?}; make it with: refinery teams create {name:?}")).into()
    })
}

/// A moment, as RFC 3339 writes it; `None` where none was given.
pub(super) fn time(text: Option<&str>) -> Result<Option<DateTime<Utc>>, UsageError> {
    let wrong = |text: &str| UsageError(format!("{text:?} is no time; write it like 2026-11-23T15:00:00Z"));
    text.map(|text| text.parse().map_err(|_| wrong(text))).transpose()
}
