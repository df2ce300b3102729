//! Comparisons: one aspect of two records at a time, at levels from exact to different.

mod company;
mod date;
mod email;
mod identifier;
mod name;
mod phone;
mod place;
mod street;
mod website;

use crate::frequency::Frequencies;
use crate::record::{Part, View};
use crate::words::words;

words! {
    /// What of two records is compared.
    Comparing("comparison") {
        /// Given names.
        Given = "given",
        /// Family names.
        Family = "family",
        /// Middle names and initials.
        Middle = "middle",
        /// Jr, Sr, II …
        Generation = "generation",
        /// Names of businesses.
        Company = "company",
        /// Street and house number.
        Street = "street",
        /// Suite or apartment.
        Unit = "unit",
        /// City, state and postal code.
        Place = "place",
        /// Phone numbers.
        Phone = "phone",
        /// E-mail addresses.
        Email = "email",
        /// Web domains of a business's own.
        Website = "website",
        /// Dates.
        Date = "date",
        /// Identifiers.
        Identifier = "identifier",
    }
}

words! {
    /// How far two records agree in one comparison.
    Level("level") {
        /// One of them does not say.
        Missing = "missing",
        /// The same.
        Exact = "exact",
        /// The same in other words: a nickname, or the same words in another order.
        Equivalent = "equivalent",
        /// Given and family name exchanged.
        Swapped = "swapped",
        /// One is the other's initial, or the initials of its words.
        Initials = "initials",
        /// One typing error apart, or nearly.
        Typo = "typo",
        /// One is part of the other: a name within a longer one, a number without its area code, a date without day.
        Part = "part",
        /// Alike, but not the same.
        Similar = "similar",
        /// Nearby: the same first three digits of the ZIP.
        Near = "near",
        /// The same in a wider sense: state without city, mailbox name without domain, street without number.
        Wide = "wide",
        /// Shared by many: an address such as info@.
        Shared = "shared",
        /// Not the same.
        Different = "different",
    }
}

/// How many comparisons there are.
pub(crate) const COMPARISONS: usize = Comparing::ALL.len();
/// How many levels there are.
pub(crate) const LEVELS: usize = Level::ALL.len();

/// The level that one comparison reached.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reached {
    pub(crate) level: Level,
    /// Binary logarithm of how likely two unrelated records agree on this very value, where the value tells.
    pub(crate) log_share: Option<f32>,
}

impl Reached {
    pub(crate) const MISSING: Self = Self { level: Level::Missing, log_share: None };

    const fn at(level: Level) -> Self {
        Self { level, log_share: None }
    }

    const fn with(level: Level, log_share: f32) -> Self {
        Self { level, log_share: Some(log_share) }
    }
}

/// The levels that two records reach, by [`Comparing`].
pub(crate) fn levels(a: &View<'_>, b: &View<'_>, frequencies: &Frequencies) -> [Reached; COMPARISONS] {
    with_company(quick_levels(a, b, frequencies), a, b, frequencies)
}

/// The levels without that of the company, which takes longest and is missing here.
pub(crate) fn quick_levels(a: &View<'_>, b: &View<'_>, frequencies: &Frequencies) -> [Reached; COMPARISONS] {
    let (given, family) = name::given_and_family(a, b, frequencies);
    let email = email::email(a, b, frequencies);
    // The same address says all that its domain says.
    let website = match email.level {
        Level::Exact | Level::Shared => Reached::MISSING,
        _ => website::website(a, b, frequencies),
    };
    [
        given,
        family,
        name::middle(a, b),
        name::generation(a, b),
        Reached::MISSING,
        street::street(a, b, frequencies),
        street::unit(a, b),
        place::place(a, b, frequencies),
        phone::phone(a, b, frequencies),
        email,
        website,
        date::date(a, b),
        identifier::identifier(a, b),
    ]
}

/// Quick levels completed.
pub(crate) fn with_company(
    mut quick: [Reached; COMPARISONS],
    a: &View<'_>,
    b: &View<'_>,
    frequencies: &Frequencies,
) -> [Reached; COMPARISONS] {
    quick[Comparing::Company as usize] = company::company(a, b, frequencies);
    quick
}

/// Every pair of values of a part, or nothing when one side has none.
fn pairs<'r>(a: &View<'r>, b: &View<'r>, part: Part) -> impl Iterator<Item = (&'r [u8], &'r [u8])> {
    let others = b.values(part);
    a.values(part).flat_map(move |one| others.clone().map(move |other| (one, other)))
}

#[cfg(test)]
mod tests;
