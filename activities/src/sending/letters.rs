//! E-mails that belong to no campaign: what was promised to an address, and what a follow-up writes.
//!
//! One way for both: the last look and the beginning of the call are one transaction, then the mail server is called, and what came of
//! it is written down. Whoever dies in between leaves a letter that may have left: it is not sent again, and a person is asked to
//! find out. What follows from an answer is what follows for campaigns ([`super::policy`]).

use chrono::{DateTime, TimeDelta, Utc};
use domain::gate::RuleId;
use domain::id::{LetterId, TeamId};
use domain::money::Priced;
use entities::budget;
use entities::letter::{self, For, Found, Stage, Stopped, Under};
use entities::outreach::ReplyScene;
use entities::send_intent::Outcome;
use entities::sender::{self, MailSender};
use entities::suppression;
use entities::task::{self, NewTask, TaskPriority};
use entities::{BulkTransaction, audience, fresh_id, gate_verdict};
use futures::FutureExt;
use providers::email::{OutgoingEmail, RefusalAction, SendOutcome};

use super::mail::{Letter, MailFault};
use super::policy::follows;
use super::vendor::SMTP;
use crate::enrich::again::again;
use crate::{Fault, Resources};

/// How soon is looked whether somebody's call has ended.
const SOON: TimeDelta = TimeDelta::seconds(5);
/// How long what circumstances stop, such as a switch, is left alone at first.
const LOOK_AGAIN: TimeDelta = TimeDelta::minutes(1);
/// The longest wait between two looks: each is some events of the workflow that sends it.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(15);
/// A letter that could not leave for so long is the people's again.
const GIVE_UP: TimeDelta = TimeDelta::hours(24);

/// What letters came to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    /// The mail server took so many.
    pub(crate) accepted: u32,
    /// It did not take so many, or nothing left and nothing will.
    pub(crate) refused: u32,
    /// So many may have left, and nobody knows.
    pub(crate) unknown: u32,
    /// So many are to be looked at again.
    pub(crate) held: u32,
    /// When.
    pub(crate) again_at: Option<DateTime<Utc>>,
}

impl Tally {
    fn count(&mut self, stage: Stage) {
        match stage {
            Stage::Accepted => self.accepted += 1,
            Stage::Refused | Stage::Withheld => self.refused += 1,
            Stage::Unknown => self.unknown += 1,
            Stage::Planned | Stage::Calling => self.held += 1,
        }
    }

    fn later(&mut self, at: DateTime<Utc>) {
        self.held += 1;
        self.again_at = Some(self.again_at.map_or(at, |before| before.min(at)));
    }
}

/// Sends what may be sent now of what is open. A call that was begun has to be seen through: run it in a task of its own.
pub(crate) async fn send_open(resources: &Resources, team: TeamId, under: Under) -> Result<Tally, Fault> {
    let mut tx = resources.db.team_bulk(team).await?;
    let open = letter::open(&mut tx, under).await?;
    tx.commit().await?;
    let mut tally = Tally::default();
    for id in open {
        send(resources, team, id, &mut tally).await?;
    }
    Ok(tally)
}

/// What the last look says.
enum Look {
    /// It has ended.
    Over(Stage),
    /// Not before this.
    Later(DateTime<Utc>),
    /// It leaves now.
    Leaves(Box<Found>, Box<OutgoingEmail>),
}

async fn send(resources: &Resources, team: TeamId, id: LetterId, tally: &mut Tally) -> Result<(), Fault> {
    // Not repeated where the commit fails: it may have been done, and then nobody sends it before its lease is over.
    match look(resources, team, id, Utc::now()).await? {
        Look::Over(stage) => tally.count(stage),
        Look::Later(at) => tally.later(at),
        Look::Leaves(found, email) => {
            let outcome = call(resources, &email).await;
            tracing::info!(%team, letter = %id, outcome = outcome.as_str(), "a letter was sent");
            match again(|| write_down(resources, team, &found, &email, &outcome).boxed()).await? {
                Some((Stage::Planned, at)) => tally.later(at),
                Some((stage, _)) => tally.count(stage),
                None => {}
            }
        }
    }
    Ok(())
}

async fn call(resources: &Resources, email: &OutgoingEmail) -> SendOutcome {
    let Ok(server) = resources.mail.provider() else {
        return SendOutcome::NotSent { detail: MailFault::NoServer.to_string() };
    };
    let limit = resources.texters.policy.call_timeout;
    match tokio::time::timeout(limit, server.send(email)).await {
        Ok(outcome) => outcome,
        Err(_late) => SendOutcome::Unknown { why: "timed_out".to_owned() },
    }
}

