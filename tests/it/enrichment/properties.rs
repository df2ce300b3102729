//! Records of vendors' lists become leads once, by any of their keys.

use anyhow::Result;
use domain::address::address_hash;
use domain::id::{LeadId, TypedId as _};
use entities::enrichment::property::{self, FoundProperty};
use entities::pull::{self, VendorRecord};
use futures::future::try_join_all;

use super::scene::Scene;

fn record() -> VendorRecord {
    let some = |text: &str| Some(text.to_owned());
    VendorRecord {
        vendor_record_id: some("v1"),
        address_line1: some("327 W. Marion St."),
        address_line2: some("Apt 2"),
        city: some("South Bend"),
        state: some("in"),
        postal_code: some("46601-1234"),
        county: some("St Joseph"),
        apn: some("18-7012-0345"),
        owner_full_name: some("Ann Marie Lee"),
        property_value: Some(250_000),
        estimated_equity: Some(120_000),
        age: Some(65),
        ..VendorRecord::default()
    }
}

async fn upsert(scene: &Scene, source: &str, record: &VendorRecord) -> Result<(LeadId, bool)> {
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let upserted = pull::upsert(&mut tx, source, record).await?;
    tx.commit().await?;
    Ok((upserted.lead, upserted.created))
}

#[tokio::test]
async fn a_record_is_known_by_any_of_its_keys() -> Result<()> {
    let scene = Scene::new().await?;
    let mak = VendorRecord { mak: Some("8008070202".to_owned()), ..record() };
    let (lead, created) = upsert(&scene, "batchdata", &mak).await?;
    assert!(created);
    let seen = |_: ()| async {
        let sql = "SELECT last_seen_at > first_seen_at FROM leads";
        anyhow::Ok(sqlx::query_scalar::<_, bool>(sql).fetch_one(scene.admin.pool()).await?)
    };
    assert!(!seen(()).await?);
    let elsewhere =
        VendorRecord { address_line1: Some("9 Elm St".to_owned()), apn: None, mak: None, ..mak.clone() };
    for (source, same) in [
        ("batchdata", elsewhere.clone()),
        ("realestateapi", VendorRecord { vendor_record_id: Some("r7".to_owned()), apn: None, ..record() }),
        (
            "realestateapi",
            VendorRecord {
                vendor_record_id: Some("r8".to_owned()),
                address_line1: Some("327 w marion st".to_owned()),
                apn: None,
                ..record()
            },
        ),
        (
            "realestateapi",
            VendorRecord { vendor_record_id: None, address_line1: None, apn: None, ..mak.clone() },
        ),
        ("realestateapi", VendorRecord { vendor_record_id: None, address_line1: None, ..record() }),
    ] {
        assert_eq!(upsert(&scene, source, &same).await?, (lead, false), "{source}");
        assert!(seen(()).await?);
    }
    let other_vendor = VendorRecord { vendor_record_id: Some("v1".to_owned()), ..elsewhere };
    let (another, created) = upsert(&scene, "realestateapi", &other_vendor).await?;
    assert!(created && another != lead, "two vendors count from 1 each");
    let other_county = VendorRecord {
        vendor_record_id: None,
        address_line1: None,
        county: Some("Elkhart".to_owned()),
        ..record()
    };
    assert!(upsert(&scene, "batchdata", &other_county).await?.1, "parcels are numbered by county");

    let keyless = VendorRecord { city: Some("Austin".to_owned()), ..VendorRecord::default() };
    assert!(upsert(&scene, "batchdata", &keyless).await.is_err());
    Ok(())
}

#[tokio::test]
async fn of_many_who_bring_one_record_one_makes_it() -> Result<()> {
    let scene = Scene::with(12).await?;
    for round in 0..5 {
        let records: Vec<VendorRecord> = (0..12)
            .map(|worker| VendorRecord {
                vendor_record_id: Some(format!("{round}-{worker}")),
                address_line1: Some(format!("{round} Main St")),
                apn: None,
                ..record()
            })
            .collect();
        let made = try_join_all(records.iter().map(|record| upsert(&scene, "batchdata", record))).await?;
        assert_eq!(made.iter().filter(|(_, created)| *created).count(), 1, "{made:?}");
        assert!(made.iter().all(|(lead, _)| *lead == made[0].0));
    }
    let (leads, people, properties): (i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM leads), (SELECT count(*) FROM personas), (SELECT count(*) FROM properties)",
    )
    .fetch_one(scene.admin.pool())
    .await?;
    assert_eq!((leads, people, properties), (5, 5, 5), "nobody is left over");
    Ok(())
}

#[tokio::test]
async fn the_trigger_hashes_as_the_program_does_and_leaves_a_given_hash() -> Result<()> {
    let scene = Scene::new().await?;
    let lead = scene.nobody(0).await?;
    let hash = async |lead: LeadId| -> Result<Option<Vec<u8>>> {
        let sql = "SELECT addr_hash FROM leads WHERE id = $1";
        Ok(sqlx::query_scalar(sql).bind(lead.uuid()).fetch_one(scene.admin.pool()).await?)
    };
    assert_eq!(hash(lead).await?, None, "no street, no hash");
    sqlx::query(
        "UPDATE leads SET street = '9 Elm St', unit = '#4', city = 'Austin', state = 'TX', zip5 = '78701'",
    )
    .execute(scene.admin.pool())
    .await?;
    let expected = address_hash("9 Elm St #4", "Austin", "TX", "78701");
    assert_eq!(hash(lead).await?.as_deref(), Some(expected.as_bytes().as_slice()));
    sqlx::query("UPDATE leads SET street = '10 Elm St'").execute(scene.admin.pool()).await?;
    assert_eq!(
        hash(lead).await?.as_deref(),
        Some(expected.as_bytes().as_slice()),
        "only where it is missing"
    );
    Ok(())
}

#[tokio::test]
async fn what_a_vendor_says_of_a_property_fills_gaps_and_takes_no_key_of_another() -> Result<()> {
    let scene = Scene::new().await?;
    let (lead, _) = upsert(&scene, "batchdata", &record()).await?;
    let next_door = VendorRecord {
        vendor_record_id: Some("v2".to_owned()),
        address_line1: Some("2 Elm".to_owned()),
        apn: None,
        ..record()
    };
    let (other, _) = upsert(&scene, "batchdata", &next_door).await?;
    let mak = Some("8008070202".to_owned());
    let mut tx = scene.db.team_bulk(scene.team).await?;
    let found = FoundProperty { mak: mak.clone(), owner_occupied: Some(true), ..FoundProperty::default() };
    assert!(property::update(&mut tx, lead, "melissa", &found).await?);
    let found = FoundProperty { mak, value: Some(1), apn: record().apn, ..FoundProperty::default() };
    assert!(property::update(&mut tx, other, "melissa", &found).await?);
    tx.commit().await?;
    let quality = |lead: LeadId| {
        sqlx::query_scalar::<_, i32>(
            "SELECT compute_quality_score($1)::integer FROM set_config('app.team', $2, false)",
        )
        .bind(lead.uuid())
        .bind(scene.team.uuid().to_string())
        .fetch_one(scene.admin.pool())
    };
    assert_eq!(quality(lead).await?, 30, "keys, occupied, demographics");
    assert_eq!(quality(other).await?, 0);
    let keys: Vec<(Option<String>, Option<String>)> =
        sqlx::query_as("SELECT mak, apn FROM leads WHERE id = $1")
            .bind(other.uuid())
            .fetch_all(scene.admin.pool())
            .await?;
    assert_eq!(keys, [(None, None)], "both are the other lead's");
    Ok(())
}
