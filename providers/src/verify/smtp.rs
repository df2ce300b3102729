//! Offers a mail server mail and hears whether it would take it; never sends any.
//!
//! `EHLO`, `MAIL FROM`, `RCPT TO`, `RSET`, `QUIT` (RFC 5321), without TLS: nothing is said that is not in the question, and
//! nothing is trusted that would need it.

use std::io;
use std::time::Duration;

use domain::email::Email;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long the whole conversation may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The longest reply line (RFC 5321 §4.5.3.1.5), twice over.
const LONGEST_LINE: u64 = 1024;

/// The most lines of one reply that are read.
const MOST_LINES: usize = 64;

/// What a mail server says to an offer of mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSaid {
    /// It would take it, and would not take mail for an address that cannot exist.
    Exists,
    /// It would take mail for any address.
    TakesAll,
    /// There is no such mailbox.
    NoSuchMailbox,
    /// It refuses for reasons of its own: us, our network, its policy, greylisting.
    CannotSay,
    /// It could not be reached or broke off.
    Unanswered,
}

/// How mail servers are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpCheck {
    /// Whom mail would come from.
    from: Email,
    /// Always 25, but for tests.
    port: u16,
}

impl From<Email> for SmtpCheck {
    fn from(from: Email) -> Self {
        Self { from, port: 25 }
    }
}

impl SmtpCheck {
    /// Asks at another port than 25: for servers that are not the world's.
    #[must_use]
    pub fn at_port(self, port: u16) -> Self {
        Self { port, ..self }
    }

    /// Asks `host` about `email`.
    pub async fn ask(&self, host: &str, email: &Email) -> SmtpSaid {
        match timeout(PATIENCE, self.converse(host, email)).await {
            Ok(Ok(said)) => said,
            Ok(Err(_)) | Err(_) => SmtpSaid::Unanswered,
        }
    }

    async fn converse(&self, host: &str, email: &Email) -> io::Result<SmtpSaid> {
        let mut server = Conversation::with(host, self.port).await?;
        let greeted = server.reply().await?;
        if greeted != 220 {
            return Ok(SmtpSaid::CannotSay);
        }
        let us = self.from.domain();
        if server.say(&format!("EHLO {us}")).await? != 250 && server.say(&format!("HELO {us}")).await? != 250
        {
            return Ok(SmtpSaid::CannotSay);
        }
        if server.say(&format!("MAIL FROM:<{}>", self.from.expose())).await? != 250 {
            return Ok(SmtpSaid::CannotSay);
        }
        let said = match server.say(&format!("RCPT TO:<{}>", email.expose())).await? {
            250 | 251 => {
                // An address that nobody can have: whoever takes it takes all.
                let nobody = format!("no-such-mailbox-{}@{}", uuid::Uuid::new_v4().simple(), email.domain());
                match server.say(&format!("RCPT TO:<{nobody}>")).await? {
                    250..=252 => SmtpSaid::TakesAll,
                    550..=559 => SmtpSaid::Exists,
                    _ => SmtpSaid::CannotSay,
                }
            }
            // 550 is also said to senders that are not liked; a server that dislikes us has mostly said so before.
            550 | 551 | 553 => SmtpSaid::NoSuchMailbox,
            _ => SmtpSaid::CannotSay,
        };
        // Out of politeness: the answer is here, whatever becomes of these.
        for farewell in ["RSET", "QUIT"] {
            if let Err(error) = server.say(farewell).await {
                tracing::debug!(%error, farewell, "a mail server hung up before the end");
                break;
            }
        }
        Ok(said)
    }
}

/// One command and one reply after the other.
struct Conversation {
    stream: BufReader<TcpStream>,
}

impl Conversation {
    async fn with(host: &str, port: u16) -> io::Result<Self> {
        Ok(Self { stream: BufReader::new(TcpStream::connect((host, port)).await?) })
    }

    async fn say(&mut self, command: &str) -> io::Result<u16> {
        self.stream.write_all(format!("{command}\r\n").as_bytes()).await?;
        self.reply().await
    }

    /// The code of a reply, however many lines it has.
    async fn reply(&mut self) -> io::Result<u16> {
        let broken = || io::Error::from(io::ErrorKind::InvalidData);
        for _ in 0..MOST_LINES {
            let mut line = Vec::new();
            (&mut self.stream).take(LONGEST_LINE).read_until(b'\n', &mut line).await?;
            if line.last() != Some(&b'\n') {
                return Err(broken());
            }
            let code = line.get(..3).and_then(|code| std::str::from_utf8(code).ok());
            let code = code.and_then(|code| code.parse().ok()).ok_or_else(broken)?;
            if line.get(3) != Some(&b'-') {
                return Ok(code);
            }
        }
        Err(broken())
    }
}
