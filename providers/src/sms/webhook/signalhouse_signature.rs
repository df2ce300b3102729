//! How SignalHouse signs \[V\].
//!
//! Hex of HMAC-SHA256 over `{timestamp}.{body}`, the timestamp in milliseconds. `X-SignalHouse-Signature-V1:
//! t=…,v1=…[,v1=…]` has one signature for each secret that is valid, so any that fits will do; the older
//! `X-SignalHouse-Signature` with `X-SignalHouse-Timestamp` stays with the previous secret while secrets are rotated.

use chrono::{DateTime, Utc};

use super::hmac::is_sha256;
use super::{Delivery, SignatureFault, WINDOW};
use crate::Secret;

/// More than one signature for each secret there can be.
const MOST_SIGNATURES: usize = 8;

pub(super) fn verify(
    delivery: &Delivery<'_>,
    secrets: &[Secret],
    now: DateTime<Utc>,
) -> Result<(), SignatureFault> {
    let (timestamp, signatures) = match delivery.header("x-signalhouse-signature-v1") {
        Some(header) => version_1(header)?,
        None => {
            let signature = delivery.header("x-signalhouse-signature").ok_or(SignatureFault::Missing)?;
            let timestamp = delivery.header("x-signalhouse-timestamp").ok_or(SignatureFault::Missing)?;
            (timestamp, vec![signature_bytes(signature)?])
        }
    };
    is_recent(timestamp, now)?;
    let parts: [&[u8]; 3] = [timestamp.as_bytes(), b".", delivery.body];
    let fits = secrets.iter().filter(|secret| !secret.expose().is_empty()).any(|secret| {
        signatures.iter().any(|signature| is_sha256(secret.expose().as_bytes(), &parts, signature))
    });
    if fits { Ok(()) } else { Err(SignatureFault::Wrong) }
}

/// `t=<ms>,v1=<hex>[,v1=<hex>]`; parts of other names are passed over.
fn version_1(header: &str) -> Result<(&str, Vec<Vec<u8>>), SignatureFault> {
    let (mut timestamp, mut signatures) = (None, Vec::new());
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", value)) if timestamp.is_none() => timestamp = Some(value),
            Some(("v1", value)) if signatures.len() < MOST_SIGNATURES => {
                signatures.push(signature_bytes(value)?);
            }
            Some(("t" | "v1", _)) | None => return Err(SignatureFault::Malformed),
            Some(_) => {}
        }
    }
    let timestamp = timestamp.ok_or(SignatureFault::Malformed)?;
    if signatures.is_empty() { Err(SignatureFault::Malformed) } else { Ok((timestamp, signatures)) }
}

/// 64 hexadecimal digits and no prefix. (What the vendor's agents post has `sha256=` before them and is another thing.)
fn signature_bytes(text: &str) -> Result<Vec<u8>, SignatureFault> {
    let bytes = hex::decode(text).map_err(|_| SignatureFault::Malformed)?;
    if bytes.len() == 32 { Ok(bytes) } else { Err(SignatureFault::Malformed) }
}

fn is_recent(timestamp: &str, now: DateTime<Utc>) -> Result<(), SignatureFault> {
    let is_digits = timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let millis: i64 = timestamp.parse().ok().filter(|_| is_digits).ok_or(SignatureFault::Malformed)?;
    let away = now.timestamp_millis().abs_diff(millis);
    if away <= WINDOW.num_milliseconds().unsigned_abs() {
        Ok(())
    } else {
        Err(SignatureFault::Stale { seconds: away / 1_000 })
    }
}
