//! Matching people. One credit for whoever is found; eight more where a mobile number is wanted and known.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Apollo, person, problem};
use crate::faults::Twist;
use crate::front::{Reply, Served, Visit};
use crate::ledger::Charge;
use crate::vendor::Vendor;
use crate::vendors::perhaps_another;
use crate::world::{Identity, LineKind, Person};

pub(super) const ONE: &str = "/api/v1/people/match";
pub(super) const BULK: &str = "/api/v1/people/bulk_match";
/// What a bulk call may hold.
const MOST: usize = 10;
/// Credits for a person, and for a mobile number.
const FOR_A_MATCH: u64 = 1;
const FOR_A_MOBILE: u64 = 8;

/// How phones are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phones {
    Not,
    /// From Apollo's own books: `reveal_phone_number`.
    Native,
    /// From those of others: `run_waterfall_phone`.
    Waterfall,
}

/// What a call wants beside the people.
pub(super) struct Wishes {
    pub(super) phones: Phones,
    pub(super) personal_emails: bool,
    pub(super) waterfall_email: bool,
    pub(super) webhook_url: String,
}

impl Wishes {
    fn read(visit: &Visit) -> Result<Self, Reply> {
        let phones = match (visit.flag("run_waterfall_phone"), visit.flag("reveal_phone_number")) {
            (true, _) => Phones::Waterfall,
            (false, true) => Phones::Native,
            (false, false) => Phones::Not,
        };
        let wishes = Self {
            phones,
            personal_emails: visit.flag("reveal_personal_emails"),
            waterfall_email: visit.flag("run_waterfall_email"),
            webhook_url: visit.param("webhook_url").to_owned(),
        };
        let later = wishes.phones != Phones::Not || wishes.waterfall_email;
        // The vendor takes HTTPS only; here the receiver may be on this computer.
        if later && !wishes.webhook_url.starts_with("http") {
            let words =
                "Please add a valid 'webhook_url' parameter when using 'reveal_phone_number' or waterfall";
            return Err(problem(StatusCode::UNPROCESSABLE_ENTITY, words));
        }
        Ok(wishes)
    }

    /// Whether it goes through other vendors.
    pub(super) fn waterfall(&self) -> bool {
        self.phones == Phones::Waterfall || self.waterfall_email
    }
}

#[derive(Deserialize)]
struct BulkBody {
    details: Vec<Detail>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Detail {
    id: String,
    first_name: String,
    last_name: String,
    name: String,
    email: String,
    hashed_email: String,
    organization_name: String,
    domain: String,
    linkedin_url: String,
}

impl Detail {
    fn of(visit: &Visit) -> Self {
        let own = |name: &str| visit.param(name).to_owned();
        Self {
            id: own("id"),
            first_name: own("first_name"),
            last_name: own("last_name"),
            name: own("name"),
            email: own("email"),
            hashed_email: own("hashed_email"),
            organization_name: own("organization_name"),
            domain: own("domain"),
            linkedin_url: own("linkedin_url"),
        }
    }

