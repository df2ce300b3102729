//! Says what came in.
//!
//! A word that opts out was obeyed where it came in. Here is heard what somebody says in their own words: before anything else
//! is done with it, it suppresses and holds the conversation, until a person has read it.

use chrono::{DateTime, Utc};
use domain::campaign::Engagement;
use domain::id::{ConversationId, LeadId};
use domain::reply::{
    Classification, ClientLine, HoldReason, Intent, Message, Revocation, RuleBook, classify as taken_for,
};
use entities::reply::{self, Classified, Incoming};
use entities::suppression::{self, OptOut, SuppressedKind, SuppressionMethod, SuppressionScope};
use entities::{BulkTransaction, conversation, lead};

use crate::Fault;

/// Classifies whatever of these conversations is not.
pub(super) async fn classify(
    tx: &mut BulkTransaction,
    conversations: &[ConversationId],
    line: ClientLine,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let book = RuleBook::shipped(line);
    let read: Vec<(Incoming, Classification)> = reply::unclassified(tx, conversations)
        .await?
        .into_iter()
        .map(|incoming| {
            let said = read(book, &incoming);
            (incoming, said)
        })
        .collect();
    for (incoming, said) in &read {
        obey(tx, incoming, said, now).await?;
    }
    let what: Vec<Classified<'_>> = read.iter().map(|(incoming, said)| classified(incoming, said)).collect();
    let new = reply::classified(tx, book.version(), &what, now).await?;
    for (incoming, said) in &read {
        // A word was confirmed where it came in, if it was to be.
        if said.revocation == Revocation::Certain && !incoming.opted_out {
            conversation::confirm_opt_out(tx, incoming.item, now).await?;
        }
    }
    let moves: Vec<(LeadId, Engagement)> = read
        .iter()
        .filter(|(incoming, _)| new.contains(&incoming.item))
        .filter_map(|(incoming, said)| engagement(incoming, said))
        .collect();
    lead::engage(tx, &moves).await?;
    for (incoming, said) in &read {
        if said.intent == Intent::EmailCapture
            && let Some(email) = said.extracted.emails.first()
        {
            let owed = line.deliverable();
            let to = (incoming.item, incoming.lead);
            let what = (owed.as_str(), owed.queue());
            reply::owe(tx, incoming.conversation, to, what, email.expose(), now).await?;
        }
    }
    Ok(())
}

fn read(book: &RuleBook, incoming: &Incoming) -> Classification {
    if incoming.opted_out {
        return Classification { rule: "keyword".to_owned(), ..Classification::plain(Intent::OptOut, 100) };
    }
    let message =
        Message { body: &incoming.text, asked: incoming.said_before.as_deref(), is_call: incoming.is_call };
    taken_for(book, &message)
}

fn classified<'a>(incoming: &Incoming, said: &'a Classification) -> Classified<'a> {
    // Plain data of fixed shapes, which serializes.
    let mut extracted = serde_json::to_value(said.extracted.expose()).unwrap_or_default();
    if let Some(fields) = extracted.as_object_mut() {
        fields.insert("has_interest".to_owned(), said.has_interest.into());
    }
    Classified {
        item: incoming.item,
        intent: said.intent.as_str(),
        confidence: said.confidence,
        extracted,
        rule: &said.rule,
        needs_person: said.needs_person,
    }
}

/// What a lead says moves its score, but for what a person has to read first.
fn engagement(incoming: &Incoming, said: &Classification) -> Option<(LeadId, Engagement)> {
    if said.revocation == Revocation::Likely {
        return None;
    }
    Some((incoming.lead?, said.intent.engagement()?))
}

/// Whoever wants to be left alone is left alone from this transaction on, and so is whoever may: until a person has read what
/// was said. Somebody else's number is held too, without a suppression: a person takes it from the lead.
async fn obey(
    tx: &mut BulkTransaction,
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
        conversation::hold(tx, incoming.conversation, reason, now).await?;
    }
    Ok(())
}
