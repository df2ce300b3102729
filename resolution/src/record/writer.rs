//! Writes records: takes the values of a row apart and puts their parts in order.

use super::memo::Memo;
use super::{PARTS, Part, address, company, date, name, plain, reach};
use crate::field::Field;

/// The longest value, in bytes; what is longer is cut.
const LONGEST: usize = 120;

/// The parts of a record while it is written. Keeps its memory from row to row.
#[derive(Default)]
pub(crate) struct Writer {
    /// Each value with its part, and where it stands in `text`.
    values: Vec<(Part, u32, u32)>,
    text: Vec<u8>,
    /// How many values each part has, and where the first of them is among `values`: most parts have one or none.
    counts: [u32; PARTS],
    firsts: [u32; PARTS],
    pub(super) memo: Memo,
    /// For texts that are made on the way to a value.
    pub(super) scratch: Vec<u8>,
}

impl Writer {
    /// Appends the record of `values` to `out`.
    pub(crate) fn write<'v>(
        &mut self,
        values: impl IntoIterator<Item = (Field, &'v str)>,
        out: &mut Vec<u8>,
    ) {
        self.values.clear();
        self.text.clear();
        self.counts = [0; PARTS];
        let mut row = Row::default();
        for (field, value) in values {
            let value = plain::trimmed(value);
            if value.is_empty() {
                continue;
            }
            match field {
                Field::Given => set(&mut row.given, value),
                Field::Family => set(&mut row.family, value),
                Field::Name => name::full(value, self),
                Field::Company => company::company(value, self),
                Field::Street => row.street.push(value),
                Field::Unit => row.unit.push(value),
                Field::City => set(&mut row.city, value),
                Field::State => set(&mut row.state, value),
                Field::Zip => set(&mut row.zip, value),
                Field::Phone if reach::is_area_code(value) => row.area_code = value,
                Field::Phone => row.phones.push(value),
                Field::Email => reach::email(value, self),
                Field::Website => reach::website(value, self),
                Field::Date => date::date(value, self),
                Field::Identifier => reach::identifier(value, self),
            }
        }
        name::parts(row.given, row.family, self);
        if row.city.is_empty()
            && row.zip.is_empty()
            && let [line] = row.street.as_slice()
            && let Some([street, city, state, zip]) = address::whole(line)
        {
            row.street = Few::of(street);
            (row.city, row.zip) = (city, zip);
            set(&mut row.state, state);
        }
        address::address(&row.street, &row.unit, row.city, self);
        address::place(row.city, row.state, row.zip, self);
        for phone in row.phones.as_slice() {
            reach::phone(phone, row.area_code, self);
        }
        self.finish(out);
    }

    /// Adds a value, unless it is empty or there already.
    pub(super) fn add(&mut self, part: Part, value: &[u8]) {
        let mut end = value.len().min(LONGEST);
        while end > 0 && value.len() > end && (value[end] & 0xc0) == 0x80 {
            end -= 1;
        }
        let value = &value[..end];
        if value.is_empty() {
            return;
        }
        if self.counts[part as usize] == 0 {
            self.firsts[part as usize] = self.values.len() as u32;
        } else if self.of(part).any(|known| known == value) {
            return;
        }
        self.counts[part as usize] += 1;
        let start = self.text.len() as u32;
        self.text.extend_from_slice(value);
        self.values.push((part, start, self.text.len() as u32));
    }

    /// Remembers what texts were read as from now on: worth its memory where many rows are written.
    pub(crate) fn remember(&mut self) {
        self.memo.open();
    }

    /// The values of a part so far.
    pub(super) fn of(&self, part: Part) -> impl Iterator<Item = &[u8]> {
        let count = self.counts[part as usize] as usize;
        let from = if count == 0 { 0 } else { self.firsts[part as usize] as usize };
        let of_part = self.values[from..].iter().filter(move |(known, ..)| *known == part).take(count);
        of_part.map(|(_, start, end)| &self.text[*start as usize..*end as usize])
    }

    pub(super) fn finish(&self, out: &mut Vec<u8>) {
        let header = out.len();
        out.resize(header + PARTS, 0);
        for part in Part::ALL.into_iter().filter(|part| self.counts[*part as usize] > 0) {
            let first_is_main = matches!(part, Part::Company | Part::Street);
            if self.counts[part as usize] == 1 {
                let (_, start, end) = self.values[self.firsts[part as usize] as usize];
                append(part, &self.text[start as usize..end as usize], header, out);
            } else if first_is_main {
                self.of(part).for_each(|value| append(part, value, header, out));
            } else {
                // Columns may come in any order: where no value is the main one, the texts decide.
                let mut values: Vec<&[u8]> = self.of(part).collect();
                values.sort_unstable();
                values.into_iter().for_each(|value| append(part, value, header, out));
            }
        }
    }
}

/// Appends a value of `part` to the record that begins at `header`, unless the part is full.
fn append(part: Part, value: &[u8], header: usize, out: &mut Vec<u8>) {
    let length = &mut out[header + part as usize];
    let longer = u8::try_from(value.len() + 1).ok().and_then(|more| length.checked_add(more));
    if let Some(longer) = longer {
        *length = longer;
        out.push(value.len() as u8);
        out.extend_from_slice(value);
    }
}

/// Values that are read together.
#[derive(Default)]
struct Row<'v> {
    given: &'v str,
    family: &'v str,
    street: Few<'v>,
    unit: Few<'v>,
    city: &'v str,
    state: &'v str,
    zip: &'v str,
    area_code: &'v str,
    phones: Few<'v>,
}

/// Up to four values.
#[derive(Default)]
pub(super) struct Few<'v> {
    values: [&'v str; 4],
    count: usize,
}

impl<'v> Few<'v> {
    fn of(value: &'v str) -> Self {
        let mut few = Self::default();
        few.push(value);
        few
    }

    fn push(&mut self, value: &'v str) {
        if let Some(slot) = self.values.get_mut(self.count) {
            *slot = value;
            self.count += 1;
        }
    }

    pub(super) fn as_slice(&self) -> &[&'v str] {
        &self.values[..self.count]
    }
}

/// The first value of a field that has one.
fn set<'v>(slot: &mut &'v str, value: &'v str) {
    if slot.is_empty() {
        *slot = value;
    }
}
