//! Decisions in numbers and in words.

use super::*;
use crate::field::Field;
use crate::{Model, Record};

#[test]
fn bits_are_odds() {
    assert!((probability(0.0) - 0.5).abs() < 1e-6);
    assert!((probability(1.0) - 2.0 / 3.0).abs() < 1e-6);
    assert!((probability(-3.0) - 1.0 / 9.0).abs() < 1e-6);
    assert_eq!((probability(f32::MAX), probability(f32::MIN)), (1.0, probability(-120.0)));
}

#[test]
fn thresholds_and_conflicts_decide() {
    for rules in RuleSet::ALL {
        let merge = rules.merge_from();
        assert_eq!(decision(merge, merge, None), Decision::Merge);
        assert_eq!(decision(merge, merge - 0.01, None), Decision::Review);
        assert_eq!(decision(merge, REVIEW_FROM - 0.01, None), Decision::Apart);
        assert_eq!(decision(merge, 1.0, Some(Conflict::Date)), Decision::Review);
    }
}

#[test]
fn a_sentence_says_why_and_no_value() {
    let one = Record::new([
        (Field::Name, "Bob Lindqvist"),
        (Field::Phone, "702-919-1300"),
        (Field::Date, "1978-12-11"),
    ]);
    let other = Record::new([
        (Field::Name, "Robert Lindqvist"),
        (Field::Phone, "702-919-1300"),
        (Field::Date, "1954-03-31"),
    ]);
    let sentence = Model::shipped(RuleSet::Persons, 5_000).compare(&one, &other).sentence();
    for said in
        ["phone is the same (+", "given is the same in other words (+", "date differs (-", "never one"]
    {
        assert!(sentence.contains(said), "{sentence}");
    }
    for kept in ["Bob", "Robert", "indqvist", "LINDQVIST", "919", "1978", "1954"] {
        assert!(!sentence.contains(kept), "{sentence}");
    }
}
