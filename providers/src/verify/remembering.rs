//! Remembers who takes mail for a domain: of a list's addresses, many are at few domains.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::{MailHosts, MxError, MxResolver};

/// How long an answer is remembered: mail servers change rarely, and what was wrong may be put right within the hour.
const FOR: Duration = Duration::from_secs(10 * 60);

/// The most domains that are remembered.
const MOST: usize = 10_000;

/// A resolver that is asked once a domain and ten minutes. What nobody answered is asked again.
#[derive(Debug)]
pub struct Remembering<R> {
    resolver: R,
    known: Mutex<HashMap<String, (Instant, MailHosts)>>,
}

impl<R: MxResolver> Remembering<R> {
    /// Asks `resolver`.
    pub fn new(resolver: R) -> Self {
        Self { resolver, known: Mutex::default() }
    }

    fn known(&self, domain: &str) -> Option<MailHosts> {
        // What a thread that panicked left behind is a map like any other.
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(domain).filter(|(at, _)| at.elapsed() < FOR).map(|(_, hosts)| hosts.clone())
    }

    fn remember(&self, domain: &str, hosts: MailHosts) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, (at, _)| at.elapsed() < FOR);
        }
        if known.len() < MOST {
            known.insert(domain.to_owned(), (Instant::now(), hosts));
        }
    }
}

#[async_trait]
impl<R: MxResolver> MxResolver for Remembering<R> {
    async fn mail_hosts(&self, domain: &str) -> Result<MailHosts, MxError> {
        if let Some(hosts) = self.known(domain) {
            return Ok(hosts);
        }
        let hosts = self.resolver.mail_hosts(domain).await?;
        self.remember(domain, hosts.clone());
        Ok(hosts)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Says nothing the first time, and from then on that nobody takes mail.
    #[derive(Debug, Default)]
    struct Hesitant(AtomicU32);

    #[async_trait]
    impl MxResolver for Hesitant {
        async fn mail_hosts(&self, _domain: &str) -> Result<MailHosts, MxError> {
            match self.0.fetch_add(1, Ordering::Relaxed) {
                0 => Err(MxError::Unanswered("busy".to_owned())),
                _ => Ok(MailHosts::None),
            }
        }
    }

    #[tokio::test]
    async fn answers_are_remembered_and_silence_is_not() {
        let resolver = Remembering::new(Hesitant::default());
        assert!(resolver.mail_hosts("acme.com").await.is_err());
        for _ in 0..3 {
            assert_eq!(resolver.mail_hosts("acme.com").await.ok(), Some(MailHosts::None));
        }
        assert_eq!(resolver.resolver.0.load(Ordering::Relaxed), 2);
        assert_eq!(resolver.mail_hosts("other.com").await.ok(), Some(MailHosts::None));
        assert_eq!(resolver.resolver.0.load(Ordering::Relaxed), 3);
    }
}
