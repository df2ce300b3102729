//! Where the mail server is.

use std::time::Duration;

use crate::Secret;
use crate::settings::Settings;

/// How the line to the mail server is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// From the first byte (port 465).
    Implicit,
    /// Asked for in the clear and then insisted on (port 587).
    StartTls,
    /// Not at all: for a server on this computer.
    None,
}

/// Where the mail server is, and the login to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpSettings {
    /// Its name: what its certificate must be for.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the line is kept private.
    pub tls: SmtpTls,
    /// User and password, where it wants them.
    pub login: Option<(String, Secret)>,
    /// How long handing over one message may take.
    pub timeout: Duration,
}

impl SmtpSettings {
    /// Reads `REFINERY_SMTP_URL` (`smtps://host[:465]`, `smtp+starttls://host[:587]`, or `smtp://host:port` for one on this
    /// computer), `REFINERY_SMTP_USER` and `REFINERY_SMTP_PASSWORD` (or the file of it, `…_FILE`), and
    /// `REFINERY_SMTP_TIMEOUT_MS`. `None` without an address: no e-mail is sent.
    pub fn read<L: Fn(&str) -> Option<String>>(settings: &mut Settings<L>) -> Option<Self> {
        let password = settings.optional_secret("REFINERY_SMTP_PASSWORD");
        let user = settings.get("REFINERY_SMTP_USER");
        let timeout = settings.positive("REFINERY_SMTP_TIMEOUT_MS", 30_000);
        let url = settings.get("REFINERY_SMTP_URL")?;
        let Some((tls, host, port)) = address(&url) else {
            settings.fault(
                "REFINERY_SMTP_URL",
                "must be like smtps://mail.example.com, smtp+starttls://mail.example.com:587, or smtp://127.0.0.1:1025 \
                 for a server on this computer",
            );
            return None;
        };
        let login = match (user, password) {
            (Some(user), Some(password)) => Some((user, password)),
            (None, None) => None,
            (Some(_), None) => {
                settings.fault("REFINERY_SMTP_PASSWORD", "is not set; the user needs one");
                return None;
            }
            (None, Some(_)) => {
                settings.fault("REFINERY_SMTP_USER", "is not set; the password needs one");
                return None;
            }
        };
        let timeout = Duration::from_millis(u64::from(timeout?));
        Some(Self { host, port, tls, login, timeout })
    }
}

/// Scheme, host and port. In the clear only to this computer: who listens on the way would read passwords and letters.
fn address(url: &str) -> Option<(SmtpTls, String, u16)> {
    let (scheme, rest) = url.trim_end_matches('/').split_once("://")?;
    let (tls, usual) = match scheme {
        "smtps" => (SmtpTls::Implicit, 465),
        "smtp+starttls" => (SmtpTls::StartTls, 587),
        "smtp" => (SmtpTls::None, 25),
        _ => return None,
    };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (rest, usual),
    };
    let is_host = !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let is_here = matches!(host, "localhost" | "127.0.0.1");
    (is_host && (tls != SmtpTls::None || is_here)).then(|| (tls, host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &'static [(&str, &str)]) -> (Option<SmtpSettings>, Vec<String>) {
        let lookup =
            |name: &str| pairs.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
        let mut settings = Settings::new(lookup);
        let read = SmtpSettings::read(&mut settings);
        (read, settings.finish().err().map(|error| error.faults).unwrap_or_default())
    }

    #[test]
    fn addresses_say_how_the_line_is_kept_private() {
        for (url, expected) in [
            ("smtps://mail.example.com", Some((SmtpTls::Implicit, 465))),
            ("smtp+starttls://mail.example.com", Some((SmtpTls::StartTls, 587))),
            ("smtp+starttls://mail.example.com:2525/", Some((SmtpTls::StartTls, 2525))),
            ("smtp://127.0.0.1:1025", Some((SmtpTls::None, 1025))),
            ("smtp://mail.example.com", None),
            ("smtps://user:pass@mail.example.com", None),
            ("mail.example.com", None),
            ("smtps://mail.example.com:x", None),
        ] {
            assert_eq!(address(url).map(|(tls, _, port)| (tls, port)), expected, "{url}");
        }
    }

    #[test]
    fn a_login_has_both_parts_and_does_not_show_itself() {
        assert_eq!(read(&[]), (None, Vec::new()));
        let (settings, faults) = read(&[
            ("REFINERY_SMTP_URL", "smtps://mail.example.com"),
            ("REFINERY_SMTP_USER", "u"),
            ("REFINERY_SMTP_PASSWORD", "hunter2"),
        ]);
        assert!(faults.is_empty() && !format!("{settings:?}").contains("hunter2"));
        let (_, faults) = read(&[("REFINERY_SMTP_URL", "smtps://m.example"), ("REFINERY_SMTP_USER", "u")]);
        assert!(faults[0].starts_with("REFINERY_SMTP_PASSWORD"), "{faults:?}");
        let (_, faults) = read(&[("REFINERY_SMTP_URL", "smtp://m.example")]);
        assert!(faults[0].starts_with("REFINERY_SMTP_URL"), "{faults:?}");
    }
}