/// One transaction: whether it may leave, and if so the beginning of the call.
async fn look(resources: &Resources, team: TeamId, id: LetterId, now: DateTime<Utc>) -> Result<Look, Fault> {
    let mut tx = resources.db.team_bulk(team).await?;
    let found = letter::find(&mut tx, id).await?;
    match found.stage {
        Stage::Calling if found.next_at <= now => {
            // Whoever called did not say what came of it: it counts as paid, and is not sent again.
            letter::lose(&mut tx, &found, now).await?;
            budget::settle_many(&mut tx, &[(id, found.price)]).await?;
            ask_somebody(&mut tx, &found, Stage::Unknown, "outcome_unknown").await?;
            tx.commit().await?;
            return Ok(Look::Over(Stage::Unknown));
        }
        Stage::Planned if found.next_at <= now => {}
        // Whoever calls says so in a moment, or is given up.
        Stage::Calling => return Ok(Look::Later(found.next_at.min(now + SOON))),
        Stage::Planned => return Ok(Look::Later(found.next_at)),
        stage => return Ok(Look::Over(stage)),
    }
    let judged = judge(resources, team, &mut tx, &found, now).await?;
    let done = match judged {
        Judged::Never(why) => {
            end(&mut tx, &found, why, now).await?;
            Look::Over(Stage::Withheld)
        }
        Judged::NotYet(_, why) if now - found.created_at >= GIVE_UP => {
            end(&mut tx, &found, why, now).await?;
            Look::Over(Stage::Withheld)
        }
        Judged::NotYet(at, why) => {
            letter::hold(&mut tx, id, at, why).await?;
            Look::Later(at)
        }
        Judged::May(from, email) => {
            let lease = resources.texters.policy.lease;
            letter::call(&mut tx, &found, &from, Priced::Email.default_price(), lease, now).await?;
            Look::Leaves(Box::new(found), email)
        }
    };
    tx.commit().await?;
    Ok(done)
}

