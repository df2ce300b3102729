//! Hashes of 64 bits.
//!
//! Blocking keys are stored and compared with those of later files, so their hash is the same in every process, on every
//! machine and in every release; the standard library's hasher, which may change, does not serve. What is looked up in memory
//! only has a quicker one. Neither is a defence against people who make collisions on purpose: a collision costs one comparison.

use std::hash::Hasher;

use rustc_hash::FxHasher;

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// Collects what is hashed.
#[derive(Clone, Copy)]
pub(crate) struct StableHash(u64);

impl StableHash {
    /// A hash of the kind `seed`: equal parts of different kinds have different hashes.
    pub(crate) const fn of(seed: u64) -> Self {
        Self(mix(seed ^ MULTIPLIER))
    }

    /// Adds a part; where parts end matters.
    pub(crate) fn part(mut self, bytes: &[u8]) -> Self {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        self.word(last_word(rest));
        self.word(bytes.len() as u64);
        self
    }

    /// Adds a number.
    pub(crate) fn number(mut self, number: u64) -> Self {
        self.word(number);
        self
    }

    /// The hash.
    pub(crate) const fn finish(self) -> u64 {
        mix(self.0)
    }

    const fn word(&mut self, word: u64) {
        let mixed = (self.0 ^ word).wrapping_mul(MULTIPLIER);
        self.0 = mixed ^ (mixed >> 29);
    }
}

/// Up to seven bytes as a number, the first being the lowest: read in at most three pieces that overlap, where copying them
/// one by one takes longer than to hash them.
fn last_word(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    if let (Some(low), Some(high)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let high = u64::from(u32::from_le_bytes(*high)) << (8 * (length - 4));
        return u64::from(u32::from_le_bytes(*low)) | high;
    }
    let byte = |at: usize| u64::from(bytes[at]) << (8 * at);
    if length == 0 { 0 } else { byte(0) | byte(length / 2) | byte(length - 1) }
}

/// The finalizer of MurmurHash3: every bit of the input reaches every bit of the result.
const fn mix(mut bits: u64) -> u64 {
    bits ^= bits >> 33;
    bits = bits.wrapping_mul(0xff51_afd7_ed55_8ccd);
    bits ^= bits >> 33;
    bits = bits.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    bits ^ (bits >> 33)
}

/// The kind of what is looked up in memory.
#[derive(Clone, Copy)]
pub(crate) struct Kind(usize);

impl Kind {
    pub(crate) const fn of(seed: u64) -> Self {
        Self(StableHash::of(seed).0 as usize)
    }

    /// The hash of a text of this kind, in this process.
    pub(crate) fn hash(self, text: &[u8]) -> u64 {
        let mut hasher = FxHasher::with_seed(self.0);
        hasher.write(text);
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_ends_and_lengths_matter() {
        let of = |seed, parts: &[&str]| {
            parts.iter().fold(StableHash::of(seed), |hash, part| hash.part(part.as_bytes())).finish()
        };
        let all = [
            of(1, &["ab", "c"]),
            of(1, &["a", "bc"]),
            of(2, &["ab", "c"]),
            of(1, &["abc"]),
            of(1, &["abc", ""]),
            of(1, &["abcdefgh"]),
            of(1, &["abcdefgh\0"]),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn the_last_bytes_are_a_number() {
        for length in 0..8 {
            let bytes = &[0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7][..length.min(7)];
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            assert_eq!(last_word(bytes), u64::from_le_bytes(word), "{length}");
        }
    }

    /// Stored keys are made of it: whatever changes it must fail here.
    #[test]
    fn it_is_what_it_was() {
        assert_eq!(StableHash::of(7).part(b"SMITH").finish(), PINNED);
    }

    const PINNED: u64 = 5_060_343_121_287_420_734;
}
