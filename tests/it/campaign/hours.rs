//! Nobody is written to outside the hours that hold where they are.

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use domain::geo::TimeZone;
use entities::rule_set;
use serde_json::json;
use tests::campaigns::{Outreach, PATIENCE, hours};
use tests::wait_until;

#[tokio::test]
async fn a_message_waits_for_the_hours_where_its_recipient_is() -> Result<()> {
    let outreach = Outreach::with_worker(sandbox::Settings::default()).await?;
    let people = outreach.people(6).await?;
    // Hours of the house around what the clock shows in Austin; three of the leads are on Hawaii.
    let austin = TimeZone::Central.local(Utc::now()).second / 3_600;
    let (from, until) = (austin.saturating_sub(1), (austin + 2).min(24));
    let rules = hours(&format!("{from:02}:00-{until:02}:00"), "test-narrow")?;
    let later = DateTime::UNIX_EPOCH + TimeDelta::days(1);
    rule_set::load(&outreach.app.admin, "test-narrow", later, &rules, "tests").await?;
    sqlx::query(
        "WITH moved AS (UPDATE leads SET state = 'HI', zip5 = '96813', phone = '+1808' || right(phone, 7)
                         WHERE team_id = $1 AND id = ANY($2) RETURNING persona_id, phone),
              phones AS (UPDATE persona_phones p SET number = m.phone FROM moved m
                          WHERE p.team_id = $1 AND p.persona_id = m.persona_id)
         INSERT INTO consents (team_id, id, kind, value, basis, text_shown, source, method, given_at)
         SELECT $1, fresh_uuid(), 'phone', phone, 'express_written', 'I agree', 'a form', 'web_form', now() - interval '1 day'
           FROM moved",
    )
    .bind(domain::id::TypedId::uuid(outreach.team.id))
    .bind(people[3..].iter().map(|lead| domain::id::TypedId::uuid(*lead)).collect::<Vec<_>>())
    .execute(outreach.app.admin.pool())
    .await?;
    let id = outreach.create(&people, json!({})).await?;
    outreach.release(id).await?;
    wait_until("those in Austin got theirs", PATIENCE, || async { outreach.texts().len() >= 3 }).await;
    outreach.each_got_one(&people[..3]).await?;
    let gate = format!("/v1/leads/{}/gate?campaign={id}", people[3]);
    let gate = outreach.app.get(&outreach.team, &gate).await?;
    assert_eq!(gate["rule"], "quiet_hours", "{gate}");
    let next: DateTime<Utc> = gate["next_allowed_at"].as_str().unwrap_or_default().parse()?;
    let local = TimeZone::Hawaii.local(next);
    assert_eq!(local.second / 3_600, from, "the hours begin there: {next}, {}", next.hour());
    let due = "SELECT count(*) FROM send_intents WHERE team_id = $1 AND state IN ('planned', 'held') AND due_at > now()";
    assert_eq!(outreach.app.count(&outreach.team, due).await?, 3);
    outreach.must(id, "cancel").await?;
    Ok(())
}