enum Judged {
    May(MailSender, Box<OutgoingEmail>),
    NotYet(DateTime<Utc>, &'static str),
    Never(&'static str),
}

/// Whether it may leave, and what leaves then. The money is put aside.
async fn judge(
    resources: &Resources,
    team: TeamId,
    tx: &mut BulkTransaction,
    found: &Found,
    now: DateTime<Utc>,
) -> Result<Judged, Fault> {
    if found.is_stale {
        return Ok(Judged::Never("stale"));
    }
    let Some(from) = sender::mail_sender(tx, found.sender).await? else {
        return Ok(Judged::Never("no_sender"));
    };
    match letter::stopped(tx, found, &from).await? {
        Some(Stopped::Suppression) => return Ok(Judged::Never(Stopped::Suppression.as_str())),
        Some(Stopped::KillSwitch) => {
            return Ok(Judged::NotYet(now + rest(found, now), Stopped::KillSwitch.as_str()));
        }
        None => {}
    }
    if matches!(found.what_for, For::FollowUp(_))
        && let Some(judged) = gate(tx, found, &from, now).await?
    {
        return Ok(judged);
    }
    let key = found.id.to_string();
    let words =
        Letter { key: &key, campaign: None, to: &found.to, subject: &found.subject, body: &found.body };
    let written = resources.mail.ready().and_then(|_| resources.mail.write(team, &from, words));
    let email = match written {
        Ok(email) => email,
        Err(fault) => {
            tracing::warn!(%team, letter = %found.id, %fault, "a letter cannot be sent; a person is asked to");
            return Ok(Judged::Never(fault.as_str()));
        }
    };
    let scene = ReplyScene::read(tx, found.conversation, now).await?;
    let price = Priced::Email.default_price();
    if !budget::put_aside(tx, found.id, price, &scene.scopes_by(SMTP)).await? {
        return Ok(Judged::NotYet(now + LONGEST_WAIT, RuleId::Budget.as_str()));
    }
    Ok(Judged::May(from, Box::new(email)))
}

/// How long it is left alone: the longer it has waited, the longer.
fn rest(found: &Found, now: DateTime<Utc>) -> TimeDelta {
    ((now - found.created_at) / 4).clamp(LOOK_AGAIN, LONGEST_WAIT)
}

/// What the gate has against a letter that nobody asked for; what it says is kept.
async fn gate(
    tx: &mut BulkTransaction,
    found: &Found,
    from: &MailSender,
    now: DateTime<Utc>,
) -> Result<Option<Judged>, Fault> {
    let Some(who) = audience::by_letter(tx, found.conversation, &found.to, now).await? else {
        return Ok(Some(Judged::Never("no_lead")));
    };
    let scene = ReplyScene::read(tx, found.conversation, now).await?;
    let words = (found.subject.as_str(), found.body.as_str());
    let judged = scene.judge_letter(tx, &who, &from.address, words, found.given_at, now).await?;
    let (verdict, inputs) = match judged {
        Ok(judged) => judged,
        Err(lacking) => return Ok(Some(Judged::Never(lacking.as_str()))),
    };
    let kept = gate_verdict::Kept {
        id: fresh_id(),
        lead: who.lead,
        step: 0,
        intent: None,
        allowed: verdict.allowed,
        rule: verdict.rule.as_str(),
        rule_set: scene.rules.version(),
        inputs_hash: verdict.inputs_hash,
        // Plain data of fixed shapes, which serializes.
        inputs: serde_json::to_value(inputs).unwrap_or_default(),
        next_allowed_at: verdict.next_allowed_at,
        at: now,
    };
    gate_verdict::keep_of_reply(tx, scene.conversation, &kept).await?;
    let word = verdict.rule.as_str();
    Ok(match (verdict.allowed, verdict.rule, verdict.next_allowed_at) {
        (true, ..) => None,
        (false, _, Some(next)) => Some(Judged::NotYet(next.max(now), word)),
        (false, RuleId::KillSwitch | RuleId::Team | RuleId::Budget, None) => {
            Some(Judged::NotYet(now + rest(found, now), word))
        }
        (false, _, None) => Some(Judged::Never(word)),
    })
}

/// One transaction: the outcome, and what must not be lost with it. Answers how far the letter is, and when it is looked at again.
async fn write_down(
    resources: &Resources,
    team: TeamId,
    found: &Found,
    email: &OutgoingEmail,
    outcome: &SendOutcome,
) -> Result<Option<(Stage, DateTime<Utc>)>, Fault> {
    let now = Utc::now();
    let follows = follows(outcome, found.attempt + 1, now, &resources.texters.policy);
    let mut settled = follows.outcome.clone();
    let mut again_at = now;
    if let Outcome::Back { due_at, .. } = &mut settled {
        // The longer it lasts, the longer is waited.
        let waited = (now - found.created_at).min(LONGEST_WAIT);
        *due_at = (*due_at).max(now + waited / 2);
        again_at = *due_at;
    }
    if matches!(settled, Outcome::Back { .. }) && now - found.created_at >= GIVE_UP {
        settled = Outcome::Refused { code: outcome.as_str() };
    }
    let mut tx = resources.db.team_bulk(team).await?;
    let Some(stage) = letter::settle(&mut tx, found, &settled, now).await? else { return Ok(None) };
    match stage {
        Stage::Accepted | Stage::Unknown => {
            budget::settle_many(&mut tx, &[(found.id, Priced::Email.default_price())]).await?;
        }
        _ => {
            budget::release_many(&mut tx, &[found.id]).await?;
        }
    }
    if let SendOutcome::Refused { action: RefusalAction::MarkInvalid, .. } = outcome {
        suppression::bounced(&mut tx, SMTP, &[email.to.expose().to_owned()]).await?;
    }
    if matches!(stage, Stage::Refused | Stage::Unknown) {
        let code = match outcome {
            SendOutcome::Refused { code, .. } | SendOutcome::AccountStop { code } => code.as_str(),
            _ if stage == Stage::Unknown => "outcome_unknown",
            other => other.as_str(),
        };
        ask_somebody(&mut tx, found, stage, code).await?;
    }
    tx.commit().await?;
    Ok(Some((stage, again_at)))
}

/// Nothing of it leaves. Unless the person is to be left alone, somebody is asked to see to it.
async fn end(
    tx: &mut BulkTransaction,
    found: &Found,
    why: &'static str,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    letter::withhold(tx, found.id, why, now).await?;
    if why != Stopped::Suppression.as_str() && why != "stale" {
        ask_somebody(tx, found, Stage::Withheld, why).await?;
    }
    Ok(())
}

/// A task for what did not leave, or may not have: once for a letter.
pub(crate) async fn ask_somebody(
    tx: &mut BulkTransaction,
    found: &Found,
    stage: Stage,
    why: &str,
) -> Result<(), Fault> {
    let (title, what) = match stage {
        Stage::Unknown => (
            "Find out whether an e-mail arrived",
            "It may have been sent, and is not sent again by itself: look into the mailbox that it was sent from, or ask",
        ),
        _ => ("Send an e-mail", "It was not sent"),
    };
    let notes = match found.what_for {
        For::Deliverable(id) => format!("{what} ({why}). What it says is with the deliverable {id}."),
        For::FollowUp(_) => format!("{what} ({why}).\n\n{}\n\n{}", found.subject, found.body),
    };
    let dedup_key = format!("letter:{}", found.id);
    let kind = match found.what_for {
        For::Deliverable(_) => "deliverable",
        For::FollowUp(_) => "follow_up",
    };
    let task = NewTask {
        kind,
        subject: None,
        title,
        notes: &notes,
        priority: TaskPriority::High,
        due_at: None,
        conversation: Some(found.conversation),
        lead: found.lead,
        assigned_to: None,
        dedup_key: Some(&dedup_key),
        by: None,
    };
    task::put(tx, &task).await?;
    Ok(())
}
