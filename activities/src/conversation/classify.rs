//! `conversation.classify`: says what came in. Key: the item; what is classified stays so.
//!
//! A word that opts out was obeyed where it came in. Here is heard what somebody says in their own words: before anything else
//! is done with it, it suppresses and holds the conversation, until a person has read it.

use chrono::{DateTime, Utc};
use domain::id::LeadId;
use domain::reply::{
    Classification, ClientLine, HoldReason, Intent, Message, Revocation, RuleBook, classify as taken_for,
};
use entities::reply::{self, Classified, Incoming};
use entities::suppression::{self, OptOut, SuppressedKind, SuppressionMethod, SuppressionScope};
use entities::{BulkTransaction, DbError, budget, conversation, lead, send_intent};
use workflows::conversation::{ClassifyOutput, ConversationRef};

use super::{settings, told};
use crate::{Fault, Resources};

pub(super) async fn classify(resources: &Resources, of: ConversationRef) -> Result<ClassifyOutput, Fault> {
    let line: ClientLine = settings(resources, of).await?.reply_line;
    let book = RuleBook::shipped(line);
    let now = Utc::now();
    let mut tx = resources.db.team_bulk(of.team).await?;
    reply::lock(&mut tx, of.conversation).await?;
    // What a message that came in made stale takes its row of the ledger with it.
    let dropped = send_intent::tidy_replies(&mut tx, of.conversation, now).await?;
    budget::release_many(&mut tx, &dropped).await?;
    let mut output = ClassifyOutput::default();
    for incoming in reply::unclassified(&mut tx, of.conversation).await? {
        let message = Message {
            body: &incoming.text,
            asked: incoming.said_before.as_deref(),
            is_call: incoming.is_call,
        };
        let said = if incoming.opted_out {
            Classification { rule: "keyword".to_owned(), ..Classification::plain(Intent::OptOut, 100) }
        } else {
            taken_for(book, &message)
        };
        obey(&mut tx, of, &incoming, &said, now).await?;
        let mut extracted = serde_json::to_value(said.extracted.expose()).unwrap_or_default();
        if let Some(fields) = extracted.as_object_mut() {
            fields.insert("has_interest".to_owned(), said.has_interest.into());
        }
        let what = Classified {
            item: incoming.item,
            intent: said.intent.as_str(),
            confidence: said.confidence,
            extracted: &extracted,
            rule: &said.rule,
            rule_book: book.version(),
            needs_person: said.needs_person,
        };
        if reply::classified(&mut tx, &what, now).await? {
            output.items += 1;
            engage(&mut tx, incoming.lead, &said).await?;
        }
        output.opted_out |= said.intent == Intent::OptOut;
        if said.intent == Intent::EmailCapture
            && let Some(email) = said.extracted.emails.first()
        {
            let owed = line.deliverable();
            let to = (incoming.item, incoming.lead);
            let what = (owed.as_str(), owed.queue());
            let new = reply::owe(&mut tx, of.conversation, to, what, email.expose(), now).await?;
            output.deliverables += u32::from(new);
        }
    }
    let standing = reply::standing(&mut tx, of.conversation).await?;
    tx.commit().await?;
    output.standing = told(&standing);
    Ok(output)
}

/// What a lead says moves its score, but for what a person has to read first.
async fn engage(tx: &mut BulkTransaction, lead: Option<LeadId>, said: &Classification) -> Result<(), Fault> {
    let (Some(lead), Some(what)) = (lead, said.intent.engagement()) else { return Ok(()) };
    if said.revocation == Revocation::Likely {
        return Ok(());
    }
    match lead::engage(tx, lead, what).await {
        // It went with its upload meanwhile; what was said stays in the inbox.
        Ok(_) | Err(DbError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Whoever wants to be left alone is left alone from this transaction on, and so is whoever may: until a person has read what
/// was said. Somebody else's number is held too, without a suppression: a person takes it from the lead.
async fn obey(
    tx: &mut BulkTransaction,
    of: ConversationRef,
    incoming: &Incoming,
    said: &Classification,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let reason = match (said.revocation, said.intent) {
        (Revocation::Certain, _) => HoldReason::OptedOut,
        (Revocation::Likely, _) => HoldReason::LikelyOptOut,
        (Revocation::No, Intent::WrongNumber) => HoldReason::WrongNumber,
        (Revocation::No, _) => return Ok(()),
    };
    if said.revocation.suppresses() {
        let who = OptOut {
            kind: SuppressedKind::Phone,
            value: &incoming.from,
            scope: SuppressionScope::Team,
            subject: "",
            method: if incoming.opted_out { SuppressionMethod::Keyword } else { SuppressionMethod::Language },
            source: &incoming.provider,
        };
        suppression::opt_out(tx, &who, now).await?;
        conversation::silence(tx, &incoming.from, reason, now).await?;
    } else {
        conversation::hold(tx, of.conversation, reason, now).await?;
    }
    Ok(())
}
