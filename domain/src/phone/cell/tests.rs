//! What reading cells with phones must get right.

use super::*;
use proptest::prelude::*;

fn check(text: &str, area_code: &str, expected: &str) {
    let parsed = parse_phone(text, area_code).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    let mut got = parsed.phone.expose().to_owned();
    if let Some(extension) = &parsed.extension {
        got = format!("{got} x{extension}");
    }
    if let Some(second) = parsed.second {
        got = format!("{got} / {}", second.expose());
    }
    assert_eq!(got, expected, "{text:?}");
}

fn refuse(text: &str, expected: PhoneError) {
    assert_eq!(
        parse_phone(text, "").map(|parsed| parsed.phone.expose().to_owned()),
        Err(expected),
        "{text:?}"
    );
}

#[test]
fn the_shapes_of_lists() {
    for shape in [
        "504-621-8927",
        "5046218927",
        "(504) 621-8927",
        "504.621.8927",
        "1-504-621-8927",
        "+1 504 621 8927",
        "+15046218927",
        "504/621-8927",
        "1 (504)621-8927",
        " 504 621 8927 ",
        "tel: 504-621-8927",
        "504–621–8927",
        "５０４6218927",
        "504-621-8927 (cell)",
        "Main 504-621-8927",
        "+1 (504) 621-8927;",
    ] {
        check(shape, "", "+15046218927");
    }
}

#[test]
fn area_code_in_its_own_column() {
    check("621-8927", "504", "+15046218927");
    check("6218927", "(504)", "+15046218927");
    check("621-8927 x4", "504.0", "+15046218927 x4");
    check("504-621-8927", "985", "+15046218927");
    refuse("621-8927", PhoneError::NoAreaCode);
}

#[test]
fn extensions_are_kept_apart() {
    check("504-621-8927 x123", "", "+15046218927 x123");
    check("504-621-8927 ext. 12", "", "+15046218927 x12");
    check("(504)621-8927#5", "", "+15046218927 x5");
    check("5046218927 Extension 4411", "", "+15046218927 x4411");
    check("504-621-8927, ext 7", "", "+15046218927 x7");
}

#[test]
fn several_numbers_in_one_cell() {
    check("504-621-8927 / 504-845-1427", "", "+15046218927 / +15048451427");
    check("621-8927 / 845-1427", "504", "+15046218927 / +15048451427");
    check("504-621-8927;5048451427", "", "+15046218927 / +15048451427");
    check("504-621-8927 or 504-845-1427 x2", "", "+15046218927 / +15048451427");
    check("5046218927 5048451427", "", "+15046218927 / +15048451427");
    check("504-621-8927, 504-845-1427", "", "+15046218927 / +15048451427");
    check("000-0000 / 504-845-1427", "", "+15048451427");
    check("504-621-8927 & 504-621-8927", "", "+15046218927");
}

#[test]
fn vanity_letters() {
    check("1-800-FLOWERS", "", "+18003569377");
    check("800-GOT-JUNK", "", "+18004685865");
    check("1-800-CONTACTS", "", "+18002668228");
    check("1-800-FLOWERS ext 5", "", "+18003569377 x5");
}

#[test]
fn numbers_that_cannot_be() {
    refuse("", PhoneError::Empty);
    refuse("call me", PhoneError::NotANumber);
    refuse("000-0000", PhoneError::NoAreaCode);
    refuse("000-000-0000", PhoneError::Filler);
    refuse("1111111111", PhoneError::Filler);
    refuse("999-999-9999", PhoneError::Filler);
    refuse("123-456-7890", PhoneError::Filler);
    refuse("012-345-6789", PhoneError::Filler);
    refuse("104-621-8927", PhoneError::ImpossibleAreaCode);
    refuse("911-621-8927", PhoneError::ImpossibleAreaCode);
    refuse("594-621-8927", PhoneError::ImpossibleAreaCode);
    refuse("504-121-8927", PhoneError::ImpossibleExchange);
    refuse("504-911-8927", PhoneError::ImpossibleExchange);
    refuse("504-62", PhoneError::TooShort(5));
    refuse("50462189271234", PhoneError::TooLong(14));
    refuse("+44 20 7946 0958", PhoneError::Foreign);
    refuse("011 44 20 7946 0958", PhoneError::Foreign);
}

#[test]
fn classes_and_remarks() {
    let phone = |text: &str| parse_phone(text, "").unwrap_or_else(|error| panic!("{text}: {error}")).phone;
    assert_eq!(phone("800-621-8927").class(), PhoneClass::TollFree);
    assert_eq!(phone("833-621-8927").class(), PhoneClass::TollFree);
    assert_eq!(phone("900-621-8927").class(), PhoneClass::Premium);
    assert_eq!(phone("504-976-8927").class(), PhoneClass::Premium);
    assert_eq!(phone("504-621-8927").class(), PhoneClass::Standard);
    assert!(phone("504-555-0123").is_fictitious() && phone("504-555-1212").is_fictitious());
    assert!(!phone("504-555-0223").is_fictitious());
    assert!(phone("436-621-8927").has_unassigned_area_code());
    assert!(!phone("504-621-8927").has_unassigned_area_code());
}

#[test]
fn a_number_reads_back_and_hides() {
    let phone = parse_phone("504-621-8927", "").map(|parsed| parsed.phone);
    assert_eq!(phone.as_ref().map(|phone| phone.expose().parse()), Ok(phone));
    assert!(!format!("{:?}", parse_phone("504-621-8927", "")).contains("621"));
    assert_eq!("5046218927".parse::<Phone>(), Err(PhoneError::NotANumber));
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>(), area_code in any::<String>()) {
        let _ = parse_phone(&text, &area_code);
    }

    #[test]
    fn nothing_like_a_number_panics(text in "[0-9 ()+./,;#xet&a-zA-Z-]{0,30}", area_code in "[0-9().-]{0,6}") {
        if let Ok(parsed) = parse_phone(&text, &area_code) {
            let again = parse_phone(parsed.phone.expose(), "").map(|again| again.phone);
            prop_assert_eq!(again, Ok(parsed.phone));
            prop_assert_eq!(parse_phone(parsed.phone.national(), "").map(|again| again.phone), Ok(parsed.phone));
        }
    }

    #[test]
    fn shape_does_not_matter(area in 201u32..999, exchange in 200u32..999, line in 0u32..10_000) {
        let plain = parse_phone(&format!("{area}{exchange}{line:04}"), "");
        prop_assert_eq!(&parse_phone(&format!("({area}) {exchange}-{line:04}"), ""), &plain);
        prop_assert_eq!(&parse_phone(&format!("+1.{area}.{exchange}.{line:04}"), ""), &plain);
        prop_assert_eq!(&parse_phone(&format!("{exchange}-{line:04}"), &area.to_string()), &plain);
    }
}
