//! `refinery teams`.

use entities::{DbError, admin};
use serde_json::json;

use super::operator;
use crate::cli::Teams;
use crate::exit::{Exit, UsageError};
use crate::speak;

/// Makes and lists teams.
pub(super) async fn run(command: Teams) -> anyhow::Result<Exit> {
    let db = operator::database().await?;
    match command {
        Teams::Create { name, format } => {
            let name = name.trim();
            if name.is_empty() {
                return Err(UsageError("a team needs a name".to_owned()).into());
            }
            let id = match admin::create_team(&db, name).await {
                Err(DbError::Conflict { .. }) => {
                    return Err(UsageError(format!("there is a team {name:?} already")).into());
                }
                other => other?,
            };
            match format.json {
                true => speak::result(json!({"id": id, "name": name})),
                false => speak::result(format!("made team {name:?} ({id})")),
            }
        }
        Teams::List { format } => {
            let teams = admin::list_teams(&db).await?;
            if format.json {
                let teams: Vec<_> = teams.iter().map(|(id, name)| json!({"id": id, "name": name})).collect();
                speak::result(json!(teams));
            } else {
                teams.iter().for_each(|(id, name)| speak::result(format!("{id}  {name}")));
            }
        }
    }
    Ok(Exit::Success)
}
