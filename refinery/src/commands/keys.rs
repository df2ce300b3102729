//! `refinery keys`.

use entities::api_key::Scope;
use entities::{DbError, admin, api_key, audit_log};
use serde_json::json;

use super::operator;
use crate::cli::{Keys, ScopeName};
use crate::exit::{Exit, UsageError};
use crate::speak;

/// Makes, lists and revokes keys.
pub(super) async fn run(command: Keys) -> anyhow::Result<Exit> {
    let db = operator::database().await?;
    match command {
        Keys::Create { team, user, name, scope, format } => {
            let team_id = operator::team(&db, &team).await?;
            let no_member =
                || UsageError(format!("{user} is no member of {team:?}; see: refinery users create --help"));
            let user_id = admin::find_user(&db, &user).await?.ok_or_else(no_member)?;
            let mut scopes: Vec<Scope> = scope.into_iter().map(Scope::from).collect();
            scopes.sort_unstable();
            scopes.dedup();
            let (key, secret) = match admin::create_key(&db, team_id, user_id, &name, &scopes).await {
                Err(DbError::Conflict { .. }) => return Err(no_member().into()),
                other => other?,
            };
            if format.json {
                speak::result(
                    json!({"id": key.id.0, "name": key.name, "scopes": key.scopes, "secret": secret.expose()}),
                );
            } else {
                speak::note(format!(
                    "made key {:?} ({}); its secret is shown this once:",
                    key.name, key.id.0
                ));
                speak::result(secret.expose());
            }
        }
        Keys::List { team, format } => {
            let tx = db.team(operator::team(&db, &team).await?).await?;
            let keys = api_key::list(&tx).await?;
            tx.commit().await?;
            if format.json {
                let keys: Vec<_> = keys
                    .iter()
                    .map(|key| {
                        json!({"id": key.id.0, "name": key.name, "user_id": key.user_id.0, "scopes": key.scopes,
                            "created_at": key.created_at, "last_used_at": key.last_used_at, "revoked_at": key.revoked_at})
                    })
                    .collect();
                speak::result(json!(keys));
            } else {
                for key in &keys {
                    let state = if key.revoked_at.is_some() { "revoked" } else { "live" };
                    speak::result(format!(
                        "{}  {state:7} {:10} {}",
                        key.id.0,
                        key.scopes.join(","),
                        key.name
                    ));
                }
            }
        }
        Keys::Revoke { team, id, format } => {
            let id = id
                .parse()
                .map_err(|_| UsageError(format!("{id:?} is no key's id; see: refinery keys list")))?;
            let tx = db.team(operator::team(&db, &team).await?).await?;
            let key = match api_key::revoke(&tx, id).await {
                Err(DbError::NotFound { .. }) => {
                    return Err(
                        UsageError(format!("the team has no key {id}; see: refinery keys list")).into()
                    );
                }
                other => other?,
            };
            audit_log::record(&tx, None, "key.revoke", &id.to_string(), json!({"by": "command line"}))
                .await?;
            tx.commit().await?;
            match format.json {
                true => speak::result(json!({"id": key.id.0, "revoked_at": key.revoked_at})),
                false => speak::result(format!("revoked key {:?} ({id})", key.name)),
            }
        }
    }
    Ok(Exit::Success)
}

impl From<ScopeName> for Scope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::Read => Self::Read,
            ScopeName::Write => Self::Write,
        }
    }
}
