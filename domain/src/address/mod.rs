//! Postal addresses in the form of USPS Publication 28: upper case, abbreviated, the unit apart.

mod hash;
mod street;
mod unit;
mod words;

pub use hash::{AddressHash, address_hash};
pub use street::{StreetAddress, parse_street};

use crate::cell::clean;
use crate::person_name::proper_case;

/// City in proper case without dots: `ST. LOUIS` → `St Louis`; `None` when there is none. A state behind a
/// comma ("Niles, MI") is cut off.
pub fn parse_city(cell: &str) -> Option<String> {
    let text = clean(cell);
    let name = text.split(',').next().unwrap_or_default();
    let name =
        if name.contains('.') { clean(&name.replace('.', " ")).into_owned() } else { name.trim().to_owned() };
    name.chars().any(char::is_alphabetic).then(|| proper_case(&name))
}

/// County in proper case, without the word County or Parish; `None` when there is none, and for a mere code.
pub fn parse_county(cell: &str) -> Option<String> {
    let name = parse_city(cell)?;
    let short = [" County", " Parish", " Borough", " Co"].iter().find_map(|word| name.strip_suffix(word));
    match short {
        Some(short) if !short.is_empty() => Some(short.to_owned()),
        _ => Some(name),
    }
}

#[cfg(test)]
mod tests;
