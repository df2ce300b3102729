//! Who lives there: the same seed, the same people; one world behind all vendors.

use std::collections::BTreeSet;

use anyhow::Result;
use sandbox::{Identity, Introduction, LineKind, Sandbox, Settings, Vendor};
use serde_json::Value;

use crate::asking::{all_knowing, ann, ask, introduce_ann, numbered, texts};

async fn seeded(seed: u64) -> Result<Sandbox> {
    Ok(Sandbox::start(Settings { seed, ..Settings::default() }).await?)
}

#[tokio::test]
async fn the_same_seed_makes_the_same_people() -> Result<()> {
    let (one, same, other) = (seeded(5).await?, seeded(5).await?, seeded(6).await?);
    let mut differ = 0;
    for number in 0..20 {
        for vendor in [Vendor::Melissa, Vendor::BatchData, Vendor::RealEstateApi, Vendor::Apollo] {
            let who = numbered(number);
            let answer = ask(&one, vendor, &who).await?;
            assert_eq!(answer, ask(&same, vendor, &who).await?);
            differ += u32::from(answer != ask(&other, vendor, &who).await?);
        }
    }
    assert!(differ > 60, "{differ} of 80 answers differ with another seed");
    Ok(())
}

#[tokio::test]
async fn vendors_speak_of_the_same_person_and_know_different_parts() -> Result<()> {
    let sandbox = all_knowing().await?;
    let mut more_than_another = 0;
    for number in 0..30 {
        let who = Identity { email: String::new(), domain: String::new(), ..numbered(number) };
        let truth = sandbox.world().person(&who).expect("somebody");
        let all: BTreeSet<&str> = truth.lines.iter().map(|line| line.number.as_str()).collect();
        let (_, batchdata) = ask(&sandbox, Vendor::BatchData, &who).await?;
        let people = batchdata["result"]["data"][0]["persons"].as_array().expect("persons");
        let ann = people.iter().find(|person| person["name"]["first"] == "Ann").expect("Ann");
        let (_, realestateapi) = ask(&sandbox, Vendor::RealEstateApi, &who).await?;
        let here: BTreeSet<&str> = texts(&ann["phones"], "number").into_iter().collect();
        let there: BTreeSet<&str> =
            texts(&realestateapi["data"][0]["data"]["phones"], "phone").into_iter().collect();
        assert!(here.is_subset(&all) && there.is_subset(&all));
        more_than_another += u32::from(here != there);
    }
    assert!(more_than_another > 5, "{more_than_another}");
    Ok(())
}

#[tokio::test]
async fn the_lookup_agrees_with_those_who_told_the_number() -> Result<()> {
    let sandbox = all_knowing().await?;
    introduce_ann(&sandbox);
    let (_, answer) = ask(&sandbox, Vendor::Twilio, &ann()).await?;
    assert_eq!(answer["line_type_intelligence"]["type"], "mobile");
    for number in 0..30 {
        for line in sandbox.world().person(&numbered(number)).expect("somebody").lines {
            assert_eq!(sandbox.world().line(&line.number), line);
        }
    }
    Ok(())
}

#[tokio::test]
async fn hit_rates_are_kept() -> Result<()> {
    let mut settings = Settings::default();
    settings.vendor_mut(Vendor::BatchData).hit_rate = 0.3;
    let sandbox = Sandbox::start(settings).await?;
    let world = sandbox.world();
    let people = (0..1_000).filter_map(|number| world.person(&numbered(number)));
    let known = people.filter(|person| world.knows(Vendor::BatchData, person)).count();
    assert!((250..350).contains(&known), "{known}");
    Ok(())
}

#[tokio::test]
async fn namesakes_at_two_places_are_two_people() -> Result<()> {
    let sandbox = all_knowing().await?;
    let person = |number| sandbox.world().person(&numbered(number)).expect("somebody");
    assert_ne!(person(1).lines, person(2).lines);
    Ok(())
}

#[tokio::test]
async fn numbers_are_hardly_ever_shared() -> Result<()> {
    let sandbox = all_knowing().await?;
    let (mut seen, mut all) = (BTreeSet::new(), 0);
    for number in 0..5_000 {
        for line in sandbox.world().person(&numbered(number)).expect("somebody").lines {
            all += 1;
            seen.insert(line.number);
        }
    }
    assert!(all - seen.len() < 60, "{} of {all} are shared", all - seen.len());
    Ok(())
}

#[tokio::test]
async fn who_is_introduced_is_one_person_to_everybody() -> Result<()> {
    let sandbox = all_knowing().await?;
    introduce_ann(&sandbox);
    // Melissa is told an address, Apollo an e-mail address and a firm.
    let (_, melissa) = ask(&sandbox, Vendor::Melissa, &ann()).await?;
    let (_, apollo) = ask(&sandbox, Vendor::Apollo, &ann()).await?;
    assert_eq!(melissa["Records"][0]["EmailAddress"], "ann@doylebakery.example");
    assert_eq!(apollo["person"]["email"], "ann@doylebakery.example");
    Ok(())
}

#[tokio::test]
async fn an_introduction_says_who_knows_whom_and_what_is_true() -> Result<()> {
    let sandbox = all_knowing().await?;
    let introduction = Introduction {
        identity: ann(),
        deceased: Some(true),
        litigator: Some(true),
        known_to: Some(vec![Vendor::BatchData]),
        ..Introduction::default()
    };
    let person = sandbox.world().introduce(introduction).expect("somebody");
    assert!(!person.lines.is_empty(), "the rest is made up");
    let (_, answer) = ask(&sandbox, Vendor::BatchData, &ann()).await?;
    let people = answer["result"]["data"][0]["persons"].as_array().expect("persons");
    let found = people.iter().find(|person| person["name"]["full"] == "Ann Doyle").expect("Ann");
    assert_eq!((&found["deceased"], &found["litigator"]), (&Value::Bool(true), &Value::Bool(true)));
    let (_, answer) = ask(&sandbox, Vendor::Apollo, &ann()).await?;
    assert_eq!(answer["person"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn there_are_all_kinds() -> Result<()> {
    let sandbox = all_knowing().await?;
    let people: Vec<_> = (0..2_000).filter_map(|number| sandbox.world().person(&numbered(number))).collect();
    let lines = || people.iter().flat_map(|person| &person.lines);
    for kind in [LineKind::Mobile, LineKind::Landline, LineKind::FixedVoip, LineKind::NonFixedVoip] {
        assert!(lines().any(|line| line.kind == kind), "{kind:?}");
    }
    assert!(
        lines().any(|line| line.dnc) && lines().any(|line| line.tcpa) && lines().any(|line| !line.connected)
    );
    assert!(people.iter().any(|person| person.deceased) && people.iter().any(|person| person.litigator));
    assert!(
        people.iter().any(|person| person.age >= 62)
            && people.iter().any(|person| person.seniority == "owner")
    );
    assert!(people.iter().any(|person| person.property.mailing.is_some()));
    Ok(())
}
