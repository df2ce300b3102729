//! What e-mails from an address say of whom they are from. One without a postal address may not be sent (CAN-SPAM).

use domain::email::Email;
use entities::sender::{Letterhead, LetterheadPatch};

use super::limits::trimmed;
use crate::problem::{FieldError, HttpCode, Problem};

/// The longest name, in bytes.
const MAX_NAME: usize = 100;
/// The longest postal address, in bytes.
const MAX_POSTAL: usize = 500;

/// Of `[display_name, postal_address, reply_to]` what is said, trimmed; `wrong` hears everything that is wrong with it.
pub(super) fn checked(
    said: [&Option<String>; 3],
    is_email: bool,
    wrong: &mut impl FnMut(&str, String),
) -> Letterhead {
    let [display_name, postal_address, reply_to] =
        said.map(|word| word.as_deref().map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned));
    let head = Letterhead { display_name, postal_address, reply_to };
    if !is_email {
        if head != Letterhead::default() {
            wrong(
                "/postal_address",
                "display_name, postal_address and reply_to are for email; leave them out".to_owned(),
            );
        }
        return Letterhead::default();
    }
    if head.postal_address.is_none() {
        wrong("/postal_address", "say where the sender is: every e-mail has to (CAN-SPAM)".to_owned());
    }
    within_limits(head, wrong)
}

/// What a patch says, where it says anything; `null` takes a name and an address for answers away.
///
/// # Errors
/// A problem (422) that names each fault.
pub(super) fn patched(
    display_name: Option<Option<String>>,
    postal_address: Option<Option<String>>,
    reply_to: Option<Option<String>>,
) -> Result<Option<LetterheadPatch>, Problem> {
    let mut errors = Vec::new();
    let mut wrong = |pointer: &str, detail: String| {
        errors.push(FieldError { pointer: pointer.to_owned(), detail });
    };
    if postal_address == Some(None) {
        wrong("/postal_address", "cannot be taken away: every e-mail has to say it (CAN-SPAM)".to_owned());
    }
    let said = [&display_name, &postal_address, &reply_to].map(|word| trimmed(word.clone().flatten()));
    for (word, pointer) in said.iter().zip(["/display_name", "/postal_address", "/reply_to"]) {
        if word.as_deref() == Some("") {
            wrong(pointer, "must not be empty; null takes away what can be".to_owned());
        }
    }
    let [name, postal_address, address] = said;
    let head = Letterhead { display_name: name, postal_address, reply_to: address };
    let head = within_limits(head, &mut wrong);
    let patch = LetterheadPatch {
        display_name: display_name.map(|_| head.display_name),
        postal_address: head.postal_address,
        reply_to: reply_to.map(|_| head.reply_to),
    };
    if errors.is_empty() {
        return Ok(Some(patch).filter(|patch| *patch != LetterheadPatch::default()));
    }
    let summary = errors.first().map_or_else(String::new, |error| error.detail.clone());
    Err(Problem::http(HttpCode::Invalid, summary).with_errors(errors))
}

fn within_limits(head: Letterhead, wrong: &mut impl FnMut(&str, String)) -> Letterhead {
    if head.display_name.as_ref().is_some_and(|name| name.len() > MAX_NAME) {
        wrong("/display_name", format!("must be {MAX_NAME} bytes long at the most"));
    }
    if head.postal_address.as_ref().is_some_and(|address| address.len() > MAX_POSTAL) {
        wrong("/postal_address", format!("must be {MAX_POSTAL} bytes long at the most"));
    }
    let reply_to = head.reply_to.as_deref().and_then(|address| match address.parse::<Email>() {
        Ok(email) => Some(email.expose().to_owned()),
        Err(error) => {
            wrong("/reply_to", error.to_string());
            None
        }
    });
    Letterhead { reply_to, ..head }
}
