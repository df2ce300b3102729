//! How a name sounds, roughly: Soundex (Russell and Odell, 1918), as one number.

/// The Soundex code of an upper-case name: its first letter and up to three classes of consonants.
pub(crate) fn soundex(name: &[u8]) -> u32 {
    let Some(first) = name.first() else { return 0 };
    let mut code = u32::from(*first) << 24;
    let mut filled = 0;
    let mut last = CLASSES[usize::from(*first)];
    for letter in &name[1..] {
        let class = CLASSES[usize::from(*letter)];
        if class > 0 && class != last {
            filled += 1;
            code |= u32::from(class) << (24 - 8 * filled);
            if filled == 3 {
                break;
            }
        }
        // H and W do not part two letters of one class, vowels do.
        if !matches!(letter, b'H' | b'W') {
            last = class;
        }
    }
    code
}

static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut letter = b'A';
    while letter <= b'Z' {
        classes[letter as usize] = class(letter);
        letter += 1;
    }
    classes
};

const fn class(letter: u8) -> u8 {
    match letter {
        b'B' | b'F' | b'P' | b'V' => 1,
        b'C' | b'G' | b'J' | b'K' | b'Q' | b'S' | b'X' | b'Z' => 2,
        b'D' | b'T' => 3,
        b'L' => 4,
        b'M' | b'N' => 5,
        b'R' => 6,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(name: &str) -> String {
        let [first, rest @ ..] = soundex(name.as_bytes()).to_be_bytes();
        std::iter::once(char::from(first)).chain(rest.iter().map(|digit| char::from(b'0' + digit))).collect()
    }

    #[test]
    fn the_examples_of_the_national_archives() {
        for (name, expected) in [
            ("WASHINGTON", "W252"),
            ("LEE", "L000"),
            ("GUTIERREZ", "G362"),
            ("PFISTER", "P236"),
            ("JACKSON", "J250"),
            ("TYMCZAK", "T522"),
            ("ASHCRAFT", "A261"),
        ] {
            assert_eq!(code(name), expected, "{name}");
        }
        assert_eq!(soundex(b""), 0);
    }
}
