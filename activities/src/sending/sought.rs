//! Asking a vendor what became of a call of which nobody knows.

use chrono::TimeDelta;
use domain::FailureCode;
use domain::id::TeamId;
use domain::money::MicroDollars;
use entities::send_intent::UnknownIntent;
use entities::{call_queue, outreach};
use providers::sms::{Found, MessageText, Sought};

use super::vendor::{PERSON, SMTP};
use crate::{Fault, Resources};

/// Clocks differ, and a call takes a moment: what the vendor took a little before may be what is sought.
const BEFORE: TimeDelta = TimeDelta::seconds(60);

/// What the vendor's record says of one message.
pub(crate) enum Known {
    /// It took it.
    Accepted { external_id: String, segments: Option<u16>, price: Option<MicroDollars> },
    /// It never had it.
    Absent,
    /// Its books are not up to date.
    NotYet,
    /// It keeps no books that anybody could ask: a mail server. Nobody ever knows, so it is not sent again.
    Unknowable,
}

/// Asks the vendor of `unknown`. What of its record is accounted for by other messages is not what is sought.
pub(crate) async fn ask(
    resources: &Resources,
    team: TeamId,
    unknown: &UnknownIntent,
) -> Result<Known, Fault> {
    match unknown.provider.as_str() {
        SMTP => return Ok(Known::Unknowable),
        PERSON => {
            let mut tx = resources.db.team_bulk(team).await?;
            let queued = call_queue::is_queued(&mut tx, unknown.intent).await?;
            tx.commit().await?;
            let external_id = unknown.intent.to_string();
            let accepted = Known::Accepted { external_id, segments: Some(1), price: None };
            return Ok(if queued { accepted } else { Known::Absent });
        }
        _ => {}
    }
    let Some(provider) = resources.texters.get(&unknown.provider) else {
        let what = format!(
            "this worker has no key to {}, so nobody can ask what became of its messages",
            unknown.provider
        );
        return Err(Fault::permanent(FailureCode::SendOutcomeUnknown, what));
    };
    let (Ok(from), Ok(to)) = (unknown.from.parse(), unknown.to.parse()) else { return Ok(Known::Absent) };
    let since = unknown.called_at - BEFORE;
    let mut tx = resources.db.team_bulk(team).await?;
    let accounted = outreach::accounted(&mut tx, &unknown.to, &unknown.provider, since).await?;
    tx.commit().await?;
    let sought = Sought { from, to, text: MessageText::from(unknown.body.as_str()), since, accounted };
    match provider.find(&sought).await {
        Ok(Found::Message(report)) => Ok(Known::Accepted {
            external_id: report.external_id,
            segments: report.segments,
            price: report.price,
        }),
        Ok(Found::Absent) => Ok(Known::Absent),
        Ok(Found::NotYetCertain) => Ok(Known::NotYet),
        Err(fault) if fault.may_repeat() => Err(Fault::transient(FailureCode::SendProviderError, fault)),
        Err(fault) => {
            let what = format!("{fault}; nobody knows what became of a message, and it is not sent again");
            Err(Fault::permanent(FailureCode::SendOutcomeUnknown, what))
        }
    }
}
