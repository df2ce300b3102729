//! How an installation verifies addresses.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use domain::email::Email;

use super::{DnsResolver, EmailVerifier, NoNameServer, Remembering, SmtpCheck};
use crate::settings::Settings;

/// The port of name servers.
const DNS: u16 = 53;

/// How addresses are verified. By default not at all: a program that knows its people are made up has nobody to ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifySettings {
    /// Whether name servers are asked who takes mail.
    pub mx: bool,
    /// Which; empty: the machine's own.
    pub name_servers: Vec<SocketAddr>,
    /// Asking mail servers, where switched on.
    pub smtp: Option<SmtpCheck>,
}

impl VerifySettings {
    /// Reads `REFINERY_EMAIL_CHECK` (`mx`, or `off`; `mx` where it is not said), `REFINERY_NAME_SERVERS` (addresses, with or
    /// without port, separated by commas) and `REFINERY_SMTP_CHECK_FROM`, the address that mail servers are told mail would
    /// come from. Without that none is asked.
    pub fn read<L: Fn(&str) -> Option<String>>(settings: &mut Settings<L>) -> Self {
        let mx = match settings.or("REFINERY_EMAIL_CHECK", "mx").as_str() {
            "mx" => true,
            "off" => false,
            _ => {
                settings.fault("REFINERY_EMAIL_CHECK", "must be mx or off");
                false
            }
        };
        let mut name_servers = Vec::new();
        for text in settings.get("REFINERY_NAME_SERVERS").unwrap_or_default().split(',').map(str::trim) {
            match (text.parse::<SocketAddr>(), text.parse::<IpAddr>()) {
                (Ok(server), _) => name_servers.push(server),
                (_, Ok(ip)) => name_servers.push(SocketAddr::new(ip, DNS)),
                _ if text.is_empty() => {}
                _ => {
                    settings.fault("REFINERY_NAME_SERVERS", "must be addresses like 10.0.0.2 or 10.0.0.2:53")
                }
            }
        }
        let name = "REFINERY_SMTP_CHECK_FROM";
        let from = settings.get(name).and_then(|text| match text.parse::<Email>() {
            Ok(from) => Some(from),
            Err(error) => {
                settings.fault(name, &format!("must be an e-mail address of a domain of yours: {error}"));
                None
            }
        });
        Self { mx, name_servers, smtp: from.map(SmtpCheck::from) }
    }

    /// What verifies addresses; `None` where it is switched off.
    ///
    /// # Errors
    /// [`NoNameServer`] where there is nobody to ask.
    pub fn verifier(&self) -> Result<Option<EmailVerifier>, NoNameServer> {
        if !self.mx {
            return Ok(None);
        }
        let resolver = match self.name_servers.as_slice() {
            [] => DnsResolver::of_this_machine()?,
            servers => DnsResolver::asking(servers.to_vec()),
        };
        Ok(Some(EmailVerifier::new(Arc::new(Remembering::new(resolver)), self.smtp.clone())))
    }
}
