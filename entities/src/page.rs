//! Lists, a page at a time: the cursor is the last id of the page before.

use domain::id::TypedId;
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::{Result, Stored, TeamTransaction};

/// The most that one page holds.
pub const MAX_PAGE: u64 = 200;

/// What one page holds where nothing else is asked for.
pub const DEFAULT_PAGE: u64 = 50;

/// Which page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest<T> {
    /// The last id of the page before; `None` for the first page.
    pub after: Option<T>,
    /// How many at the most; held to 1..=[`MAX_PAGE`].
    pub limit: u64,
}

impl<T> Default for PageRequest<T> {
    fn default() -> Self {
        Self { after: None, limit: DEFAULT_PAGE }
    }
}

impl<T> PageRequest<T> {
    /// The first page, of `limit`.
    pub fn first(limit: u64) -> Self {
        Self { after: None, limit }
    }
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<M, T> {
    /// Its items, in the list's order.
    pub items: Vec<M>,
    /// What to ask for next, where there is more.
    pub next: Option<T>,
}

/// In which order ids follow each other in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    OldestFirst,
    NewestFirst,
}

/// The page `request` of what `select` selects, ordered by the id in `column`.
pub(crate) async fn page<E, T>(
    team: &TeamTransaction,
    select: Select<E>,
    column: E::Column,
    order: Order,
    request: PageRequest<T>,
    id_of: impl Fn(&E::Model) -> T,
) -> Result<Page<E::Model, T>>
where
    E: EntityTrait,
    T: TypedId,
{
    let limit = request.limit.clamp(1, MAX_PAGE);
    let beyond: Option<SimpleExpr> = request.after.map(|id| match order {
        Order::OldestFirst => column.gt(Stored(id)),
        Order::NewestFirst => column.lt(Stored(id)),
    });
    let mut select = select.limit(limit + 1);
    if let Some(beyond) = beyond {
        select = select.filter(beyond);
    }
    let select = match order {
        Order::OldestFirst => select.order_by_asc(column),
        Order::NewestFirst => select.order_by_desc(column),
    };
    let mut items = select.all(team).await?;
    let more = items.len() as u64 > limit;
    items.truncate(limit as usize);
    let next = items.last().filter(|_| more).map(id_of);
    Ok(Page { items, next })
}
