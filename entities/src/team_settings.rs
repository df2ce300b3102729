//! Changing a team's settings: what its admins set themselves, and what the operator of the installation does.

use domain::id::{TeamId, TypedId};
use serde_json::{Map, Value};

use crate::team::{self, TeamSettings};
use crate::{BulkTransaction, Database, DbError, Result, audit_log};

/// The constraint that a time zone breaks which there is not.
pub const TIME_ZONE_CONSTRAINT: &str = "teams_time_zone";

/// What only the operator of the installation sets: quotas and rates. The database keeps a team from these.
pub const OPERATORS: [&str; 5] = [
    "max_file_bytes",
    "max_open_uploads",
    "storage_quota_bytes",
    "requests_per_minute_user",
    "requests_per_minute_team",
];

/// The longest a setting in hours may be: a year.
const MAX_HOURS: u32 = 366 * 24;

/// The vendors that carry texts, by their words.
const CARRIERS: [&str; 2] = ["signalhouse", "twilio"];

/// The most SIC codes a team is after.
const MAX_SICS: usize = 500;

/// Why a setting cannot be as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
pub struct SettingFault {
    /// Which setting.
    pub field: String,
    /// What is wrong, and what would be right.
    pub why: String,
}

fn fault(field: &str, why: impl Into<String>) -> SettingFault {
    SettingFault { field: field.to_owned(), why: why.into() }
}

/// The settings that there are, by name.
pub fn names() -> Vec<String> {
    match serde_json::to_value(TeamSettings::default()) {
        Ok(Value::Object(all)) => all.into_iter().map(|(name, _)| name).collect(),
        // It is a struct of named fields.
        Ok(_) | Err(_) => Vec::new(),
    }
}

/// The settings that `changes` make of what is stored. `null` takes one back to its default.
///
/// # Errors
/// [`SettingFault`] for the first that there is not, or that cannot be so.
pub fn changed(stored: &Value, changes: &Map<String, Value>) -> Result<TeamSettings, SettingFault> {
    let known = names();
    let mut all = stored.as_object().cloned().unwrap_or_default();
    for (name, value) in changes {
        if !known.contains(name) {
            return Err(fault(name, format!("there is no such setting; there are {}", known.join(", "))));
        }
        if value.is_null() {
            all.remove(name);
            continue;
        }
        all.insert(name.clone(), value.clone());
        if let Err(error) = team::settings_of(&Value::Object(Map::from_iter([(name.clone(), value.clone())])))
        {
            return Err(fault(name, error.to_string()));
        }
    }
    let settings =
        team::settings_of(&Value::Object(all)).map_err(|error| fault("settings", error.to_string()))?;
    check(&settings)?;
    Ok(settings)
}

/// That each setting is within its bounds.
fn check(settings: &TeamSettings) -> Result<(), SettingFault> {
    let share = |field, value: f64| {
        if (0.0..=1.0).contains(&value) { Ok(()) } else { Err(fault(field, "must be a share, 0 to 1")) }
    };
    let hours = |field, value: u32, least: u32| {
        if (least..=MAX_HOURS).contains(&value) {
            Ok(())
        } else {
            Err(fault(field, format!("must be {least} to {MAX_HOURS} hours")))
        }
    };
    share("reject_share", settings.reject_share)?;
    share("error_rate_pause", settings.error_rate_pause)?;
    hours("on_hold_hours", settings.on_hold_hours, 0)?;
    hours("approval_ttl_hours", settings.approval_ttl_hours, 1)?;
    let is_sic =
        |sic: &String| (2..=8).contains(&sic.len()) && sic.bytes().all(|digit| digit.is_ascii_digit());
    if settings.target_sics.len() > MAX_SICS || !settings.target_sics.iter().all(is_sic) {
        return Err(fault(
            "target_sics",
            format!("must be at most {MAX_SICS} SIC codes, or their first digits, from two"),
        ));
    }
    let is_vendor = |word: &String| CARRIERS.contains(&word.as_str());
    if settings.confirm_opt_outs.len() > CARRIERS.len() || !settings.confirm_opt_outs.iter().all(is_vendor) {
        return Err(fault("confirm_opt_outs", format!("must be some of {}", CARRIERS.join(", "))));
    }
    for (field, zero) in [
        ("max_file_bytes", settings.max_file_bytes == 0),
        ("max_open_uploads", settings.max_open_uploads == 0),
        ("requests_per_minute_user", settings.requests_per_minute_user == 0),
        ("requests_per_minute_team", settings.requests_per_minute_team == 0),
        ("send_per_minute", settings.send_per_minute == Some(0)),
        ("send_per_day", settings.send_per_day == Some(0)),
    ] {
        if zero {
            return Err(fault(field, "must be at least 1"));
        }
    }
    Ok(())
}

/// Changes settings of the running transaction's team that are its own to change; see [`changed`] first.
///
/// # Errors
/// [`DbError::RowSecurity`] for one of [`OPERATORS`], [`DbError::Conflict`] with [`TIME_ZONE_CONSTRAINT`].
pub async fn change(tx: &mut BulkTransaction, changes: &Map<String, Value>) -> Result<()> {
    let query = sqlx::query("SELECT change_team_settings($1)").bind(sqlx::types::Json(changes));
    tx.run(query).await?;
    Ok(())
}

/// Changes any settings of a team, as the operator of the installation, and says so in the team's audit log.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such team, [`DbError::Conflict`] with [`TIME_ZONE_CONSTRAINT`].
pub async fn change_as_operator(admin: &Database, id: TeamId, changes: &Map<String, Value>) -> Result<()> {
    let mut tx = admin.team_bulk(id).await?;
    let query = sqlx::query("UPDATE teams SET settings = jsonb_strip_nulls(settings || $2) WHERE id = $1");
    if tx.run(query.bind(id.uuid()).bind(sqlx::types::Json(changes))).await? == 0 {
        return Err(DbError::not_found("team", id));
    }
    let details = serde_json::json!({ "changes": changes, "by": "command line" });
    audit_log::record_in_bulk(&mut tx, None, "team.change_settings", &id.to_string(), &details).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(changes: &Value) -> Result<TeamSettings, SettingFault> {
        let stored = json!({ "four_eyes": false, "from_a_newer_version": 1 });
        changed(&stored, changes.as_object().expect("an object"))
    }

    #[test]
    fn what_is_asked_for_is_changed_and_null_is_the_default() {
        let settings = with(&json!({ "error_rate_pause": 0.1, "on_hold_hours": 0 })).expect("good");
        assert_eq!((settings.error_rate_pause, settings.on_hold_hours), (0.1, 0));
        assert!(!settings.four_eyes, "what is stored stays");
        assert!(with(&json!({ "four_eyes": null })).expect("good").four_eyes);
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        for (name, value) in [
            ("four_eye", json!(true)),
            ("from_a_newer_version", json!(2)),
            ("four_eyes", json!("yes")),
            ("error_rate_pause", json!(1.1)),
            ("error_rate_pause", json!(-0.1)),
            ("approval_ttl_hours", json!(0)),
            ("approval_ttl_hours", json!(-1)),
            ("on_hold_hours", json!(9_000)),
            ("target_sics", json!(["17", "plumbers"])),
            ("max_open_uploads", json!(0)),
        ] {
            let refused = with(&json!({ name: value })).expect_err(name);
            assert_eq!(refused.field, name, "{refused}");
        }
    }

    #[test]
    fn every_setting_of_the_operator_is_one() {
        let names = names();
        assert!(OPERATORS.iter().all(|name| names.iter().any(|known| known == name)), "{names:?}");
    }
}
