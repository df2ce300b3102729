//! `refinery users`.

use entities::membership::Role;
use entities::{admin, membership, user};
use serde_json::json;

use super::operator;
use crate::cli::{RoleName, Users};
use crate::exit::{Exit, UsageError};
use crate::speak;

/// Makes and lists members.
pub(super) async fn run(command: Users) -> anyhow::Result<Exit> {
    let db = operator::database().await?;
    match command {
        Users::Create { email, name, team, role, format } => {
            if !email.contains('@') || email.contains(char::is_whitespace) {
                return Err(UsageError(format!("{email:?} is no e-mail address")).into());
            }
            let team_id = operator::team(&db, &team).await?;
            let user_id = match admin::find_user(&db, &email).await? {
                Some(known) => known,
                None => admin::create_user(&db, &email, name.trim()).await?,
            };
            let role = Role::from(role);
            admin::add_member(&db, team_id, user_id, role).await?;
            match format.json {
                true => speak::result(
                    json!({"id": user_id, "email": email, "team_id": team_id, "role": role.as_str()}),
                ),
                false => speak::result(format!("{email} ({user_id}) is {} in {team:?}", role.as_str())),
            }
        }
        Users::List { team, format } => {
            let tx = db.team(operator::team(&db, &team).await?).await?;
            let mut members = Vec::new();
            for member in membership::list(&tx).await? {
                members.push((user::get(&tx, member.user_id.0).await?, member.role));
            }
            tx.commit().await?;
            if format.json {
                let members: Vec<_> = members
                    .iter()
                    .map(|(user, role)| json!({"id": user.id.0, "email": user.email, "name": user.name, "role": role.as_str()}))
                    .collect();
                speak::result(json!(members));
            } else {
                for (user, role) in &members {
                    speak::result(format!(
                        "{}  {:9} {}  {}",
                        user.id.0,
                        role.as_str(),
                        user.email,
                        user.name
                    ));
                }
            }
        }
    }
    Ok(Exit::Success)
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Viewer => Self::Viewer,
            RoleName::Operator => Self::Operator,
            RoleName::Approver => Self::Approver,
            RoleName::Admin => Self::Admin,
        }
    }
}
