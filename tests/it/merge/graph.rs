//! Small teams, made up: people, businesses and all that hangs on them, put into the tables as they are.

use std::collections::BTreeMap;

use anyhow::Result;
use domain::id::{TeamId, TypedId as _};
use entities::Database;
use entities::merge::{Kind, Merge};
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// Tables that a merge may touch, and what a snapshot leaves out of each.
const TABLES: [(&str, &str); 10] = [
    ("personas", "'team_id'"),
    ("businesses", "'team_id'"),
    ("business_owners", "'team_id'"),
    ("persona_phones", "'team_id'"),
    ("persona_emails", "'team_id'"),
    ("persona_addresses", "'team_id'"),
    ("leads", "'team_id'"),
    ("blocks", "'team_id', 'id'"),
    ("block_leads", "'team_id', 'block_id'"),
    ("sector_buckets", "'team_id', 'updated_at', 'stale_since'"),
];

/// A team's rows, by table.
pub(super) type Rows = BTreeMap<&'static str, Vec<Value>>;

/// Rows of a made-up team. The same seed gives the same rows.
pub(super) struct Graph {
    pub(super) personas: Vec<Uuid>,
    pub(super) businesses: Vec<Uuid>,
    rows: Vec<(&'static str, Value)>,
}

fn id(kind: u128, number: usize) -> Uuid {
    Uuid::from_u128((kind << 64) | (number as u128 + 1))
}

impl Graph {
    pub(super) fn of(seed: u64) -> Self {
        let mut chance = StdRng::seed_from_u64(seed);
        let chance = &mut chance;
        let personas: Vec<Uuid> = (0..chance.random_range(3..9)).map(|number| id(1, number)).collect();
        let businesses: Vec<Uuid> = (0..chance.random_range(2..6)).map(|number| id(2, number)).collect();
        let mut graph = Self { personas, businesses, rows: Vec::new() };
        graph.add_records(chance);
        graph.add_points(chance);
        graph.add_leads(chance);
        graph
    }

    fn add_records(&mut self, chance: &mut StdRng) {
        for (number, persona) in self.personas.iter().enumerate() {
            self.rows.push((
                "personas",
                json!({ "id": persona, "match_key": id(3, number), "given_name": pick(chance, &[None, Some("R"), Some("Rosa"), Some("Rosalia")]),
                    "middle_name": pick(chance, &[None, None, Some("M."), Some("Maria")]),
                    "family_name": pick(chance, &[Some("Lopez"), Some("Lopes")]),
                    "name_suffix": pick(chance, &[None, None, Some("Jr")]),
                    "confidence_score": 100, "merged_from_ids": [], "created_at": moment(chance) }),
            ));
        }
        for (number, business) in self.businesses.iter().enumerate() {
            self.rows.push((
                "businesses",
                json!({ "id": business, "match_key": id(4, number), "name": format!("ACME {number}"), "display_name": format!("Acme {number}"),
                    "dba": pick(chance, &[None, Some("Acme Pipes")]), "website": pick(chance, &[None, Some("acme.example")]),
                    "street": pick(chance, &[None, Some("1 Main St"), Some("2 Oak Ave")]), "city": "Austin", "state": "TX",
                    "employees_min": pick(chance, &[None, Some(5)]), "employees_max": pick(chance, &[None, Some(9)]),
                    "extras": pick(chance, &[None, Some("x")]).map(|extra| json!({ "note": extra })),
                    "created_at": moment(chance) }),
            ));
        }
    }

