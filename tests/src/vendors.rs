//! Vendors of enrichment as the tests have them: the sandbox, behind real HTTP, and short waits.

use std::ops::ControlFlow;
use std::time::Duration;

use activities::enrich::VendorPolicy;
use anyhow::{Context, Result};
use domain::id::{EnrichmentId, LeadId, TypedId};
use domain::money::MicroDollars;
use entities::budget::{self, Limit, Scope};
use entities::enrichment::leads::{self, Which};
use entities::enrichment::{self, Enrichment, EnrichmentState, NewEnrichment, Origin};
use entities::provider_account::Breaker;
use providers::enrichment::{EnrichmentSettings, TwilioAccess, VendorAccess};
use sandbox::{Sandbox, Vendor};
use serde_json::json;
use sqlx::Row as _;
use temporalio_client::WorkflowStartOptions;
use workflows::enrichment::{EnrichmentInput, EnrichmentRef, EnrichmentWorkflow, Pace, workflow_id};

use crate::{Team, TestApp, wait_for};

/// A pace at which a lost worker is noticed soon, and few leads have several pages.
pub const BRISK: Pace = Pace {
    heartbeat_timeout_ms: 2_000,
    attempt_timeout_ms: 60_000,
    lookup_timeout_ms: 60_000,
    activity_timeout_ms: 600_000,
    late_ms: 20_000,
    page_leads: 10,
    pages_per_run: 3,
    pages_at_once: 2,
};

/// How long a run of a test's few leads may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// How vendors are called in tests: nothing is waited for long, and what comes later comes to `public_url`.
pub fn brisk(public_url: &str) -> VendorPolicy {
    VendorPolicy {
        calls_per_second: 500,
        call_timeout: Duration::from_secs(3),
        breaker: Breaker {
            failures: 3,
            open_for: Duration::from_millis(300),
            probe_for: Duration::from_secs(2),
        },
        default_retry_after: Duration::from_secs(1),
        longest_wait: Duration::from_millis(500),
        public_url: Some(public_url.to_owned()),
        ..VendorPolicy::default()
    }
}

/// The access to these vendors of a sandbox.
pub fn access(sandbox: &Sandbox, which: &[Vendor]) -> EnrichmentSettings {
    let access = |vendor: Vendor| {
        which
            .contains(&vendor)
            .then(|| VendorAccess { base_url: sandbox.url(vendor).to_owned(), key: "a-key".into() })
    };
    EnrichmentSettings {
        melissa: access(Vendor::Melissa),
        batchdata: access(Vendor::BatchData),
        realestateapi: access(Vendor::RealEstateApi),
        apollo: access(Vendor::Apollo),
        twilio_lookup: access(Vendor::Twilio).map(|access| TwilioAccess {
            base_url: access.base_url,
            account_sid: "AC00000000000000000000000000000001".to_owned(),
            auth_token: access.key,
        }),
    }
}

/// The variables that tell a worker process of the vendors.
pub(crate) fn variables(config: &worker::Config) -> Vec<(&'static str, String)> {
    let vendors = &config.vendors;
    let mut variables = Vec::new();
    let plain = [
        (&vendors.melissa, "REFINERY_MELISSA_URL", "REFINERY_MELISSA_LICENSE"),
        (&vendors.batchdata, "REFINERY_BATCHDATA_URL", "REFINERY_BATCHDATA_KEY"),
        (&vendors.realestateapi, "REFINERY_REALESTATEAPI_URL", "REFINERY_REALESTATEAPI_KEY"),
        (&vendors.apollo, "REFINERY_APOLLO_URL", "REFINERY_APOLLO_KEY"),
    ];
    for (access, url, key) in plain {
        if let Some(access) = access {
            variables.push((url, access.base_url.clone()));
            variables.push((key, access.key.expose().to_owned()));
        }
    }
    if let Some(twilio) = &vendors.twilio_lookup {
        variables.push(("REFINERY_TWILIO_LOOKUP_URL", twilio.base_url.clone()));
        variables.push(("REFINERY_TWILIO_ACCOUNT_SID", twilio.account_sid.clone()));
        variables.push(("REFINERY_TWILIO_AUTH_TOKEN", twilio.auth_token.expose().to_owned()));
    }
    let policy = &config.vendor_policy;
    variables.push(("REFINERY_VENDOR_TIMEOUT_MS", policy.call_timeout.as_millis().to_string()));
    variables.push(("REFINERY_VENDOR_CALLS_PER_SECOND", policy.calls_per_second.to_string()));
    variables.push(("REFINERY_VENDOR_CONCURRENCY", policy.concurrency.to_string()));
    for (name, wait) in waits(&mut policy.clone()) {
        variables.push((name, wait.as_millis().to_string()));
    }
    if let Some(url) = &policy.public_url {
        variables.push(("REFINERY_PUBLIC_URL", url.clone()));
    }
    // The people of tests have mailboxes at domains that there are not.
    let check = &config.email_check;
    variables.push(("REFINERY_EMAIL_CHECK", if check.mx { "mx" } else { "off" }.to_owned()));
    let servers: Vec<String> = check.name_servers.iter().map(ToString::to_string).collect();
    variables.push(("REFINERY_NAME_SERVERS", servers.join(",")));
    variables
}

