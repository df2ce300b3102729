//! Pairs between the thresholds: an import proposes them, a person decides.

use std::collections::BTreeMap;
use std::fmt;

use chrono::Utc;
use domain::id::{DataSourceId, MergeReviewId, TeamId, TypedId, UserId};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Statement};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::fold::Script;
use super::{Kind, Merge, Origin, apart, history};
use crate::page::{Order, Page, PageRequest, page};
use crate::{BulkTransaction, DbError, Result, Stored, TeamTransaction, fresh_id};

pub use entity::Model as MergeReview;

/// Where a proposal stands.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    sea_orm::EnumIter,
    sea_orm::DeriveActiveEnum,
)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum ReviewStatus {
    /// Waits for a person.
    #[sea_orm(string_value = "open")]
    Open,
    /// They are one: merged by this review, or otherwise while it waited.
    #[sea_orm(string_value = "approved")]
    Approved,
    /// They are two, and never proposed again.
    #[sea_orm(string_value = "rejected")]
    Rejected,
}

impl ReviewStatus {
    /// The status as it is stored and written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A pair that may be one.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "merge_reviews")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub team_id: Stored<TeamId>,
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<MergeReviewId>,
        /// `persona` or `business`.
        pub kind: String,
        /// One of the two, the smaller id.
        pub a_id: Uuid,
        /// The other.
        pub b_id: Uuid,
        /// Probability that they are one, 0 to 1.
        pub score: f32,
        /// Sum of the match weights, in bits.
        pub weight: f32,
        /// Name and version of the rules.
        pub rule_set: String,
        /// The comparisons, the level that each reached and its weight.
        pub evidence: Json,
        /// Where it stands.
        pub status: ReviewStatus,
        /// The file whose import proposed it.
        pub data_source_id: Option<Stored<DataSourceId>>,
        /// When.
        pub created_at: DateTimeUtc,
        /// Who decided.
        pub decided_by: Option<Stored<UserId>>,
        /// When.
        pub decided_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl MergeReview {
    /// What the two are.
    ///
    /// # Errors
    /// [`DbError::Unreadable`] where a newer version wrote it.
    pub fn of_kind(&self) -> Result<Kind> {
        Kind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == self.kind)
            .ok_or_else(|| DbError::unreadable("merge_reviews.kind", &self.kind))
    }
}

/// Proposes pairs, as the import of `source`; `survivor` and `merged` are any two records. Pairs that were proposed
/// before keep their standing, those that a person keeps apart are left out. Answers how many are new.
///
/// # Errors
/// Any [`DbError`].
pub async fn propose(
    tx: &mut BulkTransaction,
    kind: Kind,
    pairs: &[Merge],
    source: DataSourceId,
) -> Result<u64> {
    let apart = apart::kept_apart(tx, kind).await?;
    let known = |pair: &Merge| {
        apart.binary_search(&(pair.survivor.min(pair.merged), pair.survivor.max(pair.merged))).is_ok()
    };
    let pairs: Vec<&Merge> =
        pairs.iter().filter(|pair| pair.survivor != pair.merged && !known(pair)).collect();
    let team = tx.team_id().uuid();
    tx.run(
        sqlx::query(
            "INSERT INTO merge_reviews (team_id, id, kind, a_id, b_id, score, weight, rule_set, evidence, data_source_id) \
             SELECT $1, p.id, $2, p.a, p.b, p.score, p.weight, p.rule_set, p.evidence::jsonb, $3 \
               FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::real[], $8::real[], $9::text[], $10::text[]) \
                    p (id, a, b, score, weight, rule_set, evidence) ORDER BY p.a, p.b \
             ON CONFLICT (team_id, kind, a_id, b_id) DO NOTHING",
        )
        .bind(team)
        .bind(kind.as_str())
        .bind(source.uuid())
        .bind(pairs.iter().map(|_| fresh_id::<MergeReviewId>().uuid()).collect::<Vec<_>>())
        .bind(pairs.iter().map(|pair| pair.survivor.min(pair.merged)).collect::<Vec<_>>())
        .bind(pairs.iter().map(|pair| pair.survivor.max(pair.merged)).collect::<Vec<_>>())
        .bind(pairs.iter().map(|pair| pair.score).collect::<Vec<_>>())
        .bind(pairs.iter().map(|pair| pair.weight.unwrap_or_default()).collect::<Vec<_>>())
        .bind(pairs.iter().map(|pair| pair.rule_set.clone()).collect::<Vec<_>>())
        .bind(pairs.iter().map(|pair| pair.evidence.to_string()).collect::<Vec<_>>()),
    )
    .await
}

