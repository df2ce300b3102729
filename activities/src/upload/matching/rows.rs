//! Rows of a file, as a set.

/// Some rows of a file, by their numbers.
#[derive(Debug, Clone)]
pub(super) struct Rows(Vec<bool>);

impl Rows {
    /// None of the rows up to `last`.
    pub(super) fn none_of(last: i32) -> Self {
        Self(vec![false; last.cast_unsigned() as usize + 1])
    }

    /// All of the rows up to `last`.
    pub(super) fn all_of(last: i32) -> Self {
        Self(vec![true; last.cast_unsigned() as usize + 1])
    }

    /// None of the same rows.
    pub(super) fn none_of_them(&self) -> Self {
        Self(vec![false; self.0.len()])
    }

    pub(super) fn contains(&self, row: u32) -> bool {
        self.0.get(row as usize).is_some_and(|is_in| *is_in)
    }

    pub(super) fn insert(&mut self, row: u32) {
        self.set(row, true);
    }

    pub(super) fn remove(&mut self, row: u32) {
        self.set(row, false);
    }

    pub(super) fn insert_pairs<'p>(&mut self, pairs: impl IntoIterator<Item = &'p (u32, u32)>) {
        for (one, other) in pairs {
            self.insert(*one);
            self.insert(*other);
        }
    }

    fn set(&mut self, row: u32, is_in: bool) {
        if let Some(slot) = self.0.get_mut(row as usize) {
            *slot = is_in;
        }
    }
}
