//! BatchData's two versions of skip tracing, with their traps.

use anyhow::Result;
use sandbox::{Fault, Identity, Introduction, Sandbox, Script, Vendor};
use serde_json::{Value, json};

use crate::asking::{
    KEY, all_knowing, ann, ask, batchdata_item, client, introduce_ann, numbered, read, texts,
};

async fn trace(sandbox: &Sandbox, version: u8, key: &str, body: &Value) -> Result<(u16, Value)> {
    let url = format!("{}/api/v{version}/property/skip-trace", sandbox.url(Vendor::BatchData));
    read(client().post(url).bearer_auth(key).json(body).send().await?).await
}

fn items(count: u32) -> Vec<Value> {
    (0..count).map(|number| batchdata_item(&numbered(number))).collect()
}

#[tokio::test]
async fn version_3_has_its_shape() -> Result<()> {
    let sandbox = all_knowing().await?;
    introduce_ann(&sandbox);
    let (status, answer) = ask(&sandbox, Vendor::BatchData, &ann()).await?;
    assert_eq!(status, 200);
    insta::assert_json_snapshot!("batchdata_v3", answer);
    Ok(())
}

#[tokio::test]
async fn version_1_has_its_shape_and_leaves_out_in_silence() -> Result<()> {
    let sandbox = all_knowing().await?;
    introduce_ann(&sandbox);
    let requests = json!([batchdata_item(&ann())]);
    let (status, silent) = trace(&sandbox, 1, "key for v1", &json!({"requests": requests})).await?;
    assert_eq!(status, 200);
    insta::assert_json_snapshot!("batchdata_v1", silent);
    let options = json!({"includeTCPABlacklistedPhones": true, "prioritizeMobilePhones": true});
    let body = json!({"requests": requests, "options": options});
    let (_, told) = trace(&sandbox, 1, "key for v1", &body).await?;
    let numbers = |answer: &Value| -> Vec<String> {
        let phones = &answer["results"]["persons"][0]["phoneNumbers"];
        texts(phones, "number").into_iter().map(str::to_owned).collect()
    };
    assert_eq!(numbers(&silent), ["7185550234", "9175550345"]);
    assert_eq!(numbers(&told), ["9175550345", "7185550234", "3475550456"]);
    Ok(())
}

#[tokio::test]
async fn version_1_keeps_no_order_but_says_whose_answer_it_is() -> Result<()> {
    let sandbox = all_knowing().await?;
    let (_, answer) = trace(&sandbox, 1, "key for v1", &json!({"requests": items(5)})).await?;
    let persons = answer["results"]["persons"].as_array().expect("people");
    let ids: Vec<&str> =
        persons.iter().filter_map(|person| person["request"]["requestId"].as_str()).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    assert_eq!(ids.len(), 5);
    assert_ne!(ids, sorted, "in no order");
    Ok(())
}

#[tokio::test]
async fn version_1_may_answer_with_another_of_the_household() -> Result<()> {
    let sandbox = all_knowing().await?;
    let (_, answer) = trace(&sandbox, 1, "key for v1", &json!({"requests": items(60)})).await?;
    let persons = answer["results"]["persons"].as_array().expect("people");
    let asked = persons.iter().filter(|person| person["name"]["first"] == "Ann").count();
    assert!((25..58).contains(&asked), "{asked} of 60 are who was asked for");
    Ok(())
}

