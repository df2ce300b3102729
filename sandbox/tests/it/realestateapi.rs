//! RealEstateAPI: one and many, and statuses that hide in a 200.

use anyhow::Result;
use sandbox::{Fault, Sandbox, Script, Vendor};
use serde_json::{Value, json};

use crate::asking::{KEY, all_knowing, ann, ask, client, introduce_ann, numbered, read, skip};

async fn post(sandbox: &Sandbox, path: &str, body: &Value) -> Result<(u16, Value)> {
    let url = format!("{}{path}", sandbox.url(Vendor::RealEstateApi));
    read(client().post(url).header("x-api-key", KEY).json(body).send().await?).await
}

fn one() -> Value {
    json!({
        "address": "12 Oak St", "city": "Brooklyn", "state": "NY", "zip": "11201",
        "first_name": "Ann", "last_name": "Doyle",
    })
}

#[tokio::test]
async fn a_batch_has_its_shape() -> Result<()> {
    let sandbox = all_knowing().await?;
    introduce_ann(&sandbox);
    let (status, answer) = ask(&sandbox, Vendor::RealEstateApi, &ann()).await?;
    assert_eq!(status, 200);
    insta::assert_json_snapshot!("realestateapi_v2", answer);
    Ok(())
}

#[tokio::test]
async fn one_has_its_shape() -> Result<()> {
    let sandbox = all_knowing().await?;
    introduce_ann(&sandbox);
    let (status, answer) = post(&sandbox, "/v1/SkipTrace", &one()).await?;
    assert_eq!(status, 200);
    insta::assert_json_snapshot!("realestateapi_v1", answer);
    assert_eq!(answer["output"]["identity"]["address"]["state"], "Ny", "in title case");
    assert_eq!(answer["output"]["identity"]["phones"][0]["doNotCall"], "true", "text");
    Ok(())
}

#[tokio::test]
async fn who_is_not_found_is_a_404_in_a_200_and_free() -> Result<()> {
    let mut settings = crate::asking::settings();
    settings.vendor_mut(Vendor::RealEstateApi).hit_rate = 0.0;
    let sandbox = Sandbox::start(settings).await?;
    let (status, answer) = post(&sandbox, "/v1/SkipTrace", &one()).await?;
    assert_eq!((status, &answer["statusCode"], &answer["match"]), (200, &json!(404), &json!(false)));
    let (_, answer) = ask(&sandbox, Vendor::RealEstateApi, &ann()).await?;
    assert_eq!(answer["data"][0]["data"]["phones"], json!([]));
    assert_eq!(sandbox.ledger().micro_dollars, 0);
    Ok(())
}

#[tokio::test]
async fn results_are_by_position_with_their_input() -> Result<()> {
    let sandbox = all_knowing().await?;
    let skips: Vec<Value> = (0..100).map(|number| skip(&numbered(number))).collect();
    let (status, answer) = post(&sandbox, "/v2/SkipTraceBatchAwait", &json!({"skips": skips})).await?;
    assert_eq!(status, 200);
    for (number, element) in answer["data"].as_array().expect("data").iter().enumerate() {
        assert_eq!(element["input"]["key"], format!("{number} Pine St"));
    }
    assert_eq!(sandbox.ledger().vendor(Vendor::RealEstateApi).micro_dollars, 100 * 100_000);
    Ok(())
}

#[tokio::test]
async fn demands_that_are_not_met_are_no_match() -> Result<()> {
    let sandbox = all_knowing().await?;
    introduce_ann(&sandbox);
    let with = |requirements: Value| {
        let mut skip = skip(&ann());
        skip["match_requirements"] = requirements;
        json!({"skips": [skip]})
    };
    // Somebody without mailboxes.
    let mut nobody = ann();
    nobody.street = "13 Oak St".into();
    sandbox.world().introduce(sandbox::Introduction {
        identity: nobody.clone(),
        mailboxes: Some(Vec::new()),
        ..sandbox::Introduction::default()
    });
    let mut unreachable = with(json!({"phones": true, "emails": true, "operator": "and"}));
    unreachable["skips"][0]["address"] = "13 Oak St".into();
    for (body, found) in [
        (with(json!({"phones": true, "emails": true, "operator": "and"})), true),
        (unreachable.clone(), false),
    ] {
        let (_, answer) = post(&sandbox, "/v2/SkipTraceBatchAwait", &body).await?;
        let phones = answer["data"][0]["data"]["phones"].as_array().map_or(0, Vec::len);
        assert_eq!(phones > 0, found, "{answer}");
    }
    unreachable["skips"][0]["match_requirements"]["operator"] = "or".into();
    let (_, answer) = post(&sandbox, "/v2/SkipTraceBatchAwait", &unreachable).await?;
    assert_ne!(answer["data"][0]["data"]["phones"], json!([]));
    assert_eq!(sandbox.ledger().vendor(Vendor::RealEstateApi).billed_units, 2);
    Ok(())
}

#[tokio::test]
async fn what_breaks_the_rules_is_refused() -> Result<()> {
    let sandbox = all_knowing().await?;
    let skips: Vec<Value> = (0..101).map(|number| skip(&numbered(number))).collect();
    let large = json!({"skips": [{"address": "x".repeat(300_000), "city": "a", "state": "NY"}]});
    for (body, expected) in [
        (json!({"skips": []}), 400),
        (json!({"skips": skips}), 400),
        (json!({"skips": [{"address": "12 Oak St"}]}), 400),
        (json!({"skips": [{"city": "Brooklyn"}]}), 400),
        (json!({"skips": [{"phone": "+19175550345"}]}), 400),
        (json!({"skips": [{"first_name": "A", "last_name": "D", "state": "NY", "zip": "11201"}]}), 200),
        (json!({"skips": [{"phone": "9175550345"}]}), 200),
        (large, 413),
    ] {
        let (status, answer) = post(&sandbox, "/v2/SkipTraceBatchAwait", &body).await?;
        assert_eq!(status, expected, "{answer}");
        assert_eq!(answer["statusCode"], expected);
    }
    let url = format!("{}/v1/SkipTrace", sandbox.url(Vendor::RealEstateApi));
    assert_eq!(client().post(url).bearer_auth(KEY).json(&one()).send().await?.status(), 401);
    Ok(())
}

#[tokio::test]
async fn an_error_hides_in_a_200() -> Result<()> {
    let sandbox = all_knowing().await?;
    sandbox.script(Script::new(Fault::ErrorInside).at(Vendor::RealEstateApi).times(1))?;
    let (status, answer) = ask(&sandbox, Vendor::RealEstateApi, &ann()).await?;
    assert_eq!((status, &answer["statusCode"]), (200, &json!(500)));
    assert_eq!(sandbox.ledger().micro_dollars, 0);
    Ok(())
}