/// The waits of a policy that the product has no variable for, and the worker of tests has.
fn waits(policy: &mut VendorPolicy) -> [(&'static str, &mut Duration); 4] {
    [
        ("REFINERY_TEST_BREAKER_OPEN_MS", &mut policy.breaker.open_for),
        ("REFINERY_TEST_BREAKER_PROBE_MS", &mut policy.breaker.probe_for),
        ("REFINERY_TEST_RETRY_AFTER_MS", &mut policy.default_retry_after),
        ("REFINERY_TEST_LONGEST_WAIT_MS", &mut policy.longest_wait),
    ]
}

/// Sets the waits that a test's worker process was told: see [`TestApp::worker_config`].
///
/// # Errors
/// Where one is no number.
pub fn shorten_waits(policy: &mut VendorPolicy) -> Result<()> {
    for (name, wait) in waits(policy) {
        if let Ok(told) = std::env::var(name) {
            *wait = Duration::from_millis(told.parse().with_context(|| format!("{name} is no number"))?);
        }
    }
    Ok(())
}

impl TestApp {
    /// Makes property leads of people with these names, each at an address of their own.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn owners(&self, team: &Team, names: &[(&str, &str)]) -> Result<Vec<LeadId>> {
        let mut tx = self.db.team_bulk(team.id).await?;
        let mut made = Vec::new();
        for (number, (given, family)) in names.iter().enumerate() {
            let query = sqlx::query_as::<_, (uuid::Uuid,)>(
                "SELECT upsert_lead('test', $1, NULL, $2, NULL, 'Austin', 'TX', '78701', $3, $4, $5, NULL, NULL, 250000,
                                    100000, 65, 'Travis')",
            )
            .bind(format!("{family}-{number}"))
            .bind(format!("{} {family} Street", 100 + number))
            .bind(format!("APN-{family}-{number}"))
            .bind(given)
            .bind(family);
            let (lead,) = tx.first(query).await?.context("a lead")?;
            made.push(LeadId::from_uuid(lead));
        }
        tx.commit().await?;
        Ok(made)
    }

    /// Begins a run of these leads at a brisk pace, with a cap where there is one.
    ///
    /// # Errors
    /// Where the database or Temporal refuse.
    pub async fn enrich(&self, team: &Team, leads: &[LeadId], cap: Option<i64>) -> Result<EnrichmentId> {
        self.enrich_at(team, leads, cap, BRISK).await
    }

    /// As [`TestApp::enrich`], at another pace.
    ///
    /// # Errors
    /// Where the database or Temporal refuse.
    pub async fn enrich_at(
        &self,
        team: &Team,
        leads: &[LeadId],
        cap: Option<i64>,
        pace: Pace,
    ) -> Result<EnrichmentId> {
        let tx = self.db.team(team.id).await?;
        let new = NewEnrichment {
            what: json!({ "leads": leads.len() }),
            wanted: json!({}),
            origin: Origin::Request,
            campaign: None,
            budget: cap.map(MicroDollars::new),
            created_by: Some(team.user),
        };
        let id = enrichment::create(&tx, new).await?.id.0;
        leads::fill(&tx, id, &Which::Leads(leads.to_vec())).await?;
        tx.commit().await?;
        let mut tx = self.db.team_bulk(team.id).await?;
        if let Some(cap) = cap {
            let limit = Limit { money: Some(MicroDollars::new(cap)), calls: None };
            budget::set_limit(&mut tx, &Scope::Enrichment(id), limit).await?;
        }
        enrichment::start(&mut tx, id, &workflow_id(id)).await?;
        tx.commit().await?;
        let input = EnrichmentInput::new(EnrichmentRef { team: team.id, enrichment: id }, pace);
        let options = WorkflowStartOptions::new(self.queue(), workflow_id(id)).build();
        self.temporal.start_workflow(EnrichmentWorkflow::run, input, options).await?;
        Ok(id)
    }

    /// Waits until a run has ended, and answers its row.
    ///
    /// # Errors
    /// Where [`PATIENCE`] ends before.
    pub async fn enriched(&self, team: &Team, id: EnrichmentId) -> Result<Enrichment> {
        self.enriched_within(team, id, PATIENCE).await
    }

    /// As [`TestApp::enriched`], for runs of many leads.
    ///
    /// # Errors
    /// Where `patience` ends before.
    pub async fn enriched_within(
        &self,
        team: &Team,
        id: EnrichmentId,
        patience: Duration,
    ) -> Result<Enrichment> {
        wait_for(patience, async || {
            let tx = self.db.team(team.id).await?;
            let run = enrichment::get(&tx, id).await?;
            tx.commit().await?;
            Ok(match run.state {
                EnrichmentState::Running | EnrichmentState::Estimated => {
                    ControlFlow::Continue(format!("{id} is still {}: {run:?}", run.state.as_str()))
                }
                _ => ControlFlow::Break(run),
            })
        })
        .await
    }

    /// Runs the leads through, to the end.
    ///
    /// # Errors
    /// As [`TestApp::enrich`] and [`TestApp::enriched`].
    pub async fn enrich_through(&self, team: &Team, leads: &[LeadId]) -> Result<Enrichment> {
        let id = self.enrich(team, leads, None).await?;
        self.enriched(team, id).await
    }

    /// One number of a query about a team's rows, asked as the owner of the database. `$1` is the team.
    ///
    /// # Errors
    /// Where the query fails.
    pub async fn count(&self, team: &Team, sql: &'static str) -> Result<i64> {
        let row = sqlx::query(sql).bind(team.id.uuid()).fetch_one(self.admin.pool()).await?;
        Ok(row.get(0))
    }
}

