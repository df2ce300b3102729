//! What a reply is judged by: the same gate, told the same things, but for what is different where somebody has written to us.
//!
//! An answer belongs to no campaign's life: it goes out although the campaign has ended, and a campaign's own hours do not hold
//! for it; its kill switch does, and its budget. Who wrote has asked, so that their message is a ground to be answered where no
//! stronger consent is kept. What was sent before they wrote does not count against the caps of an answer; of a follow-up, which
//! nobody asked for, everything counts. The one text that confirms an opt-out is not stopped by that opt-out. Whether it may leave
//! is for the gate to say in either case.

use chrono::{DateTime, Utc};
use domain::campaign::{CampaignState, Channel, ConsentBasis};
use domain::gate::{self, Approval, CampaignFacts, Mailbox, SuppressionReason, Windows};
use domain::id::{CampaignId, ConversationId, SenderId, TypedId};
use domain::money::{MicroDollars, Priced};
use uuid::Uuid;

use super::judge::{Judged, Lacking, Text, gate_inputs};
use super::moment::{Moment, left};
use super::rules::Rules;
use super::scene::{SceneSender, sender_by_address};
use crate::audience::{Candidate, Grounds};
use crate::budget::Scope;
use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result};

/// How a reply was released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released {
    /// By a person, one at a time.
    pub by_person: bool,
    /// Whether nothing of theirs asked for it.
    pub unasked: bool,
    /// Whether it is the one text that confirms their opt-out: that is no reason against it, everything else is.
    pub confirms: bool,
}

/// What replies of one conversation are judged and sent by, as it was read at one moment.
#[derive(Debug, Clone)]
pub struct ReplyScene {
    /// The conversation.
    pub conversation: ConversationId,
    /// The campaign that is answered, if one is.
    pub answers: Option<CampaignId>,
    /// The number or address of ours that it is held by; `None` where no such sender is active.
    pub sender: Option<SceneSender>,
    /// The rules of the gate.
    pub rules: Rules,
    channel: Channel,
    segment_price: MicroDollars,
    last_inbound_at: Option<DateTime<Utc>>,
    /// Messages of ours since they wrote last.
    unanswered: u8,
    moment: Moment,
}

struct Row {
    channel: String,
    our_address: String,
    campaign_id: Option<Uuid>,
    last_inbound_at: Option<DateTime<Utc>>,
    unanswered: i64,
    switch: Option<String>,
    stopped: Option<Vec<Uuid>>,
}
from_row!(Row { channel, our_address, campaign_id, last_inbound_at, unanswered, switch, stopped });

impl ReplyScene {
    /// A conversation has no life of a campaign's, and no hours of its own.
    const ALWAYS: CampaignFacts = CampaignFacts {
        state: CampaignState::Running,
        starts_at: None,
        expires_at: None,
        windows: Windows::NONE,
    };

    /// Reads it as it is, with the rules that hold at `now`.
    ///
    /// # Errors
    /// [`DbError::NotFound`] where there is no such conversation; [`DbError::Unreadable`] for what this version does not know.
    pub async fn read(
        tx: &mut BulkTransaction,
        conversation: ConversationId,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let query = sqlx::query_as::<_, Row>(
            "SELECT c.channel, c.our_address, c.campaign_id, c.last_inbound_at,
                    (SELECT count(*) FROM messages m WHERE m.team_id = $1 AND m.direction = 'outbound'
                        AND m.to_value = c.their_address AND m.sent_at > coalesce(c.last_inbound_at, '-infinity')) AS unanswered,
                    kill_switch_on(c.campaign_id, NULL) AS switch,
                    (SELECT array_agg(k.subject) FROM kill_switches k
                      WHERE k.team_id = $1 AND k.scope = 'sender' AND k.lifted_at IS NULL) AS stopped
               FROM conversations c WHERE c.team_id = $1 AND c.id = $2",
        );
        let row = tx.first(query.bind(tx.team_id().uuid()).bind(conversation.uuid())).await?;
        let row = row.ok_or_else(|| DbError::not_found("conversation", conversation))?;
        let answers = row.campaign_id.map(CampaignId::from_uuid);
        let sender = sender_by_address(tx, &row.channel, &row.our_address).await?;
        let provider = sender.as_ref().map(|sender| sender.provider.as_str());
        let (budget_left, budget_renews_at) = left(tx, &Scope::of_message(answers, provider)).await?;
        let switch = row.switch.as_deref().map(str::parse).transpose();
        let moment = Moment {
            switch: switch.map_err(|error| DbError::unreadable("kill_switch_on", error))?,
            stopped_senders: row.stopped.unwrap_or_default().into_iter().map(SenderId::from_uuid).collect(),
            budget_renews_at,
            ..Moment::if_released(budget_left)
        };
        Ok(Self {
            conversation,
            answers,
            sender,
            rules: Rules::read(tx, None, now).await?,
            channel: row
                .channel
                .parse()
                .map_err(|error| DbError::unreadable("conversations.channel", error))?,
            segment_price: Priced::SmsSegment.default_price(),
            last_inbound_at: row.last_inbound_at,
            unanswered: u8::try_from(row.unanswered).unwrap_or(u8::MAX),
            moment,
        })
    }

