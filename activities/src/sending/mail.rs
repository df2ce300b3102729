//! Who carries e-mail, and what every message of a team has besides its words: whom it is from, where that is, and how its
//! recipient leaves.
//!
//! Campaigns write their letters here and send them by the ledger ([`crate::campaign`]). What belongs to no campaign, such as a
//! deliverable, has a ledger of its own (`letters`).

use std::fmt;
use std::sync::Arc;

use domain::email::{Email, UnsubscribePass};
use domain::id::{CampaignId, TeamId};
use domain::message::footer;
use entities::sender::MailSender;
use providers::email::{EmailProvider, MessageText, OutgoingEmail, Unsubscribe};
use workflows::codec::{CodecError, KeyRing};

/// The path at which the API answers who wants to leave.
const PATH: &str = "/unsubscribe/";

/// Who carries e-mail, and where its recipients leave.
#[derive(Clone)]
pub struct Mailer {
    provider: Option<Arc<dyn EmailProvider>>,
    public_url: Option<Arc<str>>,
    keys: KeyRing,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer")
            .field("provider", &self.provider)
            .field("public_url", &self.public_url)
            .finish_non_exhaustive()
    }
}

/// Why a letter cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum MailFault {
    /// Nobody carries it.
    #[error("this worker knows no mail server; set REFINERY_SMTP_URL (.env.sample) and resume")]
    NoServer,
    /// Its recipient could not leave.
    #[error(
        "nobody could unsubscribe: REFINERY_PUBLIC_URL is not set to where the API is reached from outside, by https; set it and \
         resume"
    )]
    NoWayOut,
    /// One of the addresses is none.
    #[error("an address of the sender or the recipient is none that mail can go to; see GET /v1/senders")]
    Address,
    /// The way out cannot be sealed.
    #[error("the address to unsubscribe at cannot be sealed; see REFINERY_PAYLOAD_KEYS")]
    Seal(#[source] CodecError),
}

impl MailFault {
    /// In a word, as rows keep it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NoServer => "no_server",
            Self::NoWayOut => "no_way_out",
            Self::Address => "bad_address",
            Self::Seal(_) => "not_sealed",
        }
    }
}

/// What is said, and to whom.
#[derive(Clone, Copy)]
pub struct Letter<'a> {
    /// What makes two calls the same send: the `Message-ID` is made of it, so it is the same whatever the attempt.
    pub key: &'a str,
    /// The campaign it is sent with, if one is.
    pub campaign: Option<CampaignId>,
    /// Whom it is for.
    pub to: &'a str,
    /// What it is about.
    pub subject: &'a str,
    /// What it says, without what stands below every e-mail.
    pub body: &'a str,
}

impl fmt::Debug for Letter<'_> {
    /// Without address and words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Mailer {
    /// Messages go by `provider`, and whoever wants to leave does so at `public_url`, sealed under `keys`. Without a provider, or
    /// without the other, nothing goes.
    pub fn new(provider: Option<Arc<dyn EmailProvider>>, public_url: Option<String>, keys: KeyRing) -> Self {
        let public_url = public_url.map(|url| Arc::from(url.trim_end_matches('/')));
        Self { provider, public_url, keys }
    }

    /// Who carries it.
    ///
    /// # Errors
    /// [`MailFault::NoServer`].
    pub fn provider(&self) -> Result<&Arc<dyn EmailProvider>, MailFault> {
        self.provider.as_ref().ok_or(MailFault::NoServer)
    }

    /// Whoever carries it, where everything is there that a message needs.
    ///
    /// # Errors
    /// [`MailFault::NoServer`], [`MailFault::NoWayOut`].
    pub fn ready(&self) -> Result<&Arc<dyn EmailProvider>, MailFault> {
        if self.public_url.is_none() {
            return Err(MailFault::NoWayOut);
        }
        self.provider()
    }

    /// Whether there is a mail server.
    pub fn has_server(&self) -> bool {
        self.provider.is_some()
    }

    /// The letter of a team, from `from`, with what stands below every e-mail and the two headers by which one click leaves.
    ///
    /// # Errors
    /// [`MailFault`] says what is missing.
    pub fn write(
        &self,
        team: TeamId,
        from: &MailSender,
        letter: Letter<'_>,
    ) -> Result<OutgoingEmail, MailFault> {
        let address = |text: &str| text.parse::<Email>().map_err(|_| MailFault::Address);
        let to = address(letter.to)?;
        let base = self.public_url.as_deref().ok_or(MailFault::NoWayOut)?;
        let pass = UnsubscribePass { team, campaign: letter.campaign, address: to.clone() };
        let word = self.keys.seal_word(&pass.to_bytes()).map_err(MailFault::Seal)?;
        let url = format!("{base}{PATH}{word}");
        let below = footer(&from.display_name, &from.postal_address, &url);
        Ok(OutgoingEmail {
            key: letter.key.to_owned(),
            from: address(&from.address)?,
            from_name: from.display_name.clone(),
            reply_to: from.reply_to.as_deref().map(address).transpose()?,
            to,
            subject: MessageText::from(letter.subject),
            text: MessageText::from(format!("{}{below}", letter.body.trim_end())),
            html: None,
            unsubscribe: Unsubscribe { url, mailbox: None },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> KeyRing {
        KeyRing::parse("a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").expect("a ring")
    }

    fn from() -> MailSender {
        MailSender {
            id: domain::id::TypedId::from_uuid(uuid::Uuid::nil()),
            address: "sales@acme-tools.com".to_owned(),
            display_name: "Acme".to_owned(),
            postal_address: "1 Main St, Austin TX 78701".to_owned(),
            reply_to: Some("ann@acme-tools.com".to_owned()),
            brand: None,
        }
    }

    const LETTER: Letter<'_> = Letter {
        key: "int_1",
        campaign: None,
        to: "Joe@Doyle-Plumbing.com",
        subject: "Your roof",
        body: "Hello Joe\n",
    };

    #[test]
    fn a_letter_says_who_where_and_has_a_way_out_that_only_we_make() {
        let mailer = Mailer::new(None, Some("https://refinery.example.com/".to_owned()), keys());
        let team = domain::id::TypedId::from_uuid(uuid::Uuid::from_u128(3));
        let email = mailer.write(team, &from(), LETTER).expect("a letter");
        let text = email.text.expose();
        assert!(text.starts_with("Hello Joe\n\n--\nAcme\n1 Main St, Austin TX 78701\n"), "{text}");
        assert!(text.contains(&email.unsubscribe.url));
        let word = email.unsubscribe.url.strip_prefix("https://refinery.example.com/unsubscribe/");
        let opened = keys().open_word(word.expect("our address")).expect("opens");
        let pass = UnsubscribePass::from_bytes(&opened).expect("a pass");
        assert_eq!((pass.team, pass.address.expose()), (team, "joe@doyle-plumbing.com"));
        assert_eq!(email.reply_to.expect("one").expose(), "ann@acme-tools.com");
    }

    #[test]
    fn without_a_way_out_nothing_is_written() {
        let mailer = Mailer::new(None, None, keys());
        let team = domain::id::TypedId::from_uuid(uuid::Uuid::nil());
        assert!(matches!(mailer.write(team, &from(), LETTER), Err(MailFault::NoWayOut)));
        assert!(matches!(mailer.provider(), Err(MailFault::NoServer)));
    }
}
