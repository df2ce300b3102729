//! The books: what came, what is owed, how busy it was.

use std::time::{Duration, Instant};

use anyhow::Result;
use sandbox::{Fault, RateLimit, Sandbox, Script, Vendor};
use serde_json::Value;

use crate::asking::{all_knowing, ann, ask, client, numbered, question, settings, until, well};

#[tokio::test]
async fn every_vendor_bills_by_its_tariff() -> Result<()> {
    let sandbox = all_knowing().await?;
    for vendor in Vendor::ALL {
        for _ in 0..2 {
            assert_eq!(ask(&sandbox, vendor, &ann()).await?.0, well(vendor));
        }
    }
    let ledger = sandbox.ledger();
    for (vendor, price) in [
        (Vendor::Melissa, 50_000),
        (Vendor::BatchData, 70_000),
        (Vendor::RealEstateApi, 100_000),
        (Vendor::Apollo, 100_000),
        (Vendor::Twilio, 5_000),
        (Vendor::SignalHouse, 5_000),
    ] {
        let book = ledger.vendor(vendor);
        assert_eq!((book.requests, book.billed_units, book.micro_dollars), (2, 2, 2 * price), "{vendor}");
        assert_eq!(book.answers.get(&well(vendor)), Some(&2));
        let (subject, told) = book.subjects.iter().next().expect("a subject");
        assert_eq!((told.asked, told.micro_dollars), (2, 2 * price), "{vendor}");
        assert_eq!(book.paid_again(), [subject.as_str()], "{vendor}");
    }
    // A model is billed by the length of what is said.
    assert_eq!(ledger.micro_dollars - ledger.vendor(Vendor::Model).micro_dollars, 2 * 330_000);
    Ok(())
}

#[tokio::test]
async fn prices_are_settings() -> Result<()> {
    let mut settings = settings();
    settings.vendor_mut(Vendor::BatchData).set_price("match", 150_000);
    let sandbox = Sandbox::start(settings).await?;
    ask(&sandbox, Vendor::BatchData, &ann()).await?;
    assert_eq!(sandbox.ledger().micro_dollars, 150_000);
    Ok(())
}

#[tokio::test]
async fn subjects_say_nothing_and_can_be_looked_up() -> Result<()> {
    let sandbox = all_knowing().await?;
    ask(&sandbox, Vendor::BatchData, &ann()).await?;
    let text = client().get(format!("{}/ledger", sandbox.control_url())).send().await?.text().await?;
    for word in ["Ann", "Doyle", "Oak", "11201"] {
        assert!(!text.contains(word), "{text}");
    }
    assert_eq!(sandbox.ledger().vendor(Vendor::BatchData).subjects[&ann().subject()].asked, 1);
    Ok(())
}

#[tokio::test]
async fn the_report_over_http_is_the_same() -> Result<()> {
    let sandbox = all_knowing().await?;
    ask(&sandbox, Vendor::Melissa, &ann()).await?;
    let url = sandbox.control_url();
    let report: sandbox::LedgerReport = client().get(format!("{url}/ledger")).send().await?.json().await?;
    assert_eq!(report, sandbox.ledger());
    let bill: Value = client().get(format!("{url}/bill")).send().await?.json().await?;
    assert_eq!(bill["vendors"]["melissa"]["micro_dollars"], 50_000);
    assert_eq!(bill["vendors"]["melissa"]["subjects"], serde_json::json!({}));
    Ok(())
}

#[tokio::test]
async fn a_true_limit_holds_and_says_when_to_come_back() -> Result<()> {
    let mut settings = settings();
    settings.vendor_mut(Vendor::BatchData).limits = vec![RateLimit::of(3, Duration::from_secs(30))];
    let sandbox = Sandbox::start(settings).await?;
    let mut statuses = Vec::new();
    for number in 0..5 {
        let answer = question(&sandbox, Vendor::BatchData, &numbered(number)).send().await?;
        if answer.status() == 429 {
            let wait: u64 = answer.headers()["retry-after"].to_str()?.parse()?;
            assert!((1..=30).contains(&wait), "{wait}");
        }
        statuses.push(answer.status().as_u16());
    }
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    let book = sandbox.ledger().vendor(Vendor::BatchData).clone();
    assert_eq!((book.refused_by_limit, book.billed_units), (2, 3));
    assert_eq!(book.windows[0].limit, Some(3));
    assert_eq!((book.windows[0].peak, book.windows[0].peak_anywhere), (5, 5));
    // Others are not concerned.
    assert_eq!(ask(&sandbox, Vendor::RealEstateApi, &ann()).await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn a_window_opens_again() -> Result<()> {
    let window = Duration::from_millis(200);
    let mut settings = settings();
    settings.vendor_mut(Vendor::Twilio).limits = vec![RateLimit::of(1, window)];
    let sandbox = Sandbox::start(settings).await?;
    assert_eq!(ask(&sandbox, Vendor::Twilio, &ann()).await?.0, 200);
    tokio::time::timeout(Duration::from_secs(10), async {
        while ask(&sandbox, Vendor::Twilio, &ann()).await?.0 != 200 {}
        anyhow::Ok(())
    })
    .await??;
    assert!(sandbox.ledger().vendor(Vendor::Twilio).refused_by_limit > 0);
    Ok(())
}

#[tokio::test]
async fn requests_at_once_are_counted() -> Result<()> {
    let sandbox = all_knowing().await?;
    sandbox.script(Script::new(Fault::Hung { processed: false }).at(Vendor::BatchData))?;
    let calls: Vec<_> = (0..8)
        .map(|number| tokio::spawn(question(&sandbox, Vendor::BatchData, &numbered(number)).send()))
        .collect();
    until("all are there", || sandbox.ledger().vendor(Vendor::BatchData).concurrent == 8).await;
    calls.iter().for_each(tokio::task::JoinHandle::abort);
    until("all are gone", || sandbox.ledger().vendor(Vendor::BatchData).concurrent == 0).await;
    assert_eq!(sandbox.ledger().vendor(Vendor::BatchData).concurrent_peak, 8);
    Ok(())
}

#[tokio::test]
async fn latency_is_every_answers() -> Result<()> {
    let latency = Duration::from_millis(60);
    let sandbox = Sandbox::start(settings().with_latency(latency)).await?;
    for vendor in Vendor::ALL {
        let began = Instant::now();
        assert_eq!(ask(&sandbox, vendor, &ann()).await?.0, well(vendor));
        assert!(began.elapsed() >= latency, "{vendor}");
    }
    Ok(())
}

#[tokio::test]
async fn reset_forgets_but_people_stay() -> Result<()> {
    let sandbox = all_knowing().await?;
    let (_, before) = ask(&sandbox, Vendor::BatchData, &ann()).await?;
    sandbox.script(Script::new(Fault::Malformed))?;
    let answer = client().post(format!("{}/reset", sandbox.control_url())).send().await?;
    assert_eq!(answer.status(), 204);
    assert_eq!(sandbox.ledger().micro_dollars, 0);
    assert!(sandbox.ledger().vendor(Vendor::BatchData).subjects.is_empty());
    assert!(sandbox.faults().is_empty());
    assert_eq!(ask(&sandbox, Vendor::BatchData, &ann()).await?.1, before);
    Ok(())
}
