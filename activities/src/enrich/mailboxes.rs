//! Whether the e-mail addresses of a page take mail, by their syntax and their domains' mail servers: part of `enrich.verify`.
//! No vendor is asked and nothing is paid. What was found out is kept for 30 days, but for what nobody answered.

use std::collections::BTreeMap;

use entities::BulkTransaction;
use entities::enrichment::email_checks::{self, EmailCheck};
use entities::waterfall::page::Candidate;
use futures::StreamExt;
use futures::stream;
use providers::verify::{EmailVerdict, EmailVerifier};
use workflows::enrichment::PageInput;

use super::plan;
use crate::{Fault, Resources};

/// Addresses asked about at once.
const AT_ONCE: usize = 16;

/// After so many in a row that nobody answered, the rest of the page is left for another time.
const MOST_UNANSWERED: u32 = 16;

/// Whether any address of these leads is to be checked.
pub(super) async fn any_due(
    resources: &Resources,
    tx: &mut BulkTransaction,
    leads: &[Candidate],
) -> Result<bool, Fault> {
    if resources.mailboxes.is_none() {
        return Ok(false);
    }
    Ok(!email_checks::due(tx, &addresses(leads)).await?.is_empty())
}

/// Checks those that are due, and keeps what was found out.
pub(super) async fn check(resources: &Resources, input: PageInput) -> Result<(), Fault> {
    let Some(verifier) = &resources.mailboxes else { return Ok(()) };
    let leads = plan::load(resources, input).await?;
    let mut tx = resources.db.team_bulk(input.enrichment.team).await?;
    let due = email_checks::due(&mut tx, &addresses(&leads)).await?;
    tx.commit().await?;
    let found = find_out(verifier, due).await;
    let mut checks = Vec::new();
    for lead in &leads {
        for email in &lead.known.emails {
            let address = email.address.to_lowercase();
            if let Some(verdict) = found.get(&address) {
                checks.push(EmailCheck {
                    lead: lead.known.lead,
                    persona: lead.known.persona,
                    address,
                    verdict: verdict.as_str(),
                    usable: verdict.may_be_used(),
                    verified: *verdict == EmailVerdict::Verified,
                });
            }
        }
    }
    if checks.is_empty() {
        return Ok(());
    }
    let useless = checks.iter().filter(|check| !check.usable).count();
    tracing::info!(checked = checks.len(), useless, "addresses were checked");
    let mut tx = resources.db.team_bulk(input.enrichment.team).await?;
    email_checks::keep(&mut tx, &checks).await?;
    tx.commit().await?;
    Ok(())
}

/// The addresses of leads that have not ended, in lower case.
fn addresses(leads: &[Candidate]) -> Vec<String> {
    leads
        .iter()
        .filter(|lead| lead.outcome.is_none())
        .flat_map(|lead| lead.known.emails.iter().map(|email| email.address.to_lowercase()))
        .collect()
}

/// The verdicts, of those about which somebody answered.
async fn find_out(verifier: &EmailVerifier, due: Vec<String>) -> BTreeMap<String, EmailVerdict> {
    let mut verdicts = stream::iter(due)
        .map(|address| async move {
            let verdict = verifier.verify(&address).await.verdict;
            (address, verdict)
        })
        .buffered(AT_ONCE);
    let (mut found, mut unanswered) = (BTreeMap::new(), 0);
    while let Some((address, verdict)) = verdicts.next().await {
        if verdict != EmailVerdict::Unanswered {
            unanswered = 0;
            found.insert(address, verdict);
            continue;
        }
        unanswered += 1;
        if unanswered == MOST_UNANSWERED {
            tracing::warn!("name servers or mail servers do not answer: addresses are checked another time");
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;
    use providers::verify::{MailHosts, MxError, MxResolver};

    use super::*;

    /// Knows `good.example` and `none.example`, and counts how often it is asked.
    #[derive(Debug, Default)]
    struct Two(AtomicUsize);

    #[async_trait]
    impl MxResolver for Two {
        async fn mail_hosts(&self, domain: &str) -> Result<MailHosts, MxError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            match domain {
                "good.example" => Ok(MailHosts::Servers(vec!["mx.good.example".to_owned()])),
                "none.example" => Ok(MailHosts::None),
                _ => Err(MxError::Unanswered("nobody is there".to_owned())),
            }
        }
    }

    #[tokio::test]
    async fn what_nobody_answers_is_not_kept_and_not_asked_for_ever() {
        let resolver = Arc::new(Two::default());
        let verifier = EmailVerifier::new(resolver.clone(), None);
        let mut due = vec!["a@good.example".to_owned(), "b@none.example".to_owned(), "no address".to_owned()];
        due.extend((0..200).map(|number| format!("c{number}@dark{number}.example")));
        let found = find_out(&verifier, due).await;
        let words: Vec<&str> = found.values().map(|verdict| verdict.as_str()).collect();
        assert_eq!(words, ["accepting", "no_mail_server", "malformed"], "in the order of addresses");
        let asked = resolver.0.load(Ordering::Relaxed);
        assert!(asked < 2 + 2 * AT_ONCE + AT_ONCE, "{asked} of 202 were asked");
    }
}
