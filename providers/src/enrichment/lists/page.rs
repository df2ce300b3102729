//! What a list answers.

use std::fmt;

/// One page of a list.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ListPage {
    /// Its records, in the vendor's order. One that cannot be read is there without content, so that positions hold.
    pub records: Vec<ListedProperty>,
    /// How many records the whole list has, where the vendor says.
    pub found: Option<u64>,
}

impl fmt::Debug for ListPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListPage").field("records", &self.records.len()).field("found", &self.found).finish()
    }
}

/// A property as a list has it; `None` where it says nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ListedProperty {
    /// By what the record is known again: the vendor's id, or where it gives none a digest of the record.
    pub mark: String,
    /// The vendor's id.
    pub id: Option<String>,
    /// House number and street, unit included.
    pub street: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State, as the vendor writes it.
    pub state: Option<String>,
    /// ZIP, of five or nine digits.
    pub zip: Option<String>,
    /// County.
    pub county: Option<String>,
    /// Parcel number.
    pub apn: Option<String>,
    /// The owner's given name.
    pub owner_first: Option<String>,
    /// The owner's family name.
    pub owner_last: Option<String>,
    /// The owner's name in one piece.
    pub owner_full: Option<String>,
    /// The company that owns it.
    pub owner_company: Option<String>,
    /// What it is worth, in dollars.
    pub value: Option<i64>,
    /// What of that is the owner's, in dollars.
    pub equity: Option<i64>,
}

/// All of it is personal data.
impl fmt::Debug for ListedProperty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ListedProperty(…)")
    }
}
