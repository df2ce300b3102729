//! A message as it goes over the line.

use domain::email::Email;
use lettre::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use sha2::{Digest, Sha256};

use super::OutgoingEmail;

/// Why a message cannot be written. None of them tells what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum ComposeError {
    /// The recipient's address is none that SMTP can carry.
    #[error("the recipient's address cannot be written to")]
    Recipient,
    /// The sender's, or that for answers.
    #[error("the sender's address cannot be written from")]
    Sender,
    /// The address to unsubscribe at is not one HTTPS address in plain ASCII, nor one of this computer.
    #[error("the address to unsubscribe at is not one HTTPS address")]
    Unsubscribe,
    /// The library refuses it.
    #[error("the message cannot be written")]
    Unwritable,
}

/// What makes the message one, however often it is sent: 32 hexadecimal digits of its key's hash, at the sender's domain.
pub(super) fn message_id(email: &OutgoingEmail) -> String {
    let hash = hex::encode(Sha256::digest(email.key.as_bytes()));
    format!("<{}@{}>", &hash[..32], email.from.domain())
}

/// The message, with its headers.
pub(super) fn compose(email: &OutgoingEmail) -> Result<Message, ComposeError> {
    let name = one_line(&email.from_name);
    let from = Mailbox::new((!name.is_empty()).then_some(name), address(&email.from, ComposeError::Sender)?);
    let mut builder = Message::builder()
        .from(from)
        .to(Mailbox::new(None, address(&email.to, ComposeError::Recipient)?))
        .subject(one_line(email.subject.expose()))
        .message_id(Some(message_id(email)))
        .date_now();
    if let Some(reply_to) = &email.reply_to {
        builder = builder.reply_to(Mailbox::new(None, address(reply_to, ComposeError::Sender)?));
    }
    let builder = builder
        .raw_header(header("List-Unsubscribe", list_unsubscribe(email)?)?)
        .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned())?);
    let text = email.text.expose().to_owned();
    let written = match &email.html {
        Some(html) => builder.multipart(MultiPart::alternative_plain_html(text, html.expose().to_owned())),
        None => builder.singlepart(SinglePart::plain(text)),
    };
    written.map_err(|_| ComposeError::Unwritable)
}

/// `<https://…>, <mailto:…?subject=unsubscribe>` (RFC 2369): addresses in angle brackets, the one to be posted to first.
fn list_unsubscribe(email: &OutgoingEmail) -> Result<String, ComposeError> {
    let url = email.unsubscribe.url.trim();
    let is_plain = url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b','));
    // RFC 8058 wants HTTPS. What runs on this computer alone has no certificate, and nobody else is written to from it.
    let here = ["http://127.0.0.1:", "http://localhost:"];
    let host = here.into_iter().chain(["https://"]).find_map(|scheme| url.strip_prefix(scheme));
    if !is_plain || host.is_none_or(str::is_empty) || url.len() > 900 {
        return Err(ComposeError::Unsubscribe);
    }
    Ok(match &email.unsubscribe.mailbox {
        Some(mailbox) => format!("<{url}>, <mailto:{}?subject=unsubscribe>", mailbox.expose()),
        None => format!("<{url}>"),
    })
}

/// A header that is ASCII already and must not be folded within an address.
fn header(name: &'static str, value: String) -> Result<HeaderValue, ComposeError> {
    let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|_| ComposeError::Unwritable)?;
    Ok(HeaderValue::dangerous_new_pre_encoded(name, value.clone(), value))
}

fn address(email: &Email, otherwise: ComposeError) -> Result<Address, ComposeError> {
    email.expose().parse().map_err(|_| otherwise)
}

/// Without the line breaks and control characters by which a name or a subject could become another header.
fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}
