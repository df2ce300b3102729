//! Disjoint sets with their members.

/// Sets of numbers from 0. Singletons cost four bytes, members are kept for larger sets only.
pub(crate) struct Sets {
    parent: Vec<u32>,
    members: std::collections::HashMap<u32, Vec<u32>>,
}

impl Sets {
    /// `count` sets of one.
    pub(crate) fn new(count: u32) -> Self {
        Self { parent: (0..count).collect(), members: std::collections::HashMap::new() }
    }

    /// The number that stands for the set of `number`: its lowest.
    pub(crate) fn root(&mut self, number: u32) -> u32 {
        let mut at = number;
        while self.parent[at as usize] != at {
            let above = self.parent[self.parent[at as usize] as usize];
            self.parent[at as usize] = above;
            at = above;
        }
        at
    }

    /// How many are in the set that `root` stands for.
    pub(crate) fn size(&self, root: u32) -> usize {
        self.members.get(&root).map_or(1, Vec::len)
    }

    /// All of the set that `root` stands for.
    pub(crate) fn members(&self, root: u32) -> Vec<u32> {
        self.members.get(&root).cloned().unwrap_or_else(|| vec![root])
    }

    /// Joins the sets of two roots.
    pub(crate) fn join(&mut self, one: u32, other: u32) {
        let (low, high) = (one.min(other), one.max(other));
        let more = self.members.remove(&high).unwrap_or_else(|| vec![high]);
        self.members.entry(low).or_insert_with(|| vec![low]).extend(more);
        self.parent[high as usize] = low;
    }

    /// Of each number the root of its set.
    pub(crate) fn into_roots(mut self) -> Vec<u32> {
        // Whatever stands above a number is lower, and knows its root before the number asks.
        for number in 0..self.parent.len() {
            self.parent[number] = self.parent[self.parent[number] as usize];
        }
        self.parent
    }
}
