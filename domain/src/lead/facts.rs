//! The facts of a lead that score, tags, class and quality depend on, as one bit set.

use std::fmt;

use super::Targets;
use crate::email::EmailClass;
use crate::named::named_enum;
use crate::normalize::{NormalizedRow, RowFlags};
use crate::phone::PhoneKind;
use crate::title::Seniority;

/// Employees from which a business is not small any more.
const MEDIUM_FROM: i32 = 10;
/// Employees from which a business is large.
const LARGE_FROM: i32 = 100;
/// Revenue in dollars from which it is high: the lower end of tier growth.
const HIGH_REVENUE_FROM: i64 = 2_500_000;
/// Revenue in dollars of a main-street business: from, to.
pub(super) const MAIN_STREET: (i64, i64) = (500_000, 10_000_000);
/// Years in business from which a business is established.
const ESTABLISHED_YEARS: i16 = 5;

named_enum! {
    /// How many people work there.
    SizeBand {
        /// Certainly fewer than 10.
        Small = "small",
        /// Neither small nor large for certain.
        Medium = "medium",
        /// At least 100.
        Large = "large",
    }
}

/// A set of facts about one lead. Bits are stored (`leads.facts`) and never renumbered: a score is explained
/// from them and the version of the weights alone.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LeadFacts(u32);

