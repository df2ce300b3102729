//! The demo team and its key.

use entities::api_key::{self, Scope};
use entities::membership::Role;
use entities::team::TeamSettings;
use entities::{Database, admin};

/// How the team of a local installation is called.
const TEAM: &str = "Demo";

/// Its only member; the domain can never receive mail.
const USER: &str = "demo@refinery.example";

/// The limits of one person's own computer: a demo may upload what fits on the disk, as fast as it can.
fn settings() -> TeamSettings {
    TeamSettings {
        requests_per_minute_user: 6_000,
        requests_per_minute_team: 12_000,
        ..TeamSettings::default()
    }
}

/// The secret of a key of the demo team: `kept` where that still opens the door, else a new one. Team and user are
/// made where they are missing.
pub(super) async fn key(owner: &Database, kept: Option<&str>) -> anyhow::Result<String> {
    if let Some(secret) = kept
        && api_key::authenticate(owner, secret).await?.is_some()
    {
        return Ok(secret.to_owned());
    }
    let team = match admin::find_team(owner, TEAM).await? {
        Some(team) => team,
        None => {
            let team = admin::create_team(owner, TEAM).await?;
            admin::set_settings(owner, team, &settings()).await?;
            team
        }
    };
    let user = match admin::find_user(owner, USER).await? {
        Some(user) => user,
        None => admin::create_user(owner, USER, "Demo").await?,
    };
    admin::add_member(owner, team, user, Role::Admin).await?;
    let (_, secret) = admin::create_key(owner, team, user, "local", &[Scope::Read, Scope::Write]).await?;
    Ok(secret.expose().to_owned())
}