    /// The budgets that a reply is counted in.
    pub fn scopes(&self) -> Vec<Scope> {
        Scope::of_message(self.answers, self.sender.as_ref().map(|sender| sender.provider.as_str()))
    }

    /// The budgets that something is counted in that another vendor carries.
    pub fn scopes_by(&self, provider: &str) -> Vec<Scope> {
        Scope::of_message(self.answers, Some(provider))
    }

    /// Whether this text may go to this person at `at`.
    ///
    /// # Errors
    /// [`Lacking`] where nothing could be sent whatever the rules say.
    pub fn judge(
        &self,
        who: &Candidate,
        body: &str,
        released: Released,
        at: DateTime<Utc>,
    ) -> Result<Judged<'_>, Lacking> {
        if self.channel != Channel::Sms {
            return Err(Lacking::Channel);
        }
        let sender = self.sender.as_ref().ok_or(Lacking::Sender)?;
        let to = who.phone.map(|phone| phone.expose().to_owned()).ok_or(Lacking::Recipient)?;
        let text = Text::of(None, body.to_owned(), true, self.segment_price);
        let mut moment = self.moment.clone();
        moment.approval = Approval::Approved;
        let who = self.as_one_who_wrote(who, released);
        let mut inputs = gate_inputs(&who, &text, sender, (self.channel, Self::ALWAYS), &moment, at);
        inputs.by_hand = released.by_person;
        inputs.first_contact = inputs.first_contact && self.last_inbound_at.is_none();
        inputs.follow_ups = if released.unasked { self.unanswered.saturating_sub(1) } else { 0 };
        let verdict = gate::judge(self.rules.set(), &inputs);
        Ok(Judged { verdict, inputs, text, sender, to })
    }

    /// Whether an e-mail that nobody asked for may go from this address of ours to this person's at `at`: what the gate says, and
    /// what it was told. `given_at`: when they gave us that address in this conversation, which is a ground to be written to
    /// there and shows that it is theirs.
    ///
    /// # Errors
    /// Any [`DbError`]; within, [`Lacking`] where nothing could be sent whatever the rules say.
    pub async fn judge_letter(
        &self,
        tx: &mut BulkTransaction,
        who: &Candidate,
        from: &str,
        (subject, body): (&str, &str),
        given_at: Option<DateTime<Utc>>,
        at: DateTime<Utc>,
    ) -> Result<std::result::Result<(gate::Verdict, gate::Inputs), Lacking>> {
        if who.email.is_none() {
            return Ok(Err(Lacking::Recipient));
        }
        let Some(sender) = sender_by_address(tx, Channel::Email.as_str(), from).await? else {
            return Ok(Err(Lacking::Sender));
        };
        let price = Priced::Email.default_price();
        let text = Text::of(Some(subject.to_owned()), body.to_owned(), false, price);
        let mut moment = self.moment.clone();
        (moment.budget_left, moment.budget_renews_at) = left(tx, &self.scopes_by(&sender.provider)).await?;
        let mut who = who.clone();
        if let Some(given_at) = given_at {
            let asked = Grounds { basis: ConsentBasis::Inquiry, given_at, expires_at: None };
            who.email_grounds.get_or_insert(asked);
            if who.mailbox == Mailbox::Unverified {
                who.mailbox = Mailbox::Verified;
            }
        }
        let mut inputs = gate_inputs(&who, &text, &sender, (Channel::Email, Self::ALWAYS), &moment, at);
        inputs.first_contact = inputs.first_contact && self.last_inbound_at.is_none();
        inputs.follow_ups = self.unanswered.saturating_sub(1);
        Ok(Ok((gate::judge(self.rules.set(), &inputs), inputs)))
    }

    /// What is different of somebody who has written to us.
    fn as_one_who_wrote(&self, who: &Candidate, released: Released) -> Candidate {
        let mut who = who.clone();
        let Some(wrote_at) = self.last_inbound_at else { return who };
        if who.grounds.is_none() {
            // Their message is kept word by word: it is the evidence.
            who.grounds =
                Some(Grounds { basis: ConsentBasis::Inquiry, given_at: wrote_at, expires_at: None });
        }
        if released.confirms {
            who.stops.retain(|stop| stop.reason != SuppressionReason::OptOut);
        }
        if !released.unasked {
            who.recent.retain(|at| *at > wrote_at);
        }
        who
    }
}
