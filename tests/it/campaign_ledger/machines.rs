//! The states that the tables let follow each other are those of the program.

use anyhow::Result;
use domain::campaign::{CampaignAction, CampaignState};
use entities::DbError;
use entities::send_intent::IntentState;
use uuid::Uuid;

use super::scene::Scene;

#[tokio::test]
async fn a_campaign_moves_as_the_program_says() -> Result<()> {
    let scene = Scene::new().await?;
    for old in CampaignState::ALL {
        for new in CampaignState::ALL {
            if old == new {
                continue;
            }
            let (may,): (bool,) = sqlx::query_as("SELECT campaign_may_become($1, $2)")
                .bind(old.as_str())
                .bind(new.as_str())
                .fetch_one(scene.db.pool())
                .await?;
            let by_rust = CampaignAction::ALL.iter().any(|action| old.after(*action) == Ok(*new));
            assert_eq!(may, by_rust, "{old} to {new}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_intent_moves_as_the_program_says() -> Result<()> {
    let scene = Scene::new().await?;
    for old in IntentState::ALL {
        for new in IntentState::ALL {
            if old == new {
                continue;
            }
            let (may,): (bool,) = sqlx::query_as("SELECT send_intent_may_become($1, $2)")
                .bind(old.as_str())
                .bind(new.as_str())
                .fetch_one(scene.db.pool())
                .await?;
            assert_eq!(may, old.may_become(*new), "{old} to {new}");
            assert!(!(old.is_final() && may), "{old} is the end");
        }
    }
    Ok(())
}

/// Not by any statement, not even the owner's.
#[tokio::test]
async fn the_tables_refuse_what_must_not_be() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, leads) = scene.planned(2).await?;
    scene.sent(campaign, "msg_1").await?;
    let draft = {
        let mut tx = scene.tx().await?;
        let draft = scene.draft(entities::campaign::Audience::Leads(leads));
        let id = entities::campaign::create(&mut tx, &draft, None).await?;
        tx.commit().await?;
        domain::id::TypedId::uuid(id)
    };
    let running = domain::id::TypedId::uuid(campaign);
    let refused = async |sql: &'static str, id: Uuid| -> Result<String> {
        match sqlx::query(sql).bind(id).execute(scene.admin.pool()).await.map_err(DbError::from) {
            Err(DbError::Conflict { constraint, .. }) => Ok(constraint),
            other => anyhow::bail!("{sql}: {other:?}"),
        }
    };
    assert_eq!(
        refused("UPDATE campaigns SET state = 'running' WHERE id = $1", draft).await?,
        "campaigns_state_order"
    );
    assert_eq!(
        refused("UPDATE campaigns SET approved_hash = NULL WHERE id = $1", running).await?,
        "campaigns_released",
        "what runs was released as it was previewed"
    );
    assert_eq!(
        refused("UPDATE campaigns SET preview_hash = 'another' WHERE id = $1", running).await?,
        "campaigns_released"
    );
    assert_eq!(
        refused(
            "UPDATE send_intents SET state = 'calling' WHERE state = 'planned' AND campaign_id = $1",
            running
        )
        .await?,
        "send_intents_state_order",
        "a call is begun from a claim alone"
    );
    assert_eq!(
        refused(
            "UPDATE send_intents SET state = 'claimed' WHERE state = 'planned' AND campaign_id = $1",
            running
        )
        .await?,
        "send_intents_claimed"
    );
    assert_eq!(
        refused("UPDATE send_intents SET state = 'planned', external_id = NULL, ended_at = NULL WHERE state = 'accepted' AND campaign_id = $1", running)
            .await?,
        "send_intents_state_order",
        "what was accepted is never sent again"
    );
    assert_eq!(
        refused(
            "INSERT INTO messages (team_id, direction, channel, intent_id, provider, external_id, from_value, to_value, body, status)
             SELECT team_id, direction, channel, intent_id, provider, 'msg_2', from_value, to_value, body, 'queued' FROM messages
              WHERE campaign_id = $1",
            running
        )
        .await?,
        "messages_intent",
        "one accepted message per intent"
    );
    for table in ["template_versions", "gate_verdicts"] {
        let mut tx = scene.tx().await?;
        let changed = tx.execute(sqlx::AssertSqlSafe(format!("DELETE FROM {table}"))).await;
        assert!(changed.is_err(), "{table} is never taken away");
    }
    Ok(())
}
