//! Asking a team's language model: with its own key, for its own money, once about each message, and never in a transaction.
//!
//! Whatever goes wrong, the rules have answered already: a model that is away, slow, out of money or talks nonsense changes
//! nothing.

mod rest;

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use domain::id::{InboxItemId, ModelCallId, TeamId};
use domain::money::MicroDollars;
use entities::model::{self, CallEnd, Purpose, TeamModel};
use providers::Secret;
use providers::model::{ModelAccount, ModelAnswer, ModelClient, ModelFault, ModelQuestion};

use self::rest::Rest;
use crate::{Fault, Resources};

/// What asks the models of all teams, and leaves alone those that do not answer.
#[derive(Debug, Clone)]
pub struct Models {
    client: ModelClient,
    rest: Arc<Rest>,
}

impl Models {
    /// Models asked through `client`.
    pub fn new(client: ModelClient) -> Self {
        Self { client, rest: Arc::default() }
    }

    /// For how long this worker leaves a team's model alone; `None` where it does not.
    pub(crate) fn rest_for(&self, team: TeamId) -> Option<Duration> {
        self.rest.rests_for(team, Instant::now())
    }
}

/// What came of a question. The call is ended by whoever uses the answer, in the transaction in which it does.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The call.
    pub(crate) call: ModelCallId,
    /// What it said, or why not.
    pub(crate) answer: Result<ModelAnswer, ModelFault>,
    /// What it cost.
    pub(crate) cost: MicroDollars,
}

impl Asked {
    /// How the call ended; `unused`: why what it said is of no use.
    pub(crate) fn end(&self, unused: Option<&'static str>) -> CallEnd<'_> {
        let usage = match &self.answer {
            Ok(answer) => answer.usage,
            Err(fault) => fault.usage(),
        };
        CallEnd {
            answer: self.answer.as_ref().ok().filter(|_| unused.is_none()).map(|answer| &answer.content),
            reason: unused.or(self.answer.as_ref().err().map(ModelFault::as_str)),
            model: self.answer.as_ref().ok().map(|answer| answer.model.as_str()),
            tokens: usage.map(|usage| (usage.input_tokens, usage.output_tokens)),
            cost: self.cost,
        }
    }
}

/// Asks a team's model about an item; `None` where it is not asked: it rests, and may be asked afterwards; or it cannot be asked,
/// was asked before, or the money is spent, and is not asked about this item at all.
pub(crate) async fn ask(
    resources: &Resources,
    team: TeamId,
    of: &TeamModel,
    item: InboxItemId,
    purpose: Purpose,
    instructions: &str,
    question: &ModelQuestion,
) -> Result<Option<Asked>, Fault> {
    let models = &resources.models;
    if models.rest_for(team).is_some() {
        return Ok(None);
    }
    let account = match account(resources, of) {
        Ok(account) => account,
        Err(why) => {
            tracing::warn!(%team, %why, "a team's model cannot be asked; it is to be set anew");
            pass_over(resources, team, item, purpose, instructions, "unusable").await?;
            return Ok(None);
        }
    };
    let most = of.cost(question.most_input_tokens(), question.most_tokens.into());
    let mut tx = resources.db.team_bulk(team).await?;
    let begun = model::begin(&mut tx, item, purpose, instructions, most).await?;
    tx.commit().await?;
    let Some(call) = begun else { return Ok(None) };
    let began = Instant::now();
    let answer = models.client.ask(&account, question).await;
    let took_ms = began.elapsed().as_millis();
    let cost = match &answer {
        Ok(answer) => answer.usage.map_or(most, |usage| of.cost(usage.input_tokens, usage.output_tokens)),
        Err(fault) if fault.is_free() => MicroDollars::ZERO,
        Err(fault) => fault.usage().map_or(most, |usage| of.cost(usage.input_tokens, usage.output_tokens)),
    };
    match &answer {
        Err(fault) if fault.is_of_the_server() => {
            let wait = if let ModelFault::RateLimited { retry_after } = fault { *retry_after } else { None };
            models.rest.failed(team, wait, Instant::now());
        }
        _ => models.rest.answered(team),
    }
    let outcome = answer.as_ref().err().map_or("answered", ModelFault::as_str);
    tracing::info!(%call, %item, purpose = purpose.as_str(), outcome, took_ms, cost_micros = cost.micros(), "a model was asked");
    Ok(Some(Asked { call, answer, cost }))
}

/// Notes that the model is not asked about an item.
pub(crate) async fn pass_over(
    resources: &Resources,
    team: TeamId,
    item: InboxItemId,
    purpose: Purpose,
    instructions: &str,
    why: &str,
) -> Result<(), Fault> {
    let mut tx = resources.db.team_bulk(team).await?;
    model::pass_over(&mut tx, item, purpose, instructions, why).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends a call of which nothing else is kept.
pub(crate) async fn end(
    resources: &Resources,
    team: TeamId,
    asked: &Asked,
    unused: Option<&'static str>,
) -> Result<(), Fault> {
    let mut tx = resources.db.team_bulk(team).await?;
    model::end(&mut tx, asked.call, &asked.end(unused), Utc::now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Why a team's model cannot be asked.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("its address is none: {0}")]
    Address(#[from] providers::notice::AddressError),
    #[error("its key cannot be opened: {0}")]
    Sealed(#[from] workflows::codec::CodecError),
    #[error("its key is no text")]
    Text(#[from] std::string::FromUtf8Error),
}

/// Where the team's model is, with its key.
fn account(resources: &Resources, of: &TeamModel) -> Result<ModelAccount, Unusable> {
    let base_url = of.base_url.parse()?;
    let key = match &of.sealed_key {
        None => None,
        Some((sealed, key_id)) => {
            Some(Secret::from(String::from_utf8(resources.keys.open(key_id, sealed)?)?))
        }
    };
    Ok(ModelAccount { base_url, model: of.model.clone(), key })
}
