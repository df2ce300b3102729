//! Lists in pages: `?limit&cursor` in, `{items, next_cursor}` out.

use std::fmt::Display;
use std::str::FromStr;

use domain::id::TypedId;
use entities::page::{DEFAULT_PAGE, MAX_PAGE, PageRequest};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The items.
    pub(crate) items: Vec<T>,
    /// Give it as `cursor` to get the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// The page as the caller sees it.
    pub(crate) fn of<M, I: TypedId>(page: entities::page::Page<M, I>, view: impl Fn(M) -> T) -> Self {
        Self {
            items: page.items.into_iter().map(view).collect(),
            next_cursor: page.next.map(|id| id.to_string()),
        }
    }
}

/// Which page, of a list that is asked for nothing else.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// How many, 1 to 200; 50 where it is not said.
    limit: Option<u64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

impl Which {
    /// The same for the database.
    ///
    /// # Errors
    /// As [`request`].
    pub(crate) fn request<I>(&self) -> Result<PageRequest<I>, Problem>
    where
        I: TypedId + FromStr<Err: Display>,
    {
        request(self.limit, self.cursor.as_deref())
    }
}

/// Which page is wanted.
///
/// # Errors
/// A problem where `limit` is not 1 to [`MAX_PAGE`] or `cursor` is none of ours.
pub(crate) fn request<I>(limit: Option<u64>, cursor: Option<&str>) -> Result<PageRequest<I>, Problem>
where
    I: TypedId + FromStr<Err: Display>,
{
    let limit = limit.unwrap_or(DEFAULT_PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(Problem::invalid("limit", format!("must be 1 to {MAX_PAGE}")));
    }
    let after = cursor
        .map(str::parse)
        .transpose()
        .map_err(|_| Problem::invalid("cursor", "must be the next_cursor of the page before"))?;
    Ok(PageRequest { after, limit })
}

#[cfg(test)]
mod tests {
    use domain::id::LeadId;

    use super::*;

    #[test]
    fn limits_and_cursors_are_checked() {
        assert_eq!(request::<LeadId>(None, None).expect("the default"), PageRequest::default());
        for bad in [0, MAX_PAGE + 1] {
            assert_eq!(request::<LeadId>(Some(bad), None).expect_err("refused").status().as_u16(), 422);
        }
        assert_eq!(request::<LeadId>(None, Some("x")).expect_err("refused").code(), "http.invalid");
        let lead = entities::fresh_id::<LeadId>();
        assert_eq!(
            request(Some(3), Some(&lead.to_string())).expect("good"),
            PageRequest { after: Some(lead), limit: 3 }
        );
    }
}