    /// Who is meant, and whether it is enough to find anybody: an e-mail address, a profile, or a name with a firm.
    fn identity(self) -> (Identity, bool) {
        let mut told = Identity {
            first: self.first_name,
            last: self.last_name,
            email: self.email,
            company: self.organization_name,
            domain: self.domain,
            linkedin: self.linkedin_url,
            ..Identity::default()
        };
        if told.first.is_empty() && told.last.is_empty() {
            told.set_full_name(&self.name);
        }
        for other in [self.id, self.hashed_email] {
            if told.email.is_empty() && told.linkedin.is_empty() && !other.is_empty() {
                told.linkedin = other;
            }
        }
        let firm = !told.company.is_empty() || !told.domain.is_empty();
        let enough = !told.email.is_empty()
            || !told.linkedin.is_empty()
            || (!told.first.is_empty() && !told.last.is_empty() && firm);
        (told, enough)
    }
}

/// Somebody who was found.
pub(super) struct Found {
    pub(super) told: Identity,
    pub(super) person: Person,
}

impl Apollo {
    pub(super) fn match_one(&self, visit: &Visit, twist: &Twist) -> Result<Served, Reply> {
        let wishes = Wishes::read(visit)?;
        let (told, enough) = Detail::of(visit).identity();
        let subject = told.subject();
        let found = self.find(told, enough, twist).filter(|_| !twist.nulls);
        let mut body =
            json!({"person": found.as_ref().map(|found| person::body(&self.world, found, &wishes))});
        let found: Vec<Found> = found.into_iter().collect();
        let charges = self.charges(&found, &wishes);
        let deliveries = self.later(&mut body, &found, &wishes, twist);
        Ok(Served { reply: Reply::ok(&body), asked: vec![subject], charges, deliveries })
    }

    pub(super) fn match_many(&self, visit: &Visit, twist: &Twist) -> Result<Served, Reply> {
        let wishes = Wishes::read(visit)?;
        let unusable = |words: &str| problem(StatusCode::UNPROCESSABLE_ENTITY, words);
        let body: BulkBody = visit.json().map_err(|error| unusable(&error))?;
        let total = body.details.len();
        if total == 0 || total > MOST {
            return Err(unusable("details must have between 1 and 10 people"));
        }
        let (mut matches, mut asked, mut all_found) = (Vec::new(), Vec::new(), Vec::new());
        for (position, detail) in body.details.into_iter().enumerate() {
            let (told, enough) = detail.identity();
            asked.push(told.subject());
            let found = self.find(told, enough, twist).filter(|_| !twist.nulls_at(position));
            matches
                .push(found.as_ref().map_or(Value::Null, |found| person::body(&self.world, found, &wishes)));
            all_found.extend(found);
        }
        let charges = self.charges(&all_found, &wishes);
        let mut body = json!({
            "status": "success",
            "error_code": null,
            "error_message": null,
            "total_requested_enrichments": total,
            "unique_enriched_records": all_found.len(),
            "missing_records": total - all_found.len(),
            "credits_consumed": FOR_A_MATCH * all_found.len() as u64,
            "matches": matches,
        });
        let deliveries = self.later(&mut body, &all_found, &wishes, twist);
        Ok(Served { reply: Reply::ok(&body), asked, charges, deliveries })
    }

    fn find(&self, told: Identity, enough: bool, twist: &Twist) -> Option<Found> {
        let person = self.world.person(&told).filter(|_| enough)?;
        let known = self.world.knows(Vendor::Apollo, &person);
        known.then(|| Found { person: perhaps_another(&self.world, person, twist.wrong_person), told })
    }

    fn charges(&self, found: &[Found], wishes: &Wishes) -> Vec<Charge> {
        let credits = |found: &Found, what, units| Charge {
            subject: found.told.subject(),
            what,
            units,
            micro_dollars: units * self.settings.price("credit"),
        };
        let mut charges: Vec<Charge> =
            found.iter().map(|found| credits(found, "match", FOR_A_MATCH)).collect();
        if wishes.phones != Phones::Not {
            let with_mobile = found.iter().filter(|found| self.has_mobile(found));
            charges.extend(with_mobile.map(|found| credits(found, "mobile", FOR_A_MOBILE)));
        }
        charges
    }

    /// Whether a mobile number is known, for which credits are due.
    pub(super) fn has_mobile(&self, found: &Found) -> bool {
        let lines = self.world.lines_known(Vendor::Apollo, &found.person);
        lines.iter().any(|line| line.kind == LineKind::Mobile)
    }

    /// The credits that phones of `found` cost.
    pub(super) fn phone_credits(&self, found: &[Found]) -> u64 {
        FOR_A_MOBILE * found.iter().filter(|found| self.has_mobile(found)).count() as u64
    }
}
