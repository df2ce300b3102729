//! How vendors sign what they post.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// SignalHouse's headers \[V\]: the newer with a signature of each secret, newest first; the older with one of the oldest that is
/// still valid.
pub(crate) fn signalhouse(secrets: &[String], millis: &str, body: &str) -> Vec<(&'static str, String)> {
    let sign = |secret: &String| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, format!("{millis}.{body}").as_bytes());
        tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let Some(oldest) = secrets.last() else { return Vec::new() };
    let each: String = secrets.iter().map(|secret| format!(",v1={}", sign(secret))).collect();
    vec![
        ("x-signalhouse-signature", sign(oldest)),
        ("x-signalhouse-timestamp", millis.to_owned()),
        ("x-signalhouse-signature-v1", format!("t={millis}{each}")),
    ]
}

/// Twilio's signature of a form \[V\].
pub(crate) fn twilio(token: &str, url: &str, form: &[(&'static str, String)]) -> String {
    let mut sorted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in form {
        sorted.entry(name).or_default().insert(value);
    }
    let mut signed = url.to_owned();
    for (name, values) in sorted {
        for value in values {
            signed.push_str(name);
            signed.push_str(value);
        }
    }
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    STANDARD.encode(hmac::sign(&key, signed.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_signatures() {
        let headers =
            signalhouse(&["test-signing-secret".into()], "1725000000000", r#"{"event":"MESSAGE_RECEIVED"}"#);
        let expected = "310088736f68baf48949ff6fa8c53578eb667aef05eaa7c63a44cddbaea48766";
        assert_eq!(headers[0].1, expected);
        assert_eq!(headers[2].1, format!("t=1725000000000,v1={expected}"));
        let form = [
            ("CallSid", "CA1234567890ABCDE".to_owned()),
            ("Digits", "1234".to_owned()),
            ("From", "+14158675309".to_owned()),
            ("To", "+18005551212".to_owned()),
            ("Caller", "+14158675309".to_owned()),
        ];
        let signature = twilio("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", &form);
        assert_eq!(signature, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    }
}
