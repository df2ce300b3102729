//! How Twilio signs [V: the vendor's SDK and its tests].
//!
//! Base64 of HMAC-SHA1 over the whole address followed by every parameter, name and value, in order of names; values of one
//! name are sorted and each is taken once. All parameters that came are part of it, since new ones are added without notice.
//! A JSON body is not signed itself: the address has its SHA-256 as `bodySHA256`. The port may or may not be in the address
//! that was signed, so both are tried. With `X-Twilio-Webhooks-Signature-Settings: …,algorithm=HMAC_SHA256` it is SHA-256
//! with a shared key; that the signature stands in the same header is \[K\].

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::hmac::{IsHmac, is_sha1, is_sha256};
use super::{Delivery, SignatureFault};
use crate::Secret;

pub(super) fn verify(delivery: &Delivery<'_>, secrets: &[Secret]) -> Result<(), SignatureFault> {
    let header = delivery.header("x-twilio-signature").ok_or(SignatureFault::Missing)?;
    let signature = STANDARD.decode(header).map_err(|_| SignatureFault::Malformed)?;
    let is_hmac: IsHmac = match algorithm(delivery) {
        None | Some("HMAC_SHA1") => is_sha1,
        Some("HMAC_SHA256") => is_sha256,
        Some(_) => return Err(SignatureFault::Malformed),
    };
    let signed = if delivery.is_form() {
        parameters(delivery.body)
    } else {
        has_this_body(delivery)?;
        String::new()
    };
    let fits = addresses(delivery.url).iter().any(|url| {
        let parts: [&[u8]; 2] = [url.as_bytes(), signed.as_bytes()];
        let own = secrets.iter().filter(|secret| !secret.expose().is_empty());
        own.into_iter().any(|secret| is_hmac(secret.expose().as_bytes(), &parts, &signature))
    });
    if fits { Ok(()) } else { Err(SignatureFault::Wrong) }
}

fn algorithm<'a>(delivery: &'a Delivery<'_>) -> Option<&'a str> {
    let settings = delivery.header("x-twilio-webhooks-signature-settings")?;
    let mut pairs = settings.split([',', ';']).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == "algorithm").map(|(_, value)| value.trim_matches('"'))
}

/// Every parameter, in the order in which they are signed.
fn parameters(form: &[u8]) -> String {
    let mut names: BTreeMap<Cow<'_, str>, BTreeSet<Cow<'_, str>>> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(form) {
        names.entry(name).or_default().insert(value);
    }
    let mut signed = String::with_capacity(form.len());
    for (name, values) in &names {
        for value in values {
            signed.push_str(name);
            signed.push_str(value);
        }
    }
    signed
}

/// Whether the body is the one whose hash stands in the address. An address without a hash signs an empty body only.
fn has_this_body(delivery: &Delivery<'_>) -> Result<(), SignatureFault> {
    let query = delivery.url.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    let told = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "bodySHA256");
    match told {
        None if delivery.body.is_empty() => Ok(()),
        None => Err(SignatureFault::Missing),
        Some((_, told)) => {
            let is = hex::encode(Sha256::digest(delivery.body));
            // Neither is a secret: who can choose the address cannot sign it.
            if told.eq_ignore_ascii_case(&is) { Ok(()) } else { Err(SignatureFault::BodyChanged) }
        }
    }
}

/// The address as it is, without its port, and with the usual one.
fn addresses(url: &str) -> Vec<Cow<'_, str>> {
    let mut all = vec![Cow::Borrowed(url)];
    let Some((scheme, rest)) = url.split_once("://") else { return all };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host_at = authority.rfind('@').map_or(0, |at| at + 1);
    // A colon within brackets belongs to the host.
    let port_at = authority[host_at..].rfind(':').filter(|at| !authority[host_at + at..].contains(']'));
    match port_at {
        Some(at) => all.push(format!("{scheme}://{}{path}", &authority[..host_at + at]).into()),
        None => {
            let port = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
            all.push(format!("{scheme}://{authority}:{port}{path}").into());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_and_without_their_port() {
        for (url, other) in [
            ("https://a.example/x?y=1", "https://a.example:443/x?y=1"),
            ("http://a.example?y=:1", "http://a.example:80?y=:1"),
            ("https://u:p@a.example:8443/x", "https://u:p@a.example/x"),
            ("https://u:p@a.example/x", "https://u:p@a.example:443/x"),
            ("https://[::1]/x", "https://[::1]:443/x"),
            ("https://[::1]:99/x", "https://[::1]/x"),
        ] {
            assert_eq!(addresses(url), [url, other]);
        }
        assert_eq!(addresses("no address"), ["no address"]);
    }
}
