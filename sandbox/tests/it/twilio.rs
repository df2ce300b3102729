//! Twilio Lookup: line types, and numbers that are none.

use anyhow::Result;
use sandbox::{Fault, Sandbox, Script, Vendor};
use serde_json::{Value, json};

use crate::asking::{KEY, all_knowing, ann, ask, client, introduce_ann, read};

async fn look_up(sandbox: &Sandbox, number: &str, fields: &str) -> Result<(u16, Value)> {
    let request = client()
        .get(format!("{}/v2/PhoneNumbers/{number}", sandbox.url(Vendor::Twilio)))
        .query(&[("Fields", fields)])
        .basic_auth("AC00000000000000000000000000000001", Some(KEY));
    read(request.send().await?).await
}

#[tokio::test]
async fn a_lookup_has_its_shape() -> Result<()> {
    let sandbox = all_knowing().await?;
    introduce_ann(&sandbox);
    let (status, answer) = ask(&sandbox, Vendor::Twilio, &ann()).await?;
    assert_eq!(status, 200);
    insta::assert_json_snapshot!("twilio", answer);
    assert_eq!(sandbox.ledger().vendor(Vendor::Twilio).micro_dollars, 5_000);
    Ok(())
}

#[tokio::test]
async fn the_format_alone_is_free() -> Result<()> {
    let sandbox = all_knowing().await?;
    let (_, answer) = look_up(&sandbox, "%2B19175550345", "").await?;
    assert_eq!((&answer["valid"], &answer["line_type_intelligence"]), (&json!(true), &Value::Null));
    assert_eq!(answer["national_format"], "(917) 555-0345");
    assert_eq!(sandbox.ledger().micro_dollars, 0);
    Ok(())
}

#[tokio::test]
async fn a_number_that_is_none_is_no_error() -> Result<()> {
    let sandbox = all_knowing().await?;
    for (number, reason) in [
        ("+1917555", "TOO_SHORT"),
        ("+191755503456", "TOO_LONG"),
        ("+4915112345678", "INVALID_COUNTRY_CODE"),
        ("+11175550345", "INVALID_BUT_POSSIBLE"),
        ("nonsense", "NOT_A_NUMBER"),
    ] {
        let (status, answer) = look_up(&sandbox, number, "line_type_intelligence").await?;
        assert_eq!((status, &answer["valid"]), (200, &json!(false)), "{number}");
        assert_eq!(answer["validation_errors"], json!([reason]));
    }
    assert_eq!(sandbox.ledger().micro_dollars, 0);
    Ok(())
}

#[tokio::test]
async fn canada_wants_approval() -> Result<()> {
    let sandbox = all_knowing().await?;
    let (status, answer) = look_up(&sandbox, "+14165550234", "line_type_intelligence").await?;
    assert_eq!((status, &answer["country_code"]), (200, &json!("CA")));
    assert_eq!(answer["line_type_intelligence"]["error_code"], 60_601);
    Ok(())
}

#[tokio::test]
async fn problems_have_codes() -> Result<()> {
    let sandbox = all_knowing().await?;
    let url = format!("{}/v2/PhoneNumbers/+19175550345", sandbox.url(Vendor::Twilio));
    let (status, answer) = read(client().get(url).send().await?).await?;
    assert_eq!((status, &answer["code"]), (401, &json!(20_003)));
    for (fault, expected, code) in [
        (Fault::RateLimited { retry_after_s: None }, 429, 20_429),
        (Fault::AccountStop { reason: Default::default() }, 403, 20_005),
        (Fault::Outage { status: 500 }, 500, 20_500),
    ] {
        sandbox.script(Script::new(fault).at(Vendor::Twilio).times(1))?;
        let (status, answer) = ask(&sandbox, Vendor::Twilio, &ann()).await?;
        assert_eq!((status, &answer["code"]), (expected, &json!(code)));
        assert_eq!(answer["status"], expected);
    }
    sandbox.script(Script::new(Fault::ErrorInside).at(Vendor::Twilio).times(1))?;
    let (status, answer) = ask(&sandbox, Vendor::Twilio, &ann()).await?;
    assert_eq!((status, &answer["line_type_intelligence"]["error_code"]), (200, &json!(60_600)));
    Ok(())
}
