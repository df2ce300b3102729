//! Ids of things that are made by a person or a process, not by a row of a file.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::id::TypedId;
use ulid::Ulid;
use uuid::Uuid;

/// A new id: 48 bits of milliseconds since 1970, 80 bits of chance. Sorts by the time it was made.
pub fn fresh_id<T: TypedId>() -> T {
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
    T::from_uuid(Uuid::from_u128(Ulid::from_parts(now_ms, rand::random()).0))
}

#[cfg(test)]
mod tests {
    use domain::id::DataSourceId;

    use super::*;

    #[test]
    fn two_ids_of_one_millisecond_differ_and_carry_the_time() {
        let (one, two) = (fresh_id::<DataSourceId>(), fresh_id::<DataSourceId>());
        assert_ne!(one, two);
        // 2026-01-01: an id made now is younger than this line.
        assert!(one.timestamp_ms() > 1_767_225_600_000, "{one}");
    }
}