    fn add_points(&mut self, chance: &mut StdRng) {
        let mut owners = BTreeMap::new();
        for (number, persona) in self.personas.clone().iter().enumerate() {
            for line in 0..5 {
                if chance.random_bool(0.4) {
                    self.rows.push((
                        "persona_phones",
                        json!({ "persona_id": persona, "number": format!("+1512555010{line}"), "class": pick(chance, &["main", "mobile"]),
                            "extension": pick(chance, &[None, Some("7")]), "score": chance.random_range(0..3), "verified": chance.random_bool(0.3),
                            "source": pick(chance, &["list", "vendor"]), "first_seen_at": moment(chance), "last_seen_at": moment(chance),
                            "last_verified_at": pick(chance, &[None, Some("2026-03-01T00:00:00+00:00")]) }),
                    ));
                }
            }
            for line in 0..3 {
                if chance.random_bool(0.4) {
                    self.rows.push((
                        "persona_emails",
                        json!({ "persona_id": persona, "address": format!("r{line}@acme.example"), "class": "business",
                            "score": chance.random_range(0..3), "verified": chance.random_bool(0.3), "source": "list",
                            "first_seen_at": moment(chance), "last_seen_at": moment(chance) }),
                    ));
                    self.rows.push((
                        "persona_addresses",
                        json!({ "persona_id": persona, "addr_hash": format!("\\x0{line}ff"), "street": format!("{line} Main St"),
                            "unit": pick(chance, &[None, Some("2")]), "source": "list", "first_seen_at": moment(chance) }),
                    ));
                }
            }
            // Everybody has one, as everywhere: nobody without any reference.
            for business in [self.businesses[number % self.businesses.len()], *some(chance, &self.businesses)]
            {
                owners.insert(
                    (*persona, business),
                    json!({ "persona_id": persona, "business_id": business, "title": pick(chance, &[None, Some("Owner")]),
                        "seniority": pick(chance, &[None, Some("owner")]), "created_at": moment(chance) }),
                );
            }
        }
        self.rows.extend(owners.into_values().map(|owner| ("business_owners", owner)));
    }

    fn add_leads(&mut self, chance: &mut StdRng) {
        let blocks: Vec<(Uuid, &str)> =
            [(id(6, 0), "open"), (id(6, 1), "assigned"), (id(6, 2), "dissolved")].to_vec();
        let mut members = BTreeMap::from([("open", 0), ("assigned", 0), ("dissolved", 0)]);
        let mut counted = 0;
        for number in 0..chance.random_range(4..16) {
            let persona = chance.random_bool(0.8).then(|| *some(chance, &self.personas));
            let business =
                (persona.is_none() || chance.random_bool(0.8)).then(|| *some(chance, &self.businesses));
            let lead = id(5, number);
            let subsector = chance.random_bool(0.7).then_some(1);
            counted += i32::from(subsector.is_some());
            self.rows.push((
                "leads",
                json!({ "id": lead, "kind": if persona.is_some() { "person" } else { "business" }, "persona_id": persona,
                    "business_id": business, "lead_key": id(7, number), "source": "list", "status": pick(chance, &["new", "new", "contacted"]),
                    "contact_class": "generic_contact", "score": 50, "facts": 0, "score_rules": 1, "quality_score": 40,
                    "tags": ["a:b"], "enrichment_status": "not_requested", "flags": 0, "state": "TX", "subsector": subsector,
                    "added_to_campaign_at": chance.random_bool(0.15).then_some("2026-05-01T00:00:00+00:00"),
                    "first_seen_at": moment(chance), "last_seen_at": moment(chance) }),
            ));
            if chance.random_bool(0.6) {
                let (block, status) = *some(chance, &blocks);
                *members.entry(status).or_default() += 1;
                self.rows.push((
                    "block_leads",
                    json!({ "block_id": block, "lead_id": lead, "open": status != "dissolved" }),
                ));
            }
        }
        for (block, status) in blocks {
            self.rows.push((
                "blocks",
                json!({ "id": block, "name": status, "status": status, "criteria": {}, "lead_count": members[status],
                    "created_at": "2026-04-01T00:00:00+00:00" }),
            ));
        }
        let bucket = domain::sector::SubsectorId::from_number(1).map(|subsector| {
            domain::sector::BucketId::new(domain::geo::State::parse("TX"), subsector).to_string()
        });
        self.rows.push((
            "sector_buckets",
            json!({ "bucket_id": bucket, "leads": counted, "index_key": "k", "stale_since": null, "updated_at": "2026-04-01T00:00:00+00:00" }),
        ));
    }

