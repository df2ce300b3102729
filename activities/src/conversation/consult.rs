//! `conversation.consult`: asks the team's model what the rules are unsure of, and for the words of a suggestion. Key: the item
//! and what is asked of it; nothing is asked twice.
//!
//! Rules have read the reply and the playbook has answered it before anybody comes here. What the model says is weighed, puts
//! the reply in another place or another text before the person who decides, and releases nothing.

use chrono::{DateTime, TimeDelta, Utc};
use domain::message::{Template, Values};
use domain::reply::model::{DraftFault, ModelInstructions, ModelReading, drafted, is_unsure, masked};
use domain::reply::{
    Classification, ClientLine, HoldReason, Intent, Message, Revocation, RuleBook, classify,
};
use entities::model::{self, Purpose, TeamModel, Unread, Unwritten};
use entities::suppression::{self, OptOut, SuppressedKind, SuppressionMethod, SuppressionScope};
use entities::{BulkTransaction, budget, conversation, reply, send_intent};
use providers::model::ModelQuestion;
use workflows::conversation::{ConversationRef, Standing};

use super::settings;
use crate::model::{Asked, ask, end, pass_over};
use crate::{Fault, Resources};

/// The most replies of one conversation that a model reads in one go: the newest.
const MOST: i64 = 3;
/// The most tokens of a reading: a word and a number, and what a model thinks before.
const READING_TOKENS: u32 = 400;
/// The most tokens of a text.
const WRITING_TOKENS: u32 = 800;

pub(super) async fn consult(resources: &Resources, of: ConversationRef) -> Result<Standing, Fault> {
    let mut tx = resources.db.team_bulk(of.team).await?;
    let found = model::get(&mut tx).await?;
    let unread = match &found {
        Some(found) if found.reads => model::unread(&mut tx, of.conversation, MOST).await?,
        _ => Vec::new(),
    };
    tx.commit().await?;
    let Some(found) = found else { return super::look(resources, of).await };
    if resources.models.rest_for(of.team).is_some() {
        return awake_again(resources, of).await;
    }
    if !unread.is_empty() {
        let line = settings(resources, of.team).await?.reply_line;
        for one in &unread {
            read(resources, of, &found, line, one).await?;
        }
        super::attend::attend(resources, of).await?;
    }
    if found.writes {
        let mut tx = resources.db.team_bulk(of.team).await?;
        let unwritten = model::unwritten(&mut tx, of.conversation).await?;
        tx.commit().await?;
        if let Some(one) = unwritten {
            write(resources, of, &found, &one).await?;
        }
    }
    awake_again(resources, of).await
}

/// How the conversation stands; where something is still to be asked and the model rests, it is asked when it is awake again.
async fn awake_again(resources: &Resources, of: ConversationRef) -> Result<Standing, Fault> {
    let mut standing = super::look(resources, of).await?;
    if let Some(wait) = resources.models.rest_for(of.team) {
        let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::minutes(1));
        let awake_at = (Utc::now() + wait).timestamp_millis();
        standing.consult_at = standing.consult_at.map(|at| at.max(awake_at));
    }
    Ok(standing)
}

/// Has a reply read, and puts down what it is taken for.
async fn read(
    resources: &Resources,
    of: ConversationRef,
    found: &TeamModel,
    line: ClientLine,
    one: &Unread,
) -> Result<(), Fault> {
    let rules = classify(RuleBook::shipped(line), &Message::text(&one.text, one.said_before.as_deref()));
    let instructions = ModelInstructions::shipped();
    if !is_unsure(&rules) {
        let version = &instructions.version;
        return pass_over(resources, of.team, one.item, Purpose::Reading, version, "no_doubt").await;
    }
    let names: Vec<&str> = one.names.iter().map(String::as_str).collect();
    let question = ModelQuestion {
        instructions: instructions.reading.clone(),
        message: masked(&one.text, &names),
        schema_name: "reading",
        schema: ModelReading::schema(),
        most_tokens: READING_TOKENS,
    };
    let version = &instructions.version;
    let asked = ask(resources, of.team, found, one.item, Purpose::Reading, version, &question).await?;
    let Some(asked) = asked else { return Ok(()) };
    let reading = match &asked.answer {
        Err(_) => return end(resources, of.team, &asked, None).await,
        Ok(answer) => ModelReading::from_answer(&answer.content),
    };
    match reading {
        Err(fault) => end(resources, of.team, &asked, Some(fault.as_str())).await,
        Ok(reading) => {
            let said = reading.weighed(&rules);
            let mut tx = resources.db.team_bulk(of.team).await?;
            reply::lock(&mut tx, of.conversation).await?;
            let now = Utc::now();
            model::end(&mut tx, asked.call, &asked.end(None), now).await?;
            if said != rules {
                take_down(&mut tx, of, one, &said, version, now).await?;
            }
            tx.commit().await?;
            Ok(())
        }
    }
}

