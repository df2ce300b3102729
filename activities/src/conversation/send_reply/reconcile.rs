//! Replies of which nobody knows what came: the vendor is asked, before anything else is sent.

use chrono::{TimeDelta, Utc};
use entities::budget;
use entities::send_intent::{self, IntentState, Outcome, Settled};
use workflows::conversation::{ConversationRef, SendReplyOutput};

use crate::sending::sought::{Known, ask};
use crate::{Fault, Resources};

/// Asks after what is unknown and settles it. What the vendor's books do not say yet is asked again later.
pub(super) async fn ask_after(
    resources: &Resources,
    of: ConversationRef,
    output: &mut SendReplyOutput,
) -> Result<(), Fault> {
    let mut tx = resources.db.team_bulk(of.team).await?;
    let unknowns = send_intent::unknown_replies(&mut tx, of.conversation).await?;
    tx.commit().await?;
    let settle = TimeDelta::from_std(resources.texters.policy.missed_after).unwrap_or(TimeDelta::seconds(60));
    for unknown in &unknowns {
        let known = ask(resources, of.team, unknown).await?;
        let now = Utc::now();
        let mut tx = resources.db.team_bulk(of.team).await?;
        let outcome = match &known {
            Known::NotYet => {
                send_intent::ask_later(&mut tx, unknown.intent, now + settle).await?;
                tx.commit().await?;
                output.unknown += 1;
                continue;
            }
            Known::Accepted { external_id, segments, price } => {
                Outcome::Accepted { external_id, segments: *segments, price: *price }
            }
            Known::Absent => Outcome::Back { due_at: now, tried: true },
            Known::Unknowable => Outcome::Refused { code: "outcome_unknown" },
        };
        let settled = [Settled { intent: unknown.intent, outcome }];
        for one in send_intent::settle(&mut tx, now, &settled).await? {
            match one.state {
                IntentState::Accepted => output.accepted += 1,
                IntentState::Refused => output.refused += 1,
                _ => output.held += 1,
            }
            if one.state != IntentState::Accepted {
                budget::release_many(&mut tx, &[one.intent]).await?;
            }
        }
        send_intent::tell_suggestion(&mut tx, unknown.intent, now).await?;
        tx.commit().await?;
    }
    Ok(())
}
