//! The rules of the gate: the version that holds at a moment, or one by its name.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::gate::{RuleSet, RuleSetVersion};

use crate::{BulkTransaction, DbError, Result};

/// The rules of the gate, in one version.
#[derive(Debug, Clone)]
pub struct Rules {
    set: Arc<RuleSet>,
    version: RuleSetVersion,
}

impl Rules {
    /// These rules, for whoever has them already.
    pub fn of(rules: RuleSet) -> Self {
        let version = rules.version();
        Self { set: Arc::new(rules), version }
    }

    /// The rules of `version`; without one, those stored that hold at `at`, the newest first, or else those that the program
    /// came with.
    ///
    /// # Errors
    /// [`DbError::NotFound`] where no rule set has this version; [`DbError::Unreadable`] for one that this program does not
    /// understand: nothing is judged by half of the rules.
    pub async fn read(tx: &mut BulkTransaction, version: Option<&str>, at: DateTime<Utc>) -> Result<Self> {
        let shipped = RuleSet::shipped();
        if version.is_some_and(|version| version == shipped.version().as_str()) {
            return Ok(Self::of(shipped.clone()));
        }
        let query = sqlx::query_as(
            "SELECT body::text FROM rule_sets WHERE ($1::text IS NOT NULL AND version = $1)
                 OR ($1::text IS NULL AND effective_from <= $2) ORDER BY effective_from DESC, id DESC LIMIT 1",
        );
        let stored: Option<(String,)> = tx.first(query.bind(version).bind(at)).await?;
        match (stored, version) {
            (Some((body,)), _) => {
                let rules = RuleSet::from_json(&body)
                    .map_err(|error| DbError::unreadable("rule_sets.body", error))?;
                Ok(Self::of(rules))
            }
            (None, Some(version)) => Err(DbError::not_found("rule set", version)),
            (None, None) => Ok(Self::of(shipped.clone())),
        }
    }

    /// What they say.
    pub fn set(&self) -> &RuleSet {
        &self.set
    }

    /// Their version.
    pub fn version(&self) -> &str {
        self.version.as_str()
    }
}
