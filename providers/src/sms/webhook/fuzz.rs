//! No bytes make anything panic, nobody who lacks the secret gets in, and who has it does.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::collection::vec;
use proptest::prelude::*;
use ring::hmac;

use super::{Delivery, parse, verify};
use crate::Secret;
use crate::sms::{SmsEvent, SmsProviderId};

const NAMES: [&str; 9] = [
    "content-type",
    "x-signalhouse-signature",
    "x-signalhouse-timestamp",
    "x-signalhouse-signature-v1",
    "x-signalhouse-delivery-id",
    "x-twilio-signature",
    "x-twilio-webhooks-signature-settings",
    "i-twilio-idempotency-token",
    "host",
];

const WORDS: [&str; 6] = [
    "application/x-www-form-urlencoded",
    "t=1725000000000,v1=310088736f68baf48949ff6fa8c53578eb667aef05eaa7c63a44cddbaea48766",
    "1725000000000",
    "algorithm=HMAC_SHA256",
    "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
    "t=,v1=,,=",
];

const KEYS: [&str; 14] = [
    "event",
    "identifier",
    "metaData",
    "Message",
    "senderPhoneNumber",
    "recipientPhoneNumber",
    "messageBody",
    "status",
    "errorCode",
    "segmentCount",
    "successOrFailureReason",
    "timestamp",
    "_id",
    "createdAt",
];

fn any_header() -> impl Strategy<Value = (usize, Vec<u8>)> {
    let value = prop_oneof![
        vec(any::<u8>(), 0..80),
        proptest::sample::select(WORDS.to_vec()).prop_map(|word| word.as_bytes().to_vec()),
    ];
    (0..NAMES.len(), value)
}

fn headers(pairs: &[(usize, Vec<u8>)]) -> HeaderMap {
    let pair = |(name, value): &(usize, Vec<u8>)| {
        Some((HeaderName::from_static(NAMES[*name]), HeaderValue::from_bytes(value).ok()?))
    };
    pairs.iter().filter_map(pair).collect()
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    let field = proptest::sample::select(vec![
        "MessageSid",
        "MessageStatus",
        "SmsStatus",
        "From",
        "To",
        "Body",
        "ErrorCode",
        "OptOutType",
        "RawDlrDoneDate",
    ]);
    let form = vec((field, "\\PC{0,20}"), 0..10).prop_map(|pairs| {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
    });
    prop_oneof![
        vec(any::<u8>(), 0..300),
        form,
        crate::testing::any_json(&KEYS).prop_map(|value| value.to_string().into_bytes()),
    ]
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_725_000_000_000).expect("a time")
}

proptest! {
    #[test]
    fn nothing_panics_and_nobody_gets_in(
        pairs in vec(any_header(), 0..6),
        body in any_body(),
        url in "\\PC{0,60}|https?://[a-z.:@/?&=\\[\\]0-9]{0,40}",
    ) {
        let headers = headers(&pairs);
        let delivery = Delivery { url: &url, headers: &headers, body: &body };
        for provider in SmsProviderId::ALL {
            prop_assert!(verify(*provider, &delivery, &[Secret::from("hunter2")], now()).is_err());
            if let Ok(parsed) = parse(*provider, &delivery) {
                prop_assert!(!parsed.delivery_key.is_empty() && parsed.delivery_key.len() <= 200);
                for event in &parsed.events {
                    prop_assert!(!event.key().is_empty() && event.key().len() <= 200);
                    // Shown, an event tells neither who nor what.
                    if let SmsEvent::Received { text, .. } = event {
                        let text = text.expose().to_owned();
                        let shown = format!("{:?}", event);
                        prop_assert!(text.len() < 12 || !shown.contains(&text));
                    }
                }
            }
        }
    }

    #[test]
    fn who_has_the_secret_gets_in_whatever_the_body(body in any_body(), secret in "\\PC{1,40}") {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let signed = [b"1725000000000.".as_slice(), &body].concat();
        let value = format!("t=1725000000000,v1={}", hex::encode(hmac::sign(&key, &signed)));
        let headers: HeaderMap = [(
            HeaderName::from_static("x-signalhouse-signature-v1"),
            HeaderValue::from_str(&value).expect("a header"),
        )].into_iter().collect();
        let delivery = Delivery { url: "", headers: &headers, body: &body };
        prop_assert_eq!(verify(SmsProviderId::SignalHouse, &delivery, &[Secret::from(secret.as_str())], now()), Ok(()));
        let other = Secret::from(format!("{secret}x"));
        prop_assert!(verify(SmsProviderId::SignalHouse, &delivery, &[other], now()).is_err());
    }

    #[test]
    fn forms_are_signed_by_what_they_say_and_not_by_how_it_is_written(
        pairs in vec(("[A-Za-z]{1,8}", "\\PC{0,12}"), 0..8),
        turn in any::<usize>(),
    ) {
        let mut sorted = pairs.clone();
        sorted.sort();
        sorted.dedup();
        let said: String = sorted.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]).collect();
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"12345");
        let value = STANDARD.encode(hmac::sign(&key, format!("https://us.example/x{said}").as_bytes()));
        let headers: HeaderMap = [
            (HeaderName::from_static("x-twilio-signature"), HeaderValue::from_str(&value).expect("a header")),
            (HeaderName::from_static("content-type"), HeaderValue::from_static("application/x-www-form-urlencoded")),
        ].into_iter().collect();
        let mut turned = pairs;
        if !turned.is_empty() {
            let by = turn % turned.len();
            turned.rotate_left(by);
        }
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(turned).finish();
        let delivery = Delivery { url: "https://us.example/x", headers: &headers, body: body.as_bytes() };
        prop_assert_eq!(verify(SmsProviderId::Twilio, &delivery, &[Secret::from("12345")], now()), Ok(()));
    }
}
