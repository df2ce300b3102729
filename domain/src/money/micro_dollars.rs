//! An amount of money as a whole number of micro-dollars, so that sums of millions of calls are exact.

use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Micro-dollars in a dollar.
const DOLLAR: i64 = 1_000_000;

/// A text that is no amount of dollars.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no amount of dollars; give digits with at most six decimals, like 0.15 or $1,200.00")]
pub struct MoneyError(String);

/// A millionth of a US dollar, so many times; negative where money comes back. In JSON and in the database it is the
/// bare number, for people it is dollars: `$0.15`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MicroDollars(i64);

impl MicroDollars {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// So many micro-dollars.
    pub const fn new(micros: i64) -> Self {
        Self(micros)
    }

    /// So many whole dollars; `None` where that is more than there is.
    pub const fn from_dollars(dollars: i64) -> Option<Self> {
        match dollars.checked_mul(DOLLAR) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    /// The number of micro-dollars.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Both together; `None` where the sum is too large to be any.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    /// What is left; `None` where that is too far below nothing.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    /// So many times; `None` where the product is too large.
    pub const fn checked_mul(self, times: i64) -> Option<Self> {
        match self.0.checked_mul(times) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }
}

/// The sum, or `None` where it is too large to be any.
impl Sum<MicroDollars> for Option<MicroDollars> {
    fn sum<I: Iterator<Item = MicroDollars>>(mut amounts: I) -> Self {
        amounts.try_fold(MicroDollars::ZERO, MicroDollars::checked_add)
    }
}

impl fmt::Display for MicroDollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        let (dollars, rest) = (micros / DOLLAR.unsigned_abs(), micros % DOLLAR.unsigned_abs());
        let decimals = format!("{rest:06}");
        // At least cents; beyond them only what is not zero.
        let shown = decimals.trim_end_matches('0').len().max(2);
        write!(f, "{sign}${dollars}.{}", &decimals[..shown])
    }
}

impl FromStr for MicroDollars {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let refused = || MoneyError(text.to_owned());
        let plain = text.trim();
        let (negative, plain) = plain.strip_prefix('-').map_or((false, plain), |rest| (true, rest));
        let plain = plain.strip_prefix('$').unwrap_or(plain).replace(',', "");
        let (whole, decimals) = plain.split_once('.').unwrap_or((&plain, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && decimals.is_empty())
            || decimals.len() > 6
            || !digits(whole)
            || !digits(decimals)
        {
            return Err(refused());
        }
        // Digits only, so the one thing that can go wrong is the size.
        let micros: i64 = format!("{whole}{decimals:0<6}").parse().map_err(|_| refused())?;
        Ok(Self(if negative { -micros } else { micros }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn renders_as_dollars_with_as_many_decimals_as_it_takes() {
        let shown = |micros: i64| MicroDollars::new(micros).to_string();
        assert_eq!(shown(150_000), "$0.15");
        assert_eq!(shown(100), "$0.0001");
        assert_eq!(shown(0), "$0.00");
        assert_eq!(shown(-1_500_000), "-$1.50");
        assert_eq!(shown(1_234_567), "$1.234567");
        assert_eq!(shown(i64::MIN), "-$9223372036854.775808");
    }

    #[test]
    fn reads_what_people_write_and_refuses_the_rest() {
        let read = |text: &str| text.parse::<MicroDollars>().map(MicroDollars::micros).ok();
        assert_eq!(read("$1,200.00"), Some(1_200_000_000));
        assert_eq!(read(".15"), Some(150_000));
        assert_eq!(read("5"), Some(5_000_000));
        assert_eq!(read(" -0.0001 "), Some(-100));
        for wrong in ["", "$", ".", "1.2345678", "1e3", "١", "99999999999999", "--1", "1.-2"] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn sums_that_are_too_large_are_none() {
        let most = MicroDollars::new(i64::MAX);
        assert_eq!(most.checked_add(MicroDollars::new(1)), None);
        assert_eq!(MicroDollars::new(i64::MIN).checked_sub(MicroDollars::new(1)), None);
        assert_eq!(most.checked_mul(2), None);
        assert_eq!([most, most].into_iter().sum::<Option<MicroDollars>>(), None);
        assert_eq!(MicroDollars::from_dollars(i64::MAX), None);
    }

    proptest! {
        #[test]
        fn what_is_rendered_reads_back(micros in i64::MIN + 1..) {
            let money = MicroDollars::new(micros);
            prop_assert_eq!(money.to_string().parse::<MicroDollars>(), Ok(money));
        }
    }
}
