//! Names of hosts on the internet, as far as e-mail addresses and websites need them.

use crate::signs::{Signs, signs};

/// Whether `host`, lower-case, can be a public host name: two labels or more of letters, digits and hyphens,
/// the last one letters. Addresses in digits and names of local networks are none.
pub(crate) fn is_public(host: &str) -> bool {
    let host = host.as_bytes();
    // Where the label begins that the walk is in.
    let mut start = 0;
    for (at, byte) in host.iter().enumerate() {
        match byte {
            _ if IN_LABEL[usize::from(*byte)] => {}
            b'.' if is_label(&host[start..at]) => start = at + 1,
            _ => return false,
        }
    }
    let last = &host[start..];
    start > 0 && host.len() <= 253 && is_label(last) && is_top_level(last)
}

/// The signs that may stand in a label.
static IN_LABEL: Signs = signs(b"abcdefghijklmnopqrstuvwxyz0123456789-");

/// Whether signs that may stand in a label make one.
fn is_label(signs: &[u8]) -> bool {
    matches!(signs.len(), 1..=63) && !signs.starts_with(b"-") && !signs.ends_with(b"-")
}

/// Whether the last label can be one: letters (or punycode), and not of a local network.
fn is_top_level(label: &[u8]) -> bool {
    let letters = label.len() >= 2 && label.iter().all(u8::is_ascii_lowercase);
    (letters || label.starts_with(b"xn--"))
        && !matches!(label, b"local" | b"localhost" | b"invalid" | b"internal" | b"lan")
}

/// Second levels under which countries register names: `acme.co.uk`, `acme.com.au`.
fn is_registry_label(label: &str) -> bool {
    matches!(label, "co" | "com" | "org" | "net" | "gov" | "edu" | "ac" | "gob" | "or" | "ne")
}

/// What one registers, out of a public host name: `shop.acme.com` → `acme.com`, `www.acme.co.uk` →
/// `acme.co.uk`. Names of places under `.us` (`ci.austin.tx.us`) stay whole.
pub(crate) fn registrable(host: &str) -> &str {
    let dot_before = |end: usize| host.as_bytes()[..end].iter().rposition(|byte| *byte == b'.');
    let Some(last) = dot_before(host.len()) else { return host };
    let Some(second) = dot_before(last) else { return host };
    let (top, below) = (&host[last + 1..], &host[second + 1..last]);
    if top == "us" && below.len() == 2 {
        return host;
    }
    if top.len() == 2 && is_registry_label(below) {
        return match dot_before(second) {
            Some(third) => &host[third + 1..],
            None => host,
        };
    }
    &host[second + 1..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_what_is_none() {
        for host in ["acme.com", "a-b.co.uk", "xn--bcher-kva.example", "x.museum"] {
            assert!(is_public(host), "{host}");
        }
        for none in [
            "acme",
            "acme.",
            ".com",
            "a..b",
            "-a.com",
            "a_b.com",
            "1.2.3.4",
            "printer.local",
            "a.c",
            "acme.c0m",
        ] {
            assert!(!is_public(none), "{none}");
        }
    }

    #[test]
    fn what_one_registers() {
        let check = |host: &str, expected: &str| assert_eq!(registrable(host), expected);
        check("acme.com", "acme.com");
        check("shop.acme.com", "acme.com");
        check("www.acme.co.uk", "acme.co.uk");
        check("acme.co.uk", "acme.co.uk");
        check("ci.austin.tx.us", "ci.austin.tx.us");
    }
}
