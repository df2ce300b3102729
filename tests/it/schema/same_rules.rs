//! Rules that stand in SQL and in Rust say the same.

use anyhow::Result;
use domain::address::address_hash;
use domain::geo::Zip;
use domain::id::{DataSourceId, RowIds, TypedId as _};
use domain::segment::{BLOCK_MAXIMUM, Cell, plan};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use tests::{Services, TestDb};
use uuid::Uuid;

/// How many of each are tried.
const TRIES: usize = 5_000;
const SEED: u64 = 20_261_122;

/// What lists have in their addresses, and letters whose upper case, width or kind is a trap: ß is SS in upper case,
/// dotless ı and long ſ are ASCII then, the Kelvin sign looks like a K, full-width digits like digits.
const PIECES: [&str; 40] = [
    "327", "W.", "Marion", "st", "Suite #", "4-B", "1/2", "O'Brien", "P.O. Box", "  ", "\t", "\n", "|", "_",
    "-", ",", "é", "ñ", "Ñ", "ü", "ß", "ẞ", "ı", "İ", "ſ", "ﬁ", "ŉ", "\u{212a}", "Å", "µ", "Ａ", "１", "٣",
    "Ⅷ", "ⓐ", "n\u{303}", "\u{200b}", "🏠", "Z", "a0Z9",
];

const ZIP_PIECES: [&str; 13] =
    ["46601", "1234", "8014", "-", " ", "6789", "00000", "0", "12345678", "x", "１", "٣", "123456789"];

fn text(chance: &mut StdRng, pieces: &[&str], most: usize) -> String {
    (0..chance.random_range(0..=most)).filter_map(|_| pieces.choose(chance).copied()).collect()
}

#[tokio::test]
async fn an_address_has_one_hash() -> Result<()> {
    let copy = TestDb::new(Services::shared().await).await?;
    let database = copy.admin().await?;
    let mut chance = StdRng::seed_from_u64(SEED);
    let addresses: Vec<[String; 4]> = (0..TRIES)
        .map(|_| {
            let zip = text(&mut chance, &ZIP_PIECES, 3);
            // Longer than a block of the hash, too.
            [
                text(&mut chance, &PIECES, 24),
                text(&mut chance, &PIECES, 5),
                text(&mut chance, &PIECES, 2),
                zip,
            ]
        })
        .collect();
    let column = |at: usize| -> Vec<&str> { addresses.iter().map(|address| address[at].as_str()).collect() };
    let in_sql: Vec<(String,)> = sqlx::query_as(
        "SELECT compute_addr_hash(a.line1, a.city, a.state, a.zip) \
           FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) \
                WITH ORDINALITY a (line1, city, state, zip, place) ORDER BY a.place",
    )
    .bind(column(0))
    .bind(column(1))
    .bind(column(2))
    .bind(column(3))
    .fetch_all(database.pool())
    .await?;

    assert_eq!(in_sql.len(), TRIES);
    for ([line, city, state, zip], (hash,)) in addresses.iter().zip(&in_sql) {
        let address = format!("{line:?} {city:?} {state:?} {zip:?}");
        assert_eq!(*hash, address_hash(line, city, state, zip).hex(), "{address}");
    }
    Ok(())
}

/// As lists write them: with +4 or without, and without the leading zero that a spreadsheet ate.
fn written_zip(chance: &mut StdRng) -> String {
    let (five, four) = (format!("{:05}", chance.random_range(1_001..99_951)), chance.random_range(1..10_000));
    let five = if chance.random_bool(0.5) { five.trim_start_matches('0') } else { &five };
    match chance.random_range(0..3) {
        0 => five.to_owned(),
        1 => format!("{five}-{four:04}"),
        _ => format!("{five}{four:04}"),
    }
}

#[tokio::test]
async fn a_zip_has_one_reading() -> Result<()> {
    let copy = TestDb::new(Services::shared().await).await?;
    let database = copy.admin().await?;
    let mut chance = StdRng::seed_from_u64(SEED);
    let zips: Vec<String> = (0..TRIES).map(|_| written_zip(&mut chance)).collect();
    let in_sql: Vec<(Option<String>,)> = sqlx::query_as(
        "SELECT normalize_zip(z.zip) FROM unnest($1::text[]) WITH ORDINALITY z (zip, place) ORDER BY z.place",
    )
    .bind(&zips)
    .fetch_all(database.pool())
    .await?;
    // The reader of lists knows, besides, which prefixes there are.
    let read: Vec<_> =
        zips.iter().zip(in_sql).filter_map(|(zip, sql)| Some((zip, Zip::parse(zip).ok()?, sql.0))).collect();
    assert!(read.len() > TRIES / 2, "only {} ZIPs were any", read.len());
    for (zip, rust, sql) in read {
        assert_eq!(sql.as_deref(), Some(rust.five().as_str()), "{zip}");
    }
    Ok(())
}

