//! Every kind of fault, and the scripts that order them.

use std::time::{Duration, Instant};

use anyhow::Result;
use sandbox::{Fault, Sandbox, Script, StopReason, Vendor};

use crate::asking::{all_knowing, ann, ask, numbered, question, until, well};

fn once(vendor: Vendor, fault: Fault) -> Script {
    Script::new(fault).at(vendor).times(1)
}

fn owed(sandbox: &Sandbox, vendor: Vendor) -> u64 {
    sandbox.ledger().vendor(vendor).micro_dollars
}

#[tokio::test]
async fn too_many_requests_with_and_without_retry_after() -> Result<()> {
    let sandbox = all_knowing().await?;
    for vendor in Vendor::ALL {
        for retry_after_s in [Some(7), None] {
            sandbox.script(once(vendor, Fault::RateLimited { retry_after_s }))?;
            let answer = question(&sandbox, vendor, &ann()).send().await?;
            assert_eq!(answer.status(), 429, "{vendor}");
            let header = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
            assert_eq!(header.map(str::to_owned), retry_after_s.map(|_| "7".to_owned()), "{vendor}");
        }
        assert_eq!(owed(&sandbox, vendor), 0);
    }
    Ok(())
}

#[tokio::test]
async fn account_stops_in_the_vendors_words() -> Result<()> {
    let sandbox = all_knowing().await?;
    for (vendor, reason, status, words) in [
        (Vendor::Melissa, StopReason::Balance, 200, "GE14"),
        (Vendor::BatchData, StopReason::Balance, 402, "Insufficient balance"),
        (Vendor::BatchData, StopReason::AccountDisabled, 403, "Account is disabled"),
        (Vendor::BatchData, StopReason::TokenDisabled, 403, "Token is disabled"),
        (Vendor::RealEstateApi, StopReason::Balance, 402, "Insufficient credits"),
        (Vendor::Apollo, StopReason::TokenDisabled, 403, "API_INACCESSIBLE"),
        (Vendor::Twilio, StopReason::AccountDisabled, 403, "Account not active"),
        (Vendor::SignalHouse, StopReason::AccountDisabled, 403, "Account is not active"),
        (Vendor::Model, StopReason::Balance, 429, "insufficient_quota"),
        (Vendor::Model, StopReason::AccountDisabled, 401, "account_deactivated"),
    ] {
        sandbox.script(once(vendor, Fault::AccountStop { reason }))?;
        let answer = question(&sandbox, vendor, &ann()).send().await?;
        assert_eq!(answer.status(), status, "{vendor}");
        let text = answer.text().await?;
        assert!(text.contains(words), "{vendor}: {text}");
        assert_eq!(owed(&sandbox, vendor), 0);
    }
    Ok(())
}

#[tokio::test]
async fn outages_often_speak_html() -> Result<()> {
    let sandbox = all_knowing().await?;
    for vendor in Vendor::ALL {
        for status in [500, 502, 503, 504] {
            sandbox.script(once(vendor, Fault::Outage { status }))?;
            let answer = question(&sandbox, vendor, &ann()).send().await?;
            assert_eq!(answer.status(), status, "{vendor}");
            let text = answer.text().await?;
            assert!(status == 500 || text.starts_with("<html>"), "{vendor} {status}: {text}");
        }
    }
    assert_eq!(sandbox.ledger().micro_dollars, 0);
    Ok(())
}

#[tokio::test]
async fn slow_is_billed_before_it_is_answered() -> Result<()> {
    let sandbox = all_knowing().await?;
    for vendor in Vendor::ALL {
        sandbox.script(once(vendor, Fault::Slow { ms: 300 }))?;
        let began = Instant::now();
        assert_eq!(question(&sandbox, vendor, &ann()).send().await?.status(), well(vendor));
        assert!(began.elapsed() >= Duration::from_millis(300), "{vendor}");
        assert!(owed(&sandbox, vendor) > 0, "{vendor}");
    }
    Ok(())
}

#[tokio::test]
async fn who_gives_up_waiting_has_been_billed() -> Result<()> {
    let sandbox = all_knowing().await?;
    for vendor in Vendor::ALL {
        sandbox.script(once(vendor, Fault::Hung { processed: true }))?;
        let waiting = tokio::spawn(question(&sandbox, vendor, &ann()).send());
        until("it is billed", || owed(&sandbox, vendor) > 0).await;
        assert!(!waiting.is_finished(), "{vendor}");
        waiting.abort();
        until("it is gone", || sandbox.ledger().vendor(vendor).concurrent == 0).await;
        assert!(sandbox.ledger().vendor(vendor).answers.is_empty(), "{vendor}");
    }
    Ok(())
}

