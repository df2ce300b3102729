//! Prepares an answer to what came in last. Each item is answered once.
//!
//! A suggestion waits for a person, unless the team lets answers out by itself, everything is sure, and the conversation has not
//! had as many as may be. What goes out is asked of the gate again when it is sent.

use chrono::{DateTime, TimeDelta, Utc};
use domain::id::{ConversationId, SuggestionId};
use domain::message::Template;
use domain::reply::{
    AutoReplyPolicy, Classification, ConversationState, Intent, Message, Playbook, RuleBook, Scene, SoFar,
    Stage, Suggestion, classify, may_answer, suggest as answer,
};
use entities::BulkTransaction;
use entities::reply::{self, NewSuggestion, SuggestionScene};
use entities::team::TeamSettings;
use sha2::{Digest, Sha256};

use crate::Fault;

/// Prepares an answer in each of these conversations that wants one, and releases those that may go out by themselves.
pub(super) async fn suggest(
    tx: &mut BulkTransaction,
    conversations: &[ConversationId],
    settings: &TeamSettings,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let scenes = reply::suggestion_scenes(tx, conversations).await?;
    let (mut suggestions, mut free) = (Vec::new(), Vec::new());
    for scene in &scenes {
        let Some((suggestion, is_free)) = prepare(scene, settings, now) else { continue };
        if is_free {
            free.push(suggestion.conversation);
        }
        suggestions.push(suggestion);
    }
    let made = reply::suggest(tx, &suggestions, now).await?;
    let released: Vec<SuggestionId> =
        made.into_iter().filter(|(conversation, _)| free.contains(conversation)).map(|(_, id)| id).collect();
    reply::approve_automatically(tx, &released, now).await?;
    Ok(())
}

/// An answer, and whether it may go out by itself; `None` where the playbook has none: a person finds one then.
fn prepare<'a>(
    scene: &'a SuggestionScene,
    settings: &TeamSettings,
    now: DateTime<Utc>,
) -> Option<(NewSuggestion<'a>, bool)> {
    let said = as_taken(scene, settings);
    let stage: Stage = scene.stage.parse().unwrap_or(Stage::WarmingUp);
    let asked = Scene {
        line: settings.reply_line,
        stage,
        intent: said.intent,
        confidence: said.confidence,
        extracted: &said.extracted,
        voice: &scene.voice,
        tone: &scene.tone,
        signature: &scene.signature,
    };
    let found = answer(Playbook::shipped(), &asked).ok()?;
    let (text, alternatives) = words(scene, &found)?;
    let policy = AutoReplyPolicy { enabled: settings.auto_reply, ..AutoReplyPolicy::default() };
    let so_far = SoFar {
        // The scene is of open conversations only.
        state: ConversationState::Open,
        automatic: scene.auto_replies.into(),
        rebuttals: scene.rebuttals.into(),
        has_lead: scene.has_lead,
    };
    let may = may_answer(&policy, &so_far, &said, found.confidence);
    if let Err(why) = may {
        tracing::debug!(why = why.as_str(), "the suggestion waits for a person");
    }
    let suggestion = NewSuggestion {
        conversation: scene.conversation,
        item: Some(scene.item),
        origin: "playbook",
        stage: stage.as_str(),
        text,
        alternatives,
        intent: Some(said.intent.as_str()),
        confidence: Some(found.confidence),
        next_action: Some(found.next_action.as_str()),
        notes: found.notes,
        rebuttal: found.is_rebuttal,
        profile: scene.profile,
        expires_at: now + TimeDelta::hours(i64::from(settings.suggestion_ttl_hours.max(1))),
    };
    Some((suggestion, may.is_ok()))
}

/// What the item was taken for: by the rules, or by a person who has said otherwise since.
fn as_taken(scene: &SuggestionScene, settings: &TeamSettings) -> Classification {
    let read = classify(RuleBook::shipped(settings.reply_line), &Message::text(&scene.text, None));
    let intent: Intent = scene.intent.parse().unwrap_or(Intent::Other);
    let mut said = if read.intent == intent {
        read
    } else {
        Classification { extracted: read.extracted, ..Classification::plain(intent, scene.confidence) }
    };
    said.needs_person |= scene.needs_person;
    said
}

/// The words of a suggestion with what is known of the person, the first of them one that was not said before; `None` where
/// none can be said.
fn words(scene: &SuggestionScene, found: &Suggestion) -> Option<(String, Vec<String>)> {
    let bodies = std::iter::once(&found.text).chain(&found.alternatives);
    let rendered: Vec<String> =
        bodies.filter_map(|body| Template::parse(body).ok()?.render(&scene.who).ok()).collect();
    let is_new = |text: &String| {
        let hash = Sha256::digest(text.as_bytes());
        !scene.said.iter().any(|said| said.as_slice() == hash.as_slice())
    };
    let first = rendered.iter().position(is_new)?;
    let rest = rendered.iter().enumerate().filter(|(at, _)| *at != first).map(|(_, text)| text.clone());
    Some((rendered[first].clone(), rest.take(2).collect()))
}
