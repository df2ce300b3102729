//! From what the crates below say went wrong to what the caller is told.

use axum::http::StatusCode;
use domain::FailureCode;
use entities::DbError;
use providers::object_store::ObjectStoreError;

use crate::problem::{HttpCode, Problem};
use crate::temporal::TemporalError;

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        match &error {
            DbError::Unavailable { .. } => {
                Self::unavailable("the database does not answer; repeat the request in a moment")
                    .because(error)
            }
            DbError::Contention { .. } => {
                Self::unavailable("another request got in the way; repeat this one")
                    .retry_after(1)
                    .because(error)
            }
            DbError::NotFound { what, id } => Self::not_found(what, id),
            DbError::WrongState { .. } => Self::http(HttpCode::Conflict, error.to_string()),
            DbError::CircularMerge { .. } => {
                Self::failure(StatusCode::CONFLICT, FailureCode::ResolveCircularMerge, error.to_string())
            }
            DbError::Conflict { .. } => Self::http(
                HttpCode::Conflict,
                "what this would make is there already, or it refers to something that is gone",
            )
            .because(error),
            _ => Self::internal(error),
        }
    }
}

impl From<ObjectStoreError> for Problem {
    fn from(error: ObjectStoreError) -> Self {
        match &error {
            ObjectStoreError::NotFound { .. } => Self::failure(
                StatusCode::NOT_FOUND,
                FailureCode::UploadObjectMissing,
                "the stored file is gone; upload it again",
            ),
            ObjectStoreError::TooLarge { limit } => Self::failure(
                StatusCode::PAYLOAD_TOO_LARGE,
                FailureCode::UploadQuotaExceeded,
                format!(
                    "the file is larger than the {limit} bytes this team may upload at once; split it, or have an \
                     admin raise the limit"
                ),
            ),
            ObjectStoreError::Body(_) => Self::http(
                HttpCode::BadRequest,
                "the body broke off before its end; nothing was kept, send it again",
            )
            .because(error),
            ObjectStoreError::Unavailable { .. }
            | ObjectStoreError::Denied { .. }
            | ObjectStoreError::NoBucket { .. }
            | ObjectStoreError::Config { .. } => Self::failure(
                StatusCode::SERVICE_UNAVAILABLE,
                FailureCode::UploadStorageUnavailable,
                "object storage does not take or give files at the moment; nothing was kept, repeat the request later",
            )
            .retry_after(5)
            .because(error),
            _ => Self::internal(error),
        }
    }
}

impl From<TemporalError> for Problem {
    fn from(error: TemporalError) -> Self {
        match &error {
            TemporalError::Unavailable(_) | TemporalError::Address(_) => {
                Self::unavailable("Temporal does not answer; repeat the request in a moment").because(error)
            }
            TemporalError::NotRunning => Self::http(
                HttpCode::Conflict,
                "its workflow is not running at the moment; look at its status again",
            ),
            TemporalError::Refused(why) => Self::http(HttpCode::Conflict, why.clone()),
            TemporalError::Other(_) => Self::internal(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_the_status_of_the_table() {
        let problem = Problem::from(DbError::not_found("upload", "src_1"));
        assert_eq!((problem.status().as_u16(), problem.code()), (404, "http.not_found"));
        let wrong = DbError::WrongState {
            what: "upload",
            id: "src_1".into(),
            found: "completed".into(),
            wanted: "failed".into(),
        };
        assert_eq!(Problem::from(wrong).status().as_u16(), 409);
        let unreadable = Problem::from(DbError::unreadable("teams.settings", "not an object"));
        assert_eq!((unreadable.status().as_u16(), unreadable.code()), (500, "system.internal"));

        let problem = Problem::from(ObjectStoreError::TooLarge { limit: 7 });
        assert_eq!((problem.status().as_u16(), problem.code()), (413, "upload.quota_exceeded"));
        assert!(problem.detail().contains("7 bytes"));
        let problem = Problem::from(ObjectStoreError::NoBucket { bucket: "b".into() });
        assert_eq!((problem.status().as_u16(), problem.code()), (503, "upload.storage_unavailable"));
        let problem = Problem::from(ObjectStoreError::Body("closed".into()));
        assert_eq!(problem.status().as_u16(), 400);
    }
}
