//! Follow-ups as people look at them: the rules a team begins with, a calendar, switches, and the past.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use domain::id::{FollowUpId, TypedId as _};
use domain::reply::{ClientLine, FollowUpRules, Guardrail, Trigger, due};
use entities::follow_up::{self, FollowUpState};
use entities::follow_up_rule::{self, StoredRule};
use entities::{DbError, inbox_item};
use uuid::Uuid;

use super::scene::{Scene, THEIRS};

async fn rule_of(scene: &Scene, trigger: Trigger) -> Result<StoredRule> {
    let mut tx = scene.tx().await?;
    follow_up_rule::ensure_shipped(&mut tx).await?;
    let rules = follow_up_rule::list(&mut tx).await?;
    tx.commit().await?;
    rules.into_iter().find(|stored| stored.rule.trigger == trigger).context("a rule for each trigger")
}

#[tokio::test]
async fn a_team_begins_with_the_shipped_rules_and_keeps_what_it_makes_of_them() -> Result<()> {
    let scene = Scene::new().await?;
    let question = rule_of(&scene, Trigger::QuestionUnanswered).await?;
    let mut tx = scene.tx().await?;
    assert_eq!(follow_up_rule::ensure_shipped(&mut tx).await?, 0, "once");
    let rules = follow_up_rule::list(&mut tx).await?;
    assert_eq!(rules.len(), FollowUpRules::shipped().rules().len());
    let mut mine = question.rule.clone();
    mine.after_minutes = 30;
    follow_up_rule::update(&mut tx, question.id, &mine, scene.user).await?;
    follow_up_rule::ensure_shipped(&mut tx).await?;
    let kept = follow_up_rule::get(&mut tx, question.id).await?;
    assert_eq!((kept.rule.after_minutes, kept.rule.version), (30, 2));
    let other = rules.iter().find(|stored| stored.id != question.id).context("another")?;
    mine.name.clone_from(&other.rule.name);
    let taken = follow_up_rule::update(&mut tx, question.id, &mine, scene.user).await;
    assert!(matches!(taken, Err(error) if error.violates(follow_up_rule::NAME_CONSTRAINT)));
    Ok(())
}

#[tokio::test]
async fn a_calendar_is_in_the_order_of_time_and_a_switch_shows_in_it() -> Result<()> {
    let scene = Scene::new().await?;
    let rule = rule_of(&scene, Trigger::QuestionUnanswered).await?;
    let opened = scene.a_reply().await?;
    let mut tx = scene.tx().await?;
    for hours in [5, 1, 3] {
        let query = sqlx::query(
            "INSERT INTO follow_ups (team_id, rule_id, rule_version, trigger, conversation_id, occasion, actions, due_at)
             VALUES ($1, $2, 1, 'question_unanswered', $3, $4, '[]', $5)",
        );
        let query = query.bind(scene.team.uuid()).bind(rule.id.uuid()).bind(opened.conversation.uuid());
        tx.run(query.bind(Uuid::new_v4()).bind(scene.now + TimeDelta::hours(hours))).await?;
    }
    let planned = follow_up::Which {
        state: FollowUpState::Planned,
        conversation: Some(opened.conversation),
        from: None,
        to: Some(scene.now + TimeDelta::hours(5)),
    };
    let (first, next) = follow_up::calendar(&mut tx, planned, None, 1).await?;
    let (second, end) = follow_up::calendar(&mut tx, planned, next, 5).await?;
    let due: Vec<i64> = first.iter().chain(&second).map(|one| (one.due_at - scene.now).num_hours()).collect();
    assert_eq!((due.as_slice(), end), ([1, 3].as_slice(), None));
    assert!(!first[0].stopped);

    assert!(follow_up::set_switch(&mut tx, None, Some("a drill"), scene.user).await?);
    assert!(!follow_up::set_switch(&mut tx, None, Some("again"), scene.user).await?, "it is on");
    let (stopped, _) = follow_up::calendar(&mut tx, planned, None, 5).await?;
    assert!(stopped.iter().all(|one| one.stopped));
    assert!(follow_up_rule::get(&mut tx, rule.id).await?.stopped);
    assert_eq!(follow_up::switches(&mut tx).await?.len(), 1);
    assert!(follow_up::set_switch(&mut tx, None, None, scene.user).await?);
    assert_eq!(follow_up::switches(&mut tx).await?.len(), 0);

    let id: FollowUpId = first[0].id;
    follow_up::cancel(&mut tx, id, scene.user, scene.now).await?;
    let again = follow_up::cancel(&mut tx, id, scene.user, scene.now).await;
    assert!(matches!(again, Err(DbError::WrongState { .. })), "{again:?}");
    tx.commit().await?;
    // Whoever writes needs no reminder, and a rule that is put away reminds nobody.
    scene.says(THEIRS, "Never mind").await?;
    let reason = "SELECT string_agg(DISTINCT reason, ',' ORDER BY reason) FROM follow_ups WHERE rule_id = $1";
    assert_eq!(scene.value(reason, rule.id.uuid()).await?, "person,reply");
    Ok(())
}

/// The past is told with what was known then, by the function that decides today.
#[tokio::test]
async fn the_past_is_tried_as_it_was() -> Result<()> {
    let scene = Scene::new().await?;
    let rule = rule_of(&scene, Trigger::QuestionUnanswered).await?.rule;
    let asked_at = scene.now - TimeDelta::hours(10);
    let number = |index: i64| format!("+1512557{index:04}");
    // Nobody answered the first; the second wrote again; of the third a person took note; the fourth is too young.
    for index in 1..=3 {
        let opened = scene.says_at(&number(index), "How much?", asked_at).await?;
        scene.read_as(opened.item, "question", 20).await?;
        if index == 2 {
            let more = scene.says_at(&number(index), "Well?", asked_at + TimeDelta::minutes(10)).await?;
            scene.read_as(more.item, "other", 0).await?;
        }
        if index == 3 {
            let mut tx = scene.tx().await?;
            inbox_item::archive(&mut tx, opened.item, scene.user, asked_at + TimeDelta::minutes(30)).await?;
            tx.commit().await?;
        }
    }
    let young = scene.says_at(&number(4), "How much?", scene.now - TimeDelta::minutes(5)).await?;
    scene.read_as(young.item, "question", 20).await?;

    let mut tx = scene.tx().await?;
    let since = scene.now - TimeDelta::days(1);
    let past = follow_up::past(&mut tx, &rule, ClientLine::HomeownerAdvisor, since, scene.now, 100).await?;
    tx.commit().await?;
    let rules = std::slice::from_ref(&rule);
    let said: Vec<Option<Guardrail>> = past
        .iter()
        .map(|one| due(rules, &one.facts, one.at).first().and_then(|due| due.stopped_by))
        .collect();
    assert_eq!(said.len(), 3, "one of them is not due yet");
    assert_eq!(said.iter().filter(|stopped| stopped.is_none()).count(), 1);
    assert!(
        said.contains(&Some(Guardrail::Replied)) && said.contains(&Some(Guardrail::PersonActed)),
        "{said:?}"
    );
    Ok(())
}
