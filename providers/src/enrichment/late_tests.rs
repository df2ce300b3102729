//! Later answers, in both of Apollo's forms.

use super::{Charged, EmailStatus, LateError, LineType, ProviderId, later};

const NATIVE: &str = r#"{"status":"success","total_requested_enrichments":1,"unique_enriched_records":1,"missing_records":0,
 "credits_consumed":8,"people":[{"id":"587cf802f65125cad923a266","status":"success","phone_numbers":[
  {"_id":"x","confidence_cd":"high","direct_dial_source_cd":"contact_trusted","dnc_other_info":{"country":"United States"},
   "dnc_status_cd":"not_found","dnc_status_updated_at":"2023-08-15T20:57:53.108+00:00","position":0,
   "raw_number":"+1 512-555-0142","sanitized_number":"+15125550142","status_cd":"valid_number","type_cd":"mobile","id":"i","key":"k"},
  {"position":1,"raw_number":"(512) 555-0123","sanitized_number":null,"status_cd":"invalid_number","type_cd":"work_hq","dnc_status_cd":"federal"},
  {"position":2,"sanitized_number":"+442071838750"},
  {"position":3,"sanitized_number":"+15125550142","type_cd":"other"}]}]}"#;

#[test]
fn the_native_form_names_the_person_and_no_request() {
    let [answer] = later(ProviderId::Apollo, NATIVE.as_bytes()).expect("a delivery").try_into().expect("one");
    assert_eq!(
        (answer.vendor_person_id.as_deref(), answer.request_id),
        (Some("587cf802f65125cad923a266"), None)
    );
    assert_eq!((answer.charged, answer.delivery_credits), (Charged::Yes(800_000), Some(8)));
    let phones: Vec<_> = answer
        .person
        .phones
        .iter()
        .map(|phone| (phone.phone.expose(), phone.line_type, phone.valid, phone.dnc, phone.score))
        .collect();
    assert_eq!(
        phones,
        [
            ("+15125550142", Some(LineType::Mobile), Some(true), Some(false), Some(90)),
            ("+15125550123", None, Some(false), Some(true), None),
        ],
        "one number once, and none that is foreign"
    );
}

#[test]
fn only_mobiles_cost_where_the_credits_say_so() {
    let with = |credits: &str| {
        let body = format!(
            r#"{{"credits_consumed":{credits},"people":[
                {{"id":"a","phone_numbers":[{{"sanitized_number":"+15125550142","type_cd":"mobile"}}]}},
                {{"id":"b","phone_numbers":[{{"sanitized_number":"+15125550123","type_cd":"work_hq"}}]}},
                {{"id":"c","phone_numbers":[{{"sanitized_number":"+15125550124","type_cd":"landline"}}]}}]}}"#
        );
        let answers = later(ProviderId::Apollo, body.as_bytes()).expect("a delivery");
        answers.into_iter().map(|answer| answer.charged).collect::<Vec<_>>()
    };
    let sure = Charged::Yes(800_000);
    assert_eq!(with("8"), [sure, Charged::No, Charged::No]);
    assert_eq!(with("16"), [sure, Charged::Perhaps(800_000), Charged::No], "somebody else was charged for");
    assert_eq!(with("null"), [sure, Charged::Perhaps(800_000), Charged::No], "nobody says");
}

#[test]
fn the_waterfalls_form_names_the_request_in_either_nesting() {
    let contacts = r#""emails":[{"email":"ann@acme.com","email_status_cd":"Verified"}],"phone_numbers":[{"sanitized_number":"+15125550123"}]"#;
    let flat = format!(
        r#"{{"status":"success","target_fields":["phone_numbers"],"records_enriched":1,"request_id":"r-1","people":[{{"id":"p1",{contacts}}}]}}"#
    );
    let nested = format!(r#"{{"request_id":"r-1","people":[{{"id":"p1","waterfall":{{{contacts}}}}}]}}"#);
    for body in [flat, nested] {
        let [answer] =
            later(ProviderId::Apollo, body.as_bytes()).expect("a delivery").try_into().expect("one");
        assert_eq!(
            (answer.request_id.as_deref(), answer.vendor_person_id.as_deref()),
            (Some("r-1"), Some("p1"))
        );
        assert_eq!(answer.person.emails[0].status, Some(EmailStatus::Verified));
        assert_eq!(answer.person.phones[0].phone.expose(), "+15125550123");
    }
}

#[test]
fn twice_is_the_same_twice() {
    let read = || later(ProviderId::Apollo, NATIVE.as_bytes()).expect("a delivery");
    assert_eq!(read(), read());
}

#[test]
fn nothing_found_is_an_answer_and_costs_nothing() {
    let body = br#"{"status":"success","people":[{"id":"p1","status":"success","phone_numbers":[]}]}"#;
    let [answer] = later(ProviderId::Apollo, body).expect("a delivery").try_into().expect("one");
    assert_eq!((answer.charged, answer.person.phones.len()), (Charged::No, 0));
    let [answer] = later(ProviderId::Apollo, br#"{"request_id":"r-1","people":[]}"#)
        .expect("a delivery")
        .try_into()
        .expect("one");
    assert_eq!((answer.request_id.as_deref(), answer.vendor_person_id), (Some("r-1"), None));
    assert!(later(ProviderId::Apollo, br#"{"people":[]}"#).expect("a delivery").is_empty());
}

#[test]
fn what_is_no_delivery_is_said_without_being_shown() {
    let error = |body: &[u8]| later(ProviderId::Apollo, body).expect_err("no delivery");
    assert!(matches!(error(b"+15125550142,"), LateError::NotJson(_)));
    assert!(!error(b"\"+15125550142\" x").to_string().contains("555"));
    for body in ["[]", "null", "{}", r#"{"people":{}}"#] {
        assert!(matches!(error(body.as_bytes()), LateError::NotADelivery { .. }), "{body}");
    }
    assert!(matches!(later(ProviderId::Melissa, b"{}"), Err(LateError::NoneExpected(ProviderId::Melissa))));
}
