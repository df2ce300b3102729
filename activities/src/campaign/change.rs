//! `campaign.change`: changes the state or the limits, if that may be. Key: the change's id, on the campaign's row; a
//! repetition finds it made.

use chrono::{DateTime, TimeDelta, Utc};
use domain::FailureCode;
use domain::campaign::{CampaignAction, CampaignState, Limits};
use domain::id::UserId;
use entities::alert::{self, NewAlert};
use entities::campaign::change::{self, Applied, Held};
use entities::outreach::PreviewHash;
use entities::team::{self, TeamSettings};
use entities::{audit_log, budget, call_queue, campaign_lead, send_intent};
use serde_json::json;
use uuid::Uuid;
use workflows::campaign::{CampaignRef, Change, ChangeInput, ChangeOutput, Refusal, Standing};

use super::at;
use crate::{Fault, Resources};

/// How the row stands, as the workflow goes by it.
pub(super) fn standing(held: &Held, four_eyes: bool) -> Standing {
    Standing {
        version: held.version,
        state: held.state,
        preview_hash: held.preview_hash.clone(),
        author: held.created_by,
        four_eyes,
        approval_until: held.approval_expires_at.map(|at| at.timestamp_millis()),
        starts_at: held.starts_at.map(|at| at.timestamp_millis()),
        expires_at: held.expires_at.map(|at| at.timestamp_millis()),
        provider: held.provider.clone(),
    }
}

/// The team's settings.
pub(super) async fn settings(resources: &Resources, of: CampaignRef) -> Result<TeamSettings, Fault> {
    let tx = resources.db.team(of.team).await?;
    let settings = team::settings(&tx).await?;
    tx.commit().await?;
    Ok(settings)
}

pub(super) async fn change(resources: &Resources, input: ChangeInput) -> Result<ChangeOutput, Fault> {
    let of = input.campaign;
    let id: Uuid = input.id.parse().map_err(|error| {
        Fault::permanent(FailureCode::SystemInternal, "the id of a change is no id").because(error)
    })?;
    let settings = settings(resources, of).await?;
    let now = Utc::now();
    // Read before the row is locked: it takes a while, and sending does not go on without the gate anyway.
    let seen_now = match &input.change {
        Change::Approve { .. } => Some(super::preview::hash(resources, of, now).await?),
        _ => None,
    };
    let mut tx = resources.db.team_bulk(of.team).await?;
    let held = change::hold(&mut tx, of.campaign).await?;
    let as_it_is =
        |held: &Held, refused| ChangeOutput { standing: standing(held, settings.four_eyes), refused };
    if held.last_change == Some(id) {
        return Ok(as_it_is(&held, None));
    }
    let applied = match decide(&held, &input, &settings, now, seen_now.as_ref()) {
        Ok(Some(applied)) => applied,
        Ok(None) => return Ok(as_it_is(&held, None)),
        Err(refusal) => return Ok(as_it_is(&held, Some(refusal))),
    };
    change::apply(&mut tx, of.campaign, id, input.by, now, &applied).await?;
    if matches!(applied, Applied::Ended { .. }) {
        let claimed = send_intent::cancel_all(&mut tx, of.campaign, "campaign", now).await?;
        budget::release_many(&mut tx, &claimed).await?;
        call_queue::cancel_of_campaign(&mut tx, of.campaign, now).await?;
        campaign_lead::let_go(&mut tx, of.campaign).await?;
    }
    if let Change::Halt { code, .. } = &input.change {
        let detail = json!({ "code": code });
        let subject = of.campaign.to_string();
        let dedup_key = format!("campaign.halted:{subject}:{id}");
        let alert =
            NewAlert { kind: "campaign.halted", subject: &subject, detail: &detail, dedup_key: &dedup_key };
        alert::raise(&mut tx, alert).await?;
    }
    let action = format!("campaign.{}", input.change.as_str());
    let details = details(&held, &applied);
    audit_log::record_in_bulk(&mut tx, input.by, &action, &of.campaign.to_string(), &details).await?;
    let held = change::look(&mut tx, of.campaign).await?;
    tx.commit().await?;
    tracing::info!(change = input.change.as_str(), state = %held.state, "the campaign was changed");
    Ok(as_it_is(&held, None))
}

