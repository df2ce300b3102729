//! How leads fall into campaign blocks by themselves: every lead in the first segment that fits.
//!
//! Works on a histogram, not on leads: the plan for a million leads is made from a few thousand counted
//! cells, and the database deals the leads out by the plan. Nothing here names or sees a lead.

use std::collections::BTreeMap;

use crate::lead::{LeadFacts, SizeBand};
use crate::named::named_enum;

/// The smallest number of leads that make a segment of their own. Smaller ones fall through to the next
/// level; the last level takes whatever is left.
pub const SEGMENT_MINIMUM: u64 = 25;

/// The largest number of leads in one block.
pub const BLOCK_MAXIMUM: u64 = 2_000;

/// The facts that decide a segment: the mask by which the database counts cells.
pub const SEGMENT_FACTS: LeadFacts =
    LeadFacts::SIZE_LOW.with(LeadFacts::SIZE_HIGH).with(LeadFacts::HIGH_REVENUE);

/// Leads that are alike in everything that decides their segment, and how many there are.
///
/// `G` is a subsector of the sector table, or whatever else groups SIC codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell<G> {
    /// The group of SIC codes; `None` when the code is missing or in no group.
    pub group: Option<G>,
    /// The two letters of the state; `None` when it is unknown.
    pub state: Option<String>,
    /// Fewer than 10 employees.
    pub small: bool,
    /// Revenue from $2.5M a year.
    pub high_revenue: bool,
    /// How many leads.
    pub count: u64,
}

impl<G> Cell<G> {
    /// A cell as the database counts it: by group, state and the [`SEGMENT_FACTS`] of the leads.
    pub fn counted(group: Option<G>, state: Option<String>, facts: LeadFacts, count: u64) -> Self {
        let small = facts.size_band() == Some(SizeBand::Small);
        Self { group, state, small, high_revenue: facts.contains(LeadFacts::HIGH_REVENUE), count }
    }
}

named_enum! {
    /// The levels, in the order in which a lead is offered to them.
    Level {
        /// A group's small businesses, anywhere: "HVAC - Small Biz".
        GroupSmall = "group_small",
        /// A group's high-revenue businesses of one state: "Plumbing Contractors - TX - High Rev".
        GroupStateRevenue = "group_state_revenue",
        /// A group's other businesses of one state: "Plumbing Contractors - TX".
        GroupState = "group_state",
        /// Whatever is left of one state: "Unclassified - TX".
        State = "state",
    }
}

impl Level {
    /// How many leads a segment of this level needs at least.
    pub const fn minimum(self) -> u64 {
        match self {
            Self::GroupSmall | Self::GroupStateRevenue | Self::GroupState => SEGMENT_MINIMUM,
            Self::State => 1,
        }
    }
}

/// One segment and the blocks it is cut into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment<G> {
    /// The level it was formed at.
    pub level: Level,
    /// Its group of SIC codes, at the levels that have one.
    pub group: Option<G>,
    /// Its state, at the levels that have one and where it is known.
    pub state: Option<String>,
    /// What people call it.
    pub name: String,
    /// How many leads it has.
    pub leads: u64,
    /// Its blocks, in order; together they hold all its leads.
    pub blocks: Vec<Block>,
}

/// One block: a stretch of a segment's leads, numbered from 0 in whatever order the database deals them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The segment's name, with " (2)" and so on from the second block.
    pub name: String,
    /// The number of its first lead within the segment.
    pub first: u64,
    /// How many leads it has, 1 to [`BLOCK_MAXIMUM`].
    pub leads: u64,
}

/// Which cell goes where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan<G> {
    /// The segments, by level, then group, then state.
    pub segments: Vec<Segment<G>>,
    /// For each cell, in the order given: the index of its segment. `None` only for a cell without leads.
    pub placed: Vec<Option<usize>>,
}

