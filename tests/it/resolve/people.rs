//! People as lists have them, and what became of them.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::types::Json;
use tests::{Team, TestApp};
use uuid::Uuid;

/// The header of [`Person::row`].
const HEADER: &str =
    "Company Name,First Name,Last Name,Email Address,Street Address,City,State,Zip Code,Phone Number";

/// One line of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    pub(super) company: &'static str,
    pub(super) given: &'static str,
    pub(super) family: &'static str,
    pub(super) email: &'static str,
    pub(super) street: &'static str,
    pub(super) phone: &'static str,
}

/// Somebody with a rare name.
pub(super) const ROSALIND: Person = Person {
    company: "Kettering Bakery LLC",
    given: "Rosalind",
    family: "Quackenbush",
    email: "rosalind.quackenbush@ketteringbakery.com",
    street: "1420 Larkspur Avenue",
    phone: "(512) 555-0142",
};

/// The same with a typing error in the family name, and without e-mail.
pub(super) const ROSALIND_MISTYPED: Person =
    Person { family: "Quackenbusch", email: "", street: "1420 Larkspur Ave", ..ROSALIND };

/// Somebody whom others call Bob.
pub(super) const ROBERT: Person = Person {
    company: "Tillinghast Roofing Inc",
    given: "Robert",
    family: "Tillinghast",
    email: "robert@tillinghastroofing.com",
    street: "88 Juniper Road",
    phone: "(512) 555-0177",
};

/// As others call him, with another phone number.
pub(super) const BOB: Person = Person { given: "Bob", phone: "(512) 555-0199", ..ROBERT };

/// Enters somebody by hand.
pub(super) async fn enter(app: &TestApp, team: &Team, person: Person) -> Result<()> {
    let Person { company, given, family, email, street, phone } = person;
    let lead = json!({
        "company": company, "contact": format!("{given} {family}"), "email": email, "address": street,
        "city": "Austin", "state": "TX", "zip": "78701", "phone": phone,
    });
    let made = app.request(team, Method::POST, "/v1/leads").json(&lead).send().await?;
    assert_eq!(made.status(), 201, "{}", made.text().await?);
    Ok(())
}

/// A list of these.
pub(super) fn list(people: &[Person]) -> String {
    let mut text = format!("{HEADER}\r\n");
    for person in people {
        let Person { company, given, family, email, street, phone } = person;
        // Writing to a string cannot fail.
        let _ = write!(text, "{company},{given},{family},{email},{street},Austin,TX,78701,{phone}\r\n");
    }
    text
}

/// One merge of people.
#[derive(Debug)]
pub(super) struct Merge {
    pub(super) survivor: Uuid,
    pub(super) merged: Uuid,
    pub(super) score: f32,
    pub(super) rule_set: String,
    pub(super) evidence: Value,
}

/// The merges in force, in order of who was merged.
pub(super) async fn merges(app: &TestApp, team: &Team) -> Result<Vec<Merge>> {
    let mut tx = app.db.team_bulk(team.id).await?;
    let rows: Vec<(Uuid, Uuid, f32, String, Json<Value>)> = tx
        .all(sqlx::query_as(
            "SELECT survivor_id, merged_id, score, rule_set, evidence FROM persona_merge_history \
              WHERE unmerged_at IS NULL ORDER BY merged_id",
        ))
        .await?;
    tx.commit().await?;
    let merge = |(survivor, merged, score, rule_set, Json(evidence))| Merge {
        survivor,
        merged,
        score,
        rule_set,
        evidence,
    };
    Ok(rows.into_iter().map(merge).collect())
}

/// How many rows a table of the team has.
pub(super) async fn count(app: &TestApp, team: &Team, table: &'static str) -> Result<i64> {
    let mut tx = app.db.team_bulk(team.id).await?;
    let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    let found: Option<(i64,)> = tx.first(sqlx::query_as(sql)).await?;
    tx.commit().await?;
    Ok(found.context("a count")?.0)
}

/// Refuses anything that points nowhere.
pub(super) async fn assert_whole(app: &TestApp, team: &Team) -> Result<()> {
    let orphans = entities::integrity::orphans(&app.db, team.id).await?;
    assert!(orphans.is_empty(), "{orphans:?}");
    Ok(())
}
