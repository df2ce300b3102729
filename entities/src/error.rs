//! What can go wrong between us and PostgreSQL, by what the caller can do about it.
//!
//! `Display` and `Debug` say what happened without the values of any row: PostgreSQL puts those into the
//! *detail* of an error, which is reachable through [`std::error::Error::source`] only by downcasting.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use sea_orm::{DbErr, RuntimeErr};

/// The driver's own account of a failure.
pub struct Cause(Arc<dyn StdError + Send + Sync>);

impl Cause {
    /// The driver's error itself. It may hold values of rows: never log its `Debug`.
    pub fn inner(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.0
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl StdError for Cause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

/// Why a question was not answered.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// PostgreSQL cannot be reached, is shutting down or starting, or has no connection to spare. Wait, then
    /// repeat the whole transaction.
    #[error("the database does not answer; check that PostgreSQL runs and that DATABASE_URL names it")]
    Unavailable {
        /// The driver's account.
        #[source]
        source: Cause,
    },
    /// Two transactions got in each other's way (deadlock, serialization, lock timeout). Repeat the whole
    /// transaction.
    #[error("another transaction got in the way; repeat this one")]
    Contention {
        /// The driver's account.
        #[source]
        source: Cause,
    },
    /// What was to be written is already there, or refers to something that is not there.
    #[error("the constraint {constraint} does not allow this")]
    Conflict {
        /// The name of the violated constraint or unique index.
        constraint: String,
        /// The driver's account.
        #[source]
        source: Cause,
    },
    /// Nothing of this kind with this id exists in this team.
    #[error("there is no {what} {id}")]
    NotFound {
        /// The kind of thing, in a word or two.
        what: &'static str,
        /// Its id as the caller gave it.
        id: String,
    },
    /// A statement reached for something outside the running team, or beyond the application's rights.
    #[error("row-level security or a missing right forbids this")]
    RowSecurity {
        /// The driver's account.
        #[source]
        source: Cause,
    },
    /// The thing is not in a state in which this can be done to it.
    #[error("{what} {id} is {found}; this needs it to be {wanted}")]
    WrongState {
        /// The kind of thing, in a word or two.
        what: &'static str,
        /// Its id.
        id: String,
        /// The state it is in.
        found: String,
        /// The state or states in which it would have worked.
        wanted: String,
    },
    /// A merge would make a record its own ancestor (`resolve.circular_merge`). Nothing was changed.
    #[error("merged so, {id} would end up in itself; leave one of the pairs out")]
    CircularMerge {
        /// The record.
        id: String,
    },
    /// A stored value is not what this version of the program writes. A newer version may have written it.
    #[error("the stored {what} cannot be read: {detail}")]
    Unreadable {
        /// Table and column.
        what: &'static str,
        /// What is wrong with it, without personal data.
        detail: String,
    },
    /// Anything else: a defect of ours, or a schema that is not migrated to this version.
    #[error(
        "the database refused a statement; if the schema is older than the program, run `refinery migrate`"
    )]
    Other {
        /// The driver's account.
        #[source]
        source: Cause,
    },
}

impl DbError {
    /// Whether the same transaction, begun again a little later, may well succeed.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Contention { .. })
    }

    /// Whether this is a violation of the constraint or unique index with this name.
    pub fn violates(&self, name: &str) -> bool {
        matches!(self, Self::Conflict { constraint, .. } if constraint == name)
    }

    /// The absence of a thing.
    pub fn not_found(what: &'static str, id: impl fmt::Display) -> Self {
        Self::NotFound { what, id: id.to_string() }
    }

    /// A stored value that makes no sense to this version.
    pub fn unreadable(what: &'static str, detail: impl fmt::Display) -> Self {
        Self::Unreadable { what, detail: detail.to_string() }
    }
}

/// What an error means to the caller, from the driver's error.
enum Meaning {
    Unavailable,
    Contention,
    Conflict(String),
    RowSecurity,
    Other,
}

fn meaning_of_state(sqlstate: &str, constraint: Option<&str>) -> Meaning {
    match sqlstate {
        // Shut down by an operator or a crash, starting up, idle for too long, read-only after a fail-over.
        "57P01" | "57P02" | "57P03" | "57P05" | "25006" => Meaning::Unavailable,
        "40001" | "40P01" | "55P03" => Meaning::Contention,
        // P0002: our own functions say so of a file that is not of the running team.
        "42501" | "P0002" => Meaning::RowSecurity,
        state if state.starts_with("08") || state.starts_with("53") => Meaning::Unavailable,
        state if state.starts_with("23") => Meaning::Conflict(constraint.unwrap_or("unnamed").to_owned()),
        _ => Meaning::Other,
    }
}

fn meaning(error: &sqlx::Error) -> Meaning {
    match error {
        sqlx::Error::Database(database) => {
            meaning_of_state(database.code().as_deref().unwrap_or_default(), database.constraint())
        }
        // A protocol error means that the connection was cut in the middle of a message.
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Meaning::Unavailable,
        _ => Meaning::Other,
    }
}

fn build(meaning: Meaning, source: Cause) -> DbError {
    match meaning {
        Meaning::Unavailable => DbError::Unavailable { source },
        Meaning::Contention => DbError::Contention { source },
        Meaning::Conflict(constraint) => DbError::Conflict { constraint, source },
        Meaning::RowSecurity => DbError::RowSecurity { source },
        Meaning::Other => DbError::Other { source },
    }
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        build(meaning(&error), Cause(Arc::new(error)))
    }
}

impl From<DbErr> for DbError {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::Conn(RuntimeErr::SqlxError(driver))
            | DbErr::Exec(RuntimeErr::SqlxError(driver))
            | DbErr::Query(RuntimeErr::SqlxError(driver)) => build(meaning(&driver), Cause(driver)),
            DbErr::ConnectionAcquire(_) => build(Meaning::Unavailable, Cause(Arc::new(error))),
            other => build(Meaning::Other, Cause(Arc::new(other))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_state(sqlstate: &str) -> DbError {
        let cause = Cause(Arc::new(std::io::Error::other("as the driver said")));
        build(meaning_of_state(sqlstate, Some("leads_lead_key")), cause)
    }

    #[test]
    fn a_killed_or_starting_server_is_transient() {
        for state in ["57P01", "57P02", "57P03", "53300", "08006", "40001", "40P01"] {
            assert!(of_state(state).is_transient(), "{state}");
        }
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        assert!(DbError::from(sqlx::Error::Io(refused)).is_transient());
        assert!(DbError::from(sqlx::Error::PoolTimedOut).is_transient());
    }

    #[test]
    fn a_broken_constraint_is_a_named_conflict_and_not_transient() {
        let conflict = of_state("23505");
        assert!(conflict.violates("leads_lead_key") && !conflict.violates("leads_pkey"));
        assert!(!conflict.is_transient());
        assert!(matches!(of_state("42501"), DbError::RowSecurity { .. }));
        assert!(matches!(of_state("42P01"), DbError::Other { .. }));
    }

    #[test]
    fn the_cause_is_kept_and_not_repeated() {
        let error = of_state("57P01");
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("as the driver said"));
        assert!(!error.to_string().contains("as the driver said"));
    }
}