impl<G> Plan<G> {
    /// How many blocks there are in all segments.
    pub fn block_count(&self) -> usize {
        self.segments.iter().map(|segment| segment.blocks.len()).sum()
    }
}

type Key<G> = (Level, Option<G>, Option<String>);

/// Puts every lead into exactly one segment: the first, in the order of [`Level::ALL`], that fits it and has
/// enough leads that no earlier level took. `name_of` gives a group's display name.
///
/// The same cells in another order make the same segments.
pub fn plan<G: Ord + Clone>(cells: &[Cell<G>], name_of: impl Fn(&G) -> String) -> Plan<G> {
    let mut placed: Vec<Option<Key<G>>> = vec![None; cells.len()];
    let mut formed: BTreeMap<Key<G>, u64> = BTreeMap::new();
    for &level in Level::ALL {
        let mut candidates: BTreeMap<Key<G>, (u64, Vec<usize>)> = BTreeMap::new();
        for (index, cell) in cells.iter().enumerate() {
            if cell.count == 0 || placed[index].is_some() {
                continue;
            }
            if let Some(key) = key_at(level, cell) {
                let (leads, members) = candidates.entry(key).or_default();
                *leads += cell.count;
                members.push(index);
            }
        }
        for (key, (leads, members)) in candidates {
            if leads < level.minimum() {
                continue;
            }
            for index in members {
                placed[index] = Some(key.clone());
            }
            formed.insert(key, leads);
        }
    }

    let numbers: BTreeMap<&Key<G>, usize> = formed.keys().zip(0..).collect();
    let placed = placed.iter().map(|key| key.as_ref().and_then(|key| numbers.get(key).copied())).collect();
    let segments = formed.iter().map(|(key, leads)| segment(key, *leads, &name_of)).collect();
    Plan { segments, placed }
}

/// The segment of a level that the cell's leads would belong to, if they fit that level at all.
fn key_at<G: Clone>(level: Level, cell: &Cell<G>) -> Option<Key<G>> {
    let group = cell.group.clone();
    let state = cell.state.clone();
    match level {
        Level::GroupSmall if cell.small && group.is_some() => Some((level, group, None)),
        Level::GroupStateRevenue if cell.high_revenue && group.is_some() && state.is_some() => {
            Some((level, group, state))
        }
        Level::GroupState if group.is_some() && state.is_some() => Some((level, group, state)),
        Level::State => Some((level, None, state)),
        Level::GroupSmall | Level::GroupStateRevenue | Level::GroupState => None,
    }
}

fn segment<G: Clone>(key: &Key<G>, leads: u64, name_of: &impl Fn(&G) -> String) -> Segment<G> {
    let (level, group, state) = key;
    let group_name = group.as_ref().map_or_else(|| "Unclassified".to_owned(), name_of);
    let state_name = state.as_deref().unwrap_or("US");
    let name = match level {
        Level::GroupSmall => format!("{group_name} - Small Biz"),
        Level::GroupStateRevenue => format!("{group_name} - {state_name} - High Rev"),
        Level::GroupState | Level::State => format!("{group_name} - {state_name}"),
    };
    let blocks = cut(&name, leads);
    Segment { level: *level, group: group.clone(), state: state.clone(), name, leads, blocks }
}

