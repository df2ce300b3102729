//! Melissa's shape: strings all the way, and faults in a 200.

use anyhow::Result;
use sandbox::{Fault, Script, StopReason, Vendor};
use serde_json::{Value, json};

use crate::asking::{KEY, all_knowing, ann, ask, client, introduce_ann, question, read};

const PATH: &str = "/v3/WEB/ContactVerify/doContactVerify";

#[tokio::test]
async fn a_record_is_verified_and_completed() -> Result<()> {
    let sandbox = all_knowing().await?;
    introduce_ann(&sandbox);
    let (status, answer) = ask(&sandbox, Vendor::Melissa, &ann()).await?;
    assert_eq!(status, 200);
    insta::assert_json_snapshot!("melissa", answer);
    let record = answer["Records"][0].as_object().expect("a record");
    assert!(record.values().all(Value::is_string), "{record:?}");
    assert_eq!(record["Results"], "AS01,NS01,VR01,DA30,PS01,PS08,DA40,ES01");
    Ok(())
}

#[tokio::test]
async fn both_methods_say_the_same() -> Result<()> {
    let sandbox = all_knowing().await?;
    let (_, posted) = ask(&sandbox, Vendor::Melissa, &ann()).await?;
    let got = client()
        .get(format!("{}{PATH}", sandbox.url(Vendor::Melissa)))
        .query(&[
            ("t", "test"),
            ("id", KEY),
            ("act", "Check,Verify,Append"),
            ("opt", "Append:Blank"),
            ("cols", "GrpDemographicBasic,GrpGeocode"),
            ("full", "Ann Doyle"),
            ("a1", "12 Oak St"),
            ("city", "Brooklyn"),
            ("state", "NY"),
            ("postal", "11201"),
            ("format", "JSON"),
        ])
        .send()
        .await?;
    assert_eq!(read(got).await?.1, posted);
    Ok(())
}

#[tokio::test]
async fn what_is_given_is_not_overwritten() -> Result<()> {
    let sandbox = all_knowing().await?;
    introduce_ann(&sandbox);
    let body = json!({"CustomerID": KEY, "Actions": "Append", "Options": "Append:Blank", "Records": [{
        "RecordID": "7", "FullName": "Ann Doyle", "AddressLine1": "12 Oak St", "PostalCode": "11201",
        "PhoneNumber": "(917) 555-0345", "EmailAddress": "nonsense",
    }]});
    let url = format!("{}{PATH}", sandbox.url(Vendor::Melissa));
    let (_, answer) = read(client().post(url).json(&body).send().await?).await?;
    let record = &answer["Records"][0];
    assert_eq!(record["PhoneNumber"], "9175550345");
    assert_eq!(record["EmailAddress"], "nonsense");
    assert_eq!(record["Results"], "AS01,NS01,VR01,PS01,PS07,EE01");
    Ok(())
}

#[tokio::test]
async fn the_address_is_verified_even_where_nobody_is_known() -> Result<()> {
    let mut settings = crate::asking::settings();
    settings.vendor_mut(Vendor::Melissa).hit_rate = 0.0;
    let sandbox = sandbox::Sandbox::start(settings).await?;
    let (_, answer) = ask(&sandbox, Vendor::Melissa, &ann()).await?;
    let record = &answer["Records"][0];
    assert_eq!(record["Results"], "AS01,NS01");
    assert_eq!(record["PhoneNumber"], " ", "nothing is a blank");
    assert_eq!(record["MelissaAddressKey"].as_str().map(str::len), Some(10));
    assert_eq!(sandbox.ledger().vendor(Vendor::Melissa).micro_dollars, 50_000, "billed by the record");
    Ok(())
}

#[tokio::test]
async fn faults_come_in_a_200() -> Result<()> {
    let sandbox = all_knowing().await?;
    let url = format!("{}{PATH}", sandbox.url(Vendor::Melissa));
    let records = |count: usize| vec![json!({"RecordID": "1", "FullName": "Ann Doyle"}); count];
    for (body, code) in [
        (json!({"Records": records(1)}), "GE04"),
        (json!({"CustomerID": "invalid", "Records": records(1)}), "GE05"),
        (json!({"CustomerID": KEY, "Records": []}), "GE02"),
        (json!({"CustomerID": KEY, "Records": records(101)}), "GE03"),
    ] {
        let (status, answer) = read(client().post(&url).json(&body).send().await?).await?;
        assert_eq!((status, answer["TransmissionResults"].as_str()), (200, Some(code)));
        assert_eq!(answer["TotalRecords"], "0");
    }
    for (fault, code) in [
        (Fault::AccountStop { reason: StopReason::Balance }, "GE14"),
        (Fault::AccountStop { reason: StopReason::AccountDisabled }, "GE06"),
        (Fault::ErrorInside, "SE01"),
    ] {
        sandbox.script(Script::new(fault).at(Vendor::Melissa).times(1))?;
        let (status, answer) = read(question(&sandbox, Vendor::Melissa, &ann()).send().await?).await?;
        assert_eq!((status, answer["TransmissionResults"].as_str()), (200, Some(code)));
    }
    assert_eq!(sandbox.ledger().micro_dollars, 0);
    Ok(())
}
