//! Businesses, at their places: two branches of one chain are two.
//!
//! Each line is a level with m, the share of pairs that are one business and reach it, and u, the share of pairs that
//! are not.

use super::{Relation, Tables, alike};
use crate::comparison::Comparing::{
    Company, Date, Email, Family, Given, Identifier, Phone, Place, Street, Unit, Website,
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
                    (Exact, 0.5, 0.004),
                    (Equivalent, 0.04, 0.001),
                    (Swapped, 0.01, 0.000_1),
                    (Initials, 0.03, 0.06),
                    (Typo, 0.05, 0.004),
                    (Similar, 0.03, 0.02),
                    (Different, 0.34, 0.92),
                ],
            ),
            (
                Family,
                &[
                    (Exact, 0.55, 0.001),
                    (Swapped, 0.01, 0.000_1),
                    (Initials, 0.01, 0.06),
                    (Typo, 0.05, 0.002),
                    (Part, 0.01, 0.000_5),
                    (Similar, 0.02, 0.012),
                    (Different, 0.35, 0.93),
                ],
            ),
            (
                Company,
                &[
                    (Exact, 0.6, 0.000_1),
                    (Equivalent, 0.06, 0.000_1),
                    (Initials, 0.01, 0.000_1),
                    (Typo, 0.1, 0.000_2),
                    (Part, 0.09, 0.000_5),
                    (Similar, 0.08, 0.005),
                    (Wide, 0.06, 0.02),
                    (Different, 0.08, 0.97),
                ],
            ),
            (
                Street,
                &[
                    (Exact, 0.74, 0.000_05),
                    (Typo, 0.12, 0.000_1),
                    (Part, 0.02, 0.000_5),
                    (Similar, 0.02, 0.000_3),
                    (Wide, 0.02, 0.003),
                    (Different, 0.08, 0.99),
                ],
            ),
            (Unit, &[(Exact, 0.8, 0.01), (Typo, 0.05, 0.005), (Different, 0.15, 0.98)]),
            (
                Place,
                &[
                    (Exact, 0.85, 0.001),
                    (Typo, 0.04, 0.000_5),
                    (Part, 0.05, 0.005),
                    (Similar, 0.01, 0.003),
                    (Near, 0.02, 0.01),
                    (Wide, 0.015, 0.05),
                    (Different, 0.015, 0.93),
                ],
            ),
            (
                Phone,
                &[
                    (Exact, 0.8, 0.000_001),
                    (Typo, 0.03, 0.000_01),
                    (Part, 0.04, 0.000_001),
                    (Different, 0.13, 0.999),
                ],
            ),
            (
                Email,
                &[
                    (Exact, 0.7, 0.000_001),
                    (Typo, 0.03, 0.000_01),
                    (Wide, 0.02, 0.000_3),
                    (Similar, 0.02, 0.01),
                    (Shared, 0.75, 0.000_005),
                    (Different, 0.25, 0.999),
                ],
            ),
            (Website, &[(Exact, 0.88, 0.000_01), (Typo, 0.03, 0.000_02), (Different, 0.09, 0.999)]),
            (
                Date,
                &[
                    (Exact, 0.8, 0.000_1),
                    (Equivalent, 0.02, 0.000_1),
                    (Typo, 0.05, 0.001),
                    (Part, 0.05, 0.01),
                    (Similar, 0.03, 0.006),
                    (Different, 0.05, 0.98),
                ],
            ),
            (Identifier, &[(Exact, 0.9, 0.000_000_3), (Typo, 0.05, 0.000_005), (Different, 0.05, 0.999)]),
        ],
        vec![
            Relation {
                name: "neighbours in one building",
                partners: 1.0,
                alike: alike(&[(Street, 1.0), (Unit, 0.3), (Place, 1.0), (Phone, 0.1)]),
            },
            Relation {
                name: "branches of one company",
                partners: 1.0,
                alike: alike(&[
                    (Company, 1.0),
                    (Website, 1.0),
                    (Email, 0.5),
                    (Place, 0.4),
                    (Phone, 0.1),
                    (Given, 0.1),
                    (Family, 0.1),
                ]),
            },
            Relation {
                name: "businesses of one owner",
                partners: 0.05,
                alike: alike(&[
                    (Phone, 1.0),
                    (Email, 0.9),
                    (Website, 0.5),
                    (Street, 1.0),
                    (Unit, 0.8),
                    (Place, 1.0),
                    (Given, 1.0),
                    (Family, 1.0),
                ]),
            },
        ],
    )
}
