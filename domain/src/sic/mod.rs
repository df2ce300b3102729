//! sic
