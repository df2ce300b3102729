//! What a template can say of a lead.

use std::fmt;

use crate::named::named_enum;

named_enum! {
    /// What a template can say of a lead: the names operators know.
    Variable {
        /// The given name.
        FirstName = "first_name",
        /// The surname.
        LastName = "last_name",
        /// Both.
        FullName = "full_name",
        /// The business.
        CompanyName = "company_name",
        /// The street address.
        Address = "address",
        /// The town.
        City = "city",
        /// What a property is worth, as `$850,000`.
        PropertyValue = "property_value",
        /// What of that is the owner's, as `$850,000`.
        Equity = "equity",
        /// For how many years it has been theirs.
        YearsOwned = "years_owned",
    }
}

/// What is known of one lead, for one message. Personal data: `Debug` shows which are known and not what they are.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// The given name.
    pub first_name: Option<String>,
    /// The surname.
    pub last_name: Option<String>,
    /// The whole name; without it, given name and surname are put together.
    pub full_name: Option<String>,
    /// The business.
    pub company_name: Option<String>,
    /// The street address.
    pub address: Option<String>,
    /// The town.
    pub city: Option<String>,
    /// What the property is worth, in dollars.
    pub property_value: Option<i64>,
    /// What of that is the owner's, in dollars.
    pub equity: Option<i64>,
    /// For how many years it has been theirs.
    pub years_owned: Option<u16>,
}

impl Values {
    /// What a variable says of this lead: without line breaks and control characters, one space between words; `None`
    /// where it is not known or blank.
    pub fn get(&self, variable: Variable) -> Option<String> {
        match variable {
            Variable::FirstName => line(self.first_name.as_deref()?),
            Variable::LastName => line(self.last_name.as_deref()?),
            Variable::FullName => self.full_name.as_deref().and_then(line).or_else(|| self.both_names()),
            Variable::CompanyName => line(self.company_name.as_deref()?),
            Variable::Address => line(self.address.as_deref()?),
            Variable::City => line(self.city.as_deref()?),
            Variable::PropertyValue => self.property_value.map(dollars),
            Variable::Equity => self.equity.map(dollars),
            Variable::YearsOwned => self.years_owned.map(|years| years.to_string()),
        }
    }

    fn both_names(&self) -> Option<String> {
        let (first, last) = (self.first_name.as_deref()?, self.last_name.as_deref()?);
        Some(format!("{} {}", line(first)?, line(last)?))
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Variable::ALL.iter().filter(|variable| self.get(**variable).is_some());
        f.write_str("Values of ")?;
        f.debug_list().entries(known.map(|variable| variable.as_str())).finish()
    }
}

/// One line of a value that a list may have delivered in several; `None` for a blank one.
fn line(value: &str) -> Option<String> {
    let words: Vec<&str> = value.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let line = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

/// Whole dollars as people write them: `$850,000`.
fn dollars(amount: i64) -> String {
    let digits = amount.unsigned_abs().to_string();
    let mut written = String::from(if amount < 0 { "-$" } else { "$" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_as_people_write_it() {
        let written: Vec<String> = [0, 7, 999, 1_000, 850_000, 1_234_567, -12_000].map(dollars).into();
        assert_eq!(written, ["$0", "$7", "$999", "$1,000", "$850,000", "$1,234,567", "-$12,000"]);
        assert_eq!(dollars(i64::MIN), "-$9,223,372,036,854,775,808");
    }

    #[test]
    fn a_value_is_one_line_and_a_blank_one_is_none() {
        let mut values = Values { first_name: Some(" Ana\r\n Maria\u{0} ".into()), ..Values::default() };
        assert_eq!(values.get(Variable::FirstName).as_deref(), Some("Ana Maria"));
        values.first_name = Some(" \n\t ".into());
        assert_eq!(values.get(Variable::FirstName), None);
    }

    #[test]
    fn a_full_name_is_put_together_where_it_is_not_delivered() {
        let mut values =
            Values { first_name: Some("Ana".into()), last_name: Some("Diaz".into()), ..Values::default() };
        assert_eq!(values.get(Variable::FullName).as_deref(), Some("Ana Diaz"));
        values.last_name = None;
        assert_eq!(values.get(Variable::FullName), None, "half a name is none");
    }

    #[test]
    fn debug_shows_no_value() {
        let values = Values { first_name: Some("Ana".into()), equity: Some(5), ..Values::default() };
        assert_eq!(format!("{values:?}"), r#"Values of ["first_name", "equity"]"#);
    }
}