macro_rules! lead_facts {
    ($($(#[$doc:meta])* $name:ident = $bit:literal;)*) => {
        impl LeadFacts {
            $($(#[$doc])* pub const $name: LeadFacts = LeadFacts(1 << $bit);)*

            const TABLE: &'static [(LeadFacts, &'static str)] = &[$((LeadFacts::$name, stringify!($name)),)*];
        }
    };
}

lead_facts! {
    /// A person is named.
    HAS_PERSON = 0;
    /// A company is named.
    HAS_COMPANY = 1;
    /// There is a phone that can be called.
    HAS_PHONE = 2;
    /// A phone was given that cannot be one.
    INVALID_PHONE = 3;
    /// There is an e-mail address that is not a throw-away one.
    HAS_EMAIL = 4;
    /// A person is named and the address is one at the business's own domain.
    HAS_PERSONAL_EMAIL = 5;
    /// The address is a function's: info@, sales@.
    HAS_ROLE_EMAIL = 6;
    /// The address is a free mailbox: gmail.com and the like.
    HAS_FREE_EMAIL = 7;
    /// There is a street address that mail would reach.
    HAS_ADDRESS = 8;
    /// There is a website.
    HAS_WEBSITE = 9;
    /// There is a SIC code of the 1987 manual.
    HAS_SIC = 10;
    /// The title says owner or founder.
    OWNER = 11;
    /// The title says that the person runs the business.
    C_LEVEL = 12;
    /// The title is one that decides on purchases: owner to director, or manager of a small business.
    DECISION_MAKER = 13;
    /// There is a title and it does not decide.
    OTHER_TITLE = 14;
    /// Low bit of the size band; alone it means small, with the high bit large.
    SIZE_LOW = 15;
    /// High bit of the size band; alone it means medium, with the low bit large.
    SIZE_HIGH = 16;
    /// Something is known of the revenue.
    REVENUE_KNOWN = 17;
    /// Revenue from $0.5M to $10M a year.
    MAIN_STREET = 18;
    /// Revenue from $2.5M a year.
    HIGH_REVENUE = 19;
    /// Five years or more in business.
    ESTABLISHED = 20;
    /// The SIC code is on the team's target list.
    TARGET_SIC = 21;
    /// Size or revenue is in the team's target.
    TARGET_SIZE = 22;
    /// A vendor or the mail server says that the address exists. Set by enrichment.
    VERIFIED_EMAIL = 23;
    /// A lookup says valid and mobile or voip, or somebody reached it. Set by enrichment.
    VERIFIED_PHONE = 24;
    /// The person's LinkedIn profile is known. Set by enrichment.
    LINKEDIN = 25;
    /// A vendor confirmed the business. Set by enrichment.
    BUSINESS_CONFIRMED = 26;
    /// The lead sent an e-mail address. Set by conversations.
    EMAIL_CAPTURED = 27;
    /// The lead called. Set by conversations.
    CALLED = 28;
    /// The lead is interested. Set by conversations.
    INTERESTED = 29;
    /// The lead is not interested. Set by conversations.
    NOT_INTERESTED = 30;
    /// The lead opted out. Set by conversations and suppressions.
    OPTED_OUT = 31;
}

impl LeadFacts {
    /// No fact.
    pub const NONE: LeadFacts = LeadFacts(0);

    /// What a list tells about a row's lead. Facts that only vendors or the lead can tell are not set.
    ///
    /// `current_year` is the calendar year in which the file was uploaded, so that a repetition next year
    /// tells the same.
    pub fn of(row: &NormalizedRow, targets: &Targets, current_year: i16) -> Self {
        let mut facts = Self::NONE;
        let mut note = |fact: Self, holds: bool| {
            if holds {
                facts.insert(fact);
            }
        };
        let person = row.has_person();
        let class = row.email_class;
        note(Self::HAS_PERSON, person);
        note(Self::HAS_COMPANY, row.company.is_some());
        // Premium numbers are never called.
        let callable = |class: Option<PhoneKind>| class.is_some_and(|class| class != PhoneKind::Premium);
        note(Self::HAS_PHONE, callable(row.phone_class) || callable(row.phone_2_class));
        note(Self::INVALID_PHONE, row.flags.contains(RowFlags::INVALID_PHONE));
        note(Self::INVALID_PHONE, row.flags.contains(RowFlags::FICTITIOUS_PHONE));
        note(Self::HAS_EMAIL, class.is_some_and(|class| class != EmailClass::Disposable));
        note(Self::HAS_PERSONAL_EMAIL, person && class == Some(EmailClass::Business));
        note(Self::HAS_ROLE_EMAIL, class == Some(EmailClass::Role));
        note(Self::HAS_FREE_EMAIL, class == Some(EmailClass::Free));
        let place = row.zip5.is_some() || (row.city.is_some() && row.state.is_some());
        note(Self::HAS_ADDRESS, row.street.is_some() && place);
        note(Self::HAS_WEBSITE, row.website.is_some());
        note(Self::HAS_SIC, row.sic4.is_some());

        let band = size_band(row.employees_min, row.employees_max);
        note(Self::SIZE_LOW, matches!(band, Some(SizeBand::Small | SizeBand::Large)));
        note(Self::SIZE_HIGH, matches!(band, Some(SizeBand::Medium | SizeBand::Large)));
        // A title without a person is a column that was filled by rote.
        let rank = row.seniority.filter(|_| person);
        let decides = rank.is_some_and(|rank| decides(rank, band));
        note(Self::OWNER, rank == Some(Seniority::Owner));
        note(Self::C_LEVEL, rank == Some(Seniority::CSuite));
        note(Self::DECISION_MAKER, decides);
        note(Self::OTHER_TITLE, rank.is_some() && !decides);

        note(Self::REVENUE_KNOWN, row.revenue_min.is_some() || row.revenue_max.is_some());
        note(Self::HIGH_REVENUE, row.revenue_min.is_some_and(|from| from >= HIGH_REVENUE_FROM));
        let main_street = row.revenue_min.is_some_and(|from| from >= MAIN_STREET.0)
            && row.revenue_max.is_some_and(|to| to <= MAIN_STREET.1);
        note(Self::MAIN_STREET, main_street);
        let years = row.year_founded.map(|founded| current_year.saturating_sub(founded));
        note(Self::ESTABLISHED, years.is_some_and(|years| years >= ESTABLISHED_YEARS));
        note(Self::TARGET_SIC, row.sic4.is_some_and(|sic| targets.want_sic(sic)));
        note(Self::TARGET_SIZE, targets.want_size(row));
        facts
    }

    /// The bits.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The set with these bits. Every bit has a meaning.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The bits as PostgreSQL's signed `integer` stores them.
    pub const fn to_db(self) -> i32 {
        self.0.cast_signed()
    }

    /// The set that PostgreSQL stored as a signed `integer`.
    pub const fn from_db(stored: i32) -> Self {
        Self(stored.cast_unsigned())
    }

    /// Whether all of `facts` hold.
    pub const fn contains(self, facts: Self) -> bool {
        self.0 & facts.0 == facts.0
    }

    /// Whether any of `facts` holds.
    pub const fn intersects(self, facts: Self) -> bool {
        self.0 & facts.0 != 0
    }

    /// Adds `facts`.
    pub const fn insert(&mut self, facts: Self) {
        self.0 |= facts.0;
    }

    /// These facts and those.
    pub const fn with(self, facts: Self) -> Self {
        Self(self.0 | facts.0)
    }

    /// These facts without those.
    pub const fn without(self, facts: Self) -> Self {
        Self(self.0 & !facts.0)
    }

    /// How many people work there, if known.
    pub const fn size_band(self) -> Option<SizeBand> {
        match (self.contains(Self::SIZE_HIGH), self.contains(Self::SIZE_LOW)) {
            (false, false) => None,
            (false, true) => Some(SizeBand::Small),
            (true, false) => Some(SizeBand::Medium),
            (true, true) => Some(SizeBand::Large),
        }
    }

    /// Whether the list says nothing of what scores are usually made of: title, revenue, line of business.
    /// The prepare stage remarks on such rows (`prepare.missing_data`).
    pub const fn lacks_usual_data(self) -> bool {
        let usual =
            Self::DECISION_MAKER.with(Self::OTHER_TITLE).with(Self::REVENUE_KNOWN).with(Self::HAS_SIC);
        !self.intersects(usual)
    }

    /// The names of the facts that hold, in bit order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::TABLE.iter().filter(move |(fact, _)| self.contains(*fact)).map(|(_, name)| *name)
    }
}

/// Whether a title decides on purchases. In a small business its manager does.
fn decides(rank: Seniority, band: Option<SizeBand>) -> bool {
    match rank {
        Seniority::Owner | Seniority::CSuite | Seniority::Partner | Seniority::Vp | Seniority::Director => {
            true
        }
        Seniority::Manager => band == Some(SizeBand::Small),
        Seniority::Staff => false,
    }
}

/// The band of a range of employees. A range that crosses a border counts as medium.
fn size_band(min: Option<i32>, max: Option<i32>) -> Option<SizeBand> {
    match (min, max) {
        (None, None) => None,
        (_, Some(max)) if max < MEDIUM_FROM => Some(SizeBand::Small),
        (Some(min), _) if min >= LARGE_FROM => Some(SizeBand::Large),
        _ => Some(SizeBand::Medium),
    }
}

impl std::ops::BitOr for LeadFacts {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        self.with(other)
    }
}

