//! Standard Industrial Classification, 1987: what business a business is in.
//!
//! Lists deliver SIC codes in many shapes: the four digits of the government's manual, the six digits of Data
//! Axle (infoUSA), the eight of Dun & Bradstreet, and any of them with a leading zero eaten by a spreadsheet.
//! [`DeliveredSic`] reads them; [`SicCode`] is the four-digit code with its title, major group and division.
//! The code as delivered is kept by the caller, beside the four digits.

mod catalog;
mod code;
mod delivered;

pub use catalog::{Division, MajorGroup};
pub use code::SicCode;
pub(crate) use delivered::VendorCode;
pub use delivered::{DeliveredSic, SicError};
