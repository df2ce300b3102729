//! What is left to be done for each slice of a file, once it is known which of its rows repeat something.
//!
//! A list that the team has already leaves nothing to be made: its slices are passed over instead of being read
//! by one statement a table to find that out.

use serde::{Deserialize, Serialize};

use super::staging::{RowRange, Staging};
use crate::from_row::from_row;
use crate::{BulkTransaction, Result};

/// Rows that one slice has at the most.
pub const SLICE_ROWS: i32 = 50_000;

/// One slice, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// Its number, from 0; it begins with row `number * SLICE_ROWS + 1`.
    pub number: i32,
    /// The last row there is in it.
    pub last_row: i32,
    /// Rows that were normalized.
    pub rows: i64,
    /// Rows that repeat nothing.
    pub ordinary: i64,
    /// Rows that make a lead.
    pub leads: i64,
    /// Rows that name a person whom nobody named before them.
    pub personas: i64,
    /// Rows that name a business which nobody named before them.
    pub businesses: i64,
}
from_row!(Slice { number, last_row, rows, ordinary, leads, personas, businesses });

impl Slice {
    /// Its rows.
    pub fn range(&self) -> RowRange {
        let first = self.number * SLICE_ROWS + 1;
        RowRange { first, end: self.last_row.saturating_add(1) }
    }
}

/// The slices of a file that have a row, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slices(pub Vec<Slice>);

impl Slices {
    /// How many rows of the file were normalized.
    pub fn rows(&self) -> u64 {
        self.sum(|slice| slice.rows)
    }

    /// Number of the last of them; 0 where there is none.
    pub fn last_row(&self) -> i32 {
        self.0.iter().map(|slice| slice.last_row).max().unwrap_or(0)
    }

    /// How many rows name a person whom no row or file named before.
    pub fn personas(&self) -> u64 {
        self.sum(|slice| slice.personas)
    }

    /// How many rows name a business which no row or file named before.
    pub fn businesses(&self) -> u64 {
        self.sum(|slice| slice.businesses)
    }

    fn sum(&self, of: impl Fn(&Slice) -> i64) -> u64 {
        self.0.iter().map(of).sum::<i64>().cast_unsigned()
    }
}

const COUNT: &str = "
SELECT n.number, n.last_row, n.rows, n.rows - coalesce(x.repeating, 0) AS ordinary,
       n.rows - coalesce(x.repeating - x.leads, 0) AS leads,
       n.personas - coalesce(x.personas, 0) AS personas, n.businesses - coalesce(x.businesses, 0) AS businesses
  FROM (SELECT (row_no - 1) / $1 AS number, max(row_no) AS last_row, count(*) AS rows,
               count(persona_key) AS personas, count(business_key) AS businesses
          FROM {normalized} GROUP BY 1) n
  LEFT JOIN (SELECT (row_no - 1) / $1 AS number, count(*) AS repeating, count(*) FILTER (WHERE new_lead) AS leads,
                    count(persona_id) FILTER (WHERE NOT new_persona) AS personas,
                    count(business_id) FILTER (WHERE NOT new_business) AS businesses
               FROM {resolved} GROUP BY 1) x ON x.number = n.number
 ORDER BY 1";

/// Counts the slices of a file whose exceptions are mapped.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn count(tx: &mut BulkTransaction, staging: &Staging) -> Result<Slices> {
    let sql = staging.sql(tx, COUNT);
    Ok(Slices(tx.all(sqlx::query_as(sql).bind(SLICE_ROWS)).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_follow_each_other() {
        let slice = |number, last_row| Slice {
            number,
            last_row,
            rows: 3,
            ordinary: 1,
            leads: 2,
            personas: 1,
            businesses: 0,
        };
        let slices = Slices(vec![slice(0, SLICE_ROWS), slice(2, 2 * SLICE_ROWS + 7)]);
        assert_eq!(slices.0[0].range(), RowRange { first: 1, end: SLICE_ROWS + 1 });
        assert_eq!(slices.0[1].range(), RowRange { first: 2 * SLICE_ROWS + 1, end: 2 * SLICE_ROWS + 8 });
        assert_eq!((slices.rows(), slices.last_row()), (6, 2 * SLICE_ROWS + 7));
        assert_eq!((slices.personas(), slices.businesses()), (2, 0));
        assert_eq!((Slices::default().rows(), Slices::default().last_row()), (0, 0));
    }
}
