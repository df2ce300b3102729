//! What leaves, as whoever takes it wants it.

use chrono::{DateTime, Utc};
use domain::gate::Hours;
use entities::outreach::SceneSender;
use entities::send_intent::Due;
use entities::sender::MailSender;
use providers::sms::{MessageText, OutgoingText};

use super::Batch;
use super::claim::Allowed;
use crate::sending::calls::CallToMake;
use crate::sending::mail::{Letter, MailFault};
use crate::sending::vendor::Outgoing;

/// Why a message cannot be written as it has to be.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unwritable {
    /// An e-mail.
    #[error(transparent)]
    Mail(#[from] MailFault),
    /// The sender's number, or the recipient's, is none.
    #[error("a sender's number is none that texts or calls come from; see GET /v1/senders")]
    Number,
}

/// What whoever takes it sees a repetition by. A text has one for each call: that none was taken is certain before the next. An
/// e-mail has one for ever, of which its `Message-ID` is made, and so has a call.
pub(super) fn key(due: &Due, sender: &SceneSender) -> String {
    match sender.channel.as_str() {
        "sms" => format!("{}-{}", due.intent, due.attempt + 1),
        _ => due.intent.to_string(),
    }
}

/// The message, ready to leave.
pub(super) fn write(
    batch: &Batch,
    (due, person, judged, _): &Allowed<'_>,
    key: &str,
    now: DateTime<Utc>,
) -> Result<Outgoing, Unwritable> {
    let sender = judged.sender;
    match sender.channel.as_str() {
        "email" => {
            let letter = Letter {
                key,
                campaign: Some(batch.of.campaign),
                to: &judged.to,
                subject: judged.text.subject.as_deref().unwrap_or_default(),
                body: &judged.text.body,
            };
            let email = batch.resources.mail.write(batch.of.team, &letterhead(sender), letter)?;
            Ok(Outgoing::Email(Box::new(email)))
        }
        "voice" => Ok(Outgoing::Call(Box::new(CallToMake {
            intent: due.intent,
            lead: due.lead,
            phone: judged.to.clone(),
            script: judged.text.body.clone(),
            until: Hours::for_inputs(batch.scene.rules.set(), &judged.inputs).closes(now),
        }))),
        _ => Ok(Outgoing::Text(Box::new(OutgoingText {
            key: key.to_owned(),
            from: sender.address.parse().map_err(|_| Unwritable::Number)?,
            to: person.phone.ok_or(Unwritable::Number)?,
            text: MessageText::from(judged.text.body.as_str()),
            status_callback: batch.callbacks.get(&sender.provider).cloned(),
            validity: None,
        }))),
    }
}

fn letterhead(sender: &SceneSender) -> MailSender {
    MailSender {
        id: sender.id,
        address: sender.address.clone(),
        display_name: sender.display_name.clone(),
        postal_address: sender.postal_address.clone(),
        reply_to: sender.reply_to.clone(),
        brand: sender.brand.clone(),
    }
}
