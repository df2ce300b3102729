//! The rules of following up, as data.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::FollowUpFacts;
use crate::message::{Template, TemplateFault};
use crate::named::named_enum;
use crate::reply::{Bucket, ClientLine};

named_enum! {
    /// What following up waits for.
    Trigger {
        /// An address was given, and they have been silent since.
        EmailCapturedSilent = "email_captured_silent",
        /// They are interested and no address of theirs is known.
        InterestedWithoutEmail = "interested_without_email",
        /// They asked, and nobody answered.
        QuestionUnanswered = "question_unanswered",
        /// They called, and nobody has reached them since.
        CalledNotContacted = "called_not_contacted",
    }
}

impl Trigger {
    /// Whether an answer of ours ends the wait. After an address was given what was promised is sent, and that is no end.
    pub const fn ends_with_answer(self) -> bool {
        matches!(self, Self::QuestionUnanswered)
    }
}

named_enum! {
    /// How urgent a task is.
    TaskPriority {
        /// When there is time.
        Low = "low",
        /// In its turn.
        Normal = "normal",
        /// First.
        High = "high",
    }
}

/// Something that a rule does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum FollowUpAction {
    /// Send a text, through the gate.
    SendSms {
        /// Its template.
        text: String,
    },
    /// Send an e-mail, through the gate.
    SendEmail {
        /// Its subject.
        subject: String,
        /// Its template.
        text: String,
    },
    /// Give somebody something to do.
    CreateTask {
        /// What.
        title: String,
        /// How urgent it is.
        priority: TaskPriority,
    },
    /// Put the reply into another bucket.
    MoveBucket {
        /// Which.
        bucket: Bucket,
    },
    /// Move the lead's score.
    AdjustScore {
        /// By how much, −100 to 100.
        points: i8,
    },
    /// Put a tag on the lead.
    Tag {
        /// Which: small letters, digits and hyphens.
        tag: String,
    },
    /// Tell the team.
    Notify {
        /// What.
        text: String,
    },
}

impl FollowUpAction {
    /// Whether the other side gets something.
    pub const fn writes(&self) -> bool {
        matches!(self, Self::SendSms { .. } | Self::SendEmail { .. })
    }
}

/// For whom a rule is. Empty: for all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FollowUpConditions {
    /// Lines of business; empty for all.
    pub lines: Vec<ClientLine>,
    /// The least score of a lead.
    pub least_score: u8,
}

impl FollowUpConditions {
    pub(super) fn hold_for(&self, facts: &FollowUpFacts) -> bool {
        (self.lines.is_empty() || self.lines.contains(&facts.line)) && facts.lead_score >= self.least_score
    }
}

/// One rule of following up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowUpRule {
    /// Its name, unique in the team.
    pub name: String,
    /// What it waits for.
    pub trigger: Trigger,
    /// How long after that, 1 to [`MOST_MINUTES`](Self::MOST_MINUTES).
    pub after_minutes: u32,
    /// For whom.
    #[serde(default)]
    pub conditions: FollowUpConditions,
    /// What is done, in this order: 1 to [`MOST_ACTIONS`](Self::MOST_ACTIONS).
    pub actions: Vec<FollowUpAction>,
    /// Whether it is in force.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Counts its changes.
    #[serde(default = "one")]
    pub version: u32,
}

const fn yes() -> bool {
    true
}

const fn one() -> u32 {
    1
}

/// Why a rule is none. Says which of its parts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FollowUpRuleFault {
    /// It has no name, or one that is too long.
    #[error("a rule needs a name of at most 100 characters")]
    Name,
    /// At once, or later than anybody remembers.
    #[error("a rule waits 1 to {most} minutes, not {0}", most = FollowUpRule::MOST_MINUTES)]
    Wait(u32),
    /// It does nothing, or too much.
    #[error("a rule does 1 to {most} things, not {0}", most = FollowUpRule::MOST_ACTIONS)]
    Actions(usize),
    /// Two messages at once.
    #[error("a rule sends at most one text and one e-mail")]
    Twice,
    /// What it sends is no template.
    #[error("action {at}: {fault}")]
    Text {
        /// Which, from 1.
        at: usize,
        /// What is wrong with it.
        fault: TemplateFault,
    },
    /// Nothing to do, to say, or to tag with.
    #[error("action {0} needs words: a title, a text, or a tag of small letters, digits and hyphens")]
    Words(usize),
}

