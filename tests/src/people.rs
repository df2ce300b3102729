//! People with names of their own, however many.

/// So many people, all with different family names of letters only, so that nobody is taken for somebody else.
pub fn names(count: usize) -> Vec<(String, String)> {
    const GIVEN: [&str; 8] = ["Ann", "Robert", "Maria", "Susan", "Victor", "Helen", "Oscar", "Judith"];
    GIVEN.iter().cycle().take(count).enumerate().map(|(n, given)| ((*given).to_owned(), family(n))).collect()
}

/// A number as a name: syllables that no two numbers share, after a beginning that names have.
fn family(number: usize) -> String {
    const SYLLABLES: [&str; 16] =
        ["ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va"];
    let (mut rest, mut name) = (number, String::from("Quim"));
    for _ in 0..4 {
        name.push_str(SYLLABLES[rest % SYLLABLES.len()]);
        rest /= SYLLABLES.len();
    }
    name
}
