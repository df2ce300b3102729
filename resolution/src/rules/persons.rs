//! Persons.
//!
//! Each line is a level with m, the share of pairs that are one person and reach it, and u, the share of pairs that are
//! not. Where a value is known (a level with a share of its own) u is what its frequency says instead.

use super::{Relation, Tables, alike};
use crate::comparison::Comparing::{
    Company, Date, Email, Family, Generation, Given, Identifier, Middle, Phone, Place, Street, Unit, Website,
};
use crate::comparison::Level::{
    Different, Equivalent, Exact, Initials, Near, Part, Shared, Similar, Swapped, Typo, Wide,
};

pub(super) fn tables() -> Tables {
    Tables::of(
        &[
            (
                Given,
                &[
                    (Exact, 0.66, 0.004),
                    (Equivalent, 0.05, 0.001),
                    (Swapped, 0.03, 0.000_5),
                    (Wide, 0.005, 0.000_5),
                    (Initials, 0.03, 0.003),
                    (Typo, 0.14, 0.004),
                    (Similar, 0.03, 0.01),
                    (Different, 0.006, 0.93),
                ],
            ),
            (
                Family,
                &[
                    (Exact, 0.74, 0.001),
                    (Swapped, 0.7, 0.000_1),
                    (Wide, 0.005, 0.000_1),
                    (Initials, 0.01, 0.001),
                    (Typo, 0.15, 0.002),
                    (Part, 0.01, 0.000_5),
                    (Similar, 0.02, 0.012),
                    (Different, 0.04, 0.93),
                ],
            ),
            (
                Middle,
                &[(Exact, 0.45, 0.01), (Initials, 0.4, 0.06), (Typo, 0.03, 0.01), (Different, 0.12, 0.92)],
            ),
            (Generation, &[(Exact, 0.97, 0.4), (Different, 0.03, 0.6)]),
            (
                Company,
                &[
                    (Exact, 0.68, 0.000_5),
                    (Equivalent, 0.03, 0.000_2),
                    (Initials, 0.01, 0.000_1),
                    (Typo, 0.08, 0.000_4),
                    (Part, 0.04, 0.001),
                    (Similar, 0.04, 0.01),
                    (Wide, 0.02, 0.02),
                    (Different, 0.10, 0.96),
                ],
            ),
            (
                Street,
                &[
                    (Exact, 0.58, 0.000_05),
                    (Typo, 0.18, 0.000_1),
                    (Part, 0.05, 0.000_5),
                    (Similar, 0.05, 0.000_3),
                    (Wide, 0.02, 0.003),
                    (Different, 0.12, 0.99),
                ],
            ),
            (Unit, &[(Exact, 0.72, 0.01), (Typo, 0.14, 0.005), (Different, 0.14, 0.98)]),
            (
                Place,
                &[
                    (Exact, 0.72, 0.001),
                    (Typo, 0.08, 0.000_5),
                    (Part, 0.06, 0.005),
                    (Similar, 0.02, 0.003),
                    (Near, 0.03, 0.01),
                    (Wide, 0.04, 0.05),
                    (Different, 0.05, 0.93),
                ],
            ),
            (
                Phone,
                &[
                    (Exact, 0.76, 0.000_001),
                    (Typo, 0.05, 0.000_01),
                    (Part, 0.04, 0.000_001),
                    (Different, 0.15, 0.999),
                ],
            ),
            (
                Email,
                &[
                    (Exact, 0.76, 0.000_001),
                    (Typo, 0.05, 0.000_01),
                    (Wide, 0.03, 0.000_3),
                    (Similar, 0.03, 0.03),
                    (Shared, 0.7, 0.000_02),
                    (Different, 0.16, 0.999),
                ],
            ),
            (Website, &[(Exact, 0.82, 0.000_02), (Typo, 0.03, 0.000_02), (Different, 0.15, 0.999)]),
            (
                Date,
                &[
                    (Exact, 0.84, 0.000_04),
                    (Equivalent, 0.02, 0.000_04),
                    (Typo, 0.05, 0.000_8),
                    (Part, 0.02, 0.005),
                    (Similar, 0.02, 0.006),
                    (Different, 0.05, 0.99),
                ],
            ),
            (Identifier, &[(Exact, 0.88, 0.000_000_3), (Typo, 0.06, 0.000_005), (Different, 0.06, 0.999)]),
        ],
        vec![
            Relation {
                name: "members of one household",
                partners: 0.3,
                alike: alike(&[
                    (Family, 0.8),
                    (Street, 1.0),
                    (Unit, 1.0),
                    (Place, 1.0),
                    (Phone, 0.9),
                    (Email, 0.25),
                    (Date, 0.05),
                    (Website, 0.5),
                ]),
            },
            Relation {
                name: "colleagues",
                partners: 1.0,
                alike: alike(&[
                    (Company, 1.0),
                    (Street, 1.0),
                    (Unit, 1.0),
                    (Place, 1.0),
                    (Phone, 0.9),
                    (Website, 1.0),
                ]),
            },
        ],
    )
}
