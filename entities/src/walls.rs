//! The wall between teams, as the database itself describes it: for the test that no table was forgotten.

use sqlx::FromRow;

use crate::from_row::from_row;
use crate::{Database, Result};

/// A table that has a `team_id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantTable {
    /// Its name.
    pub name: String,
    /// Whether row-level security is on.
    pub enabled: bool,
    /// Whether it binds the table's owner too.
    pub forced: bool,
    /// Whether a policy for everybody compares `team_id` with the running team, both for reading and for writing.
    pub walled: bool,
    /// Whether `team_id` may be missing.
    pub nullable: bool,
}
from_row!(TenantTable { name, enabled, forced, walled, nullable });

impl TenantTable {
    /// Whether no row of it can be seen or written from outside its team.
    pub fn is_safe(&self) -> bool {
        self.enabled && self.forced && self.walled && !self.nullable
    }
}

/// Every table with a `team_id`, partitions too, by name.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn tenant_tables(database: &Database) -> Result<Vec<TenantTable>> {
    Ok(sqlx::query_as(
        "SELECT c.relname::text AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
                NOT a.attnotnull AS nullable,
                EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = '*' AND p.polroles = '{0}'
                           AND pg_get_expr(p.polqual, c.oid) LIKE '%team_id = %current_team()%'
                           AND pg_get_expr(p.polwithcheck, c.oid) LIKE '%team_id = %current_team()%')
                AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname <> 'team_wall'
                           AND p.polroles <> ARRAY['refinery_gate'::regrole::oid]) AS walled
           FROM pg_class c
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'team_id' AND NOT a.attisdropped
          WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
          ORDER BY 1",
    )
    .fetch_all(database.pool())
    .await?)
}

/// What the role of a connection could do beyond the application's rights. All false, or the wall has a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RolePowers {
    /// Whether it is a superuser.
    pub superuser: bool,
    /// Whether it passes row-level security by.
    pub bypasses: bool,
    /// Whether it may make roles.
    pub creates_roles: bool,
    /// Whether it owns any table.
    pub owns_tables: bool,
    /// Whether it may make tables that stay.
    pub creates_tables: bool,
}
from_row!(RolePowers { superuser, bypasses, creates_roles, owns_tables, creates_tables });

impl RolePowers {
    /// Whether it has no power that the application must not have.
    pub fn is_harmless(&self) -> bool {
        !(self.superuser || self.bypasses || self.creates_roles || self.owns_tables || self.creates_tables)
    }
}

/// What the role as which this database's connections act could do.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn role_powers(database: &Database) -> Result<RolePowers> {
    let row = sqlx::query(
        "SELECT rolsuper AS superuser, rolbypassrls AS bypasses, rolcreaterole AS creates_roles,
                EXISTS (SELECT FROM pg_class WHERE relowner = r.oid AND relpersistence <> 't') AS owns_tables,
                has_schema_privilege(r.oid, 'public', 'CREATE') AS creates_tables
           FROM pg_roles r WHERE rolname = current_user",
    )
    .fetch_one(database.pool())
    .await?;
    Ok(RolePowers::from_row(&row)?)
}
