//! Which pages are under way, and what becomes of each.

use futures::FutureExt;
use futures::future::{LocalBoxFuture, select_all};
use temporalio_workflow::{WorkflowCancellationToken, WorkflowContext};

use super::super::activities::EnrichmentActivities;
use super::super::messages::{EnrichmentInput, MergeInput, PageInput, Stage};
use super::super::options::anywhere;
use super::super::stop::{Stop, stop};
use super::EnrichmentWorkflow;

impl EnrichmentWorkflow {
    /// All pages from the input's on. Answers the next page where it is time to continue as new.
    pub(super) async fn through(
        ctx: &WorkflowContext<Self>,
        input: &EnrichmentInput,
        work: &WorkflowCancellationToken,
    ) -> Result<Option<u32>, Stop> {
        let at_once = usize::try_from(input.pace.pages_at_once.max(1)).unwrap_or(1);
        let (mut next, mut more) = (input.page, true);
        let mut failed = None;
        let mut under_way: Vec<LocalBoxFuture<'_, Result<bool, Stop>>> = Vec::new();
        loop {
            while more && under_way.len() < at_once && !Self::is_long(ctx, input, next) {
                more = at_once == 1 || Self::may_exist(ctx, input, next);
                if more {
                    Self::enter(ctx, Stage::Pages);
                    under_way.push(Self::one_page(ctx, input, next, work).boxed_local());
                    next += 1;
                }
            }
            if under_way.is_empty() {
                break;
            }
            // Looks at the pages in one order, in every replay.
            let (done, _, others) = select_all(under_way).await;
            under_way = others;
            match done {
                Ok(there) => more &= there,
                Err(stop) => {
                    more = false;
                    if !under_way.is_empty() {
                        work.cancel_with_reason("another page could not go on");
                    }
                    failed.get_or_insert(stop);
                }
            }
        }
        if let Some(stop) = failed {
            return Err(stop);
        }
        if more {
            return Ok(Some(next));
        }
        Self::await_late(ctx, input, work).await?;
        Ok(None)
    }

    /// Whether the run of the workflow has had so many pages that it is to continue as new before page `next`.
    fn is_long(ctx: &WorkflowContext<Self>, input: &EnrichmentInput, next: u32) -> bool {
        let pages = next - input.page;
        pages >= input.pace.pages_per_run || (pages > 0 && ctx.continue_as_new_suggested())
    }

    /// Whether the run has leads enough for such a page, as far as that is known.
    fn may_exist(ctx: &WorkflowContext<Self>, input: &EnrichmentInput, page: u32) -> bool {
        let leads = ctx.state(|s| s.progress.leads_total);
        leads == 0 || u64::from(page) * u64::from(input.pace.page_leads) < u64::from(leads)
    }

    /// One page through all vendors; `false` where there is no such page.
    async fn one_page(
        ctx: &WorkflowContext<Self>,
        input: &EnrichmentInput,
        number: u32,
        work: &WorkflowCancellationToken,
    ) -> Result<bool, Stop> {
        let page =
            PageInput { enrichment: input.enrichment, page: number, page_leads: input.pace.page_leads };
        let options = anywhere(input.pace, work, &format!("page {number}: who lacks what, and whom to ask"));
        let plan =
            ctx.execute_activity(EnrichmentActivities::plan, page, options).await.map_err(|e| stop(&e))?;
        ctx.state_mut(|s| s.progress.leads_total = plan.leads_total);
        if plan.leads == 0 {
            return Ok(false);
        }
        let mut held = Vec::new();
        if plan.verify {
            Self::verify(ctx, input, page, work, &mut held).await?;
        }
        for provider in plan.rungs {
            ctx.state_mut(|s| s.progress.rung = Some(provider.clone()));
            Self::tell(ctx);
            let looked = Self::look_up(ctx, input, page, &provider, work, &mut held).await?;
            if looked.found() {
                let merge = MergeInput { provider: Some(provider), ..Self::merge_of(input, Some(page)) };
                let what = format!("page {number}: attach what was found");
                let merged = Self::merge(ctx, input, merge, work, &what).await?;
                if merged.verify {
                    Self::verify(ctx, input, page, work, &mut held).await?;
                }
            }
        }
        let close = MergeInput { close: true, held, ..Self::merge_of(input, Some(page)) };
        Self::merge(ctx, input, close, work, &format!("page {number}: how each lead ended")).await?;
        ctx.state_mut(|s| {
            s.progress.rung = None;
            s.progress.pages += 1;
            s.progress.leads_done += plan.leads;
        });
        Self::tell(ctx);
        Self::apply_arrived(ctx, input, work).await?;
        Ok(true)
    }
}