/// Which proposals. An empty filter is all of the team's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReviewFilter {
    /// In this status.
    pub status: Option<ReviewStatus>,
    /// About people or about businesses.
    pub kind: Option<Kind>,
    /// Proposed by the import of this file.
    pub source: Option<DataSourceId>,
}

/// The team's proposals that fit, newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(
    team: &TeamTransaction,
    filter: ReviewFilter,
    request: PageRequest<MergeReviewId>,
) -> Result<Page<MergeReview, MergeReviewId>> {
    use entity::{Column, Entity};

    let mut select = Entity::find().filter(Column::TeamId.eq(Stored(team.team_id())));
    if let Some(status) = filter.status {
        select = select.filter(Column::Status.eq(status));
    }
    if let Some(kind) = filter.kind {
        select = select.filter(Column::Kind.eq(kind.as_str()));
    }
    if let Some(source) = filter.source {
        select = select.filter(Column::DataSourceId.eq(Stored(source)));
    }
    page(team, select, Column::Id, Order::NewestFirst, request, |review| review.id.0).await
}

/// The team's proposal with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(team: &TeamTransaction, id: MergeReviewId) -> Result<MergeReview> {
    entity::Entity::find_by_id((Stored(team.team_id()), Stored(id)))
        .one(team)
        .await?
        .ok_or_else(|| DbError::not_found("merge review", id))
}

/// One of the two, in a few words: for the person who decides.
#[derive(Clone, PartialEq, Eq)]
pub struct Side {
    /// Who it is now: the one that was proposed, or who it was merged into since.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Where it is: the business of a person, the address of a business.
    pub place: Option<String>,
    /// Numbers, E.164.
    pub phones: Vec<String>,
    /// E-mail addresses.
    pub emails: Vec<String>,
}

/// Which one; the rest is personal data.
impl fmt::Debug for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Side").field("id", &self.id).finish_non_exhaustive()
    }
}

const PEOPLE: &str = "SELECT i.id AS asked, p.id, concat_ws(' ', given_name, middle_name, family_name, name_suffix) AS name, \
        (SELECT b.display_name FROM business_owners o JOIN businesses b ON b.team_id = $1 AND b.id = o.business_id \
          WHERE o.team_id = $1 AND o.persona_id = p.id ORDER BY o.created_at, b.id LIMIT 1) AS place, \
        ARRAY(SELECT number FROM persona_phones t WHERE t.team_id = $1 AND t.persona_id = p.id ORDER BY 1) AS phones, \
        ARRAY(SELECT address FROM persona_emails t WHERE t.team_id = $1 AND t.persona_id = p.id ORDER BY 1) AS emails \
   FROM unnest($2::uuid[]) i (id) \
   LEFT JOIN persona_merge_history h ON h.team_id = $1 AND h.merged_id = i.id AND h.unmerged_at IS NULL \
   JOIN personas p ON p.team_id = $1 AND p.id = coalesce(h.root_id, i.id)";