/// The variables that tell a worker process of the vendors of texts.
pub(crate) fn texts(config: &worker::Config) -> Vec<(&'static str, String)> {
    let mut variables = Vec::new();
    if let Some(access) = &config.sms.signalhouse {
        variables.push(("REFINERY_SIGNALHOUSE_URL", access.base_url.clone()));
        variables.push(("REFINERY_SIGNALHOUSE_API_KEY", access.api_key.expose().to_owned()));
        variables.extend(access.group_id.clone().map(|id| ("REFINERY_SIGNALHOUSE_GROUP_ID", id)));
        variables.extend(access.subgroup_id.clone().map(|id| ("REFINERY_SIGNALHOUSE_SUBGROUP_ID", id)));
        variables.push(("REFINERY_SMS_TIMEOUT_MS", config.sms.timeout.as_millis().to_string()));
        variables.push(("REFINERY_SMS_SETTLE_MS", config.sms.settle.as_millis().to_string()));
        variables.push(("REFINERY_SEND_CONCURRENCY", config.send_concurrency.to_string()));
    }
    if let Some(access) = &config.sms.twilio {
        variables.push(("REFINERY_TWILIO_MESSAGES_URL", access.base_url.clone()));
        // The account is Lookup's too: nobody outside is asked.
        variables.push(("REFINERY_TWILIO_LOOKUP_URL", access.base_url.clone()));
        variables.push(("REFINERY_TWILIO_ACCOUNT_SID", access.account_sid.clone()));
        variables.push(("REFINERY_TWILIO_AUTH_TOKEN", access.auth_token.expose().to_owned()));
    }
    variables
}
