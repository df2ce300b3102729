//! Writes records: takes the values of a row apart and puts their parts in order.

use smallvec::SmallVec;

use super::memo::Memo;
use super::{PARTS, Part, Values, address, company, date, name, plain, reach};
use crate::field::Field;

/// The longest value, in bytes; what is longer is cut.
const LONGEST: usize = 120;

/// The values of one field.
pub(super) type Cells<'v> = SmallVec<[&'v str; 4]>;

/// A record while it is written. Keeps its memory from row to row.
#[derive(Default)]
pub(crate) struct Writer {
    /// As it will be stored.
    record: Vec<u8>,
    /// The last part that has a value, by its number.
    last: usize,
    /// Values that found their part full, where their texts decide which of them stay.
    left_over: Vec<(Part, Box<[u8]>)>,
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
        let mut row = Row::default();
        for (field, value) in values {
            let value = plain::trimmed(value);
            if !value.is_empty() {
                row.set(field, value);
            }
        }
        self.begin();
        // In the order of parts: what comes later goes to the end.
        row.names.iter().for_each(|value| name::full(value, self));
        name::parts(row.given, row.family, self);
        row.companies.iter().for_each(|value| company::company(value, self));
        if row.city.is_empty()
            && row.zip.is_empty()
            && let [line] = row.street.as_slice()
            && let Some([street, city, state, zip]) = address::whole(line)
        {
            row.street[0] = street;
            (row.city, row.zip) = (city, zip);
            set(&mut row.state, state);
        }
        address::address(&row.street, &row.unit, row.city, self);
        address::place(row.city, row.state, row.zip, self);
        row.phones.iter().for_each(|value| reach::phone(value, row.area_code, self));
        row.emails.iter().for_each(|value| reach::email(value, self));
        row.websites.iter().for_each(|value| reach::website(value, self));
        row.dates.iter().for_each(|value| date::date(value, self));
        row.identifiers.iter().for_each(|value| reach::identifier(value, self));
        self.finish(out);
    }

    /// Starts a record that says nothing yet.
    pub(super) fn begin(&mut self) {
        self.record.clear();
        self.record.resize(PARTS, 0);
        self.last = 0;
    }

    /// Appends the record to `out`.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        if !self.left_over.is_empty() {
            self.place_left_over();
        }
        out.extend_from_slice(&self.record);
    }

    /// Adds a value, unless it is empty or there already.
    pub(super) fn add(&mut self, part: Part, value: &[u8]) {
        let is_next = part as usize >= self.last && self.record[part as usize] == 0;
        if is_next && matches!(value.len(), 1..=LONGEST) {
            self.record[part as usize] = value.len() as u8 + 1;
            self.last = part as usize;
            self.record.push(value.len() as u8);
            self.record.extend_from_slice(value);
        } else {
            self.insert(part, cut(value));
        }
    }

    /// Adds a value to a part that has some, or before a later part: few values.
    #[cold]
    fn insert(&mut self, part: Part, value: &[u8]) {
        if value.is_empty() || self.of(part).any(|known| known == value) {
            return;
        }
        let place = self.place(part);
        let mut at = place.end;
        // Columns may come in any order: where no value is the main one, the texts decide.
        if !first_is_main(part) {
            let before = self.of(part).take_while(|known| *known < value);
            at = place.start + before.map(|known| 1 + known.len()).sum::<usize>();
        }
        let Ok(length) = u8::try_from(place.len() + 1 + value.len()) else {
            if !first_is_main(part) {
                self.left_over.push((part, value.into()));
            }
            return;
        };
        self.record[part as usize] = length;
        self.last = self.last.max(part as usize);
        self.record.push(value.len() as u8);
        self.record.extend_from_slice(value);
        self.record[at..].rotate_right(1 + value.len());
    }

    /// The values of a part so far.
    pub(super) fn of(&self, part: Part) -> Values<'_> {
        Values(&self.record[self.place(part)])
    }

    /// Where the values of a part are.
    fn place(&self, part: Part) -> std::ops::Range<usize> {
        let lengths = &self.record[..PARTS];
        let length = usize::from(lengths[part as usize]);
        let start = if part as usize >= self.last {
            self.record.len() - length
        } else {
            PARTS + lengths[..part as usize].iter().map(|length| usize::from(*length)).sum::<usize>()
        };
        start..start + length
    }

    /// A part that did not take all of its values takes the first of them in order, whichever came first.
    fn place_left_over(&mut self) {
        let mut left_over = std::mem::take(&mut self.left_over);
        while let Some((part, _)) = left_over.first() {
            let part = *part;
            let mut values: Vec<Box<[u8]>> = self.of(part).map(Into::into).collect();
            values.extend(left_over.extract_if(.., |(of, _)| *of == part).map(|(_, value)| value));
            values.sort_unstable();
            let place = self.place(part);
            self.record[part as usize] = 0;
            self.record.drain(place);
            values.iter().for_each(|value| self.add(part, value));
        }
        self.left_over.clear();
    }

    /// Remembers what texts were read as from now on: worth its memory where many rows are written.
    pub(crate) fn remember(&mut self) {
        self.memo.open();
    }
}

/// The beginning of a value that is too long, up to the end of a letter.
fn cut(value: &[u8]) -> &[u8] {
    let mut end = value.len().min(LONGEST);
    while end > 0 && value.len() > end && (value[end] & 0xc0) == 0x80 {
        end -= 1;
    }
    &value[..end]
}

/// Whether the values of a part stay in the order in which they came.
fn first_is_main(part: Part) -> bool {
    matches!(part, Part::Company | Part::Street)
}

/// The values of a row by their fields.
#[derive(Default)]
struct Row<'v> {
    names: Cells<'v>,
    given: &'v str,
    family: &'v str,
    companies: Cells<'v>,
    street: Cells<'v>,
    unit: Cells<'v>,
    city: &'v str,
    state: &'v str,
    zip: &'v str,
    area_code: &'v str,
    phones: Cells<'v>,
    emails: Cells<'v>,
    websites: Cells<'v>,
    dates: Cells<'v>,
    identifiers: Cells<'v>,
}

impl<'v> Row<'v> {
    fn set(&mut self, field: Field, value: &'v str) {
        match field {
            Field::Given => set(&mut self.given, value),
            Field::Family => set(&mut self.family, value),
            Field::Name => self.names.push(value),
            Field::Company => self.companies.push(value),
            Field::Street => self.street.push(value),
            Field::Unit => self.unit.push(value),
            Field::City => set(&mut self.city, value),
            Field::State => set(&mut self.state, value),
            Field::Zip => set(&mut self.zip, value),
            Field::Phone if reach::is_area_code(value) => self.area_code = value,
            Field::Phone => self.phones.push(value),
            Field::Email => self.emails.push(value),
            Field::Website => self.websites.push(value),
            Field::Date => self.dates.push(value),
            Field::Identifier => self.identifiers.push(value),
        }
    }
}

/// The first value of a field that has one.
fn set<'v>(slot: &mut &'v str, value: &'v str) {
    if slot.is_empty() {
        *slot = value;
    }
}
