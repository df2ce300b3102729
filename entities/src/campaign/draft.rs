//! Drafting a campaign.

use domain::id::{CampaignId, TypedId, UserId};
use domain::money::MicroDollars;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Draft, SentFrom};
use crate::budget::{self, Limit, Scope};
use crate::{BulkTransaction, DbError, Result, fresh_id};

const CREATE: &str = "
INSERT INTO campaigns (team_id, id, created_by, name, channel, what, sender_id, sender_pool, sdr_profile_id, tags, starts_at,
                       expires_at, on_window_close, windows, daily_limit, per_minute_limit, budget_micros, consent_basis,
                       consent_evidence)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";

/// $3 keeps its place for [`CREATE`]'s author.
const REDRAFT: &str = "
UPDATE campaigns SET name = $4, channel = $5, what = $6, sender_id = $7, sender_pool = $8, sdr_profile_id = $9, tags = $10,
       starts_at = $11, expires_at = $12, on_window_close = $13, windows = $14, daily_limit = $15, per_minute_limit = $16,
       budget_micros = $17, consent_basis = $18, consent_evidence = $19, preview = NULL, preview_hash = NULL,
       previewed_at = NULL, version = version + 1, updated_at = clock_timestamp(), created_by = coalesce(created_by, $3)
 WHERE team_id = $1 AND id = $2 AND state = 'draft'";

/// Drafts a campaign, with its steps and its budget.
///
/// # Errors
/// [`DbError::NotFound`] for a template that the team has not; [`DbError::Conflict`] for a sender or a profile that it has not.
pub async fn create(tx: &mut BulkTransaction, draft: &Draft, by: Option<UserId>) -> Result<CampaignId> {
    let id: CampaignId = fresh_id();
    write(tx, CREATE, id, draft, by).await?;
    put_steps(tx, id, draft).await?;
    put_budget(tx, id, draft).await?;
    Ok(id)
}

/// Drafts a campaign anew that is a draft still: all of it, its preview is gone.
///
/// # Errors
/// [`DbError::WrongState`] where it is no draft; as [`create`] otherwise.
pub async fn redraft(
    tx: &mut BulkTransaction,
    id: CampaignId,
    draft: &Draft,
    by: Option<UserId>,
) -> Result<()> {
    if write(tx, REDRAFT, id, draft, by).await? == 0 {
        let state = sqlx::query_as("SELECT state FROM campaigns WHERE team_id = $1 AND id = $2");
        let found: Option<(String,)> = tx.first(state.bind(tx.team_id().uuid()).bind(id.uuid())).await?;
        return Err(match found {
            None => DbError::not_found("campaign", id),
            Some((found,)) => DbError::WrongState {
                what: "campaign",
                id: id.to_string(),
                found,
                wanted: "draft; reject it, and it is one again".to_owned(),
            },
        });
    }
    put_steps(tx, id, draft).await?;
    put_budget(tx, id, draft).await
}

async fn write(
    tx: &mut BulkTransaction,
    sql: &'static str,
    id: CampaignId,
    draft: &Draft,
    by: Option<UserId>,
) -> Result<u64> {
    let (sender, pool) = match &draft.sent_from {
        Some(SentFrom::Sender(sender)) => (Some(sender.uuid()), None),
        Some(SentFrom::Pool(pool)) => (None, Some(pool.as_str())),
        None => (None, None),
    };
    let whole = |limit: u32| i32::try_from(limit).unwrap_or(i32::MAX);
    let query = sqlx::query(sql).bind(tx.team_id().uuid()).bind(id.uuid()).bind(by.map(TypedId::uuid));
    let query = query.bind(&draft.name).bind(draft.channel.as_str()).bind(Json(&draft.audience));
    let query = query.bind(sender).bind(pool).bind(draft.sdr_profile.map(TypedId::uuid)).bind(&draft.tags);
    let query = query.bind(draft.starts_at).bind(draft.expires_at).bind(draft.on_window_close.as_str());
    let query = query.bind(Json(&draft.windows)).bind(whole(draft.limits.per_day));
    let query =
        query.bind(whole(draft.limits.per_minute)).bind(draft.limits.budget.map(MicroDollars::micros));
    tx.run(query.bind(draft.consent_basis.as_str()).bind(Json(&draft.consent_evidence))).await
}

async fn put_steps(tx: &mut BulkTransaction, id: CampaignId, draft: &Draft) -> Result<()> {
    let team = tx.team_id().uuid();
    tx.run(
        sqlx::query("DELETE FROM campaign_steps WHERE team_id = $1 AND campaign_id = $2")
            .bind(team)
            .bind(id.uuid()),
    )
    .await?;
    let templates: Vec<Uuid> = draft.steps.iter().map(|step| step.template.uuid()).collect();
    let delays: Vec<i64> = draft.steps.iter().map(|step| i64::from(step.delay_minutes)).collect();
    let silent: Vec<bool> = draft.steps.iter().map(|step| step.only_silent).collect();
    let query = sqlx::query(
        "INSERT INTO campaign_steps (team_id, campaign_id, step, template_id, template_version_id, delay, only_silent)
         SELECT $1, $2, s.step, t.id, v.id, s.delay * interval '1 minute', s.silent
           FROM unnest($3::uuid[], $4::bigint[], $5::boolean[]) WITH ORDINALITY s (template, delay, silent, step)
           JOIN templates t ON t.team_id = $1 AND t.id = s.template AND t.archived_at IS NULL
           JOIN template_versions v ON v.team_id = $1 AND v.template_id = t.id AND v.version = t.version",
    );
    let kept = tx.run(query.bind(team).bind(id.uuid()).bind(&templates).bind(delays).bind(silent)).await?;
    if usize::try_from(kept).unwrap_or_default() == draft.steps.len() {
        return Ok(());
    }
    let known = sqlx::query_as::<_, (Uuid,)>(
        "SELECT id FROM templates WHERE team_id = $1 AND id = ANY($2) AND archived_at IS NULL",
    );
    let known: Vec<(Uuid,)> = tx.all(known.bind(team).bind(&templates)).await?;
    let missing = draft.steps.iter().find(|step| !known.contains(&(step.template.uuid(),)));
    Err(missing.map_or_else(
        || DbError::not_found("version of a template of campaign", id),
        |step| DbError::not_found("template", step.template),
    ))
}

async fn put_budget(tx: &mut BulkTransaction, id: CampaignId, draft: &Draft) -> Result<()> {
    let limit = Limit { money: draft.limits.budget, calls: None };
    budget::set_limit(tx, &Scope::Campaign(id.to_string()), limit).await
}

/// Gives the steps of a campaign that is not released yet the newest versions of their templates: what is previewed next, and
/// what is then sent whatever becomes of the templates. Answers how many changed.
///
/// # Errors
/// Any [`DbError`].
pub async fn fix_versions(tx: &mut BulkTransaction, id: CampaignId) -> Result<u64> {
    let query = sqlx::query(
        "UPDATE campaign_steps s SET template_version_id = v.id
           FROM campaigns c, templates t, template_versions v
          WHERE s.team_id = $1 AND s.campaign_id = $2 AND c.team_id = $1 AND c.id = $2 AND c.state IN ('draft', 'staged')
            AND t.team_id = $1 AND t.id = s.template_id AND v.team_id = $1 AND v.template_id = t.id
            AND v.version = t.version AND s.template_version_id <> v.id",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid())).await
}
