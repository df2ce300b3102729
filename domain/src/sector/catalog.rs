//! The sectors and subsectors, and the SIC codes each stands for.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::table;

/// One of the 17 sectors, in the order of the table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sector(u8);

/// One of the 109 subsectors, by its number from 1. Numbers are stored, so the table never renumbers: a new
/// subsector gets the next number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubsectorId(u8);

struct SectorRow {
    slug: &'static str,
    short: &'static str,
    name: &'static str,
}

struct SubsectorRow {
    sector: Sector,
    slug: &'static str,
    name: &'static str,
    sic_codes: Vec<&'static str>,
    major_groups: Vec<&'static str>,
    vendor_codes: Vec<&'static str>,
}

struct Catalog {
    sectors: Vec<SectorRow>,
    subsectors: Vec<SubsectorRow>,
    by_slug: HashMap<&'static str, SubsectorId>,
}

impl Sector {
    /// Every sector.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=u8::MAX).take(CATALOG.sectors.len()).map(Self)
    }

    /// The sector with this slug (`construction-contractors`) or short slug (`construction`).
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::all().find(|sector| sector.slug() == slug || sector.short() == slug)
    }

    /// `construction-contractors`.
    #[must_use]
    pub fn slug(self) -> &'static str {
        self.row().map_or("", |row| row.slug)
    }

    /// The sector's part of a bucket id, without a hyphen: `construction`.
    #[must_use]
    pub fn short(self) -> &'static str {
        self.row().map_or("", |row| row.short)
    }

    /// `Construction & Contractors`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().map_or("", |row| row.name)
    }

    /// Its subsectors, in the order of the table.
    pub fn subsectors(self) -> impl Iterator<Item = SubsectorId> {
        SubsectorId::all().filter(move |subsector| subsector.sector() == self)
    }

    // A `Sector` is only made from the table, so its row is always there.
    fn row(self) -> Option<&'static SectorRow> {
        CATALOG.sectors.get(usize::from(self.0))
    }
}

impl SubsectorId {
    /// Every subsector, in the order of the numbers.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=u8::MAX).take(CATALOG.subsectors.len()).map(Self)
    }

    /// The subsector with this number, as stored.
    #[must_use]
    pub fn from_number(number: i16) -> Option<Self> {
        let number = u8::try_from(number).ok()?;
        let row = usize::from(number.checked_sub(1)?);
        (row < CATALOG.subsectors.len()).then_some(Self(number))
    }

    /// The subsector with this slug; slugs are unique among all sectors.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        CATALOG.by_slug.get(slug).copied()
    }

    /// Its number, 1 to 109, for storage.
    #[must_use]
    pub const fn number(self) -> i16 {
        self.0 as i16
    }

    /// `plumbers`.
    #[must_use]
    pub fn slug(self) -> &'static str {
        self.row().map_or("", |row| row.slug)
    }

    /// What a block of it is called: `Plumbing Contractors`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().map_or("", |row| row.name)
    }

    /// The sector it belongs to.
    #[must_use]
    pub fn sector(self) -> Sector {
        self.row().map_or(Sector(0), |row| row.sector)
    }

    /// The four-digit SIC codes that mean this subsector. Empty for one that only a vendor's longer code or the
    /// description can tell, such as pizzerias among restaurants.
    #[must_use]
    pub fn sic_codes(self) -> &'static [&'static str] {
        self.row().map_or(&[], |row| row.sic_codes.as_slice())
    }

    /// The two-digit major groups whose remaining codes fall to this subsector.
    #[must_use]
    pub fn major_groups(self) -> &'static [&'static str] {
        self.row().map_or(&[], |row| row.major_groups.as_slice())
    }

    /// The six- and eight-digit vendor codes that mean this subsector. An eight-digit code that ends in `00` also
    /// stands for the codes that share its first six digits.
    #[must_use]
    pub fn vendor_codes(self) -> &'static [&'static str] {
        self.row().map_or(&[], |row| row.vendor_codes.as_slice())
    }

    // A `SubsectorId` is only made from the table, so its row is always there.
    fn row(self) -> Option<&'static SubsectorRow> {
        CATALOG.subsectors.get(usize::from(self.0).checked_sub(1)?)
    }
}

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let mut catalog = Catalog { sectors: Vec::new(), subsectors: Vec::new(), by_slug: HashMap::new() };
    for [number, sector, short, sector_name, slug, name, sic_codes, major_groups, vendor_codes] in
        table::rows(include_str!("../../data/sectors.csv"))
    {
        let Ok(number) = number.parse::<u8>() else { continue };
        if catalog.sectors.last().is_none_or(|last| last.slug != sector) {
            catalog.sectors.push(SectorRow { slug: sector, short, name: sector_name });
        }
        let Ok(position) = u8::try_from(catalog.sectors.len() - 1) else { continue };
        catalog.by_slug.insert(slug, SubsectorId(number));
        catalog.subsectors.push(SubsectorRow {
            sector: Sector(position),
            slug,
            name,
            sic_codes: table::list(sic_codes).collect(),
            major_groups: table::list(major_groups).collect(),
            vendor_codes: table::list(vendor_codes).collect(),
        });
    }
    catalog
});

