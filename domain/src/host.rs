//! Names of hosts on the internet, as far as e-mail addresses and websites need them.

/// Whether `host`, lower-case, can be a public host name: two labels or more of letters, digits and hyphens,
/// the last one letters. Addresses in digits and names of local networks are none.
pub(crate) fn is_public(host: &str) -> bool {
    if host.len() > 253 {
        return false;
    }
    let mut labels = 0;
    let mut last: &[u8] = b"";
    for label in host.as_bytes().split(|byte| *byte == b'.') {
        let well_formed = matches!(label.len(), 1..=63)
            && label.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && !label.starts_with(b"-")
            && !label.ends_with(b"-");
        if !well_formed {
            return false;
        }
        labels += 1;
        last = label;
    }
    labels >= 2 && is_top_level(last)
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
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    let (Some(last), Some(second)) = (dots.next(), dots.next()) else { return host };
    let (top, below) = (&host[last + 1..], &host[second + 1..last]);
    if top == "us" && below.len() == 2 {
        return host;
    }
    if top.len() == 2 && is_registry_label(below) {
        return match dots.next() {
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
