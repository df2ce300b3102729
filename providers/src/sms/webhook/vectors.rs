//! Signatures the vendors publish, and what must not pass for one.

use chrono::{DateTime, TimeDelta, Utc};
use domain::message::MessageStatus;
use http::{HeaderMap, HeaderName, HeaderValue};
use ring::hmac;

use super::{Delivery, SignatureFault, WebhookFault, parse, verify};
use crate::Secret;
use crate::sms::SmsProviderId::{SignalHouse, Twilio};
use crate::sms::{OptOutType, SmsEvent};

const FORM: &str = "application/x-www-form-urlencoded; charset=UTF-8";

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a header"))
    };
    pairs.iter().map(pair).collect()
}

fn secrets(texts: &[&str]) -> Vec<Secret> {
    texts.iter().map(|text| Secret::from(*text)).collect()
}

// ----------------------------------------------------------------------------------------------- SignalHouse

const SECRET: &str = "test-signing-secret";
const TIMESTAMP: &str = "1725000000000";
const BODY: &str = r#"{"event":"MESSAGE_RECEIVED"}"#;
const SIGNATURE: &str = "310088736f68baf48949ff6fa8c53578eb667aef05eaa7c63a44cddbaea48766";

fn then() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_725_000_000_000).expect("a time")
}

fn hex_of(secret: &str, timestamp: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hex::encode(hmac::sign(&key, format!("{timestamp}.{body}").as_bytes()))
}

