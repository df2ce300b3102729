//! `conversation.decide`: carries out what a person decided. Key: what was decided about which row; a repetition by the same
//! person is answered like the first.

use chrono::Utc;
use domain::FailureCode;
use entities::reply::{self, Decision};
use workflows::conversation::{DecideInput, DecideOutput, Order, Refusal};

use super::attend::see_to;
use super::{settings, told};
use crate::{Fault, Resources};

pub(super) async fn decide(resources: &Resources, input: DecideInput) -> Result<DecideOutput, Fault> {
    let of = input.conversation;
    let decision = match input.order {
        Order::Approve { suggestion } => Decision::Approve(suggestion),
        Order::Edit { suggestion, text_hash } => Decision::Edit(suggestion, hash(&text_hash)?),
        Order::Reject { suggestion } => Decision::Reject(suggestion),
        Order::TakeOver => Decision::TakeOver,
        Order::Release => Decision::Release,
        Order::Close { disposition, reason } => Decision::Close(disposition, reason),
    };
    let settings = settings(resources, of.team).await?;
    let mut tx = resources.db.team_bulk(of.team).await?;
    let decided = reply::decide(&mut tx, of.conversation, decision, input.by, Utc::now()).await?;
    if decision == Decision::Release && decided.is_ok() {
        // What waits for an answer gets one now.
        see_to(&mut tx, &[of.conversation], &settings).await?;
    }
    let standing = reply::standing(&mut tx, of.conversation).await?;
    tx.commit().await?;
    Ok(DecideOutput {
        standing: told(&standing),
        refused: decided.err().map(|why| Refusal { code: why.code, detail: why.says.to_owned() }),
    })
}

/// 64 hexadecimal digits.
fn hash(text: &str) -> Result<[u8; 32], Fault> {
    let bytes: Option<Vec<u8>> =
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect();
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| {
        Fault::permanent(
            FailureCode::SystemInternal,
            "the hash of an edited reply is no SHA-256 in hexadecimal",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_or_refused() {
        assert_eq!(hash(&"0f".repeat(32)).ok(), Some([15; 32]));
        for text in ["", "0f", &"0g".repeat(32), &"é".repeat(32)] {
            assert!(hash(text).is_err(), "{text}");
        }
    }
}