impl FollowUpRule {
    /// Thirty days: a conversation is finished then.
    pub const MOST_MINUTES: u32 = 43_200;
    /// More than this is a workflow of its own.
    pub const MOST_ACTIONS: usize = 5;

    /// Whether it can be kept.
    ///
    /// # Errors
    /// [`FollowUpRuleFault`] names the first thing that is wrong.
    pub fn check(&self) -> Result<(), FollowUpRuleFault> {
        if !(1..=100).contains(&self.name.trim().chars().count()) {
            return Err(FollowUpRuleFault::Name);
        }
        if !(1..=Self::MOST_MINUTES).contains(&self.after_minutes) {
            return Err(FollowUpRuleFault::Wait(self.after_minutes));
        }
        if !(1..=Self::MOST_ACTIONS).contains(&self.actions.len()) {
            return Err(FollowUpRuleFault::Actions(self.actions.len()));
        }
        let count =
            |wanted: fn(&FollowUpAction) -> bool| self.actions.iter().filter(|action| wanted(action)).count();
        let texts = count(|action| matches!(action, FollowUpAction::SendSms { .. }));
        let emails = count(|action| matches!(action, FollowUpAction::SendEmail { .. }));
        if texts > 1 || emails > 1 {
            return Err(FollowUpRuleFault::Twice);
        }
        self.actions.iter().enumerate().try_for_each(|(at, action)| check(at + 1, action))
    }
}

fn check(at: usize, action: &FollowUpAction) -> Result<(), FollowUpRuleFault> {
    let says = |text: &str| match text.trim().is_empty() {
        true => Err(FollowUpRuleFault::Words(at)),
        false => Ok(()),
    };
    let is_template = |text: &str| match Template::parse(text) {
        Ok(_) => Ok(()),
        Err(fault) => Err(FollowUpRuleFault::Text { at, fault }),
    };
    match action {
        FollowUpAction::SendSms { text } => is_template(text),
        FollowUpAction::SendEmail { subject, text } => is_template(subject).and_then(|()| is_template(text)),
        FollowUpAction::CreateTask { title: text, .. } | FollowUpAction::Notify { text } => says(text),
        FollowUpAction::Tag { tag } => {
            let fits = tag.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            says(tag).and(if fits { Ok(()) } else { Err(FollowUpRuleFault::Words(at)) })
        }
        FollowUpAction::MoveBucket { .. } | FollowUpAction::AdjustScore { .. } => Ok(()),
    }
}

/// Rules of following up in one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowUpRules {
    /// Its name, unique among all there ever were.
    pub version: String,
    /// What it is.
    pub note: String,
    rules: Vec<FollowUpRule>,
}

/// Why a text holds no rules of following up.
#[derive(Debug, thiserror::Error)]
pub enum FollowUpRulesFault {
    /// It is not JSON of this shape.
    #[error("these are no rules of following up: {0}")]
    Shape(#[from] serde_json::Error),
    /// One of them is none.
    #[error("the rule {name:?}: {fault}")]
    Rule {
        /// Its name.
        name: String,
        /// What is wrong with it.
        fault: FollowUpRuleFault,
    },
}

impl FollowUpRules {
    /// The rules that this release ships, with which a team begins.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<FollowUpRules> = LazyLock::new(|| {
            let rules = FollowUpRules::from_json(include_str!("../../../data/replies/follow_ups.json"));
            // Held by a test of this crate.
            rules.expect("the rules of following up that are compiled in are read")
        });
        &SHIPPED
    }

    /// The rules, in their order.
    pub fn rules(&self) -> &[FollowUpRule] {
        &self.rules
    }

    /// Reads rules.
    ///
    /// # Errors
    /// [`FollowUpRulesFault`] says what is wrong with them.
    pub fn from_json(text: &str) -> Result<Self, FollowUpRulesFault> {
        let read: Self = serde_json::from_str(text)?;
        for rule in &read.rules {
            rule.check().map_err(|fault| FollowUpRulesFault::Rule { name: rule.name.clone(), fault })?;
        }
        Ok(read)
    }
}
