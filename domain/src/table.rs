//! Reads the reference tables that are compiled into the crate (`data/*.csv`).
//!
//! The tables are our own: one header row, commas, `"` around a field that holds a comma, no doubled quotes, no
//! line breaks inside a field. A row of another width is left out; the tests of each table count its rows.

/// The rows of `text` after its header, each split into `N` fields that borrow from the table.
pub(crate) fn rows<const N: usize>(text: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    text.lines().skip(1).filter_map(split::<N>)
}

/// The parts of a field that holds a list (`a|b|c`); an empty field is an empty list.
pub(crate) fn list(field: &'static str) -> impl Iterator<Item = &'static str> {
    field.split('|').filter(|part| !part.is_empty())
}

fn split<const N: usize>(line: &'static str) -> Option<[&'static str; N]> {
    let mut fields = [""; N];
    let mut rest = Some(line);
    for field in &mut fields {
        let text = rest?;
        let (value, after) = match text.strip_prefix('"') {
            Some(quoted) => {
                let (value, after) = quoted.split_once('"')?;
                (value, if after.is_empty() { None } else { Some(after.strip_prefix(',')?) })
            }
            None => match text.split_once(',') {
                Some((value, after)) => (value, Some(after)),
                None => (text, None),
            },
        };
        *field = value;
        rest = after;
    }
    rest.is_none().then_some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_comma_stays_in_its_field() {
        assert_eq!(split::<3>("AE,\"Europe, Africa\",x"), Some(["AE", "Europe, Africa", "x"]));
        assert_eq!(split::<2>("a,\"b, c\""), Some(["a", "b, c"]));
        assert_eq!(split::<3>("a,,"), Some(["a", "", ""]));
    }

    #[test]
    fn a_row_of_another_width_is_left_out() {
        assert_eq!(split::<2>("a"), None);
        assert_eq!(split::<2>("a,b,c"), None);
        assert_eq!(split::<2>("a,\"b"), None);
    }

    #[test]
    fn the_header_is_not_a_row_and_an_empty_list_has_no_parts() {
        let found: Vec<[&str; 2]> = rows("k,v\na,1\nb,2\n").collect();
        assert_eq!(found, [["a", "1"], ["b", "2"]]);
        assert_eq!(list("").count(), 0);
        assert_eq!(list("x|y").collect::<Vec<_>>(), ["x", "y"]);
    }
}
