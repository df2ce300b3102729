//! What a team believes to have spent, beside what vendors' own books say, subject by subject.
//!
//! An answer whose price is known has to be on the vendor's bill, to the micro-dollar. One of which nobody knows whether
//! it was charged (it left, and no readable answer came; or it was to come later and did not; or the vendor says that
//! it does not know somebody, where it charges for those it knows) counts as spent at the most it may have cost: there
//! the bill may be lower, and never higher.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Context, Result, ensure};
use domain::id::TypedId as _;
use entities::provider_call::PointKey;
use sandbox::{Identity, LedgerReport, Vendor};
use uuid::Uuid;

use crate::{Team, TestApp};

/// Both accounts, in micro-dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reckoning {
    /// What the team's budgets say was spent.
    pub spent: u64,
    /// What of that vendors certainly charged.
    pub certain: u64,
    /// What of it they may have charged.
    pub perhaps: u64,
    /// What of that they did charge, as their books say.
    pub perhaps_charged: u64,
    /// What vendors' books say altogether.
    pub billed: u64,
}

/// What was spent on a subject with one vendor.
#[derive(Debug, Default)]
struct Spent {
    micros: u64,
    is_certain: bool,
    verdicts: Vec<String>,
}

/// Holds the accounts beside each other.
///
/// # Errors
/// The first thing in which they differ: a call that is still open, budgets that disagree with the ledger of calls or
/// among each other, a subject that the vendor charged otherwise than noted, a charge that nobody noted, or somebody who
/// was paid for twice.
pub async fn reckon(app: &TestApp, team: &Team, books: &LedgerReport) -> Result<Reckoning> {
    let spent = budgets(app, team).await?;
    let names = names_of_subjects(app, team).await?;
    let mut reckoning = Reckoning { spent, billed: books.micro_dollars, ..Reckoning::default() };
    let mut accounted: BTreeSet<(Vendor, &str)> = BTreeSet::new();
    for ((word, subject), spent) in calls(app, team).await? {
        let vendor = vendor(&word)?;
        let known = names.get(&subject).with_context(|| format!("{word} was asked about nobody we have"))?;
        let report = books.vendor(vendor);
        let mut billed = 0;
        for name in known {
            if let Some(one) = report.subjects.get(name) {
                billed += one.micro_dollars;
                accounted.insert((vendor, name));
            }
        }
        if spent.is_certain {
            ensure!(billed == spent.micros, "{word} charged {billed} for {subject}, and we noted {spent:?}");
            reckoning.certain += spent.micros;
        } else {
            ensure!(billed <= spent.micros, "{word} charged {billed} for {subject}, and we noted {spent:?}");
            reckoning.perhaps += spent.micros;
            reckoning.perhaps_charged += billed;
        }
    }
    for (vendor, report) in &books.vendors {
        let again = report.paid_again();
        ensure!(again.is_empty(), "{vendor} was paid again for {again:?}");
        for (name, subject) in &report.subjects {
            let noted = subject.micro_dollars == 0 || accounted.contains(&(*vendor, name.as_str()));
            ensure!(noted, "{vendor} charged {} for {name}, and nobody noted it", subject.micro_dollars);
        }
    }
    ensure!(
        reckoning.certain + reckoning.perhaps == spent,
        "the ledger of calls adds up otherwise: {reckoning:?}"
    );
    let bill = reckoning.certain + reckoning.perhaps_charged;
    ensure!(bill == books.micro_dollars, "the bill adds up otherwise: {reckoning:?}");
    Ok(reckoning)
}

/// What was spent as budgets say it, each of which must say the same.
async fn budgets(app: &TestApp, team: &Team) -> Result<u64> {
    let open = "SELECT count(*) FROM provider_calls WHERE team_id = $1 AND superseded_at IS NULL
                   AND state IN ('claimed', 'in_flight', 'pending')";
    ensure!(app.count(team, open).await? == 0, "calls are open although nobody is at work");
    let put_aside =
        "SELECT (SELECT coalesce(sum(reserved_micros), 0) FROM budgets WHERE team_id = $1)::bigint
                          + (SELECT count(*) FROM budget_entries WHERE team_id = $1 AND state = 'reserved')";
    ensure!(app.count(team, put_aside).await? == 0, "money is put aside although nobody is at work");
    let entries: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT b.scope || CASE WHEN b.scope = 'day' AND b.subject <> '' THEN ' of a vendor' ELSE '' END,
                coalesce(sum(e.settled), 0)::bigint, sum(b.spent_micros)::bigint
           FROM budgets b
           LEFT JOIN (SELECT budget_id, sum(settled_micros) AS settled FROM budget_entries
                       WHERE team_id = $1 AND state = 'settled' GROUP BY budget_id) e ON e.budget_id = b.id
          WHERE b.team_id = $1 GROUP BY 1",
    )
    .bind(team.id.uuid())
    .fetch_all(app.admin.pool())
    .await?;
    let (_, spent, _) =
        entries.iter().find(|(scope, ..)| scope == "team").context("the team has no budget")?;
    for (scope, entered, noted) in &entries {
        ensure!(entered == noted, "budgets of scope {scope} say {noted}, their entries {entered}");
        ensure!(entered == spent, "budgets of scope {scope} say {entered}, the team's {spent}");
    }
    Ok(u64::try_from(*spent)?)
}