#[tokio::test]
async fn an_absent_part_of_an_address_is_an_empty_one() -> Result<()> {
    let copy = TestDb::new(Services::shared().await).await?;
    let database = copy.admin().await?;
    let (absent, empty): (String, String) =
        sqlx::query_as("SELECT compute_addr_hash(NULL, NULL, NULL, NULL), compute_addr_hash('', '', '', '')")
            .fetch_one(database.pool())
            .await?;
    assert_eq!(
        (absent.as_str(), absent.as_str()),
        (empty.as_str(), address_hash("", "", "", "").hex().as_str())
    );
    Ok(())
}

#[tokio::test]
async fn a_row_of_a_file_has_one_id() -> Result<()> {
    let copy = TestDb::new(Services::shared().await).await?;
    let database = copy.admin().await?;
    let mut chance = StdRng::seed_from_u64(SEED);
    let mut rows: Vec<(RowIds, i32)> = (0..TRIES)
        .map(|_| {
            (
                RowIds::of(DataSourceId::from_uuid(Uuid::from_u128(chance.random()))),
                chance.random_range(0..i32::MAX),
            )
        })
        .collect();
    let file = rows[0].0;
    rows.extend([0, 1, i32::MAX].map(|row| (file, row)));
    let in_sql: Vec<(Uuid,)> = sqlx::query_as(
        "SELECT row_uuid(r.prefix, r.row_no) FROM unnest($1::text[], $2::integer[]) \
                WITH ORDINALITY r (prefix, row_no, place) ORDER BY r.place",
    )
    .bind(rows.iter().map(|(file, _)| file.hex_prefix()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, row)| *row).collect::<Vec<_>>())
    .fetch_all(database.pool())
    .await?;
    let in_rust: Vec<(Uuid,)> = rows.iter().map(|(file, row)| (file.row(row.cast_unsigned()),)).collect();
    assert_eq!(in_sql, in_rust);
    Ok(())
}

/// `domain::segment` plans blocks of certain sizes; the database deals a segment's leads out with `ntile`.
#[tokio::test]
async fn blocks_are_dealt_out_as_they_were_planned() -> Result<()> {
    let copy = TestDb::new(Services::shared().await).await?;
    let database = copy.admin().await?;
    let mut chance = StdRng::seed_from_u64(SEED);
    let mut segments: Vec<u64> =
        [1, BLOCK_MAXIMUM - 1, BLOCK_MAXIMUM, BLOCK_MAXIMUM + 1, 2 * BLOCK_MAXIMUM, 2 * BLOCK_MAXIMUM + 1]
            .to_vec();
    segments.extend((0..40).map(|_| chance.random_range(1..5 * BLOCK_MAXIMUM)));
    let mut planned = Vec::new();
    for (number, leads) in segments.iter().enumerate() {
        let cell = Cell { group: None::<u8>, state: None, small: false, high_revenue: false, count: *leads };
        let blocks = plan(&[cell], u8::to_string).segments.remove(0).blocks;
        planned.push((number, blocks.into_iter().map(|block| block.leads.cast_signed()).collect::<Vec<_>>()));
    }
    let dealt: Vec<(i64, Vec<i64>)> = sqlx::query_as(
        "SELECT s.number - 1, (SELECT array_agg(leads ORDER BY part) FROM \
             (SELECT part, count(*) AS leads FROM \
                 (SELECT ntile(s.parts) OVER (ORDER BY lead) AS part FROM generate_series(1, s.leads) lead) d \
               GROUP BY part) b) \
           FROM unnest($1::bigint[], $2::integer[]) WITH ORDINALITY s (leads, parts, number) ORDER BY 1",
    )
    .bind(segments.iter().map(|leads| leads.cast_signed()).collect::<Vec<_>>())
    .bind(planned.iter().map(|(_, blocks)| i32::try_from(blocks.len())).collect::<Result<Vec<_>, _>>()?)
    .fetch_all(database.pool())
    .await?;
    let planned: Vec<(i64, Vec<i64>)> = planned
        .into_iter()
        .map(|(number, blocks)| Ok((i64::try_from(number)?, blocks)))
        .collect::<Result<_>>()?;
    assert_eq!(dealt, planned);
    Ok(())
}
