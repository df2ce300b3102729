//! `refinery teams`.

use domain::id::TeamId;
use entities::{Database, DbError, admin, team, team_settings};
use serde_json::{Value, json};

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
        Teams::Show { name, format } => {
            let team = operator::team(&db, &name).await?;
            show(&settings(&db, team).await?, format.json)?;
        }
        Teams::Set { name, changes, format } => {
            let team = operator::team(&db, &name).await?;
            let changes = changes.into_iter().collect();
            team_settings::changed(&settings(&db, team).await?, &changes)
                .map_err(|fault| UsageError(fault.to_string()))?;
            match team_settings::change_as_operator(&db, team, &changes).await {
                Err(error) if error.violates(team_settings::TIME_ZONE_CONSTRAINT) => {
                    return Err(UsageError("time_zone: there is no such zone".to_owned()).into());
                }
                done => done?,
            }
            show(&settings(&db, team).await?, format.json)?;
        }
    }
    Ok(Exit::Success)
}

/// What a team's settings are stored as.
async fn settings(db: &Database, id: TeamId) -> anyhow::Result<Value> {
    let tx = db.team(id).await?;
    let team = team::get(&tx).await?;
    tx.commit().await?;
    Ok(team.settings)
}

/// Shows settings as they hold, one a line.
fn show(stored: &Value, as_json: bool) -> anyhow::Result<()> {
    let all = serde_json::to_value(team::settings_of(stored)?)?;
    if as_json {
        speak::result(all);
        return Ok(());
    }
    for (name, value) in all.as_object().into_iter().flatten() {
        let own = if stored.get(name).is_some_and(|value| !value.is_null()) { "" } else { "   (default)" };
        speak::result(format!("{name} = {value}{own}"));
    }
    Ok(())
}