/// Writes down what the model takes the reply for, and obeys.
async fn take_down(
    tx: &mut BulkTransaction,
    of: ConversationRef,
    one: &Unread,
    said: &Classification,
    version: &str,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let (intent, rule) = (said.intent.as_str(), &said.rule);
    if !model::said_by_model(tx, one.item, intent, said.confidence, rule, version, now).await? {
        return Ok(());
    }
    if said.revocation == Revocation::Likely {
        let who = OptOut {
            kind: SuppressedKind::Phone,
            value: &one.from,
            scope: SuppressionScope::Team,
            subject: "",
            method: SuppressionMethod::Language,
            source: &one.provider,
        };
        suppression::opt_out(tx, &who, now).await?;
        conversation::silence(tx, &one.from, HoldReason::LikelyOptOut, now).await?;
    } else if said.intent == Intent::WrongNumber {
        conversation::hold(tx, of.conversation, HoldReason::WrongNumber, now).await?;
    }
    // What was suggested before is stale, and takes its row of the ledger with it.
    let dropped = send_intent::tidy_replies(tx, &[of.conversation], now).await?;
    budget::release_many(tx, &dropped).await?;
    Ok(())
}

/// Has an answer written, and puts it in the place of the playbook's.
async fn write(
    resources: &Resources,
    of: ConversationRef,
    found: &TeamModel,
    one: &Unwritten,
) -> Result<(), Fault> {
    let names: Vec<&str> = one.names.iter().map(String::as_str).collect();
    let instructions = ModelInstructions::shipped();
    let scene = format!(
        " The reply was taken for: {}. The conversation's stage: {}. Whoever answers sounds: {}, {}. The sample answer: {}",
        one.intent,
        one.stage,
        or_plain(&one.voice),
        or_plain(&one.tone),
        masked(&one.text, &names),
    );
    let question = ModelQuestion {
        instructions: instructions.writing.clone() + &scene,
        message: masked(&one.said, &names),
        schema_name: "answer",
        schema: DraftFault::schema(),
        most_tokens: WRITING_TOKENS,
    };
    let version = &instructions.version;
    let asked = ask(resources, of.team, found, one.item, Purpose::Writing, version, &question).await?;
    let Some(asked) = asked else { return Ok(()) };
    match text(&asked, one) {
        Err(unused) => end(resources, of.team, &asked, unused).await,
        Ok(text) => {
            let mut tx = resources.db.team_bulk(of.team).await?;
            reply::lock(&mut tx, of.conversation).await?;
            let now = Utc::now();
            model::end(&mut tx, asked.call, &asked.end(None), now).await?;
            model::replace_suggestion(&mut tx, one.suggestion, &text, &found.model, now).await?;
            tx.commit().await?;
            Ok(())
        }
    }
}

/// What the model wrote, as it is said to this person; `Err`: why it is of no use, where it said anything.
fn text(asked: &Asked, one: &Unwritten) -> Result<String, Option<&'static str>> {
    let answer = asked.answer.as_ref().map_err(|_| None)?;
    let template = drafted(&answer.content).map_err(|fault| Some(fault.as_str()))?;
    let who = Values { first_name: one.first_name.clone(), ..Values::default() };
    let rendered = Template::parse(&template).ok().and_then(|template| template.render(&who).ok());
    rendered.ok_or(Some("unsendable"))
}

fn or_plain(words: &str) -> &str {
    if words.trim().is_empty() { "plain" } else { words }
}