const BUSINESSES: &str = "SELECT i.id AS asked, p.id, p.display_name AS name, \
        nullif(concat_ws(', ', p.street, p.unit, p.city, p.state, p.zip5), '') AS place, \
        array_remove(ARRAY[p.phone], NULL) AS phones, array_remove(ARRAY[p.email], NULL) AS emails \
   FROM unnest($2::uuid[]) i (id) \
   LEFT JOIN business_merge_history h ON h.team_id = $1 AND h.merged_id = i.id AND h.unmerged_at IS NULL \
   JOIN businesses p ON p.team_id = $1 AND p.id = coalesce(h.root_id, i.id)";

/// Both sides of several proposals, by the ids that were proposed.
pub type Sides = BTreeMap<Uuid, Side>;

/// What there is to say of both sides of `reviews`.
///
/// # Errors
/// Any [`DbError`].
pub async fn sides(team: &TeamTransaction, reviews: &[MergeReview]) -> Result<Sides> {
    let mut sides = BTreeMap::new();
    for (kind, sql) in [(Kind::Persona, PEOPLE), (Kind::Business, BUSINESSES)] {
        let of_kind = reviews.iter().filter(|review| review.kind == kind.as_str());
        let ids: Vec<Uuid> = of_kind.flat_map(|review| [review.a_id, review.b_id]).collect();
        if ids.is_empty() {
            continue;
        }
        let values = [Stored(team.team_id()).into(), ids.into()];
        let rows =
            team.query_all_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
        for row in rows {
            let side = Side {
                id: row.try_get("", "id")?,
                name: row.try_get("", "name")?,
                place: row.try_get("", "place")?,
                phones: row.try_get("", "phones")?,
                emails: row.try_get("", "emails")?,
            };
            sides.insert(row.try_get("", "asked")?, side);
        }
    }
    Ok(sides)
}

/// A pair as it is decided on.
type Open = (String, Uuid, Uuid, f32, f32, String, sqlx::types::Json<Value>, String);

/// Merges the pair: into the one that is known longer, or into whoever has them now. Answers survivor and merged; both
/// the same where they had become one already.
///
/// # Errors
/// [`DbError::NotFound`]; [`DbError::WrongState`] where it is decided already; as [`super::merge`].
pub async fn approve(tx: &mut BulkTransaction, id: MergeReviewId, by: UserId) -> Result<(Kind, Uuid, Uuid)> {
    let (kind, open) = take(tx, id).await?;
    let (_, a, b, score, weight, rule_set, evidence, _) = open;
    let roots = history::roots(tx, kind, &[a, b]).await?;
    let [a, b] = [a, b].map(|id| roots.get(&id).copied().unwrap_or(id));
    decide(tx, id, ReviewStatus::Approved, by).await?;
    if a == b {
        return Ok((kind, a, a));
    }
    let script = Script::of(tx, kind);
    let sql = script.sql(
        "SELECT id FROM {table} WHERE team_id = {team} AND id IN ($1, $2) ORDER BY created_at, id LIMIT 1",
    );
    let elder: Option<(Uuid,)> = tx.first(sqlx::query_as(sql).bind(a).bind(b)).await?;
    let survivor = elder.map_or(a, |(id,)| id);
    let merged = if survivor == a { b } else { a };
    let pair = Merge { survivor, merged, score, weight: Some(weight), rule_set, evidence: evidence.0 };
    super::merge(tx, kind, &[pair], Origin::Review(by)).await?;
    Ok((kind, survivor, merged))
}

/// Keeps the two apart for good.
///
/// # Errors
/// [`DbError::NotFound`]; [`DbError::WrongState`] where it is decided already.
pub async fn reject(tx: &mut BulkTransaction, id: MergeReviewId, by: UserId) -> Result<(Kind, Uuid, Uuid)> {
    let (kind, (_, a, b, ..)) = take(tx, id).await?;
    apart::keep_apart(tx, kind, a, b, Some(by)).await?;
    decide(tx, id, ReviewStatus::Rejected, by).await?;
    Ok((kind, a, b))
}

