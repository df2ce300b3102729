//! Hours by jurisdiction: states, Sundays, holidays, clocks that change, and people of whom nobody knows where they are.

use super::*;
use crate::campaign::{Days, SendWindow};

/// Whether somebody in a place may be texted at a moment.
fn open(place: Place, at: &str) -> bool {
    Hours::of(RuleSet::shipped(), place, Channel::Sms, false, Windows::NONE).is_open(utc(at))
}

/// When next.
fn opens(place: Place, at: &str) -> String {
    let hours = Hours::of(RuleSet::shipped(), place, Channel::Sms, false, Windows::NONE);
    hours.opens(utc(at)).map_or_else(String::new, |at| at.to_rfc3339())
}

#[test]
fn the_house_opens_at_nine_and_closes_at_eight_where_the_recipient_is() {
    let new_york = place("", "NY", "10001");
    assert!(!open(new_york, "2027-01-12T13:59:59Z") && open(new_york, "2027-01-12T14:00:00Z"));
    assert!(open(new_york, "2027-01-13T00:59:59Z") && !open(new_york, "2027-01-13T01:00:00Z"));
    assert_eq!(opens(new_york, "2027-01-13T01:00:00Z"), "2027-01-13T14:00:00+00:00");
    assert!(open(place("", "CA", "90001"), "2027-01-13T01:00:00Z"), "five in the afternoon in California");
}

#[test]
fn address_and_area_code_are_both_respected() {
    // New York by address, Los Angeles by phone: from noon to eight in New York.
    let both = place("+13105550123", "NY", "10001");
    assert!(!open(both, "2027-01-12T16:59:00Z") && open(both, "2027-01-12T17:00:00Z"));
    assert!(open(both, "2027-01-13T00:59:00Z") && !open(both, "2027-01-13T01:00:00Z"));
    // Rhode Island by phone closes at six.
    let island = place("+14015550123", "NY", "10001");
    assert!(open(island, "2027-01-12T22:59:00Z") && !open(island, "2027-01-12T23:00:00Z"));
}

#[test]
fn every_states_window_is_the_tables() {
    // Weekday 2027-01-12, Saturday 2027-01-09, Sunday 2027-01-10; by the house's hours where they are narrower.
    for (state, weekday, saturday, sunday) in [
        ("AL", "09:00-20:00", "09:00-20:00", "none"),
        ("CA", "09:00-20:00", "09:00-20:00", "09:00-20:00"),
        ("CT", "09:00-20:00", "09:00-20:00", "09:00-20:00"),
        ("KY", "10:00-20:00", "10:00-20:00", "10:00-20:00"),
        ("LA", "09:00-20:00", "09:00-20:00", "none"),
        ("MS", "09:00-20:00", "09:00-20:00", "none"),
        ("PA", "09:00-20:00", "09:00-12:00", "09:00-20:00"),
        ("RI", "09:00-18:00", "10:00-17:00", "10:00-17:00"),
        ("TX", "09:00-20:00", "09:00-20:00", "12:00-20:00"),
        ("WY", "09:00-20:00", "09:00-20:00", "09:00-20:00"),
    ] {
        let mut place = place("", state, "");
        // One zone, so that the hours are the state's alone.
        place.zones = place.zones.iter().take(1).collect();
        let zone = place.zones.iter().next().expect("a zone");
        let hours = Hours::of(RuleSet::shipped(), place, Channel::Sms, false, Windows::NONE);
        for (date, expected) in [("2027-01-12", weekday), ("2027-01-09", saturday), ("2027-01-10", sunday)] {
            let date = date.parse().expect("a date");
            let minutes: Vec<u32> =
                (0..1_440).filter(|minute| hours.is_open(zone.earliest(date, minute * 60))).collect();
            let span = match (minutes.first(), minutes.last()) {
                (Some(first), Some(last)) => {
                    assert_eq!(minutes.len() as u32, last - first + 1, "{state} {date}: one stretch");
                    let clock = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
                    format!("{}-{}", clock(*first), clock(last + 1))
                }
                _ => "none".to_owned(),
            };
            assert_eq!(span, expected, "{state} {date}");
        }
    }
}

#[test]
fn on_holidays_some_states_are_closed() {
    let thanksgiving = "2027-11-25T18:00:00Z";
    for (state, zip, is_open) in
        [("AL", "35203", false), ("LA", "70112", false), ("PA", "19103", false), ("NY", "10001", true)]
    {
        assert_eq!(open(place("", state, zip), thanksgiving), is_open, "{state}");
    }
    // Mardi Gras is Louisiana's, and the Friday before Easter.
    assert!(!open(place("", "LA", "70112"), "2027-02-09T18:00:00Z"));
    assert!(open(place("", "PA", "19103"), "2027-02-09T18:00:00Z"));
    let hours = Hours::of(RuleSet::shipped(), place("", "LA", "70112"), Channel::Sms, false, Windows::NONE);
    let closed = hours.closed(utc("2027-12-25T18:00:00Z")).expect("closed");
    assert_eq!(
        closed.to_string(),
        "it is 12:00 on Sat in America/Chicago, Christmas Day: none on holidays in Louisiana"
    );
    // Saturday, Sunday, and on Friday already: the next is Monday.
    assert_eq!(opens(place("", "LA", "70112"), "2027-12-24T02:30:00Z"), "2027-12-27T15:00:00+00:00");
}

