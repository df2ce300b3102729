//! What makes two addresses the same one: a hash over what is left without spelling.

use std::fmt;

use sha2::{Digest, Sha256};

/// SHA-256 over the upper-case letters and digits of an address. The same as `compute_addr_hash` in SQL.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AddressHash([u8; 32]);

impl AddressHash {
    /// The bytes, as `leads.addr_hash` stores them.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash in lower-case hex, as `compute_addr_hash` returns it.
    pub fn hex(&self) -> String {
        hex::encode(self.0)
    }
}

impl fmt::Debug for AddressHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

/// The hash of an address: `line1|city|state|zip`, of the first three the ASCII letters and digits in upper
/// case, of the last the five digits that `normalize_zip` finds. Absent parts are empty.
pub fn address_hash(line1: &str, city: &str, state: &str, zip: &str) -> AddressHash {
    let mut hasher = Sha256::new();
    for part in [line1, city, state] {
        let mut plain = [0u8; 64];
        let mut filled = 0;
        for byte in part.bytes().filter(u8::is_ascii_alphanumeric) {
            if filled == plain.len() {
                hasher.update(plain);
                filled = 0;
            }
            plain[filled] = byte.to_ascii_uppercase();
            filled += 1;
        }
        hasher.update(&plain[..filled]);
        hasher.update(b"|");
    }
    let (zip, length) = five_digits(zip);
    hasher.update(&zip[..length]);
    AddressHash(hasher.finalize().into())
}

/// `normalize_zip`: five or nine digits, or four or eight whose leading zero a spreadsheet ate; else nothing.
fn five_digits(zip: &str) -> ([u8; 5], usize) {
    let mut digits = [b'0'; 10];
    let mut count = 0;
    for byte in zip.bytes().filter(u8::is_ascii_digit) {
        if let Some(slot) = digits.get_mut(1 + count) {
            *slot = byte;
        }
        count += 1;
    }
    let from = match count {
        5 | 9 => 1,
        4 | 8 => 0,
        _ => return ([0; 5], 0),
    };
    let mut five = [0; 5];
    five.copy_from_slice(&digits[from..from + 5]);
    (five, 5)
}