impl fmt::Debug for LeadFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LeadFacts ")?;
        f.debug_set().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(row: &NormalizedRow) -> LeadFacts {
        LeadFacts::of(row, &Targets::default(), 2026)
    }

    fn employees(min: Option<i32>, max: Option<i32>) -> Option<SizeBand> {
        facts(&NormalizedRow { employees_min: min, employees_max: max, ..NormalizedRow::default() })
            .size_band()
    }

    #[test]
    fn every_bit_has_one_meaning() {
        let all = LeadFacts::TABLE.iter().fold(0, |all, (fact, name)| {
            assert_eq!(all & fact.bits(), 0, "{name} reuses a bit");
            all | fact.bits()
        });
        assert_eq!(all, u32::MAX);
        assert_eq!(LeadFacts::from_db(LeadFacts::OPTED_OUT.to_db()), LeadFacts::OPTED_OUT);
    }

    #[test]
    fn an_empty_row_tells_nothing() {
        assert_eq!(facts(&NormalizedRow::default()), LeadFacts::NONE);
    }

    #[test]
    fn employees_make_bands_and_only_certain_ones_are_small() {
        assert_eq!(employees(Some(5), Some(9)), Some(SizeBand::Small));
        assert_eq!(employees(Some(9), Some(9)), Some(SizeBand::Small));
        assert_eq!(employees(Some(10), Some(10)), Some(SizeBand::Medium));
        assert_eq!(employees(Some(5), Some(19)), Some(SizeBand::Medium));
        assert_eq!(employees(Some(5), None), Some(SizeBand::Medium));
        assert_eq!(employees(Some(100), None), Some(SizeBand::Large));
        assert_eq!(employees(None, None), None);
    }

    #[test]
    fn revenue_facts_follow_the_borders() {
        let of = |min, max| {
            facts(&NormalizedRow { revenue_min: min, revenue_max: max, ..NormalizedRow::default() })
        };
        let street = of(Some(500_000), Some(999_999));
        assert!(street.contains(LeadFacts::MAIN_STREET) && !street.contains(LeadFacts::HIGH_REVENUE));
        assert!(
            of(Some(2_500_000), Some(10_000_000)).contains(LeadFacts::MAIN_STREET | LeadFacts::HIGH_REVENUE)
        );
        assert!(!of(Some(2_499_999), Some(2_499_999)).contains(LeadFacts::HIGH_REVENUE));
        assert!(!of(Some(10_000_000), None).contains(LeadFacts::MAIN_STREET));
        assert!(!of(Some(499_999), Some(499_999)).contains(LeadFacts::MAIN_STREET));
        assert!(of(None, Some(499_999)).contains(LeadFacts::REVENUE_KNOWN));
    }

    #[test]
    fn years_in_business_count_to_the_year_given() {
        let founded = |year| facts(&NormalizedRow { year_founded: Some(year), ..NormalizedRow::default() });
        assert!(founded(2021).contains(LeadFacts::ESTABLISHED));
        assert!(!founded(2022).contains(LeadFacts::ESTABLISHED));
        assert!(!founded(2030).contains(LeadFacts::ESTABLISHED));
        assert!(founded(i16::MIN).contains(LeadFacts::ESTABLISHED), "no overflow");
    }

    #[test]
    fn a_title_counts_only_for_a_named_person() {
        let mut row = NormalizedRow { seniority: Some(Seniority::Owner), ..NormalizedRow::default() };
        assert_eq!(facts(&row), LeadFacts::NONE);
        row.family_name = Some("Smith".to_owned());
        assert!(facts(&row).contains(LeadFacts::OWNER | LeadFacts::DECISION_MAKER));
        row.seniority = Some(Seniority::Manager);
        assert!(facts(&row).contains(LeadFacts::OTHER_TITLE));
        row.employees_max = Some(4);
        assert!(facts(&row).contains(LeadFacts::DECISION_MAKER), "the manager of a small business decides");
    }

    #[test]
    fn a_premium_number_is_no_phone_to_call() {
        let mut row = NormalizedRow { phone_class: Some(PhoneKind::Premium), ..NormalizedRow::default() };
        assert!(!facts(&row).contains(LeadFacts::HAS_PHONE));
        row.phone_2_class = Some(PhoneKind::Mobile);
        assert!(facts(&row).contains(LeadFacts::HAS_PHONE));
    }

    #[test]
    fn an_email_is_personal_only_for_a_named_person() {
        let mut row = NormalizedRow { email_class: Some(EmailClass::Business), ..NormalizedRow::default() };
        assert_eq!(facts(&row), LeadFacts::HAS_EMAIL);
        row.given_name = Some("Ann".to_owned());
        assert!(facts(&row).contains(LeadFacts::HAS_PERSONAL_EMAIL));
        row.email_class = Some(EmailClass::Disposable);
        assert!(!facts(&row).intersects(LeadFacts::HAS_EMAIL | LeadFacts::HAS_PERSONAL_EMAIL));
    }
}