/// What the entries of the team's budget say of each subject with each vendor.
async fn calls(app: &TestApp, team: &Team) -> Result<BTreeMap<(String, Uuid), Spent>> {
    let rows: Vec<(String, Uuid, String, String, i64)> = sqlx::query_as(
        "SELECT c.provider, c.subject_id, c.state, coalesce(c.verdict, ''), e.settled_micros
           FROM provider_calls c
           JOIN budget_entries e ON e.team_id = c.team_id AND e.call_id = c.id AND e.state = 'settled'
           JOIN budgets b ON b.id = e.budget_id AND b.scope = 'team'
          WHERE c.team_id = $1",
    )
    .bind(team.id.uuid())
    .fetch_all(app.admin.pool())
    .await?;
    let mut calls: BTreeMap<(String, Uuid), Spent> = BTreeMap::new();
    for (provider, subject, state, verdict, settled) in rows {
        let per_match = provider != "melissa";
        let perhaps = match state.as_str() {
            "unknown" => true,
            // What is free where nobody is known is only ever noted as spent because it may not have been.
            "no_match" | "ambiguous" => per_match && settled > 0,
            _ => verdict == "rest_never_came",
        };
        let new = || Spent { is_certain: true, ..Spent::default() };
        let spent = calls.entry((provider, subject)).or_insert_with(new);
        spent.micros += u64::try_from(settled)?;
        spent.is_certain &= !perhaps;
        spent.verdicts.push(format!("{state}/{verdict}"));
    }
    Ok(calls)
}

/// By what vendors' books may know each subject of the ledger: a person by address, e-mail address, or employer; a number
/// by itself.
async fn names_of_subjects(app: &TestApp, team: &Team) -> Result<HashMap<Uuid, BTreeSet<String>>> {
    let mut names: HashMap<Uuid, BTreeSet<String>> = HashMap::new();
    let people: Vec<(Uuid, [Option<String>; 8])> = sqlx::query_as::<_, Named>(
        "SELECT p.id, p.given_name, p.family_name, l.street, l.city, l.state, l.zip5, b.website, b.display_name
           FROM personas p JOIN leads l ON l.team_id = p.team_id AND l.persona_id = p.id
           LEFT JOIN businesses b ON b.team_id = l.team_id AND b.id = l.business_id WHERE p.team_id = $1",
    )
    .bind(team.id.uuid())
    .fetch_all(app.admin.pool())
    .await?
    .into_iter()
    .map(|(id, a, b, c, d, e, f, g, h)| (id, [a, b, c, d, e, f, g, h]))
    .collect();
    let emails: Vec<(Uuid, String)> =
        sqlx::query_as("SELECT persona_id, address FROM persona_emails WHERE team_id = $1")
            .bind(team.id.uuid())
            .fetch_all(app.admin.pool())
            .await?;
    let mut emails_of: HashMap<Uuid, Vec<String>> = HashMap::new();
    for (persona, address) in emails {
        emails_of.entry(persona).or_default().push(address);
    }
    for (persona, told) in people {
        let [first, last, street, city, state, zip, domain, company] = told.map(Option::unwrap_or_default);
        let known = names.entry(persona).or_default();
        let named = Identity { first, last, ..Identity::default() };
        for email in emails_of.remove(&persona).unwrap_or_default() {
            known.insert(Identity { email, ..named.clone() }.subject());
        }
        known.insert(Identity { street, city, state, zip, ..named.clone() }.subject());
        known.insert(Identity { domain, ..named.clone() }.subject());
        known.insert(Identity { company, ..named }.subject());
    }
    let numbers: Vec<(String,)> =
        sqlx::query_as("SELECT DISTINCT number FROM persona_phones WHERE team_id = $1")
            .bind(team.id.uuid())
            .fetch_all(app.admin.pool())
            .await?;
    for (number,) in numbers {
        let known = names.entry(PointKey::of(&number).uuid()).or_default();
        known.insert(Identity { phone: number, ..Identity::default() }.subject());
    }
    Ok(names)
}

type Named = (
    Uuid,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

fn vendor(word: &str) -> Result<Vendor> {
    Ok(if word == "twilio_lookup" { Vendor::Twilio } else { word.parse()? })
}
