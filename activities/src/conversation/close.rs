//! `conversation.close`: ends what nobody has added to for long. Key: the conversation; what was said since keeps it open.

use chrono::{DateTime, Utc};
use entities::reply;
use workflows::conversation::{CloseInput, CloseWhy, Standing};

use super::told;
use crate::{Fault, Resources};

pub(super) async fn close(resources: &Resources, input: CloseInput) -> Result<Standing, Fault> {
    let of = input.conversation;
    let CloseWhy::Quiet = input.why;
    let last_at = input.last_at.and_then(DateTime::from_timestamp_millis);
    let mut tx = resources.db.team_bulk(of.team).await?;
    reply::close_quiet(&mut tx, of.conversation, last_at, Utc::now()).await?;
    let standing = reply::standing(&mut tx, of.conversation).await?;
    tx.commit().await?;
    Ok(told(&standing))
}
