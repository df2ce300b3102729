//! What a merge touches, as data: the tables that hang on a person or a business, and the fields that survive
//! together.

use super::Kind;

/// A table with rows of a record.
#[derive(Debug)]
pub(super) struct Child {
    /// Its name in the undo.
    pub(super) name: &'static str,
    /// The table.
    pub(super) table: &'static str,
    /// What tells rows of one record apart, as text, of row `t`.
    pub(super) key: &'static str,
    /// The column behind it.
    pub(super) key_column: &'static str,
    /// From the text `k.key` back to the column's value.
    pub(super) key_value: &'static str,
    /// How strong the evidence of row `t` is: verified, score, last verified.
    pub(super) strength: [&'static str; 3],
    /// The column that says since when the row is known.
    pub(super) first: &'static str,
    /// The column that says when it was seen last.
    pub(super) last: Option<&'static str>,
    /// When row `t` was last heard of; a row heard of after a merge is not taken back with it.
    pub(super) heard: &'static str,
    /// Columns that are filled from the weaker row where the stronger has none.
    pub(super) filled: &'static [&'static str],
    /// Every column but team, record and key.
    pub(super) columns: &'static [&'static str],
}

/// Fields of a record that survive together.
#[derive(Debug)]
pub(super) struct Group {
    /// What they are called in the survivorship.
    pub(super) name: &'static str,
    /// The columns; the first one that is there says that the value is.
    pub(super) columns: &'static [&'static str],
    /// Whether the value may be an initial.
    pub(super) initials: bool,
}

/// What there is to know of a kind.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) kind: Kind,
    /// The kind in a word for people.
    pub(super) what: &'static str,
    pub(super) table: &'static str,
    pub(super) history: &'static str,
    /// The column that names a record in other tables.
    pub(super) column: &'static str,
    /// The other side of a lead.
    pub(super) other: &'static str,
    pub(super) children: &'static [Child],
    pub(super) groups: &'static [Group],
}

const HEARD: &str = "greatest(t.last_seen_at, t.last_verified_at)";
const LONG_AGO: &str = "'-infinity'::timestamptz";
const UNRATED: [&str; 3] = ["false", "0", "NULL::timestamptz"];
const RATED: [&str; 3] = ["t.verified", "t.score", "t.last_verified_at"];

const fn field(name: &'static str, columns: &'static [&'static str]) -> Group {
    Group { name, columns, initials: false }
}

static PERSONA: Layout = Layout {
    kind: Kind::Persona,
    what: "person",
    table: "personas",
    history: "persona_merge_history",
    column: "persona_id",
    other: "business_id",
    children: &[
        Child {
            name: "phones",
            table: "persona_phones",
            key: "t.number",
            key_column: "number",
            key_value: "k.key",
            strength: RATED,
            first: "first_seen_at",
            last: Some("last_seen_at"),
            heard: HEARD,
            // A flag that somebody raised stays raised.
            filled: &["extension", "carrier", "dnc_at", "tcpa_at", "litigator_at"],
            columns: &[
                "carrier",
                "dnc_at",
                "tcpa_at",
                "litigator_at",
                "extension",
                "class",
                "line_type",
                "is_valid",
                "is_connected",
                "score",
                "verified",
                "source",
                "data_source_id",
                "first_seen_at",
                "last_seen_at",
                "last_verified_at",
            ],
        },
        Child {
            name: "emails",
            table: "persona_emails",
            key: "t.address",
            key_column: "address",
            key_value: "k.key",
            strength: RATED,
            first: "first_seen_at",
            last: Some("last_seen_at"),
            heard: HEARD,
            filled: &["status"],
            columns: &[
                "status",
                "class",
                "score",
                "verified",
                "source",
                "data_source_id",
                "first_seen_at",
                "last_seen_at",
                "last_verified_at",
            ],
        },
        Child {
            name: "addresses",
            table: "persona_addresses",
            key: "encode(t.addr_hash, 'hex')",
            key_column: "addr_hash",
            key_value: "decode(k.key, 'hex')",
            strength: UNRATED,
            first: "first_seen_at",
            last: None,
            heard: LONG_AGO,
            filled: &["zip4", "county"],
            columns: &[
                "street",
                "unit",
                "city",
                "state",
                "zip5",
                "zip4",
                "county",
                "source",
                "data_source_id",
                "first_seen_at",
            ],
        },
        Child {
            name: "profiles",
            table: "social_profiles",
            key: "t.url",
            key_column: "url",
            key_value: "k.key",
            strength: UNRATED,
            first: "first_seen_at",
            last: Some("last_seen_at"),
            heard: "t.last_seen_at",
            filled: &[],
            columns: &["network", "source", "first_seen_at", "last_seen_at"],
        },
        Child {
            name: "owners",
            table: "business_owners",
            key: "t.business_id::text",
            key_column: "business_id",
            key_value: "k.key::uuid",
            strength: UNRATED,
            first: "created_at",
            last: None,
            heard: LONG_AGO,
            filled: &["title", "seniority"],
            columns: &["title", "seniority", "data_source_id", "created_at"],
        },
    ],
    groups: &[
        Group { name: "given_name", columns: &["given_name"], initials: true },
        Group { name: "middle_name", columns: &["middle_name"], initials: true },
        field("family_name", &["family_name"]),
        field("name_suffix", &["name_suffix"]),
        field("litigator", &["litigator_at"]),
        field("deceased", &["deceased_at"]),
    ],
};

static BUSINESS: Layout = Layout {
    kind: Kind::Business,
    what: "business",
    table: "businesses",
    history: "business_merge_history",
    column: "business_id",
    other: "persona_id",
    children: &[Child {
        name: "owners",
        table: "business_owners",
        key: "t.persona_id::text",
        key_column: "persona_id",
        key_value: "k.key::uuid",
        strength: UNRATED,
        first: "created_at",
        last: None,
        heard: LONG_AGO,
        filled: &["title", "seniority"],
        columns: &["title", "seniority", "data_source_id", "created_at"],
    }],
    groups: &[
        field("name", &["name", "display_name", "legal_suffix"]),
        field("dba", &["dba"]),
        field("phone", &["phone"]),
        field("email", &["email"]),
        field("website", &["website"]),
        field("address", &["street", "unit", "city", "state", "zip5", "zip4", "county", "time_zone"]),
        field("employees", &["employees_min", "employees_max"]),
        field("revenue", &["revenue_min", "revenue_max", "revenue_tier"]),
        field("trade", &["sic4", "sic_delivered", "sic_description", "subsector"]),
        field("year_founded", &["year_founded"]),
        field("extras", &["extras"]),
        field("confirmed", &["confirmed_at", "confirmed_by"]),
    ],
};

impl Layout {
    pub(super) fn of(kind: Kind) -> &'static Self {
        match kind {
            Kind::Persona => &PERSONA,
            Kind::Business => &BUSINESS,
        }
    }

    /// Fills `{table} {history} {column} {other} {what}` of a statement.
    pub(super) fn sql(&self, template: &str) -> String {
        template
            .replace("{table}", self.table)
            .replace("{history}", self.history)
            .replace("{column}", self.column)
            .replace("{other}", self.other)
    }

    /// All columns that can survive, in one list.
    pub(super) fn fields(&self) -> Vec<&'static str> {
        self.groups.iter().flat_map(|group| group.columns.iter().copied()).collect()
    }
}
