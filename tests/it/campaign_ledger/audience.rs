//! Who a campaign is for.

use anyhow::Result;
use domain::campaign::LeadState;
use domain::id::{LeadId, TypedId as _};
use entities::campaign::{self, Audience};
use entities::{DbError, campaign_lead};
use uuid::Uuid;

use super::scene::{Scene, number};

struct Row {
    lead: Uuid,
    state: String,
    rule: Option<String>,
    phone: Option<String>,
    position: i32,
}

/// The columns of a [`Row`].
type Columns = (Uuid, String, Option<String>, Option<String>, i32);

async fn rows(scene: &Scene, campaign: domain::id::CampaignId) -> Result<Vec<Row>> {
    let rows: Vec<Columns> = sqlx::query_as(
        "SELECT lead_id, state, excluded_rule, phone, position FROM campaign_leads WHERE campaign_id = $1 ORDER BY position",
    )
    .bind(campaign.uuid())
    .fetch_all(scene.admin.pool())
    .await?;
    Ok(rows
        .into_iter()
        .map(|(lead, state, rule, phone, position)| Row { lead, state, rule, phone, position })
        .collect())
}

async fn filled(
    scene: &Scene,
    audience: Audience,
) -> Result<(domain::id::CampaignId, campaign_lead::Filled)> {
    let mut tx = scene.tx().await?;
    let id = campaign::create(&mut tx, &scene.draft(audience), Some(scene.user)).await?;
    let filled = campaign_lead::fill(&mut tx, id).await?;
    tx.commit().await?;
    Ok((id, filled))
}

