//! Chance that is none: the same seed and the same words draw the same numbers, on any machine and in any version.

/// A stream of numbers that follows from a seed and words.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The stream of `seed` and `words`; the order of words matters, and where one ends.
    pub(crate) fn of(seed: u64, words: &[&str]) -> Self {
        // FNV-1a, which is fixed for ever; what follows mixes it well.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut take = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        seed.to_le_bytes().into_iter().for_each(&mut take);
        for word in words {
            word.bytes().for_each(&mut take);
            take(0xff);
        }
        Self(hash)
    }

    /// The next number (splitmix64).
    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.number() % end
    }

    /// A number from `from` to `to`, both included.
    pub(crate) fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from + 1)
    }

    /// Whether something happens that happens in `share` of the cases, 0 to 1.
    pub(crate) fn happens(&mut self, share: f64) -> bool {
        self.share() < share
    }

    /// A number from 0 up to and not including 1.
    pub(crate) fn share(&mut self) -> f64 {
        // 53 bits are what a double holds.
        (self.number() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// One of `these`, of which there is at least one.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, these: &[&'a T]) -> &'a T {
        these[self.below(these.len() as u64) as usize]
    }

    /// So many digits, the first of which is not 0.
    pub(crate) fn digits(&mut self, count: usize) -> String {
        (0..count).map(|at| char::from(b'0' + self.between(u64::from(at == 0), 9) as u8)).collect()
    }

    /// So many hexadecimal digits.
    pub(crate) fn hex(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b"0123456789abcdef"[self.below(16) as usize])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_never_change() {
        let mut chance = Chance::of(1, &["a", "b"]);
        let drawn = [chance.number(), chance.number()];
        assert_eq!(drawn, {
            let mut again = Chance::of(1, &["a", "b"]);
            [again.number(), again.number()]
        });
        assert_ne!(drawn[0], Chance::of(1, &["ab"]).number());
        assert_ne!(drawn[0], Chance::of(2, &["a", "b"]).number());
    }

    #[test]
    fn a_share_is_a_share() {
        let hits = (0..10_000).filter(|at: &u32| Chance::of(1, &[&at.to_string()]).happens(0.3)).count();
        assert!((2_800..3_200).contains(&hits), "{hits}");
    }
}
