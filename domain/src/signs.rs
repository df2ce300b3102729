//! Sets of ASCII signs, as tables that answer with one look.

/// A sign's place is whether it is in the set.
pub(crate) type Signs = [bool; 256];

/// The set of these signs.
pub(crate) const fn signs(mut of: &[u8]) -> Signs {
    let mut signs = [false; 256];
    while let [sign, rest @ ..] = of {
        signs[*sign as usize] = true;
        of = rest;
    }
    signs
}
