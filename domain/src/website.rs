//! Websites, down to the domain that a business registered.
//!
//! The domain serves to recognise a business and to compare it with its e-mail addresses. A page on a host
//! that everybody shares (facebook.com/acme, acme.blogspot.com) does neither: pages of social networks and
//! directories give no domain; a name of its own under a site builder (acme.wixsite.com) stays whole.

use crate::host;

/// Hosts where many businesses have a page and none has a name.
const SHARED: [&str; 34] = [
    "facebook.com",
    "fb.com",
    "fb.me",
    "m.me",
    "instagram.com",
    "linkedin.com",
    "twitter.com",
    "x.com",
    "t.co",
    "youtube.com",
    "youtu.be",
    "tiktok.com",
    "pinterest.com",
    "yelp.com",
    "google.com",
    "goo.gl",
    "g.page",
    "bit.ly",
    "tinyurl.com",
    "yellowpages.com",
    "superpages.com",
    "bbb.org",
    "manta.com",
    "angi.com",
    "angieslist.com",
    "homeadvisor.com",
    "thumbtack.com",
    "houzz.com",
    "tripadvisor.com",
    "opentable.com",
    "grubhub.com",
    "doordash.com",
    "linktr.ee",
    "amazon.com",
];

/// Hosts that give businesses a name of their own in front of theirs.
const BUILDERS: [&str; 22] = [
    "wixsite.com",
    "weebly.com",
    "wordpress.com",
    "blogspot.com",
    "squarespace.com",
    "godaddysites.com",
    "business.site",
    "myshopify.com",
    "webs.com",
    "tripod.com",
    "homestead.com",
    "jimdo.com",
    "jimdofree.com",
    "strikingly.com",
    "webflow.io",
    "github.io",
    "netlify.app",
    "vercel.app",
    "square.site",
    "vpweb.com",
    "yolasite.com",
    "ueniweb.com",
];

/// Domains that only fill a form.
const JUNK: [&str; 12] = [
    "none.com",
    "na.com",
    "n-a.com",
    "test.com",
    "website.com",
    "domain.com",
    "yourdomain.com",
    "nowebsite.com",
    "null.com",
    "asdf.com",
    "url.com",
    "unknown.com",
];

/// The registered domain of a website cell, lower-case, without scheme, `www`, port and path; `None` for what
/// is no public host, only fills a form, or is a page on a host that many share. Of several sites the first
/// usable one counts.
pub fn parse_website(text: &str) -> Option<String> {
    // A bare host, as nearly always: nothing around it to take off but dots.
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')) {
        return registered(text.trim_matches('.'));
    }
    text.split(|c: char| c.is_whitespace() || matches!(c, ';' | ',' | '|' | '<' | '>' | '"'))
        .find_map(|word| registered(host_of(word)?))
}

/// What a business registered of a host.
fn registered(host: &str) -> Option<String> {
    let mut host = host.to_owned();
    host.make_ascii_lowercase();
    if !host::is_public(&host) {
        return None;
    }
    let registered = host::registrable(&host);
    if SHARED.contains(&registered) || JUNK.contains(&registered) {
        return None;
    }
    if BUILDERS.contains(&registered) {
        let name = without_www(&host);
        return (name != registered).then(|| name.to_owned());
    }
    Some(registered.to_owned())
}

/// The host part of what may be a URL, in whatever shape people type one.
fn host_of(word: &str) -> Option<&str> {
    let rest = match word.find(':') {
        Some(at) if at <= 8 && word[at..].starts_with("://") => &word[at + 3..],
        _ => without_scheme(word),
    };
    let rest = rest.trim_start_matches('/');
    let rest = &rest[..rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len())];
    // An e-mail address is no website, though a mailbox provider's would look like one.
    if rest.contains('@') {
        return None;
    }
    let rest = rest.split_once(':').map_or(rest, |(host, _)| host);
    Some(rest.trim_matches(|c: char| matches!(c, '.' | '(' | ')' | '\'')))
}

/// `http:acme.com`, `http//acme.com`, `https:/acme.com`.
fn without_scheme(word: &str) -> &str {
    for scheme in ["https", "http"] {
        if let Some(start) = word.get(..scheme.len())
            && start.eq_ignore_ascii_case(scheme)
            && word[scheme.len()..].starts_with([':', '/'])
        {
            return word[scheme.len()..].trim_start_matches([':', '/']);
        }
    }
    word
}

/// The host without `www.`, `www2.`, `ww.`.
fn without_www(host: &str) -> &str {
    match host.split_once('.') {
        Some((first, rest))
            if matches!(first, "www" | "ww" | "wwww" | "www1" | "www2" | "m") && rest.contains('.') =>
        {
            rest
        }
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_shapes_of_lists() {
        let check = |text: &str, expected: &str| {
            assert_eq!(parse_website(text).as_deref(), Some(expected), "{text:?}")
        };
        check("http://www.bentonjohnbjr.com", "bentonjohnbjr.com");
        check("HTTP://WWW.1STCHOICEGOV.COM/about?x=1", "1stchoicegov.com");
        check("acme.com", "acme.com");
        check("www.acme.co.uk:8080/", "acme.co.uk");
        check("http:/acme.com", "acme.com");
        check("https//acme.com", "acme.com");
        check("//acme.com/path", "acme.com");
        check("shop.acme.com", "acme.com");
        check("acme.wixsite.com/home", "acme.wixsite.com");
        check("www.acme.wixsite.com", "acme.wixsite.com");
        check("facebook.com/acme; acme.com", "acme.com");
        check("acme.com.", "acme.com");
    }

    #[test]
    fn what_is_no_business_domain() {
        for none in [
            "",
            "n/a",
            "http://",
            "none",
            "none.com",
            "facebook.com/acme",
            "https://www.linkedin.com/company/acme",
            "art@venere.org",
            "wixsite.com",
            "localhost",
            "10.0.0.1",
            "acme",
            "under construction",
        ] {
            assert_eq!(parse_website(none), None, "{none:?}");
        }
    }

    proptest! {
        #[test]
        fn a_domain_stays(text in any::<String>()) {
            if let Some(domain) = parse_website(&text) {
                prop_assert_eq!(parse_website(&domain), Some(domain));
            }
        }

        #[test]
        fn a_likely_domain_stays(text in "(http://|https:/|http)?(www[.])?[a-z0-9.-]{1,20}[.](com|co|us|uk|wixsite[.]com|tx[.]us)[/:a-z]{0,4}") {
            if let Some(domain) = parse_website(&text) {
                prop_assert_eq!(parse_website(&domain), Some(domain));
            }
        }
    }
}
