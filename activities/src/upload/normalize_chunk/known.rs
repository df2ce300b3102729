//! Rows that name whom the team has. Exact keys will place them, so neither are they compared nor does anybody have to
//! find them: no record and no key is made of them.

use std::collections::HashSet;

use entities::merge::Kind;
use entities::pipeline::candidates;
use entities::{BulkTransaction, DbError};
use resolution::Keys;
use uuid::Uuid;

use crate::upload::matching::LeftOut;

/// A row by whom it names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named {
    pub(super) row_no: i32,
    pub(super) keys: Keys,
}

/// Whom the team has of those that some rows name.
#[derive(Debug)]
pub(super) struct Had {
    personas: HashSet<Uuid>,
    businesses: HashSet<Uuid>,
}

impl Had {
    /// Asks for all of `named` at once.
    pub(super) async fn of(tx: &mut BulkTransaction, named: &[Named]) -> Result<Self, DbError> {
        let personas: Vec<Uuid> = named.iter().filter_map(|row| row.keys.persona).collect();
        let businesses: Vec<Uuid> = named.iter().filter_map(|row| row.keys.business).collect();
        Ok(Self {
            personas: candidates::had(tx, Kind::Persona, &personas).await?,
            businesses: candidates::had(tx, Kind::Business, &businesses).await?,
        })
    }

    /// Of which kinds a row with these keys needs no record.
    pub(super) fn left_out(&self, keys: &Keys) -> LeftOut {
        LeftOut {
            persona: keys.persona.is_some_and(|key| self.personas.contains(&key)),
            business: keys.business.is_some_and(|key| self.businesses.contains(&key)),
        }
    }
}

/// Whether it is worth to ask for each row of a chunk: whether the team has all that most rows of a `sample` name. Lists
/// are new or they are known; few are half and half.
pub(super) async fn most_are_known(tx: &mut BulkTransaction, sample: &[Named]) -> Result<bool, DbError> {
    let had = Had::of(tx, sample).await?;
    let is_known = |row: &&Named| {
        let left = had.left_out(&row.keys);
        left.persona == row.keys.persona.is_some() && left.business == row.keys.business.is_some()
    };
    Ok(2 * sample.iter().filter(is_known).count() > sample.len())
}
