//! What reading addresses must get right.

use super::*;
use proptest::prelude::*;

fn check(line: &str, street: &str, unit: &str) {
    check_lines([line, ""], street, unit);
}

fn check_lines([line1, line2]: [&str; 2], street: &str, unit: &str) {
    let parsed = parse_street(line1, line2, "South Bend");
    let got = (parsed.street.as_deref().unwrap_or(""), parsed.unit.as_deref().unwrap_or(""));
    assert_eq!(got, (street, unit), "{line1:?} {line2:?}");
}

#[test]
fn streets() {
    check("6649 N Blue Gum St", "6649 N BLUE GUM ST", "");
    check("6649 North Blue Gum Street", "6649 N BLUE GUM ST", "");
    check("327 W  MARION ST.", "327 W MARION ST", "");
    check("327 W Marion St, South Bend, Indiana, 46601", "327 W MARION ST", "");
    check("100 North St", "100 NORTH ST", "");
    check("100 Main Street North", "100 MAIN ST N", "");
    check("100 Main St. N.W.", "100 MAIN ST NW", "");
    check("13419 DUCHIN ROAD", "13419 DUCHIN RD", "");
    check("8121 GEORGIA AVENUE", "8121 GEORGIA AVE", "");
    check("1 Park Avenue Circle", "1 PARK AVENUE CIR", "");
    check("12 Highway 6", "12 HIGHWAY 6", "");
    check("100 Front St", "100 FRONT ST", "");
    check("100 Avenue B", "100 AVENUE B", "");
    check("12 Broadway", "12 BROADWAY", "");
    check("12-34 Main St", "12-34 MAIN ST", "");
    check("100 1/2 O'Brien Ave", "100 1/2 OBRIEN AVE", "");
    check("N/A", "", "");
}

#[test]
fn units() {
    check("1030 HAMPTON PARK BLVD. SUITE 100", "1030 HAMPTON PARK BLVD", "STE 100");
    check("8 W Cerritos Ave #54", "8 W CERRITOS AVE", "# 54");
    check("5600 W CHICAGO AVE # 1ST", "5600 W CHICAGO AVE", "# 1ST");
    check("5811 W CHICAGO AVE  1ST", "5811 W CHICAGO AVE", "# 1ST");
    check("4316 HICKORY RD. 1A", "4316 HICKORY RD", "# 1A");
    check("100 County Road 5", "100 COUNTY ROAD 5", "");
    check("100 Main St, Apt B", "100 MAIN ST", "APT B");
    check("100 Main St 2nd Floor", "100 MAIN ST", "FL 2");
    check("100 Main St Bldg 4 Ste # 200", "100 MAIN ST", "BLDG 4 STE 200");
    check("100 Main St Rear", "100 MAIN ST", "REAR");
    check("Suite 200, 123 Main Street", "123 MAIN ST", "STE 200");
    check("100 Key Largo Dr", "100 KEY LARGO DR", "");
    check("100 Space Center Blvd", "100 SPACE CENTER BLVD", "");
    check_lines(["100 Main St", "Suite 5"], "100 MAIN ST", "STE 5");
    check_lines(["100 Main St", "200"], "100 MAIN ST", "# 200");
    check_lines(["Tower Building", "100 Main St Unit 3"], "100 MAIN ST", "UNIT 3");
    check_lines(["", "100 Main St"], "100 MAIN ST", "");
    check_lines(["Attn: John", "100 Main St"], "100 MAIN ST", "");
}

#[test]
fn boxes() {
    for text in
        ["P.O. Box 12", "PO BOX 12", "Post Office Box 12", "P O Box 12", "POB 12", "Box 12", "P.O. Box #12"]
    {
        check(text, "PO BOX 12", "");
    }
    check("Rural Route 2 Box 5", "RR 2 BOX 5", "");
    check("100 Boxwood Ln", "100 BOXWOOD LN", "");
}

#[test]
fn places() {
    assert_eq!(parse_city("SOUTH BEND").as_deref(), Some("South Bend"));
    assert_eq!(parse_city("ST. LOUIS").as_deref(), Some("St Louis"));
    assert_eq!(parse_city("Niles, MI").as_deref(), Some("Niles"));
    assert_eq!(parse_city("N/A"), None);
    assert_eq!(parse_county("PRINCE GEORGE'S COUNTY").as_deref(), Some("Prince George's"));
    assert_eq!(parse_county("Orleans Parish").as_deref(), Some("Orleans"));
    assert_eq!(parse_county("031"), None);
}

/// Values by `compute_addr_hash`, computed apart: `printf '327WMARIONST|SOUTHBEND|IN|46601' | sha256sum`.
#[test]
fn the_hash_is_that_of_sql() {
    let plain = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(b"327WMARIONST|SOUTHBEND|IN|46601"));
    assert_eq!(address_hash("327 W. Marion St.", "South Bend", "in", "46601-1234").hex(), plain);
    let short = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(b"||NJ|08014"));
    assert_eq!(address_hash("", "", "NJ", "8014").hex(), short);
    let none = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(b"|||"));
    assert_eq!(address_hash("", "", "", "123").hex(), none);
    let long = "A".repeat(200);
    let expected = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(format!("{long}|||").as_bytes()));
    assert_eq!(address_hash(&long, "", "", "").hex(), expected);
}

proptest! {
    #[test]
    fn no_text_panics(a in any::<String>(), b in any::<String>()) {
        let _ = (parse_street(&a, &b, &b), parse_city(&a), parse_county(&a), address_hash(&a, &b, &a, &b));
    }

    #[test]
    fn a_normalized_street_stays(line in "[0-9]{0,4}( (North|N|W|Main|Park|AVENUE|St|Court|Suite|#|Rear|FL|2nd|Floor|Unit|B|PO|Box|12|Key|1/2|SE)){1,6}") {
        let once = parse_street(&line, "", "");
        if let Some(street) = &once.street {
            let again = parse_street(street, "", "");
            prop_assert_eq!(again.street.as_ref(), Some(street), "{:?}", line);
            prop_assert_eq!(again.unit, None, "{:?}", line);
        }
    }

    #[test]
    fn a_normalized_unit_stays(line in "[1-9][0-9]{0,3} (Main|Front|2nd|Key West) (St|Park)( North)?,? (#|Ste|Suite #|Apt|BUILDING 2 UNIT|2nd Floor|Rear|Floor) ?[A-D1-9]?[0-9]?") {
        let once = parse_street(&line, "", "");
        if let Some(unit) = &once.unit {
            let again = parse_street("1 MAIN ST", unit, "");
            prop_assert_eq!(again.unit.as_ref(), Some(unit), "{:?}", line);
        }
    }

    #[test]
    fn a_normalized_city_stays(cell in any::<String>()) {
        if let Some(city) = parse_city(&cell) {
            prop_assert_eq!(parse_city(&city), Some(city));
        }
        if let Some(county) = parse_county(&cell) {
            prop_assert_eq!(parse_city(&county), Some(county));
        }
    }
}