    /// Puts the rows into a team's tables. Blocks get ids of the team's own: theirs are unique beyond teams.
    pub(super) async fn put(&self, database: &Database, team: TeamId) -> Result<()> {
        let mut tx = database.team_bulk(team).await?;
        for (table, row) in &self.rows {
            let mut row = row.clone();
            row["team_id"] = json!(team.uuid());
            let own = |block: &Value| -> Option<Value> {
                let block: Uuid = block.as_str()?.parse().ok()?;
                Some(json!(Uuid::from_u128(block.as_u128() ^ team.uuid().as_u128())))
            };
            let column = if *table == "blocks" { "id" } else { "block_id" };
            if let Some(block) = row.get(column).filter(|_| table.starts_with("block")).and_then(own) {
                row[column] = block;
            }
            let sql =
                format!("INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, $1::jsonb)).*");
            tx.run(sqlx::query(AssertSqlSafe(sql)).bind(row.to_string())).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// All that a merge may touch, sorted, without ids of teams and blocks.
pub(super) async fn rows_of(database: &Database, team: TeamId) -> Result<Rows> {
    let mut tx = database.team_bulk(team).await?;
    let mut rows = Rows::new();
    for (table, without) in TABLES {
        let name = if table == "block_leads" {
            " || jsonb_build_object('block', (SELECT k.name FROM blocks k WHERE k.id = t.block_id))"
        } else {
            ""
        };
        let sql = format!(
            "SELECT ((to_jsonb(t) - ARRAY[{without}]){name})::text AS body FROM {table} t ORDER BY 1"
        );
        let found: Vec<(String,)> = tx.all(sqlx::query_as(AssertSqlSafe(sql))).await?;
        rows.insert(table, found.iter().map(|(row,)| serde_json::from_str(row)).collect::<Result<_, _>>()?);
    }
    tx.commit().await?;
    Ok(rows)
}

/// Refuses a difference, and shows the first rows that differ.
pub(super) fn assert_same(now: &Rows, expected: &Rows, when: &str) {
    for (table, expected) in expected {
        let now = &now[table];
        let only = |these: &[Value], those: &[Value]| -> Vec<String> {
            these.iter().filter(|row| !those.contains(row)).map(ToString::to_string).take(4).collect()
        };
        assert!(
            now == expected,
            "{when}: {table} differs\nnow only:      {:#?}\nexpected only: {:#?}",
            only(now, expected),
            only(expected, now)
        );
    }
}

/// A pair, as an import or a person would give it.
pub(super) fn pair(survivor: Uuid, merged: Uuid, score: f32) -> Merge {
    Merge {
        survivor,
        merged,
        score,
        weight: Some(9.5),
        rule_set: "persons/1".to_owned(),
        evidence: json!([{ "comparison": "phone", "level": "exact", "weight": 9.5 }]),
    }
}

/// Merges that are possible one after another, in steps of several.
pub(super) fn some_merges(graph: &Graph, kind: Kind, seed: u64) -> Vec<Vec<Merge>> {
    let mut chance = StdRng::seed_from_u64(seed);
    let mut alive = match kind {
        Kind::Persona => graph.personas.clone(),
        Kind::Business => graph.businesses.clone(),
    };
    let mut steps = Vec::new();
    while alive.len() > 1 && steps.len() < 4 {
        alive.shuffle(&mut chance);
        let survivors = chance.random_range(1..alive.len());
        let most = (alive.len() - survivors).min(3);
        let merged = alive.split_off(alive.len() - chance.random_range(1..=most));
        let score = f32::from(chance.random_range(90_u8..100)) / 100.0;
        steps
            .push(merged.into_iter().map(|merged| pair(*some(&mut chance, &alive), merged, score)).collect());
    }
    steps
}

fn some<'a, T>(chance: &mut StdRng, of: &'a [T]) -> &'a T {
    of.choose(chance).unwrap_or(&of[0])
}

fn pick<T: Copy>(chance: &mut StdRng, of: &[T]) -> T {
    *some(chance, of)
}

fn moment(chance: &mut StdRng) -> String {
    format!("2026-02-{:02}T10:00:00.123456+00:00", chance.random_range(1..28))
}