/// What the audit log keeps of a change.
fn details(before: &Held, applied: &Applied) -> serde_json::Value {
    match applied {
        Applied::Approved { until, hash } => {
            json!({ "from": before.state, "preview_hash": hash, "until": until })
        }
        Applied::Scheduled { starts_at } => json!({ "from": before.state, "starts_at": starts_at }),
        Applied::Paused { reason } | Applied::Ended { reason, .. } => {
            json!({ "from": before.state, "reason": reason })
        }
        Applied::Limits { per_day, per_minute } => json!({
            "per_day": { "from": before.per_day, "to": per_day.unwrap_or(before.per_day) },
            "per_minute": { "from": before.per_minute, "to": per_minute.unwrap_or(before.per_minute) },
        }),
        Applied::Staged | Applied::Rejected | Applied::Lapsed | Applied::Started | Applied::Resumed => {
            json!({ "from": before.state })
        }
    }
}

/// What is to be written; `None` where it is so already; or why it may not be.
fn decide(
    held: &Held,
    input: &ChangeInput,
    settings: &TeamSettings,
    now: DateTime<Utc>,
    seen_now: Option<&PreviewHash>,
) -> Result<Option<Applied>, Refusal> {
    let may = |action| {
        held.state
            .after(action)
            .map_err(|refused| refusal(refused.code(), refused.to_string()))
            .map(|to| to != held.state)
    };
    Ok(match &input.change {
        Change::Look => None,
        Change::Stage => {
            may(CampaignAction::Stage)?;
            if held.preview_hash.is_none() {
                return Err(refusal(
                    FailureCode::CampaignPreviewStale,
                    "there is no preview yet; stage the campaign again",
                ));
            }
            Some(Applied::Staged)
        }
        Change::Approve { preview_hash } => {
            may(CampaignAction::Approve)?;
            four_eyes(held, input.by, settings)?;
            same_as_seen(preview_hash, seen_now)?;
            let until = now + TimeDelta::hours(settings.approval_ttl_hours.into());
            Some(Applied::Approved { hash: preview_hash.clone(), until })
        }
        Change::Reject => may(CampaignAction::Reject)?.then_some(Applied::Rejected),
        Change::Schedule { starts_at } => {
            may(CampaignAction::Schedule)?;
            approved_in_time(held, now)?;
            let starts_at = starts_at.and_then(at).or(held.starts_at).unwrap_or(now);
            if held.expires_at.is_some_and(|end| end <= starts_at.max(now)) {
                let what = "it would begin after its own end; copy the campaign with a later expires_at";
                return Err(refusal(FailureCode::CampaignExpired, what));
            }
            Some(Applied::Scheduled { starts_at })
        }
        Change::Start => may(CampaignAction::Start)?.then_some(Applied::Started),
        Change::LapseApproval => may(CampaignAction::LapseApproval)?.then_some(Applied::Lapsed),
        Change::Pause => {
            may(CampaignAction::Pause)?.then(|| Applied::Paused { reason: "paused by a person".to_owned() })
        }
        Change::Halt { code, detail } => {
            may(CampaignAction::Pause)?.then(|| Applied::Paused { reason: format!("{code}: {detail}") })
        }
        Change::Resume => may(CampaignAction::Resume)?.then_some(Applied::Resumed),
        Change::Cancel => {
            let reason = if input.by.is_some() { "cancelled by a person" } else { "cancelled in Temporal" };
            may(CampaignAction::Cancel)?.then(|| ended(CampaignState::Cancelled, reason))
        }
        Change::Expire => {
            may(CampaignAction::Expire)?.then(|| ended(CampaignState::Expired, "its time was over"))
        }
        Change::Limits { daily, per_minute } => {
            may(CampaignAction::ChangeLimits)?;
            let wanted = Limits {
                per_day: daily.unwrap_or(held.per_day),
                per_minute: per_minute.unwrap_or(held.per_minute),
                budget: held.budget,
            };
            let wanted = wanted
                .checked()
                .map_err(|error| refusal(FailureCode::CampaignWrongState, error.to_string()))?;
            (wanted.per_day != held.per_day || wanted.per_minute != held.per_minute).then_some(
                Applied::Limits { per_day: Some(wanted.per_day), per_minute: Some(wanted.per_minute) },
            )
        }
    })
}

fn ended(state: CampaignState, reason: &str) -> Applied {
    Applied::Ended { state, reason: reason.to_owned(), failure: None }
}

fn refusal(code: FailureCode, detail: impl Into<String>) -> Refusal {
    Refusal { code, detail: detail.into() }
}

/// Somebody else than the author, where the team wants it so.
fn four_eyes(held: &Held, by: Option<UserId>, settings: &TeamSettings) -> Result<(), Refusal> {
    if settings.four_eyes && held.created_by == by {
        let what =
            "somebody else than the author must approve the campaign; the team's setting four_eyes says so";
        return Err(refusal(FailureCode::CampaignFourEyes, what));
    }
    Ok(())
}

