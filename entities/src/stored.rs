//! Typed ids as column types: the lowest edge at which an id is a bare `uuid`.
//!
//! `domain` knows no database and sea-orm no ids of ours; the orphan rule lets neither be taught about the
//! other here. So a column's type is [`Stored`], which is ours (`docs/adr/0003-ids-in-sea-orm.md`).

use std::fmt;
use std::ops::Deref;

use domain::id::TypedId;
use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr};
use sea_orm::{ColIdx, DbErr, QueryResult, TryFromU64, TryGetError, TryGetable, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A typed id in a column. Dereferences to the id; written and read by people as the id is.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Stored<T>(pub T);

impl<T> Deref for Stored<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Stored<T> {
    fn from(id: T) -> Self {
        Self(id)
    }
}

impl<T: TypedId> fmt::Display for Stored<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: TypedId> fmt::Debug for Stored<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: TypedId> From<Stored<T>> for Value {
    fn from(id: Stored<T>) -> Self {
        id.0.uuid().into()
    }
}

impl<T: TypedId> TryGetable for Stored<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        Uuid::try_get_by(row, index).map(|uuid| Self(T::from_uuid(uuid)))
    }
}

impl<T: TypedId> ValueType for Stored<T> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        <Uuid as ValueType>::try_from(value).map(|uuid| Self(T::from_uuid(uuid)))
    }

    fn type_name() -> String {
        format!("Stored<{}>", T::PREFIX)
    }

    fn array_type() -> ArrayType {
        ArrayType::Uuid
    }

    fn column_type() -> ColumnType {
        ColumnType::Uuid
    }
}

impl<T: TypedId> Nullable for Stored<T> {
    fn null() -> Value {
        Uuid::null()
    }
}

impl<T: TypedId> TryFromU64 for Stored<T> {
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64("a typed id"))
    }
}

#[cfg(test)]
mod tests {
    use domain::id::LeadId;

    use super::*;

    #[test]
    fn an_id_goes_to_the_driver_as_sixteen_bytes_and_comes_back() {
        let id = crate::fresh_id::<LeadId>();
        let value = Value::from(Stored(id));
        assert_eq!(value, Value::from(id.uuid()));
        assert_eq!(<Stored<LeadId> as ValueType>::try_from(value).map(|stored| stored.0).ok(), Some(id));
        assert_eq!(format!("{}", Stored(id)), id.to_string());
    }
}