/// Cuts a segment into as few blocks as [`BLOCK_MAXIMUM`] allows, of sizes that differ by one at the most:
/// 2,001 leads are a block of 1,001 and one of 1,000, not 2,000 and a block of one that no campaign can use.
/// Larger blocks come first: PostgreSQL's `ntile` deals a segment's leads out the same way.
fn cut(name: &str, leads: u64) -> Vec<Block> {
    let count = leads.div_ceil(BLOCK_MAXIMUM);
    let mut first = 0;
    (0..count)
        .map(|number| {
            let size = leads / count + u64::from(number < leads % count);
            let name = match number {
                0 => name.to_owned(),
                _ => format!("{name} ({})", number + 1),
            };
            let block = Block { name, first, leads: size };
            first += size;
            block
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cell(
        group: &'static str,
        state: &str,
        small: bool,
        high_revenue: bool,
        count: u64,
    ) -> Cell<&'static str> {
        Cell {
            group: (!group.is_empty()).then_some(group),
            state: (!state.is_empty()).then(|| state.to_owned()),
            small,
            high_revenue,
            count,
        }
    }

    fn planned(cells: &[Cell<&'static str>]) -> Plan<&'static str> {
        plan(cells, |group| (*group).to_owned())
    }

    fn names(cells: &[Cell<&'static str>]) -> Vec<(String, u64)> {
        planned(cells)
            .segments
            .iter()
            .flat_map(|segment| segment.blocks.iter().map(|block| (block.name.clone(), block.leads)))
            .collect()
    }

    #[test]
    fn the_four_levels_have_the_names_operators_know() {
        let cells = [
            cell("HVAC", "TX", true, true, 20),
            cell("HVAC", "NY", true, false, 5),
            cell("Plumbing Contractors", "TX", false, true, 25),
            cell("Plumbing Contractors", "TX", false, false, 40),
            cell("", "TX", true, false, 3),
            cell("", "", false, false, 1),
        ];
        let expected = [
            ("HVAC - Small Biz", 25),
            ("Plumbing Contractors - TX - High Rev", 25),
            ("Plumbing Contractors - TX", 40),
            ("Unclassified - US", 1),
            ("Unclassified - TX", 3),
        ];
        let expected: Vec<_> = expected.map(|(name, leads)| (name.to_owned(), leads)).into();
        assert_eq!(names(&cells), expected);
    }

    #[test]
    fn a_group_that_is_too_small_falls_through_until_it_is_large_enough() {
        // 24 small ones miss level 1 and 24 high-revenue ones miss level 2; together they make level 3.
        let cells = [cell("HVAC", "TX", true, false, 24), cell("HVAC", "TX", false, true, 24)];
        assert_eq!(names(&cells), [("HVAC - TX".to_owned(), 48)]);
        // Alone they reach no level that has a minimum.
        assert_eq!(names(&cells[..1]), [("Unclassified - TX".to_owned(), 24)]);
    }

    #[test]
    fn leads_taken_by_an_earlier_level_do_not_count_again() {
        // 30 small ones leave at level 1, so the 10 others of Texas are too few for a segment of their own.
        let cells = [cell("HVAC", "TX", true, true, 30), cell("HVAC", "TX", false, true, 10)];
        let expected = [("HVAC - Small Biz".to_owned(), 30), ("Unclassified - TX".to_owned(), 10)];
        assert_eq!(names(&cells), expected);
    }

    #[test]
    fn large_segments_are_cut_evenly_and_numbered() {
        let sizes = |leads| names(&[cell("HVAC", "TX", false, false, leads)]);
        assert_eq!(sizes(2_000), [("HVAC - TX".to_owned(), 2_000)]);
        assert_eq!(sizes(2_001), [("HVAC - TX".to_owned(), 1_001), ("HVAC - TX (2)".to_owned(), 1_000)]);
        let many = sizes(6_001);
        assert_eq!(many.len(), 4);
        assert_eq!(many.last(), Some(&("HVAC - TX (4)".to_owned(), 1_500)));
    }

    #[test]
    fn a_cell_is_counted_by_the_facts_that_decide() {
        let counted = |facts: LeadFacts| {
            let masked = LeadFacts::from_bits(facts.bits() & SEGMENT_FACTS.bits());
            let cells = [facts, masked].map(|facts| Cell::counted(Some("HVAC"), None, facts, 1));
            assert_eq!(cells[0], cells[1], "the mask loses nothing");
            (cells[0].small, cells[0].high_revenue)
        };
        assert_eq!(counted(LeadFacts::SIZE_LOW | LeadFacts::OWNER), (true, false));
        assert_eq!(counted(LeadFacts::SIZE_HIGH | LeadFacts::HIGH_REVENUE), (false, true));
        assert_eq!(counted(LeadFacts::SIZE_LOW | LeadFacts::SIZE_HIGH), (false, false));
    }

    #[test]
    fn nothing_makes_nothing() {
        assert_eq!(planned(&[]).segments, []);
        let empty = planned(&[cell("HVAC", "TX", true, true, 0)]);
        assert_eq!((empty.segments.len(), empty.placed), (0, vec![None]));
    }

    fn cells() -> impl Strategy<Value = Vec<Cell<&'static str>>> {
        let group = prop::option::of(prop::sample::select(vec!["HVAC", "Plumbers", "Dentists", "Bars"]));
        let state = prop::option::of(prop::sample::select(vec!["TX", "NY", "PR"]).prop_map(str::to_owned));
        let count = prop_oneof![0..30u64, 20..30u64, 0..9_000u64];
        let cell = (group, state, any::<bool>(), any::<bool>(), count).prop_map(
            |(group, state, small, high_revenue, count)| Cell { group, state, small, high_revenue, count },
        );
        prop::collection::vec(cell, 0..40)
    }

    proptest! {
        #[test]
        fn every_lead_is_in_exactly_one_block(cells in cells()) {
            let plan = planned(&cells);
            let mut dealt = vec![0; plan.segments.len()];
            for (cell, place) in cells.iter().zip(&plan.placed) {
                prop_assert_eq!(place.is_none(), cell.count == 0);
                if let Some(index) = place {
                    dealt[*index] += cell.count;
                }
            }
            for (segment, dealt) in plan.segments.iter().zip(dealt) {
                prop_assert_eq!(segment.leads, dealt);
                let mut next = 0;
                for block in &segment.blocks {
                    prop_assert_eq!(block.first, next);
                    next += block.leads;
                }
                prop_assert_eq!(next, segment.leads, "blocks hold all leads of the segment");
            }
        }

        #[test]
        fn blocks_and_segments_keep_their_sizes(cells in cells()) {
            for segment in planned(&cells).segments {
                prop_assert!(segment.leads >= segment.level.minimum(), "{} is too small", segment.name);
                for block in segment.blocks {
                    prop_assert!((1..=BLOCK_MAXIMUM).contains(&block.leads), "{} {}", block.name, block.leads);
                }
            }
        }

        #[test]
        fn a_lead_is_in_the_first_segment_that_fits(cells in cells()) {
            let plan = planned(&cells);
            for (cell, place) in cells.iter().zip(&plan.placed) {
                let Some(segment) = place.map(|index| &plan.segments[index]) else { continue };
                prop_assert!(segment.level != Level::GroupSmall || cell.small);
                prop_assert!(segment.level != Level::GroupStateRevenue || cell.high_revenue);
                prop_assert!(segment.group.is_none() || segment.group == cell.group);
                prop_assert!(segment.state.is_none() || segment.state == cell.state);
                for &level in Level::ALL.iter().take_while(|level| **level < segment.level) {
                    let formed = |key: Key<_>| plan.segments.iter().any(|segment| {
                        (segment.level, segment.group, segment.state.clone()) == key
                    });
                    prop_assert!(!key_at(level, cell).is_some_and(formed), "{level:?} would have fitted");
                }
            }
        }

        #[test]
        fn the_order_of_the_cells_does_not_matter(
            (cells, order) in cells().prop_flat_map(|cells| {
                let order: Vec<usize> = (0..cells.len()).collect();
                (Just(cells), Just(order).prop_shuffle())
            })
        ) {
            let plan = planned(&cells);
            let shuffled: Vec<_> = order.iter().map(|index| cells[*index].clone()).collect();
            let other = planned(&shuffled);
            prop_assert_eq!(&other.segments, &plan.segments);
            for (place, index) in other.placed.iter().zip(&order) {
                prop_assert_eq!(*place, plan.placed[*index]);
            }
        }
    }
}
