//! `pull.fetch_page`: asks for one page and makes leads of its records. Key: the pull and the number of the page, in the
//! ledger of calls and in `lead_source_events`: a page is paid for once and stored once.

use entities::pull::{self, EndedBy};
use providers::lists::ListWindow;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use workflows::pull::{FetchInput, PageOutput, PullRef};

use super::ask::{self, Asking};
use super::{store, told, what_is_asked};
use crate::heartbeat::{claimant, see_through};
use crate::{Fault, Resources};

/// Does the work in a task of its own. When a person stops the pull, or the worker ends, what has not left does not leave;
/// a page that was asked for is paid for, so it is waited for and stored.
pub(super) async fn seen_through(
    ctx: &ActivityContext,
    resources: Resources,
    input: FetchInput,
) -> Result<PageOutput, ActivityError> {
    const NAME: &str = "pull.fetch_page";
    let PullRef { team, pull } = input.pull;
    let page = input.page;
    let span = tracing::info_span!("activity", name = NAME, %team, %pull, page, attempt = ctx.info().attempt);
    let given_up = CancellationToken::new();
    let work = fetch(resources, input, claimant(ctx), given_up.clone()).instrument(span.clone());
    let done = see_through(ctx, &given_up, work).await;
    let _in_span = span.entered();
    match done {
        Ok(output) => {
            tracing::info!("done");
            Ok(output)
        }
        Err(fault) => Err(fault.into_activity_error(NAME)),
    }
}

async fn fetch(
    resources: Resources,
    input: FetchInput,
    claimed_by: String,
    given_up: CancellationToken,
) -> Result<PageOutput, Fault> {
    let PullRef { team, pull: id } = input.pull;
    let number = i32::try_from(input.page).unwrap_or(i32::MAX);
    let mut tx = resources.db.team_bulk(team).await?;
    let held = pull::hold(&mut tx, id).await?;
    if held.ended_by.is_some() || pull::is_logged(&mut tx, id, number).await? {
        return Ok(told(&held));
    }
    if held.stop_requested {
        pull::end(&mut tx, id, EndedBy::Person, None).await?;
        let held = pull::hold(&mut tx, id).await?;
        tx.commit().await?;
        return Ok(told(&held));
    }
    let (source, question) = what_is_asked(&resources, &held)?;
    let way = pull::pass(&mut tx, &held.source, &question.signature()).await?;
    tx.commit().await?;
    let window = ListWindow {
        skip: u64::try_from(way.records).unwrap_or_default(),
        take: input.page_records.clamp(1, source.capabilities().most_records.max(1)),
    };
    let asking = Asking {
        resources,
        source,
        pull: input.pull,
        question,
        window,
        page: input.page,
        claimed_by,
        given_up,
    };
    let page = ask::page(&asking).await?;
    store::store(&asking, &page, way.after).await
}
