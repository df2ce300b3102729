//! Money in whole micro-dollars, and what things cost where nothing else was agreed.

mod micro_dollars;
mod prices;

pub use micro_dollars::{MicroDollars, MoneyError};
pub use prices::{EXPENSIVE_FROM, NUMBER_A_MONTH, Priced};
