//! What a rule book takes and refuses.

use super::*;

fn book(rules: &str) -> Result<RuleBook, RuleBookFault> {
    RuleBook::from_json(&format!(
        r#"{{"line": "real_estate", "version": "test", "note": "", "threshold": 70, "lists": {{"yes": ["yes", "sure"]}}, "rules": [{rules}]}}"#
    ))
}

#[test]
fn the_shipped_books_are_read_and_are_of_their_lines() {
    for line in ClientLine::ALL {
        let shipped = RuleBook::shipped(*line);
        assert_eq!(shipped.line(), *line);
        assert_eq!(shipped.threshold(), 70, "{line}");
        let again = RuleBook::from_json(&shipped.to_json().expect("plain data")).expect("reads back");
        assert_eq!(again.rules(), shipped.rules(), "{line}");
    }
}

#[test]
fn a_rule_of_the_line_takes_the_place_of_a_shared_one() {
    let shared = r#"{"lists": {}, "rules": [{"name": "a", "intent": "interested", "confidence": 80, "any": ["one"]},
                                           {"name": "b", "intent": "question", "confidence": 80, "any": ["two"]}]}"#;
    let own = r#"{"line": "real_estate", "version": "t", "note": "", "threshold": 70, "lists": {},
                  "rules": [{"name": "a", "intent": "not_interested", "confidence": 90, "any": ["three"]}]}"#;
    let book = RuleBook::with_shared(own, shared).expect("a book");
    let names: Vec<_> = book.rules().iter().map(|rule| (rule.name.as_str(), rule.confidence)).collect();
    assert_eq!(names, [("a", 90), ("b", 80)]);
}

#[test]
fn what_is_wrong_is_said() {
    let rule = r#"{"name": "a", "intent": "interested", "confidence": 80, "any": ["@yes please?"]}"#;
    assert!(book(rule).is_ok());
    for (rules, part) in [
        (format!("{rule}, {rule}"), "two rules"),
        (rule.replace("@yes", "@no"), "nowhere given"),
        (rule.replace("80", "101"), "1 to 100"),
        (rule.replace("80", "0"), "1 to 100"),
        (rule.replace("interested", "opt_out"), "not decided by phrases"),
        (rule.replace("@yes please?", "please?"), "no phrase"),
        (rule.replace("any", "all"), "not a rule book"),
    ] {
        let fault = book(&rules).expect_err("no book");
        assert!(fault.to_string().contains(part), "{fault}");
    }
}