/// Locks an open proposal, after the team: as imports and merges do.
async fn take(tx: &mut BulkTransaction, id: MergeReviewId) -> Result<(Kind, Open)> {
    crate::pipeline::resolve::lock_team(tx).await?;
    let team = tx.team_id().uuid();
    let found: Option<Open> = tx
        .first(
            sqlx::query_as(
                "SELECT kind, a_id, b_id, score, weight, rule_set, evidence, status FROM merge_reviews \
                  WHERE team_id = $1 AND id = $2 FOR UPDATE",
            )
            .bind(team)
            .bind(id.uuid()),
        )
        .await?;
    let open = found.ok_or_else(|| DbError::not_found("merge review", id))?;
    if open.7 != ReviewStatus::Open.as_str() {
        return Err(DbError::WrongState {
            what: "merge review",
            id: id.to_string(),
            found: open.7,
            wanted: ReviewStatus::Open.as_str().to_owned(),
        });
    }
    let kind = Kind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == open.0)
        .ok_or_else(|| DbError::unreadable("merge_reviews.kind", &open.0))?;
    Ok((kind, open))
}

async fn decide(tx: &mut BulkTransaction, id: MergeReviewId, status: ReviewStatus, by: UserId) -> Result<()> {
    let team = tx.team_id().uuid();
    tx.run(
        sqlx::query(
            "UPDATE merge_reviews SET status = $3, decided_by = $4, decided_at = $5 WHERE team_id = $1 AND id = $2",
        )
        .bind(team)
        .bind(id.uuid())
        .bind(status.as_str())
        .bind(by.uuid())
        .bind(Utc::now()),
    )
    .await?;
    Ok(())
}

/// Closes proposals whose two have become one otherwise: nobody needs to be asked any more.
pub(super) async fn close_settled(tx: &mut BulkTransaction, script: &Script, by: Option<Uuid>) -> Result<()> {
    let sql = script.sql(
        "UPDATE merge_reviews r SET status = 'approved', decided_by = $2, decided_at = now() FROM ( \
             SELECT r.id FROM merge_reviews r \
               LEFT JOIN {history} x ON x.team_id = {team} AND x.merged_id = r.a_id AND x.unmerged_at IS NULL \
               LEFT JOIN {history} y ON y.team_id = {team} AND y.merged_id = r.b_id AND y.unmerged_at IS NULL \
              WHERE r.team_id = {team} AND r.kind = $1 AND r.status = 'open' \
                AND coalesce(x.root_id, r.a_id) = coalesce(y.root_id, r.b_id)) s \
          WHERE r.team_id = {team} AND r.id = s.id",
    );
    tx.run(sqlx::query(sql).bind(script.layout.kind.as_str()).bind(by)).await?;
    Ok(())
}

/// What a merge that was taken apart means for the proposal that it came from: a person (`by`) has rejected it, an
/// undone upload leaves it open.
pub(super) async fn reopen(
    tx: &mut BulkTransaction,
    kind: Kind,
    pairs: &[(Uuid, Uuid)],
    by: Option<Uuid>,
) -> Result<()> {
    let team = tx.team_id().uuid();
    let (a, b): (Vec<Uuid>, Vec<Uuid>) = pairs.iter().map(|(a, b)| (*a.min(b), *a.max(b))).unzip();
    tx.run(
        sqlx::query(
            "UPDATE merge_reviews r SET status = CASE WHEN $3::uuid IS NULL THEN 'open' ELSE 'rejected' END, \
                    decided_by = $3, decided_at = CASE WHEN $3::uuid IS NULL THEN NULL ELSE now() END \
               FROM unnest($4::uuid[], $5::uuid[]) p (a, b) \
              WHERE r.team_id = $1 AND r.kind = $2 AND r.a_id = p.a AND r.b_id = p.b AND r.status = 'approved'",
        )
        .bind(team)
        .bind(kind.as_str())
        .bind(by)
        .bind(a)
        .bind(b),
    )
    .await?;
    Ok(())
}
