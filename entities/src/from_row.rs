//! How a row of a hand-written query becomes a struct: by the names of its columns.
//!
//! In place of sqlx's derive, whose macro crate would build the whole driver a second time for the compiler.

/// Declares that a struct is read from a row by fields of the same names:
/// `from_row!(RawRow { row_no, line_no, body });`.
macro_rules! from_row {
    ($row:ident { $($field:ident),+ $(,)? }) => {
        impl<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow> for $row {
            fn from_row(row: &'r sqlx::postgres::PgRow) -> Result<Self, sqlx::Error> {
                Ok(Self { $($field: sqlx::Row::try_get(row, stringify!($field))?,)+ })
            }
        }
    };
}
pub(crate) use from_row;
