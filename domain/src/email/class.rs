//! Tells role, free, throw-away and made-up addresses from those of a business's own people.

use super::EmailClass;
use crate::lexicon::{Lexicon, lexicon};

static ROLES: Lexicon = lexicon!("email_roles.txt");
static FREE: Lexicon = lexicon!("email_free.txt");
static DISPOSABLE: Lexicon = lexicon!("email_disposable.txt");

/// Role names that are roles even at gmail.com, where most other words of the role list are people's whims.
const ROLES_ANYWHERE: [&str; 20] = [
    "info",
    "sales",
    "office",
    "contact",
    "admin",
    "support",
    "service",
    "billing",
    "marketing",
    "customerservice",
    "help",
    "orders",
    "accounting",
    "noreply",
    "no-reply",
    "donotreply",
    "webmaster",
    "postmaster",
    "hr",
    "jobs",
];

/// Local parts that say "I have none", wherever they are.
const JUNK_ANYWHERE: [&str; 18] = [
    "none",
    "noemail",
    "no-email",
    "no_email",
    "no.email",
    "nomail",
    "noemailaddress",
    "noemailprovided",
    "null",
    "test",
    "testing",
    "testtest",
    "asdf",
    "asdfasdf",
    "fake",
    "notprovided",
    "unknown",
    "nobody",
];

/// Words that are junk on both sides of the `@`: na@na.com.
const JUNK_TWICE: [&str; 16] = [
    "a", "aa", "aaa", "abc", "x", "xx", "xxx", "na", "n-a", "no", "noone", "email", "asd", "invalid",
    "example", "123",
];

/// Whether anybody can have a mailbox at `domain`, lower-case: gmail.com and the like, and throw-away ones.
pub fn is_mailbox_provider(domain: &str) -> bool {
    FREE.has(domain) || DISPOSABLE.has(domain)
}

/// Throw-away before role before free: what disqualifies an address most comes first.
pub(super) fn class(local: &str, domain: &str) -> EmailClass {
    let dot = |text: &str| text.bytes().position(|byte| byte == b'.');
    let parent = dot(domain).map(|at| &domain[at + 1..]).filter(|parent| dot(parent).is_some());
    if DISPOSABLE.has(domain) || parent.is_some_and(|parent| DISPOSABLE.has(parent)) {
        return EmailClass::Disposable;
    }
    let free = FREE.has(domain);
    if is_role(local, free) {
        EmailClass::Role
    } else if free {
        EmailClass::Free
    } else {
        EmailClass::Business
    }
}

/// A word of the role list, also numbered (sales2).
fn is_role(local: &str, free: bool) -> bool {
    let word = local.trim_end_matches(|c: char| c.is_ascii_digit());
    let word = if word.len() < 3 { local } else { word };
    if free { ROLES_ANYWHERE.contains(&word) } else { ROLES.has(word) || (word != local && ROLES.has(local)) }
}

/// Whether the address only fills a form.
pub(super) fn is_junk(local: &str, domain: &str) -> bool {
    if JUNK_ANYWHERE.contains(&local) {
        return true;
    }
    let host = || domain.split('.').next().unwrap_or_default();
    JUNK_TWICE.contains(&local) && (JUNK_ANYWHERE.contains(&host()) || local == host())
}
