//! Lists of properties: pages, newest first, and what comes on top.

use std::collections::BTreeSet;

use anyhow::Result;
use sandbox::{Fault, Identity, Sandbox, Script, Vendor};
use serde_json::{Value, json};

use crate::asking::{KEY, all_knowing, ask, client, read};

async fn page(sandbox: &Sandbox, query: &str, take: u64, skip: u64) -> Result<Value> {
    let url = format!("{}/api/v1/property/search", sandbox.url(Vendor::BatchData));
    let body = json!({"searchCriteria": {"query": query}, "options": {"take": take, "skip": skip}});
    let (status, answer) = read(client().post(url).bearer_auth(KEY).json(&body).send().await?).await?;
    assert_eq!(status, 200, "{answer}");
    Ok(answer["results"].clone())
}

fn ids(page: &Value) -> Vec<String> {
    let records = page["properties"].as_array().into_iter().flatten();
    records.filter_map(|record| record["_id"].as_str()).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_record_has_its_shape() -> Result<()> {
    let sandbox = all_knowing().await?;
    let page = page(&sandbox, "Denver, CO", 2, 0).await?;
    insta::assert_json_snapshot!("batchdata_list", page);
    Ok(())
}

#[tokio::test]
async fn pages_make_up_the_list_once() -> Result<()> {
    let sandbox = all_knowing().await?;
    let mut seen = Vec::new();
    for skip in [0, 50, 100] {
        seen.extend(ids(&page(&sandbox, "78701", 50, skip).await?));
    }
    assert_eq!(seen.len(), 137);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 137);
    assert_eq!(seen[..50], ids(&page(&sandbox, "78701", 50, 0).await?), "the same again");
    assert!(ids(&page(&sandbox, "78701", 50, 137).await?).is_empty());
    assert_ne!(ids(&page(&sandbox, "78702", 50, 0).await?), seen[..50], "another query, another list");
    Ok(())
}

#[tokio::test]
async fn what_is_published_comes_on_top() -> Result<()> {
    let sandbox = all_knowing().await?;
    let before = ids(&page(&sandbox, "78701", 10, 0).await?);
    let answer =
        client().post(format!("{}/listings", sandbox.control_url())).json(&json!({"add": 3})).send().await?;
    assert_eq!(answer.status(), 204);
    let page = page(&sandbox, "78701", 10, 0).await?;
    assert_eq!(page["meta"]["results"]["resultsFound"], 140);
    assert_eq!(page["meta"]["results"]["resultCount"], 10);
    assert_eq!(ids(&page)[3..], before[..7]);
    Ok(())
}

#[tokio::test]
async fn a_page_may_be_shorter_than_asked_for() -> Result<()> {
    let sandbox = all_knowing().await?;
    sandbox.script(Script::new(Fault::ShortPage).at(Vendor::BatchData).times(1))?;
    assert_eq!(ids(&page(&sandbox, "78701", 100, 0).await?).len(), 25);
    assert_eq!(ids(&page(&sandbox, "78701", 100, 0).await?).len(), 100);
    assert_eq!(sandbox.ledger().vendor(Vendor::BatchData).micro_dollars, 125 * 10_000);
    Ok(())
}

#[tokio::test]
async fn the_owner_of_a_record_is_the_one_skip_tracing_finds() -> Result<()> {
    let sandbox = all_knowing().await?;
    let page = page(&sandbox, "Denver, CO", 1, 0).await?;
    let record = &page["properties"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let owner = Identity {
        first: text(&record["owner"]["names"][0]["first"]),
        last: text(&record["owner"]["names"][0]["last"]),
        street: text(&record["address"]["street"]),
        city: text(&record["address"]["city"]),
        state: text(&record["address"]["state"]),
        zip: text(&record["address"]["zip"]),
        ..Identity::default()
    };
    let (_, answer) = ask(&sandbox, Vendor::BatchData, &owner).await?;
    let people = answer["result"]["data"][0]["persons"].as_array().expect("persons");
    assert!(people.iter().any(|person| person["name"]["full"] == record["owner"]["fullName"]));
    Ok(())
}
