//! Asking a vendor about somebody, as one of its callers would.

use std::time::{Duration, Instant};

use anyhow::Result;
use reqwest::{Client, RequestBuilder, Response};
use sandbox::{Identity, Introduction, Line, LineKind, Mailbox, Sandbox, Settings, Vendor};
use serde_json::{Value, json};

/// The key of BatchData's version 3, and of everybody else.
pub(crate) const KEY: &str = "key-of-a-test";

/// A sandbox in which every vendor knows everybody.
pub(crate) async fn all_knowing() -> Result<Sandbox> {
    Ok(Sandbox::start(settings()).await?)
}

/// Settings in which every vendor knows everybody.
pub(crate) fn settings() -> Settings {
    let mut settings = Settings::default();
    for vendor in Vendor::ALL {
        settings.vendor_mut(vendor).hit_rate = 1.0;
    }
    settings
}

/// Somebody with everything a question may say.
pub(crate) fn ann() -> Identity {
    Identity {
        first: "Ann".into(),
        last: "Doyle".into(),
        street: "12 Oak St".into(),
        city: "Brooklyn".into(),
        state: "NY".into(),
        zip: "11201".into(),
        email: "ann@doylebakery.example".into(),
        company: "Doyle Bakery".into(),
        domain: "doylebakery.example".into(),
        ..Identity::default()
    }
}

/// Somebody else, at another place.
pub(crate) fn numbered(number: u32) -> Identity {
    Identity {
        first: "Ann".into(),
        last: "Doyle".into(),
        street: format!("{number} Pine St"),
        city: "Austin".into(),
        state: "TX".into(),
        zip: "78701".into(),
        email: format!("ann{number}@pine.example"),
        domain: format!("pine{number}.example"),
        ..Identity::default()
    }
}

/// Ann with known facts: a mobile and a wire, a mailbox at work and one at home.
pub(crate) fn introduce_ann(sandbox: &Sandbox) {
    let line = |number: &str, kind, dnc, tcpa| Line {
        number: number.into(),
        kind,
        carrier: "Northstar Wireless".into(),
        connected: true,
        dnc,
        tcpa,
    };
    let mailbox = |address: &str, work| Mailbox { address: address.into(), work, verified: true };
    let introduction = Introduction {
        identity: ann(),
        lines: Some(vec![
            line("7185550234", LineKind::Landline, true, false),
            line("9175550345", LineKind::Mobile, false, false),
            line("3475550456", LineKind::NonFixedVoip, false, true),
        ]),
        mailboxes: Some(vec![
            mailbox("ann@doylebakery.example", true),
            mailbox("ann.doyle7@homemail.example", false),
        ]),
        deceased: Some(false),
        litigator: Some(false),
        known_to: None,
    };
    assert!(sandbox.world().introduce(introduction).is_some());
}

/// A question to `vendor` about `who`, ready to be sent.
pub(crate) fn question(sandbox: &Sandbox, vendor: Vendor, who: &Identity) -> RequestBuilder {
    let (url, client) = (sandbox.url(vendor), client());
    match vendor {
        Vendor::Melissa => client.post(format!("{url}/v3/WEB/ContactVerify/doContactVerify")).json(&json!({
            "TransmissionReference": "test",
            "CustomerID": KEY,
            "Actions": "Check,Verify,Append",
            "Options": "Append:Blank",
            "Columns": "GrpDemographicBasic,GrpGeocode",
            "Records": [{
                "RecordID": "1",
                "FirstName": who.first,
                "LastName": who.last,
                "AddressLine1": who.street,
                "City": who.city,
                "State": who.state,
                "PostalCode": who.zip,
            }],
        })),
        Vendor::BatchData => client
            .post(format!("{url}/api/v3/property/skip-trace"))
            .bearer_auth(KEY)
            .json(&json!({"requests": [batchdata_item(who)]})),
        Vendor::RealEstateApi => client
            .post(format!("{url}/v2/SkipTraceBatchAwait"))
            .header("x-api-key", KEY)
            .json(&json!({"skips": [skip(who)]})),
        Vendor::Apollo => {
            client.post(format!("{url}/api/v1/people/match")).header("x-api-key", KEY).query(&[
                ("first_name", &who.first),
                ("last_name", &who.last),
                ("email", &who.email),
                ("organization_name", &who.company),
                ("domain", &who.domain),
            ])
        }
        Vendor::Twilio => client
            .get(format!("{url}/v2/PhoneNumbers/+19175550345"))
            .query(&[("Fields", "line_type_intelligence")])
            .basic_auth("AC00000000000000000000000000000001", Some(KEY)),
        Vendor::SignalHouse => signalhouse_text(sandbox, "9175550345", "Hello").bearer_auth(KEY),
        Vendor::Model => completion(sandbox, "blue").bearer_auth(KEY),
    }
}

