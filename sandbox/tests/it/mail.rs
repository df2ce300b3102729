//! The mail server, over a socket.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use sandbox::{MailSettings, Sandbox, Settings};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

struct Talk(BufReader<TcpStream>);

impl Talk {
    async fn with(sandbox: &Sandbox) -> Result<Self> {
        let address = sandbox.smtp_url().strip_prefix("smtp://").context("an address")?;
        let mut talk = Self(BufReader::new(TcpStream::connect(address).await?));
        assert!(talk.hear().await?.starts_with("220"));
        Ok(talk)
    }

    /// The last line of an answer; empty when the line is cut.
    async fn hear(&mut self) -> Result<String> {
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await?;
            if line.get(3..4) != Some("-") {
                return Ok(line.trim_end().to_owned());
            }
        }
    }

    async fn say(&mut self, line: &str) -> Result<String> {
        self.0.get_mut().write_all(format!("{line}\r\n").as_bytes()).await?;
        self.hear().await
    }

    /// Up to the recipient.
    async fn begin(&mut self, to: &str) -> Result<String> {
        self.say("EHLO me.example").await?;
        self.say("MAIL FROM:<us@acme.example>").await?;
        self.say(&format!("RCPT TO:<{to}>")).await
    }

    /// The message.
    async fn finish(&mut self) -> Result<String> {
        assert!(self.say("DATA").await?.starts_with("354"));
        self.say("Subject: Hello\r\nMessage-ID: <1@acme.example>\r\n\r\nHello\r\n..dot\r\n.").await
    }
}

async fn with(mail: MailSettings) -> Result<Sandbox> {
    Ok(Sandbox::start(Settings { mail, ..Settings::default() }).await?)
}

#[tokio::test]
async fn a_message_is_kept_as_it_came() -> Result<()> {
    let sandbox = with(MailSettings { price: 100, ..MailSettings::default() }).await?;
    let mut talk = Talk::with(&sandbox).await?;
    assert!(talk.say("AUTH PLAIN AHUAcA==").await?.starts_with("235"));
    assert!(talk.say("DATA").await?.starts_with("503"));
    assert!(talk.begin("ann@doyle.example").await?.starts_with("250"));
    assert!(talk.finish().await?.starts_with("250"));
    assert!(talk.say("QUIT").await?.starts_with("221"));
    let mail = sandbox.mail();
    assert_eq!((mail.len(), mail[0].to.as_slice()), (1, ["ann@doyle.example".to_owned()].as_slice()));
    assert_eq!(
        (mail[0].header("Message-Id"), mail[0].body.as_str()),
        ("<1@acme.example>", "Hello\r\n.dot\r\n")
    );
    assert_eq!(sandbox.mail_owed(), 100);
    Ok(())
}

#[tokio::test]
async fn refused_postponed_rejected_and_lost() -> Result<()> {
    let one = |words: &str| BTreeMap::from([(words.to_owned(), 1.0)]);
    let refused = "550 5.1.1 no such mailbox";
    let sandbox = with(MailSettings { refused: one(refused), ..MailSettings::default() }).await?;
    assert_eq!(Talk::with(&sandbox).await?.begin("ann@doyle.example").await?, refused);

    sandbox.set_mail(MailSettings { refused: one("451 4.7.1 later"), ..MailSettings::default() });
    assert!(Talk::with(&sandbox).await?.begin("ann@doyle.example").await?.starts_with("451"));
    assert!(Talk::with(&sandbox).await?.begin("ann@doyle.example").await?.starts_with("250"));

    sandbox.set_mail(MailSettings { rejected: one("554 5.7.1 spam"), ..MailSettings::default() });
    let mut talk = Talk::with(&sandbox).await?;
    talk.begin("ann@doyle.example").await?;
    assert_eq!(talk.finish().await?, "554 5.7.1 spam");
    assert!(sandbox.mail().is_empty());

    sandbox.set_mail(MailSettings { lost_replies: 1.0, ..MailSettings::default() });
    let mut talk = Talk::with(&sandbox).await?;
    talk.begin("ann@doyle.example").await?;
    assert_eq!(talk.finish().await?, "", "cut");
    assert!(sandbox.mail()[0].reply_lost);
    Ok(())
}
