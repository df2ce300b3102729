//! Seeing to what came in, for many conversations at once, before any workflow is told of it: a webhook's message has its place in
//! the inbox a moment later, whether Temporal is there or not.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::FailureCode;
use domain::id::{ConversationId, InboxItemId, TeamId};
use entities::conversation::REPLY_RECEIVED;
use entities::outbox::{self, NewNotice, Notice, Which};
use entities::team::TeamSettings;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::notices::{left, read, write_down};
use crate::conversation::attend::see_to;
use crate::conversation::settings;
use crate::{Fault, Resources};

/// The kind of notice by which a conversation's workflow is told that something came in and was seen to. The program's own:
/// teams' endpoints were told of the message when it came.
pub(super) const ATTENDED: &str = "relay.attended";

/// Messages of one team that are seen to at once. Their conversations are locked meanwhile, some tens of milliseconds.
const AT_ONCE: i64 = 100;
/// Teams that are served in one look.
const TEAMS: i32 = 50;
/// How long a message is left to whoever took it.
const LEASE: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
struct Received {
    conversation: ConversationId,
    item: InboxItemId,
}

/// What an [`ATTENDED`] notice says.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Attended {
    /// Where something came in.
    pub(super) conversation: ConversationId,
    /// How many messages.
    pub(super) messages: u32,
}

/// Sees to what came in; answers how many messages that were.
pub(super) async fn attend(resources: &Resources) -> Result<u64, Fault> {
    let mut done = 0;
    for team in outbox::teams(&resources.db, TEAMS).await? {
        done += of_team(resources, team).await.unwrap_or_else(|fault| left(team, &fault));
    }
    Ok(done)
}

/// All together where that is possible; else each conversation by itself, so that what is wrong with one keeps no other from
/// being seen to.
async fn of_team(resources: &Resources, team: TeamId) -> Result<u64, Fault> {
    let mut tx = resources.db.team_bulk(team).await?;
    let notices = outbox::take(&mut tx, Which::Only(REPLY_RECEIVED), AT_ONCE, LEASE).await?;
    tx.commit().await?;
    if notices.is_empty() {
        return Ok(0);
    }
    let settings = settings(resources, team).await?;
    let mut batches: BTreeMap<ConversationId, Batch> = BTreeMap::new();
    let mut failed = Vec::new();
    for notice in notices {
        match read::<Received>(&notice) {
            Ok(received) => batches.entry(received.conversation).or_default().add(received.item, notice),
            Err(fault) => failed.push((notice, Err(fault))),
        }
    }
    let done = batches.values().map(|batch| batch.notices.len()).sum::<usize>();
    let mut done = u64::try_from(done).unwrap_or(u64::MAX);
    if batches.is_empty() {
        return write_down(resources, team, &failed).await;
    }
    if let Err(fault) = together(resources, team, &settings, &batches).await {
        if batches.len() > 1 {
            tracing::warn!(code = %fault.code(), message = fault.message(), "conversations are seen to one by one");
        }
        done = 0;
        for (conversation, batch) in batches {
            let count = batch.notices.len();
            let one = BTreeMap::from([(conversation, batch)]);
            match together(resources, team, &settings, &one).await {
                Ok(()) => done += u64::try_from(count).unwrap_or(u64::MAX),
                Err(fault) => {
                    let again = || Fault::transient(fault.code(), fault.message().to_owned());
                    let notices = one.into_values().flat_map(|batch| batch.notices);
                    failed.extend(notices.map(|notice| (notice, Err(again()))));
                }
            }
        }
    }
    write_down(resources, team, &failed).await?;
    Ok(done)
}

/// What came in of one conversation.
#[derive(Debug, Clone, Default)]
struct Batch {
    notices: Vec<Notice>,
    /// The last of its items: what makes the same matter the same.
    newest: Option<InboxItemId>,
}

impl Batch {
    fn add(&mut self, item: InboxItemId, notice: Notice) {
        self.newest = self.newest.max(Some(item));
        self.notices.push(notice);
    }
}

/// One transaction: what came in is seen to, that is noted, and the workflows are to be told. In a task of its own: a mistake of
/// ours in one message ends that task and not the relay.
async fn together(
    resources: &Resources,
    team: TeamId,
    settings: &TeamSettings,
    batches: &BTreeMap<ConversationId, Batch>,
) -> Result<(), Fault> {
    let (resources, settings) = (resources.clone(), settings.clone());
    let conversations: Vec<ConversationId> = batches.keys().copied().collect();
    let ids: Vec<Uuid> =
        batches.values().flat_map(|batch| batch.notices.iter().map(|notice| notice.id)).collect();
    let tell: Vec<(String, Value)> = batches
        .iter()
        .filter_map(|(conversation, batch)| {
            let messages = u32::try_from(batch.notices.len()).unwrap_or(u32::MAX);
            let what = Attended { conversation: *conversation, messages };
            Some((format!("{ATTENDED}:{}", batch.newest?), json!(what)))
        })
        .collect();
    let work = tokio::spawn(async move {
        let mut tx = resources.db.team_bulk(team).await?;
        see_to(&mut tx, &conversations, &settings).await?;
        outbox::done(&mut tx, &ids).await?;
        let notices: Vec<NewNotice<'_>> = tell
            .iter()
            .map(|(dedup_key, payload)| NewNotice { kind: ATTENDED, dedup_key, payload })
            .collect();
        outbox::put_all(&mut tx, &notices).await?;
        tx.commit().await?;
        Ok(())
    });
    work.await.unwrap_or_else(|broken| {
        let what = "seeing to what came in broke off; its messages are tried one by one";
        Err(Fault::transient(FailureCode::SystemInternal, what).because(broken))
    })
}