#[tokio::test]
async fn a_key_is_for_one_version() -> Result<()> {
    let sandbox = all_knowing().await?;
    let body = json!({"requests": items(1)});
    for (version, key, expected) in [
        (3, KEY, 200),
        (1, KEY, 403),
        (1, "v1-key", 200),
        (3, "v1-key", 403),
        (3, "", 401),
        (3, "invalid", 401),
    ] {
        let (status, _) = trace(&sandbox, version, key, &body).await?;
        assert_eq!(status, expected, "version {version} with {key:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_call_holds_one_to_a_hundred() -> Result<()> {
    let sandbox = all_knowing().await?;
    for (count, expected) in [(0, 400), (1, 200), (100, 200), (101, 400)] {
        let (status, answer) = trace(&sandbox, 3, KEY, &json!({"requests": items(count)})).await?;
        assert_eq!(status, expected, "{count}: {answer}");
    }
    let (status, _) = trace(&sandbox, 3, KEY, &json!({"wrong": []})).await?;
    assert_eq!(status, 400);
    Ok(())
}

#[tokio::test]
async fn who_is_not_known_is_in_place_and_costs_nothing() -> Result<()> {
    let mut settings = crate::asking::settings();
    settings.vendor_mut(Vendor::BatchData).hit_rate = 0.5;
    let sandbox = Sandbox::start(settings).await?;
    let (_, answer) = trace(&sandbox, 3, KEY, &json!({"requests": items(100)})).await?;
    let data = answer["result"]["data"].as_array().expect("data");
    let matched = data.iter().filter(|element| element["meta"]["matched"] == true).count() as u64;
    assert_eq!(data.len(), 100);
    assert!((30..70).contains(&matched), "{matched}");
    let meta = &answer["result"]["meta"]["results"];
    assert_eq!(meta["matchCount"], matched);
    assert_eq!(meta["noMatchCount"], 100 - matched);
    let ledger = sandbox.ledger();
    assert_eq!(ledger.vendor(Vendor::BatchData).micro_dollars, matched * 70_000);
    assert_eq!(ledger.vendor(Vendor::BatchData).subjects.len(), 100);
    for element in data {
        let people = element["persons"].as_array().expect("persons");
        assert!(people.len() <= 3);
        if element["meta"]["matched"] == true {
            assert!(people.iter().any(|person| person["name"]["first"] == "Ann"), "{element}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_parcel_is_enough_and_nothing_is_an_error_of_the_item() -> Result<()> {
    let sandbox = all_knowing().await?;
    let requests = json!([
        {"apn": "12-34", "county": "Kings", "state": "NY"},
        {"name": {"first": "Ann", "last": "Doyle"}},
    ]);
    let (status, answer) = trace(&sandbox, 3, KEY, &json!({"requests": requests})).await?;
    assert_eq!(status, 200);
    let data = &answer["result"]["data"];
    assert_eq!(data[0]["meta"]["matched"], true);
    assert_eq!(data[1]["meta"]["error"], true);
    Ok(())
}

#[tokio::test]
async fn nulls_empty_addresses_and_strangers_to_order() -> Result<()> {
    let sandbox = all_knowing().await?;
    let body = json!({"requests": items(3)});
    let ordered = |fault| Script::new(fault).at(Vendor::BatchData).times(1);

    sandbox.script(ordered(Fault::PositionalNulls))?;
    let (_, answer) = trace(&sandbox, 3, KEY, &body).await?;
    let nulls: Vec<bool> =
        answer["result"]["data"].as_array().expect("data").iter().map(Value::is_null).collect();
    assert_eq!(nulls, [true, false, true]);
    assert_eq!(sandbox.ledger().vendor(Vendor::BatchData).billed_units, 1, "a null is not billed");

    sandbox.script(ordered(Fault::EmptyAddress))?;
    let (_, answer) = trace(&sandbox, 3, KEY, &body).await?;
    assert_eq!(answer["result"]["data"][0]["property"]["address"], json!({}));
    assert_eq!(answer["result"]["data"][0]["persons"][0]["mailingAddress"], json!({}));

    sandbox.script(ordered(Fault::WrongPerson))?;
    let (_, answer) = trace(&sandbox, 3, KEY, &body).await?;
    for element in answer["result"]["data"].as_array().expect("data") {
        for person in element["persons"].as_array().expect("persons") {
            assert_ne!(person["name"]["full"], "Ann Doyle");
        }
    }
    Ok(())
}

#[tokio::test]
async fn flags_may_be_absent() -> Result<()> {
    let sandbox = all_knowing().await?;
    let (_, answer) = trace(&sandbox, 3, KEY, &json!({"requests": items(100)})).await?;
    let phones: Vec<&Value> = answer["result"]["data"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|element| element["persons"].as_array().into_iter().flatten())
        .flat_map(|person| person["phones"].as_array().into_iter().flatten())
        .collect();
    let without = phones.iter().filter(|phone| phone.get("dnc").is_none()).count();
    assert!(without > 0 && without < phones.len(), "{without} of {}", phones.len());
    Ok(())
}

#[tokio::test]
async fn the_do_not_call_list_agrees_with_the_lines() -> Result<()> {
    let sandbox = all_knowing().await?;
    introduce_ann(&sandbox);
    let url = format!("{}/api/v1/phone/dnc", sandbox.url(Vendor::BatchData));
    let body = json!({"requests": ["7185550234", "9175550345", "12"]});
    let (status, answer) = read(client().post(url).bearer_auth(KEY).json(&body).send().await?).await?;
    assert_eq!(status, 200);
    let numbers = &answer["results"]["phoneNumbers"];
    assert_eq!((&numbers[0]["dnc"], &numbers[1]["dnc"]), (&json!(true), &json!(false)));
    assert_eq!(numbers[2]["meta"]["error"], true);
    assert_eq!(sandbox.ledger().vendor(Vendor::BatchData).micro_dollars, 4_000);
    Ok(())
}

#[tokio::test]
async fn an_address_without_a_name_means_whoever_lives_there() -> Result<()> {
    let sandbox = all_knowing().await?;
    let nameless = Identity { first: String::new(), last: String::new(), ..ann() };
    let (_, answer) = ask(&sandbox, Vendor::BatchData, &nameless).await?;
    let person = &answer["result"]["data"][0]["persons"][0];
    assert!(person["name"]["full"].as_str().is_some_and(|name| name.contains(' ')), "{person}");
    Ok(())
}

#[tokio::test]
async fn one_match_names_up_to_three_of_those_who_live_there() -> Result<()> {
    let sandbox = all_knowing().await?;
    let named = |first: &str| Identity { first: first.into(), ..ann() };
    for first in ["Ann", "Bea", "Cyd", "Dot"] {
        let introduction = Introduction { identity: named(first), ..Introduction::default() };
        assert!(sandbox.world().introduce(introduction).is_some());
    }
    let names = |answer: &Value| -> Vec<String> {
        let people = answer["result"]["data"][0]["persons"].as_array().into_iter().flatten();
        people.filter_map(|person| person["name"]["first"].as_str()).map(str::to_owned).collect()
    };
    let nameless = Identity { first: String::new(), last: String::new(), ..ann() };
    for (who, expected) in [
        (nameless, ["Ann", "Bea", "Cyd"]),
        (named("Bea"), ["Ann", "Bea", "Cyd"]),
        (named("Dot"), ["Ann", "Bea", "Dot"]),
        (named("Eve"), ["Eve", "Ann", "Bea"]),
    ] {
        assert_eq!(names(&ask(&sandbox, Vendor::BatchData, &who).await?.1), expected);
    }
    assert_eq!(sandbox.ledger().vendor(Vendor::BatchData).billed_units, 4, "billed by the match");
    Ok(())
}
