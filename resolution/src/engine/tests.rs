//! What holds of every list.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::field::Field;

/// A row of a made-up list: few names, numbers and dates, so that rows meet, agree and contradict each other.
type Row = Vec<(Field, String)>;

const GIVEN: [&str; 8] = ["Robert", "Bob", "Mary", "Marie", "John", "Jon", "Zoe", "R"];
const FAMILY: [&str; 6] = ["Smith", "Smiht", "Lindqvist", "Garcia", "Garcia Lopez", "Jones"];
const PHONES: [&str; 5] = ["702-919-1300", "(702) 919-1300", "702-919-1030", "212-736-5000", "919-1300"];
const DATES: [&str; 5] = ["", "1978-12-11", "11/12/1978", "1954-03-31", "1978"];
const NUMBERS: [&str; 4] = ["", "294669999", "294-66-9999", "201777719"];
const STREETS: [&str; 4] = ["12 Main St", "12 Main Street", "14 Main St", "9 Oak Ave Apt 2"];
const EMAILS: [&str; 4] = ["", "bsmith@work-place.com", "info@work-place.com", "zoe.lindqvist@gmail.com"];
const COMPANIES: [&str; 4] = ["", "Acme Roofs LLC", "ACME ROOFS", "Zenith Bakery"];

fn row() -> impl Strategy<Value = Row> {
    let choices =
        (0..8_usize, 0..6_usize, 0..5_usize, 0..5_usize, 0..4_usize, 0..4_usize, 0..4_usize, 0..4_usize);
    choices.prop_map(|(given, family, phone, date, number, street, email, company)| {
        [
            (Field::Given, GIVEN[given]),
            (Field::Family, FAMILY[family]),
            (Field::Phone, PHONES[phone]),
            (Field::Date, DATES[date]),
            (Field::Identifier, NUMBERS[number]),
            (Field::Street, STREETS[street]),
            (Field::City, "Las Vegas"),
            (Field::Email, EMAILS[email]),
            (Field::Company, COMPANIES[company]),
        ]
        .map(|(field, value)| (field, value.to_owned()))
        .to_vec()
    })
}

fn records(rows: &[Row]) -> Records {
    rows.iter().map(|row| row.iter().map(|(field, value)| (*field, value.as_str()))).collect()
}

/// Clusters as sets of rows, told by what the rows were before they were moved.
fn partition(cluster_of: &[u32], original: impl Fn(usize) -> usize) -> Vec<Vec<usize>> {
    let mut sets: HashMap<u32, Vec<usize>> = HashMap::new();
    for (row, cluster) in cluster_of.iter().enumerate() {
        sets.entry(*cluster).or_default().push(original(row));
    }
    let mut sets: Vec<Vec<usize>> = sets.into_values().collect();
    sets.iter_mut().for_each(|set| set.sort_unstable());
    sets.sort();
    sets
}

fn shuffled(count: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|row| crate::hash::StableHash::of(seed).number(*row as u64).finish());
    order
}

/// A list that is long enough to learn from: 300 people, some of them several times.
fn long_list() -> Vec<Row> {
    let letters = |number: u64, length: u64| -> String {
        (0..length)
            .map(|at| char::from(b'a' + (crate::hash::StableHash::of(at).number(number).finish() % 26) as u8))
            .collect()
    };
    let person = |number: u64, copy: u64| -> Row {
        let mut family = letters(number * 2 + 1, 8);
        if copy == 1 {
            family.remove(3);
        }
        vec![
            (Field::Given, letters(number * 2, 7)),
            (Field::Family, family),
            (Field::Phone, format!("702-9{:02}-{:04}", number % 80 + 10, number * 31 % 10_000)),
            (Field::Street, format!("{} {} St", number * 7 + 1, letters(number / 3 + 50_000, 6))),
            (Field::City, letters(number % 9 + 90_000, 9)),
            (Field::Zip, format!("{}", 80_000 + number % 40)),
        ]
    };
    (0..700).map(|at| person(at % 300, at / 300)).collect()
}

#[test]
fn a_long_list_is_resolved_and_learned_from_whatever_its_order_pieces_and_threads() {
    let rows = long_list();
    let whole = Engine::new(RuleSet::Persons).resolve(&records(&rows));
    let expected: Vec<Vec<usize>> = (0..300).map(|person| (person..700).step_by(300).collect()).collect();
    assert_eq!(partition(&whole.cluster_of, |row| row), expected);

    let order = shuffled(rows.len(), 5);
    let moved: Vec<Row> = order.iter().map(|row| rows[*row].clone()).collect();
    let turned = Engine::new(RuleSet::Persons).resolve(&records(&moved));
    assert_eq!(partition(&turned.cluster_of, |row| order[row]), expected);

    let pieces = rows.chunks(77);
    let read = |piece: &[Row], records: &mut Records| {
        piece.iter().for_each(|row| records.push(row.iter().map(|(field, value)| (*field, value.as_str()))));
    };
    for threads in [1, 3].map(|threads| NonZeroUsize::new(threads).expect("not zero")) {
        let records = Records::read_batches(threads, pieces.clone(), read);
        let resolution = Engine::new(RuleSet::Persons).threads(threads).resolve(&records);
        assert_eq!(resolution.cluster_of, whole.cluster_of);
        assert_eq!(resolution.pairs, whole.pairs, "the weights that were learned differ");
        assert_eq!(resolution.blocks, whole.blocks);
    }
}