fn signalhouse(
    pairs: &[(&'static str, &str)],
    body: &str,
    with: &[&str],
    now: DateTime<Utc>,
) -> Result<(), SignatureFault> {
    let headers = headers(pairs);
    let delivery = Delivery { url: "https://us.example/x", headers: &headers, body: body.as_bytes() };
    verify(SignalHouse, &delivery, &secrets(with), now)
}

fn version_0(timestamp: &str, signature: &str) -> Result<(), SignatureFault> {
    let pairs = [("x-signalhouse-signature", signature), ("x-signalhouse-timestamp", timestamp)];
    signalhouse(&pairs, BODY, &[SECRET], then())
}

fn version_1(header: &str, with: &[&str]) -> Result<(), SignatureFault> {
    signalhouse(&[("x-signalhouse-signature-v1", header)], BODY, with, then())
}

#[test]
fn signalhouses_vector() {
    assert_eq!(version_0(TIMESTAMP, SIGNATURE), Ok(()));
    assert_eq!(version_0(TIMESTAMP, &SIGNATURE.to_uppercase()), Ok(()));
    assert_eq!(version_1(&format!("t={TIMESTAMP},v1={SIGNATURE}"), &[SECRET]), Ok(()));
}

#[test]
fn a_changed_byte_is_seen_wherever_it_is() {
    assert_eq!(version_0("1725000000001", SIGNATURE), Err(SignatureFault::Wrong));
    assert_eq!(version_0(TIMESTAMP, &SIGNATURE.replace('3', "4")), Err(SignatureFault::Wrong));
    let pairs = [("x-signalhouse-signature", SIGNATURE), ("x-signalhouse-timestamp", TIMESTAMP)];
    let spaced = r#"{"event": "MESSAGE_RECEIVED"}"#;
    assert_eq!(signalhouse(&pairs, spaced, &[SECRET], then()), Err(SignatureFault::Wrong));
    assert_eq!(signalhouse(&pairs, BODY, &["another"], then()), Err(SignatureFault::Wrong));
}

#[test]
fn while_secrets_rotate_any_signature_of_any_secret_will_do() {
    let new = hex_of("new", TIMESTAMP, BODY);
    let both = format!("t={TIMESTAMP},v1={new},v1={SIGNATURE}");
    for with in [&["new"][..], &[SECRET], &["new", SECRET]] {
        assert_eq!(version_1(&both, with), Ok(()), "{with:?}");
    }
    assert_eq!(version_1(&both, &["older"]), Err(SignatureFault::Wrong));
    // Version 0 stays with the previous secret until the window ends.
    let pairs = [("x-signalhouse-signature", SIGNATURE), ("x-signalhouse-timestamp", TIMESTAMP)];
    assert_eq!(signalhouse(&pairs, BODY, &["new", SECRET], then()), Ok(()));
}

#[test]
fn five_minutes_and_not_a_millisecond_more() {
    let pairs = [("x-signalhouse-signature", SIGNATURE), ("x-signalhouse-timestamp", TIMESTAMP)];
    let at = |away: TimeDelta| signalhouse(&pairs, BODY, &[SECRET], then() + away);
    let window = TimeDelta::minutes(5);
    let millisecond = TimeDelta::milliseconds(1);
    assert_eq!((at(window), at(-window)), (Ok(()), Ok(())));
    let stale = Err(SignatureFault::Stale { seconds: 300 });
    assert_eq!((at(window + millisecond), at(-window - millisecond)), (stale, stale));
    // Milliseconds: the same time in seconds was in 1970.
    let seconds = hex_of(SECRET, "1725000000", BODY);
    assert!(matches!(version_0("1725000000", &seconds), Err(SignatureFault::Stale { .. })));
}

#[test]
fn unsigned_and_unreadable_signatures_are_told_apart() {
    let missing = Err(SignatureFault::Missing);
    assert_eq!(signalhouse(&[], BODY, &[SECRET], then()), missing);
    assert_eq!(signalhouse(&[("x-signalhouse-signature", SIGNATURE)], BODY, &[SECRET], then()), missing);
    let malformed = Err(SignatureFault::Malformed);
    for header in ["", "t=1", "v1=00", "t=1,v1=zz", "t=1,t=2,v1=00", "nonsense", "t=,v1="] {
        let expected = if header.is_empty() { missing } else { malformed };
        assert_eq!(version_1(header, &[SECRET]), expected, "{header}");
    }
    // The form of the vendor's agents.
    assert_eq!(version_0(TIMESTAMP, &format!("sha256={SIGNATURE}")), malformed);
    for timestamp in ["+1725000000000", "-1", "1725000000000.0", "99999999999999999999", "now"] {
        assert_eq!(version_0(timestamp, SIGNATURE), malformed, "{timestamp}");
    }
    for with in [&[][..], &[""]] {
        assert_eq!(version_1(&format!("t={TIMESTAMP},v1={SIGNATURE}"), with), Err(SignatureFault::NoSecret));
    }
    // An empty secret beside a true one opens nothing.
    let empty = hex_of("", TIMESTAMP, BODY);
    assert_eq!(version_1(&format!("t={TIMESTAMP},v1={empty}"), &["", SECRET]), Err(SignatureFault::Wrong));
}

// ----------------------------------------------------------------------------------------------------- Twilio

const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
const CALL: &str =
    "CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309";

fn twilio(url: &str, form: &str, signature: &str) -> Result<(), SignatureFault> {
    posted(url, &[("content-type", FORM), ("x-twilio-signature", signature)], form, &["12345"])
}

fn posted(
    url: &str,
    pairs: &[(&'static str, &str)],
    body: &str,
    with: &[&str],
) -> Result<(), SignatureFault> {
    let headers = headers(pairs);
    verify(Twilio, &Delivery { url, headers: &headers, body: body.as_bytes() }, &secrets(with), then())
}

#[test]
fn twilios_vectors() {
    for (url, signature) in [
        (URL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://mycompany.com:443/myapp.php?foo=1&bar=2", "kvajT1Ptam85bY51eRf/AJRuM3w="),
        ("http://mycompany.com:80/myapp.php?foo=1&bar=2", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        ("http://mycompany.com:1234/myapp.php?foo=1&bar=2", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        // With or without the port, whichever of the two was signed.
        (URL, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        ("https://mycompany.com:443/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("http://mycompany.com/myapp.php?foo=1&bar=2", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    ] {
        assert_eq!(twilio(url, CALL, signature), Ok(()), "{url} {signature}");
    }
    let other = twilio("https://mycompany.com/myapp.php?foo=1&bar=3", CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    assert_eq!(other, Err(SignatureFault::Wrong));
}

#[test]
fn the_order_of_parameters_does_not_matter_and_each_value_counts_once() {
    let backwards: Vec<&str> = CALL.rsplit('&').collect();
    assert_eq!(twilio(URL, &backwards.join("&"), "RSOYDt4T1cUTdK1PDd93/VVr8B8="), Ok(()));
    let duplicates = "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234";
    assert_eq!(twilio(URL, duplicates, "IK+Dwps556ElfBT0I3Rgjkr1wJU="), Ok(()));
    // Another parameter is part of what is signed, known to us or not.
    let more = format!("{CALL}&Added=1");
    assert_eq!(twilio(URL, &more, "RSOYDt4T1cUTdK1PDd93/VVr8B8="), Err(SignatureFault::Wrong));
}

#[test]
fn a_json_body_is_signed_by_its_hash() {
    let body = r#"{"property": "value", "boolean": true}"#;
    let hash = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
    let url = format!("{URL}&bodySHA256={hash}");
    let pairs =
        [("content-type", "application/json"), ("x-twilio-signature", "a9nBmqA0ju/hNViExpshrM61xv4=")];
    assert_eq!(posted(&url, &pairs, body, &["12345"]), Ok(()));
    assert_eq!(posted(&url, &pairs, "{}", &["12345"]), Err(SignatureFault::BodyChanged));
    assert_eq!(posted(URL, &pairs, body, &["12345"]), Err(SignatureFault::Missing));
    let other = format!("{URL}&bodySHA256={}", hash.replace('0', "1"));
    assert_eq!(posted(&other, &pairs, body, &["12345"]), Err(SignatureFault::BodyChanged));
}

#[test]
fn sha256_where_the_settings_say_so() {
    let signature = ("x-twilio-signature", "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s=");
    let settings = |value| ("x-twilio-webhooks-signature-settings", value);
    let form = ("content-type", FORM);
    let with = |value| posted(URL, &[form, signature, settings(value)], CALL, &["12345"]);
    assert_eq!(with("key=KY123,algorithm=HMAC_SHA256"), Ok(()));
    assert_eq!(with("key=KY123,algorithm=HMAC_SHA1"), Err(SignatureFault::Wrong));
    assert_eq!(with("key=KY123,algorithm=NONE"), Err(SignatureFault::Malformed));
    assert_eq!(posted(URL, &[form, signature], CALL, &["12345"]), Err(SignatureFault::Wrong));
}

#[test]
fn our_own_inbound_vector_and_what_it_says() {
    let url = "https://refinery.example.com/hooks/twilio/t_acme/sms";
    let form = "AccountSid=AC00000000000000000000000000000001&ApiVersion=2010-04-01&Body=Stop%21\
                &From=%2B15125550123&MessageSid=SM00000000000000000000000000000001\
                &MessagingServiceSid=MG00000000000000000000000000000001&NumMedia=0&NumSegments=1\
                &OptOutType=STOP&SmsSid=SM00000000000000000000000000000001&SmsStatus=received\
                &To=%2B15125550100&ToCountry=US";
    let pairs = [("content-type", FORM), ("x-twilio-signature", "pfRoMnKLIG43sga3MqCqGWplDU0=")];
    // The token before it, while it is rotated.
    assert_eq!(posted(url, &pairs, form, &["new", "12345"]), Ok(()));
    assert_eq!(posted(url, &pairs[..1], form, &["12345"]), Err(SignatureFault::Missing));
    let broken = [pairs[0], ("x-twilio-signature", "not base64!")];
    assert_eq!(posted(url, &broken, form, &["12345"]), Err(SignatureFault::Malformed));

    let headers = headers(&pairs);
    let parsed =
        parse(Twilio, &Delivery { url, headers: &headers, body: form.as_bytes() }).expect("readable");
    assert_eq!(parsed.delivery_key, "SM00000000000000000000000000000001:received");
    let [SmsEvent::Received { external_id, from, to, text, opt_out, .. }] = parsed.events.as_slice() else {
        panic!("{parsed:?}");
    };
    assert_eq!(external_id, "SM00000000000000000000000000000001");
    assert_eq!((from.expose(), to.expose(), text.expose()), ("+15125550123", "+15125550100", "Stop!"));
    assert_eq!(*opt_out, Some(OptOutType::Stop));
    let shown = format!("{parsed:?}");
    assert!(!shown.contains("555") && !shown.contains("Stop!"), "{shown}");
}

// --------------------------------------------------------------------------------------------- what they say

fn said(provider: crate::sms::SmsProviderId, kind: &str, body: &str) -> Result<super::Parsed, WebhookFault> {
    let headers = headers(&[("content-type", kind), ("x-signalhouse-delivery-id", "6f1c-1")]);
    parse(provider, &Delivery { url: "https://us.example/x", headers: &headers, body: body.as_bytes() })
}

fn status_of(event: &SmsEvent) -> (MessageStatus, Option<&str>) {
    let SmsEvent::Status(report) = event else { panic!("{event:?}") };
    (report.status, report.error_code.as_deref())
}

#[test]
fn signalhouse_wraps_what_came_in_and_not_what_became_of_what_went_out() {
    let body = r#"{"timestamp":1725000000000,"event":"MESSAGE_RECEIVED","identifier":"m1","metaData":{"Message":
        {"direction":"INBOUND","senderPhoneNumber":"15559876543","recipientPhoneNumber":["15125550100"],
         "messageBody":"Stop!"}}}"#;
    let parsed = said(SignalHouse, "application/json", body).expect("readable");
    assert_eq!(parsed.delivery_key, "6f1c-1");
    let [SmsEvent::Received { external_id, from, to, text, opt_out, at }] = parsed.events.as_slice() else {
        panic!("{parsed:?}");
    };
    assert_eq!((external_id.as_str(), text.expose(), *opt_out), ("m1", "Stop!", None));
    assert_eq!((from.expose(), to.expose()), ("+15559876543", "+15125550100"));
    assert_eq!(*at, Some(then()));
    let failed = r#"{"event":"MESSAGE_FAILED","identifier":"m2","metaData":{"status":"FAILED","segmentCount":2,
        "successOrFailureReason":"T-Mobile daily segment cap"}}"#;
    let parsed = said(SignalHouse, "application/json", failed).expect("readable");
    assert_eq!(status_of(&parsed.events[0]), (MessageStatus::Failed, Some("daily_cap")));
    let SmsEvent::Status(report) = &parsed.events[0] else { panic!("{parsed:?}") };
    assert_eq!((report.external_id.as_str(), report.segments), ("m2", Some(2)));
    let delivered = r#"{"event":"MESSAGE_DELIVERED","identifier":"m2","metaData":{"status":"DELIVERED"}}"#;
    let parsed = said(SignalHouse, "application/json", delivered).expect("readable");
    assert_eq!(status_of(&parsed.events[0]), (MessageStatus::Delivered, None));
    assert_eq!(parsed.events[0].key(), "m2:delivered");
    let health = r#"{"event":"NUMBER_HEALTH_BELOW_THRESHOLD","identifier":"n","metaData":{}}"#;
    let parsed = said(SignalHouse, "application/json", health).expect("readable");
    assert_eq!(parsed.events, [SmsEvent::Other { name: "NUMBER_HEALTH_BELOW_THRESHOLD".into() }]);
}

#[test]
fn twilios_reports_have_a_key_for_each_thing_they_say() {
    for (form, key, status, code) in [
        ("MessageSid=SM1&MessageStatus=sent&SmsStatus=sent", "SM1:sent", MessageStatus::Sent, None),
        (
            "SmsSid=SM1&MessageStatus=delivered&RawDlrDoneDate=2611221405",
            "SM1:delivered",
            MessageStatus::Delivered,
            None,
        ),
        (
            "MessageSid=SM1&MessageStatus=undelivered&ErrorCode=30007&RawDlrDoneDate=2611221405",
            "SM1:undelivered:30007:2611221405",
            MessageStatus::Undelivered,
            Some("30007"),
        ),
        (
            "MessageSid=SM1&MessageStatus=failed&ErrorCode=30006",
            "SM1:failed:30006",
            MessageStatus::Failed,
            Some("30006"),
        ),
    ] {
        let parsed = said(Twilio, FORM, form).expect("readable");
        assert_eq!(parsed.delivery_key, key);
        assert_eq!(status_of(&parsed.events[0]), (status, code));
    }
    let parsed = said(Twilio, FORM, "MessageSid=SM1&MessageStatus=imploded").expect("readable");
    assert_eq!(parsed.events, [SmsEvent::Other { name: "unknown".into() }]);
}

#[test]
fn what_means_nothing_is_refused() {
    for body in ["", "null", "[]", "{", r#"{"event":1}"#] {
        assert!(said(SignalHouse, "application/json", body).is_err(), "{body}");
    }
    let nobody =
        r#"{"event":"MESSAGE_RECEIVED","identifier":"m1","metaData":{"Message":{"messageBody":"hi"}}}"#;
    assert!(said(SignalHouse, "application/json", nobody).is_err());
    assert_eq!(said(Twilio, "application/json", "{}"), Err(WebhookFault::Unreadable));
    assert_eq!(said(Twilio, FORM, "Body=hi"), Err(WebhookFault::Lacks("MessageSid")));
    assert_eq!(said(Twilio, FORM, "MessageSid=SM1&SmsStatus=received"), Err(WebhookFault::Lacks("From")));
    assert_eq!(said(Twilio, FORM, "MessageSid=../x&SmsStatus=sent"), Err(WebhookFault::Lacks("MessageSid")));
}