#[tokio::test]
async fn a_block_is_taken_whole_the_best_first_each_once() -> Result<()> {
    let scene = Scene::new().await?;
    let leads = scene.people(0, 5).await?;
    let (one, two) = (scene.block(&leads[..4]).await?, scene.block(&leads[4..]).await?);
    sqlx::query("UPDATE leads SET score = 90 WHERE id = $1")
        .bind(leads[3].uuid())
        .execute(scene.admin.pool())
        .await?;
    let (campaign, filled) = filled(&scene, Audience::Blocks(vec![one, two])).await?;
    assert_eq!((filled.leads, filled.excluded), (5, 0));
    let rows = rows(&scene, campaign).await?;
    assert_eq!(rows.iter().map(|row| row.position).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert_eq!((rows[0].lead, rows[0].phone.clone()), (leads[3].uuid(), Some(number(3))));
    assert_eq!(scene.count("SELECT count(*) FROM leads WHERE added_to_campaign_at IS NOT NULL").await?, 5);
    assert_eq!(scene.count("SELECT count(*) FROM blocks WHERE status = 'assigned'").await?, 2);

    // The same again is the same.
    let mut tx = scene.tx().await?;
    assert_eq!(campaign_lead::fill(&mut tx, campaign).await?, filled);
    assert_eq!(campaign_lead::let_go(&mut tx, campaign).await?, 5);
    tx.commit().await?;
    assert_eq!(scene.count("SELECT count(*) FROM leads WHERE added_to_campaign_at IS NOT NULL").await?, 0);
    assert_eq!(scene.count("SELECT count(*) FROM blocks WHERE status = 'open'").await?, 2);
    Ok(())
}

#[tokio::test]
async fn who_cannot_be_reached_or_is_reached_already_is_left_out_by_name() -> Result<()> {
    let scene = Scene::new().await?;
    let leads = scene.people(0, 6).await?;
    let admin = scene.admin.pool();
    let of = |lead: LeadId| lead.uuid();
    let persona = "(SELECT persona_id FROM leads WHERE id = $1)";
    let run = async |sql: String, lead: LeadId| {
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(of(lead)).execute(admin).await
    };
    run(format!("DELETE FROM persona_phones WHERE persona_id = {persona}"), leads[0]).await?;
    run(format!("UPDATE persona_phones SET dnc_at = now() WHERE persona_id = {persona}"), leads[1]).await?;
    run(format!("UPDATE persona_phones SET is_valid = false WHERE persona_id = {persona}"), leads[2]).await?;
    // Two people at one number: the better one is written to.
    run("UPDATE leads SET score = 60 WHERE id = $1".to_owned(), leads[3]).await?;
    run(format!("UPDATE persona_phones SET number = '{}' WHERE persona_id = {persona}", number(3)), leads[4])
        .await?;
    // A landline beside a mobile number, which is the one to take.
    run(
        "INSERT INTO persona_phones (team_id, persona_id, number, class, line_type, is_valid, verified, score)
         SELECT team_id, persona_id, '+12125550123', 'main', 'landline', true, true, 100 FROM leads WHERE id = $1"
            .to_owned(),
        leads[5],
    )
    .await?;
    let (campaign, filled) = filled(&scene, Audience::Leads(leads.clone())).await?;
    assert_eq!((filled.leads, filled.excluded), (6, 4));
    let rows = rows(&scene, campaign).await?;
    let of_lead = |lead: LeadId| rows.iter().find(|row| row.lead == lead.uuid());
    for lead in &leads[..3] {
        assert_eq!(of_lead(*lead).and_then(|row| row.rule.as_deref()), Some("no_phone"));
    }
    assert_eq!(of_lead(leads[3]).map(|row| row.state.as_str()), Some("pending"));
    assert_eq!(of_lead(leads[4]).and_then(|row| row.rule.as_deref()), Some("duplicate_recipient"));
    assert_eq!(of_lead(leads[5]).and_then(|row| row.phone.clone()), Some(number(5)));

    let mut tx = scene.tx().await?;
    let counts = campaign_lead::counts(&mut tx, campaign).await?;
    let excluded = |rule: &str| ("excluded".to_owned(), Some(rule.to_owned()));
    let of_rule = |rule: &str| {
        counts.iter().find(|(state, word, _)| (state, word) == (&excluded(rule).0, &excluded(rule).1))
    };
    assert_eq!(of_rule("no_phone").map(|row| row.2), Some(3));
    Ok(())
}

#[tokio::test]
async fn who_a_released_campaign_is_for_stays() -> Result<()> {
    let scene = Scene::new().await?;
    let (campaign, leads) = scene.planned(2).await?;
    let mut tx = scene.tx().await?;
    let refused = campaign_lead::fill(&mut tx, campaign).await.expect_err("it runs");
    assert!(matches!(refused, DbError::WrongState { .. }), "{refused}");
    let draft = scene.draft(Audience::Leads(Vec::new()));
    let refused = campaign::redraft(&mut tx, campaign, &draft, None).await.expect_err("it runs");
    assert!(matches!(refused, DbError::WrongState { .. }), "{refused}");

    // Moves forward only, as the program's lattice says.
    let moved = campaign_lead::advance(&mut tx, campaign, &leads, LeadState::OptedOut, scene.now).await?;
    assert_eq!(moved, 2);
    for state in LeadState::ALL {
        if *state != LeadState::Excluded {
            assert_eq!(
                campaign_lead::advance(&mut tx, campaign, &leads, *state, scene.now).await?,
                0,
                "{state}"
            );
        }
    }
    let late = campaign_lead::exclude(&mut tx, campaign, &[(leads[0], "consent")], scene.now).await?;
    assert_eq!(late, 0, "who opted out stays opted out");
    Ok(())
}

#[tokio::test]
async fn another_teams_leads_blocks_and_templates_are_nobodys() -> Result<()> {
    let scene = Scene::new().await?;
    let leads = scene.people(0, 2).await?;
    let block = scene.block(&leads).await?;
    let other = tests::a_team().create(&scene.admin).await?.id;
    let mut tx = scene.db.team_bulk(other).await?;
    let refused = campaign::create(&mut tx, &scene.draft(Audience::Blocks(vec![block])), None).await;
    assert!(refused.is_err(), "neither its sender nor its template is this team's");
    drop(tx);
    let mut tx = scene.tx().await?;
    let mut draft = scene.draft(Audience::Blocks(vec![block]));
    draft.steps[0].template = entities::fresh_id();
    let refused = campaign::create(&mut tx, &draft, None).await.expect_err("no such template");
    assert!(matches!(refused, DbError::NotFound { what: "template", .. }), "{refused}");
    Ok(())
}
