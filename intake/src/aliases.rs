//! The names by which columns go, and how a header is compared with them.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::field::Field;

/// One meaning a name can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) field: Field,
    /// Place among the names of the field; 0 is the best.
    pub(crate) rank: usize,
}

struct Table {
    /// Compact name → its meanings, in the order of the file.
    by_name: HashMap<String, Vec<Meaning>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut by_name: HashMap<String, Vec<Meaning>> = HashMap::new();
    for line in include_str!("../data/header_aliases.csv").lines().skip(1) {
        let Some((field, names)) = line.split_once(',') else { continue };
        let Ok(field) = field.parse() else { continue };
        for (rank, name) in names.split('|').enumerate() {
            let meanings = by_name.entry(compact(name)).or_default();
            if !meanings.iter().any(|meaning| meaning.field == field) {
                meanings.push(Meaning { field, rank });
            }
        }
    }
    Table { by_name }
});

/// The words of a header: lower case, split at blanks, punctuation and humps (`FirstName`).
pub(crate) fn words(header: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before_lower = false;
    for char in header.chars() {
        let border = !char.is_alphanumeric() || (char.is_uppercase() && before_lower);
        if border && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if char.is_alphanumeric() {
            word.extend(char.to_lowercase());
        }
        before_lower = char.is_lowercase();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// A header without case, blanks, punctuation and marks.
pub(crate) fn compact(header: &str) -> String {
    header.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What a name can mean, exactly; `name` is compact.
pub(crate) fn meanings(name: &str) -> &'static [Meaning] {
    TABLE.by_name.get(name).map_or(&[], Vec::as_slice)
}

/// Whether a cell is the known name of a column.
pub(crate) fn knows(cell: &str) -> bool {
    let name = compact(cell);
    name == "name" || !meanings(&name).is_empty() || cell == crate::reject::REJECT_COLUMNS[0]
}

/// Words that change what the words behind them mean: a "previous phone" is no phone.
const DISTRACTING: &[&str] = &[
    "fax",
    "previous",
    "former",
    "old",
    "emergency",
    "parent",
    "headquarters",
    "hq",
    "spouse",
    "photo",
    "police",
    "license",
    "licence",
    "status",
    "count",
    "number",
    "no",
    "num",
    "bad",
    "invalid",
    "agent",
    "lender",
    "bank",
    "date",
    "type",
    "flag",
    "is",
    "has",
    "human",
    "geocoded",
    "latitude",
    "longitude",
    "event",
    "file",
];

/// Names that resemble one of ours by a letter and mean something else.
const OTHERS: &[&str] = &["countycode", "countrycode"];

/// What a header resembles, with confidence: its last words are a known name, a part in parentheses is too
/// much, or one letter is off.
pub(crate) fn resembles(header: &str) -> Option<(Meaning, f32)> {
    let outside: String = {
        let mut depth = 0_u32;
        header
            .chars()
            .filter(|char| {
                depth += u32::from(*char == '(');
                let keep = depth == 0;
                depth -= u32::from(*char == ')' && depth > 0);
                keep
            })
            .collect()
    };
    let words = words(&outside);
    let whole = words.concat();
    if outside.len() < header.len()
        && let Some(meaning) = meanings(&whole).first()
    {
        return Some((*meaning, 0.85));
    }
    for start in 1..words.len() {
        let (front, back) = words.split_at(start);
        if front.iter().any(|word| DISTRACTING.contains(&word.as_str())) {
            break;
        }
        let name = back.concat();
        if name.len() >= 4
            && let Some(meaning) = meanings(&name).first()
        {
            return Some((*meaning, 0.8));
        }
    }
    if whole.len() < 6 || OTHERS.contains(&whole.as_str()) {
        return None;
    }
    TABLE
        .by_name
        .iter()
        .filter(|(name, _)| name.len() >= 6 && is_one_off(name, &whole))
        .min_by_key(|(name, meanings)| (meanings[0].rank, name.as_str()))
        .map(|(_, meanings)| (meanings[0], 0.7))
}

/// Whether one letter inserted, left out, replaced or swapped with its neighbour makes one word the other.
fn is_one_off(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(long.iter()).take_while(|(x, y)| x == y).count();
    if short.len() < long.len() {
        return short[same..] == long[same + 1..];
    }
    if same == short.len() {
        return false;
    }
    short[same + 1..] == long[same + 1..]
        || (same + 1 < short.len()
            && short[same] == long[same + 1]
            && short[same + 1] == long[same]
            && short[same + 2..] == long[same + 2..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let text = include_str!("../data/header_aliases.csv");
        let mut fields = Vec::new();
        for line in text.lines().skip(1) {
            let (field, names) = line.split_once(',').expect("field,names");
            fields.push(field.parse::<Field>().expect("a field"));
            for name in names.split('|') {
                assert!(
                    meanings(&compact(name)).iter().any(|meaning| Some(&meaning.field) == fields.last()),
                    "{name}"
                );
            }
        }
        fields.sort();
        let mut all = Field::ALL.to_vec();
        all.sort();
        assert_eq!(fields, all, "every field has one line");
    }

    #[test]
    fn headers_resemble_names() {
        let of = |header| resembles(header).map(|(meaning, _)| meaning.field);
        assert_eq!(of("phone_phone_number"), Some(Field::Phone));
        assert_eq!(of("Compnay Name"), Some(Field::CompanyName));
        assert_eq!(of("Adress"), Some(Field::Address));
        assert_eq!(of("E-Mail Address (work)"), Some(Field::Email));
        assert_eq!(of("Previous Phone"), None);
        assert_eq!(of("certification_date"), None);
        assert_eq!(words("FirstName of-owner"), ["first", "name", "of", "owner"]);
    }
}