#[test]
fn a_link_matches_only_across_two_lists() {
    let of = |name, phone| vec![(Field::Name, String::from(name)), (Field::Phone, String::from(phone))];
    let rows = [
        of("Robert Smith", "702-919-1300"),
        of("Zoe Lind", "212-736-5000"),
        of("Zoe Lind", "212-736-5000"),
        of("Bob Smith", "702-919-1300"),
        of("Amy Karl", "305-555-2368"),
        of("Amy Karl", "305-555-2368"),
    ];
    let link = Engine::new(RuleSet::Persons).link(2).resolve(&records(&rows));
    assert_eq!(link.cluster_of[..4], [0, 1, 1, 0]);
    assert!(link.pairs.iter().all(|pair| pair.a < 2 && pair.b >= 2), "{:?}", link.pairs);
}

#[test]
fn rows_that_say_the_same_are_one_if_they_tell_somebody() {
    let of = |name: &str, phone: &str| vec![(Field::Name, name.to_owned()), (Field::Phone, phone.to_owned())];
    let twice = |row: Row| Engine::new(RuleSet::Persons).resolve(&records(&[row.clone(), row])).cluster_of;
    assert_eq!(twice(of("Robert Smith", "702-919-1300")), [0, 0]);
    assert_eq!(twice(of("John", "")), [0, 1], "many are called John");
    assert_eq!(twice(of("", "")), [0, 1], "blank never matches blank");
}

#[test]
fn every_pair_can_be_explained_by_the_model_that_decided() {
    let rows = long_list();
    let list = records(&rows);
    let resolution = Engine::new(RuleSet::Persons).resolve(&list);
    assert!(!resolution.pairs.is_empty());
    for pair in &resolution.pairs {
        let row = |row: u32| list.get(row as usize).expect("a row of the list");
        let comparison = resolution.model.compare(&row(pair.a), &row(pair.b));
        assert!((comparison.weight - pair.weight).abs() < 1e-3);
        let levels: f32 = comparison.levels.iter().map(|reached| reached.weight).sum();
        let related = comparison.relation.as_ref().map_or(0.0, |related| related.bits);
        assert!(
            (comparison.prior + levels - related - comparison.weight).abs() < 0.1,
            "{}",
            comparison.sentence()
        );
        let text = serde_json::to_string(&comparison).expect("plain data");
        assert_eq!(
            serde_json::from_str::<crate::Comparison>(&text).expect("reads back").levels,
            comparison.levels
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_order_of_rows_does_not_matter(rows in prop::collection::vec(row(), 1..24), seed in any::<u64>()) {
        let order = shuffled(rows.len(), seed);
        let moved: Vec<Row> = order.iter().map(|row| rows[*row].clone()).collect();
        let engine = Engine::new(RuleSet::Persons);
        let one = engine.resolve(&records(&rows)).cluster_of;
        let other = engine.resolve(&records(&moved)).cluster_of;
        prop_assert_eq!(partition(&one, |row| row), partition(&other, |row| order[row]));
    }

    #[test]
    fn a_list_in_pieces_is_the_list(rows in prop::collection::vec(row(), 1..24), cut in 0..24_usize) {
        let cut = cut.min(rows.len());
        let mut pieces = records(&rows[..cut]);
        pieces.append(records(&rows[cut..]));
        let engine = Engine::new(RuleSet::Businesses);
        prop_assert_eq!(engine.resolve(&pieces).cluster_of, engine.resolve(&records(&rows)).cluster_of);
    }

    #[test]
    fn a_list_twice_has_the_clusters_it_had_once(rows in prop::collection::vec(row(), 1..16)) {
        let engine = Engine::new(RuleSet::Persons);
        let once = engine.resolve(&records(&rows)).cluster_of;
        let twice = engine.resolve(&records(&[rows.clone(), rows.clone()].concat())).cluster_of;
        prop_assert_eq!(&twice[..rows.len()], &once[..]);
        prop_assert_eq!(&twice[rows.len()..], &once[..], "a repeated row is where the first is");
    }

    #[test]
    fn no_cluster_contradicts_itself(rows in prop::collection::vec(row(), 2..24), businesses in any::<bool>()) {
        let rules = if businesses { RuleSet::Businesses } else { RuleSet::Persons };
        let list = records(&rows);
        let resolution = Engine::new(rules).resolve(&list);
        for a in 0..rows.len() {
            for b in a + 1..rows.len() {
                if resolution.cluster_of[a] == resolution.cluster_of[b] {
                    let (one, other) = (list.get(a).expect("a row"), list.get(b).expect("a row"));
                    let comparison = resolution.model.compare(&one, &other);
                    prop_assert_eq!(comparison.conflict, None, "{}", comparison.sentence());
                }
            }
        }
    }

    #[test]
    fn comparing_does_not_depend_on_who_is_named_first(a in row(), b in row()) {
        let read = |row: &Row| crate::Record::new(row.iter().map(|(field, value)| (*field, value.as_str())));
        let model = Model::shipped(RuleSet::Persons, 5_000);
        let (one, other) = (model.compare(&read(&a), &read(&b)), model.compare(&read(&b), &read(&a)));
        prop_assert_eq!(one, other);
    }
}