impl fmt::Debug for Sector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

impl fmt::Display for Sector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Debug for SubsectorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

impl fmt::Display for SubsectorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for SubsectorId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.slug())
    }
}

impl<'de> Deserialize<'de> for SubsectorId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let slug = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::from_slug(&slug).ok_or_else(|| serde::de::Error::custom("no such subsector"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn seventeen_sectors_have_their_subsectors() {
        let counts: Vec<(&str, usize)> =
            Sector::all().map(|sector| (sector.slug(), sector.subsectors().count())).collect();
        assert_eq!(
            counts,
            [
                ("construction-contractors", 10),
                ("transportation-logistics", 6),
                ("automotive", 7),
                ("manufacturing", 9),
                ("professional-services", 5),
                ("healthcare-medical", 6),
                ("restaurants-food", 7),
                ("retail", 7),
                ("hotels-hospitality", 5),
                ("real-estate", 5),
                ("financial-services", 6),
                ("personal-services", 6),
                ("business-services", 6),
                ("education-training", 5),
                ("recreation-entertainment", 5),
                ("business-brokers-pe", 7),
                ("property-associated", 7),
            ]
        );
        assert_eq!(SubsectorId::all().count(), 109);
    }

    #[test]
    fn numbers_are_dense_and_slugs_unique() {
        let text = include_str!("../../data/sectors.csv");
        for ([number, _, _, _, slug, ..], subsector) in table::rows::<9>(text).zip(SubsectorId::all()) {
            assert_eq!(number, subsector.number().to_string());
            assert_eq!(subsector.slug(), slug);
            assert_eq!(SubsectorId::from_slug(slug), Some(subsector));
            assert_eq!(SubsectorId::from_number(subsector.number()), Some(subsector));
            assert!(!subsector.name().is_empty());
        }
        assert_eq!([-1, 0, 110, 300].map(SubsectorId::from_number), [None; 4]);
        let shorts: HashSet<&str> = Sector::all().map(Sector::short).collect();
        assert_eq!(shorts.len(), 17);
        assert!(shorts.iter().all(|short| !short.contains('-')), "a bucket id could not be taken apart");
    }

    #[test]
    fn stored_numbers_do_not_move() {
        for (slug, number) in
            [("general-contractors", 1), ("plumbers", 3), ("agents-brokers", 63), ("land-reits", 109)]
        {
            assert_eq!(SubsectorId::from_slug(slug).map(SubsectorId::number), Some(number), "{slug}");
        }
    }

    #[test]
    fn it_is_its_slug_in_json() {
        let plumbers = SubsectorId::from_slug("plumbers").expect("a subsector");
        assert_eq!(serde_json::to_string(&plumbers).expect("plain data"), "\"plumbers\"");
        assert!(serde_json::from_str::<SubsectorId>("\"wizards\"").is_err());
        assert_eq!(Sector::from_slug("realestate"), Sector::from_slug("real-estate"));
    }
}