/// A text by SignalHouse, without a login.
pub(crate) fn signalhouse_text(sandbox: &Sandbox, to: &str, body: &str) -> RequestBuilder {
    client().post(format!("{}/message/sms", sandbox.url(Vendor::SignalHouse))).json(&json!({
        "senderPhoneNumber": "15125550100",
        "recipientPhoneNumber": [format!("1{to}")],
        "messageBody": body,
        "enableShortlink": false,
    }))
}

/// A question to the model, without a login.
pub(crate) fn completion(sandbox: &Sandbox, message: &str) -> RequestBuilder {
    let schema = json!({
        "type": "object",
        "properties": { "intent": { "type": "string", "enum": ["question", "other"] }, "confidence": { "type": "integer" } },
        "required": ["intent", "confidence"], "additionalProperties": false,
    });
    client().post(format!("{}/v1/chat/completions", sandbox.url(Vendor::Model))).json(&json!({
        "model": "small",
        "messages": [{ "role": "system", "content": "Sort." }, { "role": "user", "content": message }],
        "response_format": { "type": "json_schema", "json_schema": { "name": "reading", "strict": true, "schema": schema } },
        "max_completion_tokens": 40,
    }))
}

/// What a vendor answers where all is well.
pub(crate) fn well(vendor: Vendor) -> u16 {
    if vendor == Vendor::SignalHouse { 201 } else { 200 }
}

/// An item of a call to BatchData.
pub(crate) fn batchdata_item(who: &Identity) -> Value {
    json!({
        "requestId": format!("id of {}", who.street),
        "name": {"first": who.first, "last": who.last},
        "propertyAddress": {"street": who.street, "city": who.city, "state": who.state, "zip": who.zip},
    })
}

/// An item of a call to RealEstateAPI.
pub(crate) fn skip(who: &Identity) -> Value {
    json!({
        "key": who.street,
        "first_name": who.first,
        "last_name": who.last,
        "address": who.street,
        "city": who.city,
        "state": who.state,
        "zip": who.zip,
        "email": who.email,
    })
}

/// A client that keeps no connection for another test.
pub(crate) fn client() -> Client {
    Client::new()
}

/// Status and JSON of an answer.
pub(crate) async fn read(answer: Response) -> Result<(u16, Value)> {
    Ok((answer.status().as_u16(), answer.json().await?))
}

/// Status and JSON of what `vendor` says about `who`.
pub(crate) async fn ask(sandbox: &Sandbox, vendor: Vendor, who: &Identity) -> Result<(u16, Value)> {
    read(question(sandbox, vendor, who).send().await?).await
}

/// The texts of a field in each element of an array.
pub(crate) fn texts<'a>(array: &'a Value, field: &str) -> Vec<&'a str> {
    array.as_array().into_iter().flatten().filter_map(|element| element[field].as_str()).collect()
}

/// Looks again and again until `holds`.
///
/// # Panics
/// After half a minute, naming `what` was waited for.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(30), "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
