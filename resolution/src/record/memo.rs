//! What was read before: lists repeat given names and streets in most of their rows.

use super::Part;
use crate::hash::Kind;

/// How many texts are remembered at once, a power of two. A new one takes the place of an old one.
const SLOTS: usize = 1 << 14;
/// The longest text that is remembered, and the longest values that it is remembered with, in bytes: with three bytes more
/// they fill one line of a core's cache, which is what a look takes.
const LONGEST_TEXT: usize = 24;
const LONGEST_VALUES: usize = 37;

/// The parts of records that texts were read as. Empty, and without any memory, until it is [`Memo::open`]ed.
#[derive(Default)]
pub(super) struct Memo {
    slots: Vec<Slot>,
}

/// A text, and what was read: parts, each with its length before it.
#[derive(Clone)]
#[repr(align(64))]
struct Slot {
    kind: u8,
    text_length: u8,
    values_length: u8,
    text: [u8; LONGEST_TEXT],
    values: [u8; LONGEST_VALUES],
}

const FREE: Slot =
    Slot { kind: 0, text_length: 0, values_length: 0, text: [0; LONGEST_TEXT], values: [0; LONGEST_VALUES] };

impl Memo {
    /// Remembers from now on.
    pub(super) fn open(&mut self) {
        if self.slots.is_empty() {
            self.slots = vec![FREE; SLOTS];
        }
    }

    /// What a text was read as, if it is remembered. `kind`, from 1, tells readers apart.
    pub(super) fn recall(&self, kind: u8, text: &[u8]) -> Option<Recalled<'_>> {
        let slot = self.slots.get(slot_of(kind, text)).filter(|slot| slot.is_of(kind, text))?;
        Some(Recalled(&slot.values[..usize::from(slot.values_length)]))
    }

    /// Remembers what a text was read as, if it is short enough.
    pub(super) fn keep<'v>(
        &mut self,
        kind: u8,
        text: &[u8],
        values: impl IntoIterator<Item = (Part, &'v [u8])>,
    ) {
        let Some(slot) = self.slots.get_mut(slot_of(kind, text)) else { return };
        if text.len() > LONGEST_TEXT {
            return;
        }
        slot.kind = 0;
        let mut end = 0;
        for (part, value) in values {
            let Some(room) = slot.values.get_mut(end..end + 2 + value.len()) else { return };
            room[0] = part as u8;
            room[1] = value.len() as u8;
            room[2..].copy_from_slice(value);
            end += room.len();
        }
        slot.text[..text.len()].copy_from_slice(text);
        slot.text_length = text.len() as u8;
        slot.values_length = end as u8;
        slot.kind = kind;
    }
}

impl Slot {
    fn is_of(&self, kind: u8, text: &[u8]) -> bool {
        self.kind == kind && self.text[..usize::from(self.text_length)] == *text
    }
}

fn slot_of(kind: u8, text: &[u8]) -> usize {
    Kind::of(kind.into()).hash(text) as usize & (SLOTS - 1)
}

/// Values as they are remembered.
pub(super) struct Recalled<'m>(&'m [u8]);

impl<'m> Recalled<'m> {
    /// The values of one part.
    pub(super) fn of(&self, part: Part) -> impl Iterator<Item = &'m [u8]> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let (head, behind) = rest.split_at_checked(2)?;
            let (value, behind) = behind.split_at_checked(usize::from(head[1]))?;
            rest = behind;
            Some((head[0], value))
        })
        .filter_map(move |(of, value)| (of == part as u8).then_some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_remembers_what_it_was_told_and_nothing_else() {
        let mut memo = Memo::default();
        memo.keep(1, b"BOB", [(Part::Formal, b"ROBERT".as_slice())]);
        assert!(memo.recall(1, b"BOB").is_none(), "not opened");
        memo.open();
        memo.keep(1, b"BOB", [(Part::Formal, b"ROBERT".as_slice())]);
        memo.keep(2, b"N PINE ST", [(Part::Street, b"N PINE ST".as_slice()), (Part::Street, b"PINE")]);
        memo.keep(1, b"MAX", []);
        let of = |kind, text: &[u8], part| memo.recall(kind, text).map(|found| found.of(part).count());
        assert_eq!(of(1, b"BOB", Part::Formal), Some(1));
        assert_eq!(of(1, b"BOB", Part::Street), Some(0));
        assert_eq!(of(2, b"BOB", Part::Formal), None);
        assert_eq!(of(2, b"N PINE ST", Part::Street), Some(2));
        assert_eq!(of(1, b"MAX", Part::Formal), Some(0));
    }

    #[test]
    fn what_is_too_long_is_not_remembered() {
        let mut memo = Memo::default();
        memo.open();
        memo.keep(1, &[b'A'; LONGEST_TEXT + 1], []);
        assert!(memo.recall(1, &[b'A'; LONGEST_TEXT + 1]).is_none());
        memo.keep(1, b"A", [(Part::Street, [b'B'; LONGEST_VALUES].as_slice())]);
        assert!(memo.recall(1, b"A").is_none());
        memo.keep(1, b"A", [(Part::Street, [b'B'; LONGEST_VALUES - 2].as_slice())]);
        assert!(memo.recall(1, b"A").is_some());
    }
}
