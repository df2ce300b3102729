//! The rule set that is shipped, and rule sets that are none.

use std::collections::BTreeSet;

use super::*;

fn edited(edit: impl FnOnce(&mut serde_json::Value)) -> Result<RuleSet, RuleSetFault> {
    let text = RuleSet::shipped().to_json().expect("plain data");
    let mut document = serde_json::from_str(&text).expect("JSON");
    edit(&mut document);
    RuleSet::from_json(&document.to_string())
}

#[test]
fn the_shipped_rules_have_every_state_of_the_table() {
    let rules = RuleSet::shipped();
    let states: BTreeSet<&str> = rules.document.states.iter().map(|law| law.state.abbreviation()).collect();
    let expected = [
        "AL", "CA", "CT", "FL", "IL", "KY", "LA", "MA", "MD", "MI", "MN", "MS", "NJ", "NM", "NV", "OK", "PA",
        "RI", "TX", "WA",
    ];
    assert!(states.iter().eq(expected.iter()), "{states:?}");
    assert!(rules.document.states.iter().all(|law| !law.source.is_empty()));
    assert_eq!(
        (rules.house().to_string(), rules.federal().to_string()),
        ("09:00-20:00".into(), "08:00-21:00".into())
    );
    assert_eq!(rules.version().as_str(), "2026-11-22");
    for basis in ConsentBasis::ALL {
        assert!(rules.grounds(*basis).is_some(), "{basis}");
    }
}

#[test]
fn a_rule_set_reads_back() {
    let rules = edited(|_| {}).expect("the same");
    assert_eq!(rules.to_json().ok(), RuleSet::shipped().to_json().ok());
}

#[test]
fn rule_sets_that_would_stop_or_mean_nothing_are_refused() {
    let refused = |edit: fn(&mut serde_json::Value)| edited(edit).expect_err("no rule set").to_string();
    assert!(refused(|rules| rules["house"] = "22:00-23:00".into()).contains("nothing in common"));
    assert!(refused(|rules| rules["version"] = " ".into()).contains("version"));
    assert!(refused(|rules| rules["caps"]["most_in_24h"] = 9.into()).contains("1 to 8, not 9"));
    assert!(refused(|rules| rules["caps"]["most_in_24h"] = 0.into()).contains("1 to 8, not 0"));
    assert!(refused(|rules| rules["states"][3]["most_in_24h"] = 0.into()).contains("not 0"));
    assert!(refused(|rules| rules["states"][0]["holidays"][0] = "moon".into()).contains("AL"));
    assert!(refused(|rules| rules["words"]["opt_out"][0] = "!!".into()).contains("!!"));
    assert!(
        refused(|rules| rules["hause"] = "09:00-20:00".into()).contains("hause"),
        "a slip of the pen is told"
    );
    assert!(refused(|rules| rules["states"][0]["sat"] = "20:00-08:00".into()).contains("20:00-08:00"));
}
