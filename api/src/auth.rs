//! Who is calling, and whether they may.

use std::num::NonZeroU32;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::id::{ApiKeyId, TeamId, UserId};
use domain::role::{Permission, Role, Scope};
use entities::{BulkTransaction, DbError, TeamTransaction, api_key, audit_log, team};

use crate::extract::header_text;
use crate::problem::{HttpCode, Problem};
use crate::rate_limit::Limits;
use crate::state::AppState;

/// Who is calling: a person in a team, through a key. Handlers of `/v1` take it as an argument.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The key.
    pub(crate) key: ApiKeyId,
    /// The team.
    pub(crate) team: TeamId,
    /// The person.
    pub(crate) user: UserId,
    role: Role,
    scopes: Vec<Scope>,
    /// The team's limits and preferences.
    pub(crate) settings: team::TeamSettings,
}

impl Caller {
    /// Whether the caller may do this.
    ///
    /// # Errors
    /// A problem (403) that says what is missing.
    pub(crate) fn may(&self, permission: Permission) -> Result<(), Problem> {
        if self.role.allows_with(&self.scopes, permission) {
            return Ok(());
        }
        let missing = if self.role.allows(permission) {
            format!("the key lacks the scope {:?}; use one that has it", permission.scope().as_str())
        } else {
            format!("the role {} does not include {}; ask an admin of the team", self.role, permission)
        };
        Err(Problem::http(HttpCode::Forbidden, missing))
    }

    /// Begins a transaction of the caller's team.
    ///
    /// # Errors
    /// As [`entities::Database::team`].
    pub(crate) async fn transaction(&self, state: &AppState) -> Result<TeamTransaction, DbError> {
        state.db.team(self.team).await
    }

    /// Writes down what the caller did, and with which key. `details` is an object of ids, counts and names of
    /// fields only.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub(crate) async fn record(
        &self,
        tx: &TeamTransaction,
        action: &str,
        subject: impl std::fmt::Display,
        mut details: serde_json::Value,
    ) -> Result<(), DbError> {
        details["key"] = self.key.to_string().into();
        audit_log::record(tx, Some(self.user), action, &subject.to_string(), details).await?;
        Ok(())
    }

    /// Begins a transaction of the caller's team for what is done to many rows at once.
    ///
    /// # Errors
    /// As [`entities::Database::team_bulk`].
    pub(crate) async fn bulk_transaction(&self, state: &AppState) -> Result<BulkTransaction, DbError> {
        state.db.team_bulk(self.team).await
    }

    /// As [`Caller::record`], in such a transaction.
    ///
    /// # Errors
    /// Any [`DbError`].
    pub(crate) async fn record_in_bulk(
        &self,
        tx: &mut BulkTransaction,
        action: &str,
        subject: impl std::fmt::Display,
        mut details: serde_json::Value,
    ) -> Result<(), DbError> {
        details["key"] = self.key.to_string().into();
        audit_log::record_in_bulk(tx, Some(self.user), action, &subject.to_string(), &details).await
    }

    /// An operator with all scopes, of a team without special settings.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        Self {
            key: entities::fresh_id(),
            team: entities::fresh_id(),
            user: entities::fresh_id(),
            role: Role::Operator,
            scopes: Scope::ALL.to_vec(),
            settings: team::TeamSettings::default(),
        }
    }

    fn limits(&self) -> Limits {
        let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Limits {
            user_per_minute: at_least_one(self.settings.requests_per_minute_user),
            team_per_minute: at_least_one(self.settings.requests_per_minute_team),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        // `require` put it there; a route outside of it would be a defect, and must not pass for anybody.
        parts.extensions.get::<Self>().cloned().ok_or_else(unauthorized)
    }
}

/// Middleware of everything under `/v1`: no key, no answer; too many requests, not now.
pub(crate) async fn require(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    match admit(&state, request.headers()).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => {
            let challenge = problem.status() == axum::http::StatusCode::UNAUTHORIZED;
            let mut response = problem.into_response();
            if challenge {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            response
        }
    }
}

async fn admit(state: &AppState, headers: &HeaderMap) -> Result<Caller, Problem> {
    let caller = identify(state, headers).await?;
    state.limits.count(caller.team, caller.user, caller.limits()).map_err(|exceeded| {
        let wait_s = exceeded.retry_after.as_secs_f64().ceil().max(1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a minute at the most")]
        let wait_s = wait_s as u64;
        Problem::http(
            HttpCode::RateLimited,
            format!(
                "more than {} requests a minute of this {}; wait {wait_s} s, or have an admin raise the limit",
                exceeded.per_minute, exceeded.of
            ),
        )
        .retry_after(wait_s)
    })?;
    Ok(caller)
}

/// Who sent these headers.
///
/// # Errors
/// A problem (401) without a good key, 503 where the database does not answer.
pub(crate) async fn identify(state: &AppState, headers: &HeaderMap) -> Result<Caller, Problem> {
    let secret = header_text(headers, header::AUTHORIZATION.as_str())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, secret)| secret.trim())
        .ok_or_else(unauthorized)?;
    let caller = api_key::authenticate(&state.db, secret).await?.ok_or_else(unauthorized)?;
    let tx = state.db.team(caller.team_id).await?;
    let settings = team::settings(&tx).await?;
    tx.commit().await?;
    let unreadable =
        |what, error: domain::named::UnknownName| Problem::from(DbError::unreadable(what, error));
    Ok(Caller {
        key: caller.key_id,
        team: caller.team_id,
        user: caller.user_id,
        role: caller.role.as_str().parse().map_err(|error| unreadable("memberships.role", error))?,
        scopes: caller
            .scopes
            .iter()
            .map(|scope| scope.as_str().parse().map_err(|error| unreadable("api_keys.scopes", error)))
            .collect::<Result<_, _>>()?,
        settings,
    })
}

fn unauthorized() -> Problem {
    Problem::http(
        HttpCode::Unauthorized,
        "send Authorization: Bearer rk_…, with a key that is not revoked; `refinery keys create` makes one",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(role: Role, scopes: &[Scope]) -> Caller {
        Caller { role, scopes: scopes.to_vec(), ..Caller::for_tests() }
    }

    #[test]
    fn a_refusal_says_what_is_missing() {
        let key = caller(Role::Operator, &[Scope::Read]).may(Permission::Upload).expect_err("read only");
        assert_eq!(key.status().as_u16(), 403);
        assert!(key.detail().contains("scope \"write\""), "{}", key.detail());
        let role =
            caller(Role::Viewer, &[Scope::Read, Scope::Write]).may(Permission::Upload).expect_err("viewer");
        assert!(role.detail().contains("viewer") && role.detail().contains("upload"), "{}", role.detail());
        caller(Role::Operator, &[Scope::Read, Scope::Write]).may(Permission::Upload).expect("may");
    }

    #[test]
    fn a_limit_of_zero_lets_one_request_through_instead_of_dividing_by_it() {
        let mut caller = caller(Role::Viewer, &[Scope::Read]);
        caller.settings.requests_per_minute_user = 0;
        assert_eq!(caller.limits().user_per_minute.get(), 1);
    }
}
