//! A record: what one row says of a person or business, in the form in which it is compared.
//!
//! A record is one small piece of memory (about 170 bytes for a lead row): the lengths of its [`Part`]s, then their
//! values, each behind its length. Reading it allocates nothing.

mod address;
mod company;
mod date;
mod memo;
mod name;
mod plain;
mod reach;
mod said;
pub(crate) mod writer;

use crate::field::Field;
use writer::Writer;

pub use date::PartialDate;

/// What a record holds, after fields were read: a full name has become given, middle and family name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(crate) enum Part {
    /// Given name, letters only.
    Given,
    /// The name that a nickname stands for, when it is another.
    Formal,
    /// Middle name or initial.
    Middle,
    /// Family name.
    Family,
    /// Jr, Sr, II …
    Generation,
    /// Words of the company's name without legal form; trade names after it.
    Company,
    /// House number, or the number of a post-office box.
    HouseNumber,
    /// Street without house number in USPS form; then its core without directions and suffix, when that is another.
    Street,
    /// Number of suite or apartment.
    Unit,
    /// City, letters only.
    City,
    /// State, two letters.
    State,
    /// Postal code, without leading zeros.
    Zip,
    /// Phone numbers: ten digits, or seven when the area code is missing.
    Phone,
    /// E-mail addresses of a person.
    Email,
    /// E-mail addresses of a function, such as info@.
    RoleEmail,
    /// Web domains of the business itself, of its site and its addresses.
    Domain,
    /// Dates, four bytes each.
    Date,
    /// Identifiers, `KIND:NUMBER`.
    Identifier,
}

/// How many parts there are.
pub(crate) const PARTS: usize = 18;

/// What one row says of a person or business. Personal data: its `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Record {
    bytes: Box<[u8]>,
}

impl Record {
    /// The record of a row's values, as they stand in the list: case, punctuation and layout do not matter. Values
    /// that say nothing ("N/A", a number of zeros) are left out.
    pub fn new<'v>(values: impl IntoIterator<Item = (Field, &'v str)>) -> Self {
        let mut writer = Writer::default();
        let mut bytes = Vec::with_capacity(192);
        writer.write(values, &mut bytes);
        Self { bytes: bytes.into_boxed_slice() }
    }

    /// Whether it says nothing at all.
    pub fn is_empty(&self) -> bool {
        self.bytes.iter().take(PARTS).all(|length| *length == 0)
    }

    /// The record without the person that it names: what it says of the business.
    #[must_use]
    pub fn without_person(&self) -> Self {
        let view = self.view();
        let named = usize::from(view.starts[Part::Company as usize]);
        let mut bytes = Vec::with_capacity(self.bytes.len());
        bytes.extend_from_slice(&[0; Part::Company as usize]);
        bytes.extend_from_slice(&self.bytes[Part::Company as usize..PARTS]);
        bytes.extend_from_slice(&self.bytes[named..]);
        Self { bytes: bytes.into_boxed_slice() }
    }

    /// The record as it may be stored, for [`Record::from_stored`] of the same [`crate::RuleSet::version`].
    pub fn stored(&self) -> &[u8] {
        &self.bytes
    }

    /// The record that was stored; `None` where the bytes are none.
    pub fn from_stored(bytes: &[u8]) -> Option<Self> {
        let (lengths, values) = bytes.split_at_checked(PARTS)?;
        let mut rest = values;
        for length in lengths {
            let (mut part, behind) = rest.split_at_checked(usize::from(*length))?;
            while let Some((length, value)) = part.split_first() {
                part = value.get(usize::from(*length)..)?;
            }
            rest = behind;
        }
        rest.is_empty().then(|| Self::from_bytes(bytes))
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        Self { bytes: bytes.into() }
    }

    pub(crate) fn view(&self) -> View<'_> {
        View::of(&self.bytes)
    }
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Record(…)")
    }
}

/// A record as it is read.
#[derive(Clone, Copy)]
pub(crate) struct View<'r> {
    bytes: &'r [u8],
    starts: [u16; PARTS + 1],
}

impl<'r> View<'r> {
    pub(crate) fn of(bytes: &'r [u8]) -> Self {
        let mut starts = [PARTS as u16; PARTS + 1];
        let lengths: &[u8; PARTS] = bytes.first_chunk().unwrap_or(&[0; PARTS]);
        for part in 0..PARTS {
            starts[part + 1] = starts[part] + u16::from(lengths[part]);
        }
        Self { bytes, starts }
    }

    /// Everything of one part as it is stored: equal bytes are equal values.
    pub(crate) fn raw(&self, part: Part) -> &'r [u8] {
        let at = part as usize;
        &self.bytes[usize::from(self.starts[at])..usize::from(self.starts[at + 1])]
    }

    pub(crate) fn has(&self, part: Part) -> bool {
        self.starts[part as usize] != self.starts[part as usize + 1]
    }

    /// The values of a part, in order of their texts, the first being the main one where the part says so.
    pub(crate) fn values(&self, part: Part) -> Values<'r> {
        Values(self.raw(part))
    }

    /// The first value of a part.
    pub(crate) fn first(&self, part: Part) -> Option<&'r [u8]> {
        self.values(part).next()
    }

    /// Whether it names a person.
    pub(crate) fn names_person(&self) -> bool {
        self.has(Part::Given) || self.has(Part::Family)
    }
}

/// The values of one part.
#[derive(Clone)]
pub(crate) struct Values<'r>(&'r [u8]);

impl<'r> Iterator for Values<'r> {
    type Item = &'r [u8];

    fn next(&mut self) -> Option<Self::Item> {
        let (length, rest) = self.0.split_first()?;
        let (value, rest) = rest.split_at_checked(usize::from(*length))?;
        self.0 = rest;
        Some(value)
    }
}

#[cfg(test)]
mod tests;