/// What was approved must be what would be sent now.
fn same_as_seen(given: &str, now: Option<&PreviewHash>) -> Result<(), Refusal> {
    let Some(now) = now else { return Ok(()) };
    let changed = now.changed_since(given);
    if changed.is_empty() {
        return Ok(());
    }
    Err(refusal(
        FailureCode::CampaignPreviewStale,
        format!(
            "since that preview something has changed: {}; look at GET /v1/campaigns/{{id}}/preview and approve its hash",
            changed.join(", ")
        ),
    ))
}

fn approved_in_time(held: &Held, now: DateTime<Utc>) -> Result<(), Refusal> {
    if held.approval_expires_at.is_some_and(|until| until <= now) {
        return Err(refusal(
            FailureCode::CampaignApprovalExpired,
            "the approval has lapsed; have the campaign approved again",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::campaign::OnWindowClose;
    use domain::id::{CampaignId, TeamId, TypedId};

    use super::*;

    fn user(n: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(n))
    }

    fn held(state: CampaignState) -> Held {
        Held {
            state,
            version: 1,
            last_change: None,
            preview_hash: Some("pv1-a-b-c-d-e".to_owned()),
            approved_hash: None,
            approval_expires_at: None,
            created_by: Some(user(1)),
            starts_at: None,
            expires_at: None,
            per_day: 500,
            per_minute: 20,
            budget: None,
            on_window_close: OnWindowClose::Hold,
            sender: None,
            pool: None,
            provider: None,
        }
    }

    fn wants(by: u128, change: Change) -> ChangeInput {
        let campaign = CampaignRef {
            team: TeamId::from_uuid(Uuid::nil()),
            campaign: CampaignId::from_uuid(Uuid::nil()),
        };
        ChangeInput { campaign, id: Uuid::nil().to_string(), by: Some(user(by)), change }
    }

    fn approve(by: u128, hash: &str) -> ChangeInput {
        wants(by, Change::Approve { preview_hash: hash.to_owned() })
    }

    fn refused(held: &Held, input: &ChangeInput, now: DateTime<Utc>, seen: &str) -> Refusal {
        let seen = PreviewHash::read(seen);
        decide(held, input, &TeamSettings::default(), now, seen.as_ref()).expect_err("refused")
    }

    #[test]
    fn the_author_does_not_approve_unless_the_team_says_so() {
        let (staged, now) = (held(CampaignState::Staged), Utc::now());
        let seen = "pv1-0-0-0-0-0";
        assert_eq!(refused(&staged, &approve(1, seen), now, seen).code, FailureCode::CampaignFourEyes);
        let hash = PreviewHash::read(seen);
        let by_another = decide(&staged, &approve(2, seen), &TeamSettings::default(), now, hash.as_ref());
        assert!(matches!(by_another, Ok(Some(Applied::Approved { .. }))), "{by_another:?}");
        let alone = TeamSettings { four_eyes: false, ..TeamSettings::default() };
        assert!(decide(&staged, &approve(1, seen), &alone, now, hash.as_ref()).is_ok());
    }

    #[test]
    fn an_approval_of_something_else_says_what_has_changed() {
        let staged = held(CampaignState::Staged);
        let refusal = refused(&staged, &approve(2, "pv1-1-0-0-0-9"), Utc::now(), "pv1-0-0-0-0-0");
        assert_eq!(refusal.code, FailureCode::CampaignPreviewStale);
        assert!(refusal.detail.contains("audience, rules"), "{}", refusal.detail);
    }

    #[test]
    fn what_is_so_already_is_not_done_again_and_what_cannot_be_is_refused() {
        let now = Utc::now();
        let settings = TeamSettings::default();
        let paused = held(CampaignState::Paused);
        assert_eq!(decide(&paused, &wants(1, Change::Pause), &settings, now, None), Ok(None));
        let completed = held(CampaignState::Completed);
        let refusal = decide(&completed, &wants(1, Change::Resume), &settings, now, None).expect_err("over");
        assert_eq!(refusal.code, FailureCode::CampaignWrongState);
        let zero = wants(1, Change::Limits { daily: Some(0), per_minute: None });
        assert!(decide(&paused, &zero, &settings, now, None).is_err());
        let same = wants(1, Change::Limits { daily: Some(500), per_minute: None });
        assert_eq!(decide(&paused, &same, &settings, now, None), Ok(None));
    }

    #[test]
    fn a_lapsed_approval_begins_nothing() {
        let now = Utc::now();
        let late = Held { approval_expires_at: Some(now), ..held(CampaignState::Approved) };
        let refusal = refused(&late, &wants(1, Change::Schedule { starts_at: None }), now, "pv1-0-0-0-0-0");
        assert_eq!(refusal.code, FailureCode::CampaignApprovalExpired);
    }
}
