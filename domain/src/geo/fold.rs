//! Names as keys: letters only, lower case, without allocation.

/// The ASCII letters of a name in lower case, up to 64 of them. Longer names keep their first 64.
pub(super) struct Folded {
    letters: [u8; 64],
    length: usize,
}

impl Folded {
    pub(super) fn of(name: &str) -> Self {
        let mut folded = Self { letters: [0; 64], length: 0 };
        for (slot, letter) in folded.letters.iter_mut().zip(name.bytes().filter(u8::is_ascii_alphabetic)) {
            *slot = letter.to_ascii_lowercase();
            folded.length += 1;
        }
        folded
    }

    pub(super) fn as_str(&self) -> &str {
        // Only ASCII letters were put in, so the text is always valid.
        std::str::from_utf8(&self.letters[..self.length]).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_count() {
        assert_eq!(Folded::of(" N. Car. ").as_str(), "ncar");
        assert_eq!(Folded::of("Doña Ana").as_str(), "doaana");
        assert_eq!(Folded::of("123 -").as_str(), "");
        assert_eq!(Folded::of(&"x".repeat(200)).as_str().len(), 64);
    }
}