#[tokio::test]
async fn cut_after_accepting_is_billed_unless_ordered_otherwise() -> Result<()> {
    let sandbox = all_knowing().await?;
    for vendor in Vendor::ALL {
        for processed in [false, true] {
            sandbox.script(once(vendor, Fault::Cut { processed }))?;
            let error = question(&sandbox, vendor, &ann()).send().await.expect_err("no answer");
            assert!(!error.is_timeout() && !error.is_connect(), "{vendor}: {error:?}");
            assert_eq!(owed(&sandbox, vendor) > 0, processed, "{vendor}");
        }
        let book = sandbox.ledger().vendor(vendor).clone();
        assert_eq!((book.requests, book.faults.get("cut")), (2, Some(&2)), "{vendor}: asked once each");
        assert!(book.answers.is_empty(), "{vendor}");
        // Asked again, it is paid again: the vendor knows of no idempotency.
        assert_eq!(question(&sandbox, vendor, &ann()).send().await?.status(), well(vendor));
        assert_eq!(sandbox.ledger().vendor(vendor).paid_again().len(), 1, "{vendor}");
    }
    Ok(())
}

#[tokio::test]
async fn malformed_is_billed() -> Result<()> {
    let sandbox = all_knowing().await?;
    for vendor in Vendor::ALL {
        sandbox.script(once(vendor, Fault::Malformed))?;
        let answer = question(&sandbox, vendor, &ann()).send().await?;
        assert_eq!(answer.status(), well(vendor));
        let text = answer.text().await?;
        assert!(
            text.starts_with('{') && serde_json::from_str::<serde_json::Value>(&text).is_err(),
            "{vendor}"
        );
        assert!(owed(&sandbox, vendor) > 0);
    }
    Ok(())
}

#[tokio::test]
async fn a_200_may_hold_an_error() -> Result<()> {
    let sandbox = all_knowing().await?;
    for vendor in Vendor::ALL {
        sandbox.script(once(vendor, Fault::ErrorInside))?;
        let (status, wrong) = ask(&sandbox, vendor, &ann()).await?;
        assert_eq!(status, well(vendor), "{vendor}");
        assert_eq!(owed(&sandbox, vendor), 0, "{vendor}");
        assert_ne!(ask(&sandbox, vendor, &ann()).await?.1, wrong, "{vendor}");
    }
    Ok(())
}

#[tokio::test]
async fn a_stranger_is_a_match_and_billed() -> Result<()> {
    let sandbox = all_knowing().await?;
    for vendor in [Vendor::Melissa, Vendor::BatchData, Vendor::RealEstateApi, Vendor::Apollo] {
        let (_, right) = ask(&sandbox, vendor, &ann()).await?;
        sandbox.script(once(vendor, Fault::WrongPerson))?;
        let (status, wrong) = ask(&sandbox, vendor, &ann()).await?;
        assert_eq!(status, 200);
        assert!(right.to_string().contains("Ann Doyle"), "{vendor}");
        assert_ne!(wrong, right, "{vendor}");
        assert_eq!(sandbox.ledger().vendor(vendor).paid_again().len(), 1, "{vendor}");
    }
    Ok(())
}

#[tokio::test]
async fn scripts_happen_in_order_and_are_used_up() -> Result<()> {
    let sandbox = all_knowing().await?;
    let vendor = Vendor::BatchData;
    sandbox.script(Script::new(Fault::Outage { status: 503 }).at(vendor).times(2))?;
    sandbox.script(once(vendor, Fault::RateLimited { retry_after_s: None }))?;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(question(&sandbox, vendor, &ann()).send().await?.status().as_u16());
    }
    assert_eq!(statuses, [503, 503, 429, 200, 200]);
    let happened: Vec<u64> = sandbox.faults().iter().map(|state| state.happened).collect();
    assert_eq!(happened, [2, 1]);
    Ok(())
}

#[tokio::test]
async fn a_script_may_be_for_one_who_is_asked_about() -> Result<()> {
    let sandbox = all_knowing().await?;
    for (vendor, text) in [(Vendor::BatchData, "7 Pine St"), (Vendor::Apollo, "ann7@pine.example")] {
        sandbox.script(Script::new(Fault::Outage { status: 500 }).at(vendor).containing(text))?;
        for number in [1, 7, 2] {
            let status = question(&sandbox, vendor, &numbered(number)).send().await?.status();
            assert_eq!(status == 500, number == 7, "{vendor} {number}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_rate_is_kept_and_the_same_each_time() -> Result<()> {
    let mut patterns = Vec::new();
    for _ in 0..2 {
        let sandbox = all_knowing().await?;
        sandbox.script(Script::new(Fault::Outage { status: 503 }).at(Vendor::Twilio).rate(0.25))?;
        let mut pattern = Vec::new();
        for _ in 0..200 {
            pattern.push(question(&sandbox, Vendor::Twilio, &ann()).send().await?.status() == 503);
        }
        let failed = pattern.iter().filter(|failed| **failed).count();
        assert!((25..75).contains(&failed), "{failed} of 200");
        patterns.push(pattern);
    }
    assert_eq!(patterns[0], patterns[1]);
    Ok(())
}

#[tokio::test]
async fn a_fault_for_all_comes_to_those_it_can_happen_to() -> Result<()> {
    let sandbox = all_knowing().await?;
    sandbox.script(Script::new(Fault::WrongPerson))?;
    let (_, answer) = ask(&sandbox, Vendor::Twilio, &ann()).await?;
    assert_eq!(answer["valid"], true);
    assert_eq!(sandbox.faults()[0].happened, 0);
    ask(&sandbox, Vendor::BatchData, &ann()).await?;
    assert_eq!(sandbox.faults()[0].happened, 1);
    Ok(())
}
