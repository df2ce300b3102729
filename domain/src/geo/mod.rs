//! Where a lead is: state, ZIP, and the time zone its messages must respect.
//!
//! The facts are tables compiled into the crate (`data/README.md` names their sources). Looking one up is an
//! array access or one hash, without allocation, because every row of every list does it.

mod area_code;
mod clock;
mod county;
mod fold;
mod resolve;
mod state;
mod time_zone;
mod zip;
mod zip_tables;
mod zone_set;

pub use area_code::{AreaCode, AreaCodeKind, area_code, area_codes_of, local_area_code, zones_of_area_code};
pub use clock::LocalTime;
pub use county::zone_of_county;
pub use resolve::{ResolvedZone, ZoneSource, resolve_zone};
pub use state::{State, StateKind, UnknownState};
pub use time_zone::{TimeZone, UnknownTimeZone};
pub use zip::{Zip, Zip5, ZipError};
pub use zip_tables::{zone_of_state, zone_of_zip, zones_of_state};
pub use zone_set::ZoneSet;