#[test]
fn on_the_days_the_clocks_change_nine_is_nine() {
    let new_york = place("", "NY", "10001");
    for (before, first) in [
        ("2027-03-13T12:00:00Z", "2027-03-13T14:00:00+00:00"),
        ("2027-03-14T02:00:00Z", "2027-03-14T13:00:00+00:00"),
        ("2027-11-06T12:00:00Z", "2027-11-06T13:00:00+00:00"),
        ("2027-11-07T02:00:00Z", "2027-11-07T14:00:00+00:00"),
    ] {
        assert_eq!(opens(new_york, before), first);
    }
    // Arizona stays; the Navajo Nation goes with the others.
    let summer = "2027-07-06T03:30:00Z";
    assert!(!open(place("", "AZ", "85001"), summer), "half past eight in Phoenix");
    assert!(!open(place("", "AZ", "86515"), "2027-07-06T02:30:00Z"), "half past eight in Window Rock");
    assert!(open(place("", "AZ", "85001"), "2027-07-06T02:30:00Z"));
}

#[test]
fn split_states_go_by_zip_and_else_by_all_their_zones() {
    // El Paso is an hour behind Houston.
    let (el_paso, houston, somewhere) =
        (place("", "TX", "79901"), place("", "TX", "77001"), place("", "TX", ""));
    let morning = "2027-01-12T15:30:00Z";
    assert!(!open(el_paso, morning) && open(houston, morning) && !open(somewhere, morning));
    let evening = "2027-01-13T02:30:00Z";
    assert!(open(el_paso, evening) && !open(houston, evening) && !open(somewhere, evening));
}

#[test]
fn of_whom_nothing_is_known_is_written_to_in_the_safe_hours() {
    for nowhere in [place("", "", ""), place("+14365550123", "", ""), place("+18005550123", "", "")] {
        for (at, is_open) in [
            ("2027-01-12T16:59:59Z", false),
            ("2027-01-12T17:00:00Z", true),
            ("2027-01-13T00:59:59Z", true),
            ("2027-01-13T01:00:00Z", false),
            // In summer the clocks of New York are ahead.
            ("2027-07-13T15:59:59Z", false),
            ("2027-07-13T16:00:00Z", true),
        ] {
            assert_eq!(open(nowhere, at), is_open, "{at}");
        }
        let verdict = shipped(&Inputs { place: nowhere, ..fine() });
        assert!(verdict.allowed, "{}", verdict.says);
    }
}

#[test]
fn safe_hours_are_not_safe_in_hawaii_and_alaska() {
    for state in ["HI", "AK", "PR", "GU"] {
        let mut somewhere = place("", state, "");
        somewhere.certain = false;
        let verdict = shipped(&Inputs { place: somewhere, ..fine() });
        assert_eq!((verdict.rule, verdict.next_allowed_at), (RuleId::Jurisdiction, None), "{state}");
    }
    let honolulu = place("+18085550123", "HI", "96813");
    assert!(
        !open(honolulu, "2027-01-12T18:59:00Z") && open(honolulu, "2027-01-12T19:00:00Z"),
        "nine in Honolulu"
    );
}

#[test]
fn a_place_without_zones_is_not_open_at_all_hours() {
    let empty = Place { certain: true, ..Place::default() };
    assert!(!open(empty, "2027-01-12T08:00:00Z"));
}

#[test]
fn businesses_in_washington_are_not_under_its_law() {
    let late = rules_with(|rules| rules["house"] = "08:00-21:00".into());
    let at = utc("2027-01-13T04:30:00Z"); // half past eight in Seattle
    let seattle = place("", "WA", "98101");
    let allowed = |b2b| Hours::of(&late, seattle, Channel::Sms, b2b, Windows::NONE).is_open(at);
    assert!(!allowed(false) && allowed(true));
}

#[test]
fn the_law_of_calls_is_not_that_of_mail() {
    let sunday = utc("2027-01-10T18:00:00Z");
    let birmingham = place("", "AL", "35203");
    let allowed =
        |channel| Hours::of(RuleSet::shipped(), birmingham, channel, false, Windows::NONE).is_open(sunday);
    assert!(!allowed(Channel::Sms) && !allowed(Channel::Voice) && allowed(Channel::Email));
}

#[test]
fn a_campaigns_own_hours_come_on_top() {
    let own = Windows::new(&[
        SendWindow { from: 600, until: 720, days: Days::WORKDAYS },
        SendWindow { from: 720, until: 780, days: Days::WORKDAYS },
    ])
    .expect("windows");
    let hours = Hours::of(RuleSet::shipped(), place("", "NY", "10001"), Channel::Sms, false, own);
    assert_eq!(
        hours.opens(utc("2027-01-09T18:00:00Z")),
        Some(utc("2027-01-11T15:00:00Z")),
        "Saturday, so Monday"
    );
    assert_eq!(
        hours.closes(utc("2027-01-11T15:30:00Z")),
        utc("2027-01-11T18:00:00Z"),
        "two windows that meet"
    );
    assert_eq!(hours.closes(utc("2027-01-11T19:00:00Z")), utc("2027-01-11T19:00:00Z"), "closed already");
    let mut inputs = Inputs { at: utc("2027-01-12T18:30:00Z"), ..fine() };
    inputs.campaign.windows = own;
    let verdict = shipped(&inputs);
    assert_eq!(
        (verdict.rule, verdict.next_allowed_at),
        (RuleId::SendWindow, Some(utc("2027-01-13T15:00:00Z")))
    );
}

#[test]
fn hours_that_never_meet_never_open() {
    // Rhode Island by address closes at six; Guam by phone opens at nine, which is six in the evening there.
    let far = place("+16715550123", "RI", "02903");
    let inputs = Inputs { place: far, ..fine() };
    let verdict = shipped(&inputs);
    assert_eq!((verdict.rule, verdict.next_allowed_at), (RuleId::QuietHours, None));
}
