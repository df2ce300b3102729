//! Deciding what each column means: profile, then alias, then resemblance, then the values themselves.

use std::collections::BTreeMap;

use crate::aliases::{self, Meaning};
use crate::content;
use crate::field::Field;
use crate::reject::REJECT_COLUMNS;
use crate::shape::{ColumnMapping, MappedBy, ReadOptions, ReadWarning};

/// A claim of a column on one of several fields, the best first.
struct Claim {
    index: usize,
    fields: Vec<Field>,
    rank: usize,
    confidence: f32,
    how: MappedBy,
}

/// The columns of a file while their meaning is being found.
pub(crate) struct Columns<'a> {
    /// Headers as they stand in the file.
    pub(crate) headers: &'a [String],
    /// Some rows, cell by cell.
    pub(crate) sample: &'a [Vec<String>],
}

/// Maps every column. `names` are the headers made unique.
pub(crate) fn map_columns(
    columns: &Columns<'_>,
    names: &[String],
    options: &ReadOptions,
    warnings: &mut Vec<ReadWarning>,
) -> Vec<ColumnMapping> {
    let mut mapping: Vec<ColumnMapping> = names
        .iter()
        .enumerate()
        .map(|(index, header)| ColumnMapping {
            index,
            header: header.clone(),
            field: None,
            confidence: 0.0,
            how: MappedBy::Nothing,
        })
        .collect();
    if columns.is_reject_report() {
        for column in &mut mapping[..REJECT_COLUMNS.len()] {
            column.how = MappedBy::RejectReport;
        }
    }
    settle(columns.profile_claims(options, warnings), &mut mapping, warnings, columns);
    settle(columns.alias_claims(&mapping), &mut mapping, warnings, columns);
    if let Some(claim) = columns.claim_of_name(&mapping) {
        settle(vec![claim], &mut mapping, warnings, columns);
    }
    settle(columns.fuzzy_claims(&mapping), &mut mapping, warnings, columns);
    settle(columns.content_claims(&mapping), &mut mapping, warnings, columns);
    // The only phone of a list is its phone, whatever it is called.
    if !has(&mapping, Field::Phone)
        && !has(&mapping, Field::Mobile)
        && let Some(column) = mapping.iter_mut().find(|column| column.field == Some(Field::Phone2))
    {
        column.field = Some(Field::Phone);
    }
    for column in mapping.iter().filter(|column| matches!(column.how, MappedBy::Fuzzy | MappedBy::Content)) {
        if let Some(field) = column.field {
            let reason = if column.how == MappedBy::Fuzzy { "its name" } else { "its values" };
            warnings.push(ReadWarning::new(
                "mapping_guessed",
                format!("column {:?} is taken as {field} because of {reason}", column.header),
            ));
        }
    }
    mapping
}

fn has(mapping: &[ColumnMapping], field: Field) -> bool {
    mapping.iter().any(|column| column.field == Some(field))
}

/// Gives every claim its best field that is still free; better names first.
fn settle(
    mut claims: Vec<Claim>,
    mapping: &mut [ColumnMapping],
    warnings: &mut Vec<ReadWarning>,
    columns: &Columns<'_>,
) {
    claims.sort_by_key(|claim| (claim.rank, claim.index));
    for claim in claims {
        let free = claim.fields.iter().copied().find(|field| !has(mapping, *field));
        let Some(field) = free else { continue };
        let certain = claim.how == MappedBy::Profile;
        if field == Field::VendorRecordId
            && !certain
            && !content::tells_records_apart(&columns.values(claim.index))
        {
            warnings.push(ReadWarning::new(
                "record_id_not_unique",
                format!(
                    "column {:?} does not tell records apart and is not taken as the vendor's id",
                    mapping[claim.index].header
                ),
            ));
            continue;
        }
        let column = &mut mapping[claim.index];
        column.field = Some(field);
        column.confidence = claim.confidence;
        column.how = claim.how;
    }
}

impl<'a> Columns<'a> {
    /// Whether the first columns are those of a `rejects.csv` of ours.
    fn is_reject_report(&self) -> bool {
        self.headers.len() > REJECT_COLUMNS.len()
            && REJECT_COLUMNS.iter().zip(self.headers).all(|(known, header)| known == header)
    }

    fn values(&self, index: usize) -> Vec<&'a str> {
        self.sample.iter().filter_map(|row| row.get(index)).map(String::as_str).collect()
    }

    fn profile_claims(&self, options: &ReadOptions, warnings: &mut Vec<ReadWarning>) -> Vec<Claim> {
        let Some(profile) = &options.mapping else { return Vec::new() };
        let by_name: BTreeMap<String, (&String, Field)> =
            profile.iter().map(|(name, field)| (aliases::compact(name), (name, *field))).collect();
        let mut claims = Vec::new();
        for (index, header) in self.headers.iter().enumerate() {
            if let Some((_, field)) = by_name.get(&aliases::compact(header)) {
                claims.push(Claim {
                    index,
                    fields: vec![*field],
                    rank: 0,
                    confidence: 1.0,
                    how: MappedBy::Profile,
                });
            }
        }
        let present: Vec<String> = self.headers.iter().map(|header| aliases::compact(header)).collect();
        for (name, (written, _)) in &by_name {
            if !present.contains(name) {
                warnings.push(ReadWarning::new(
                    "profile_column_absent",
                    format!("the mapping profile names the column {written:?}, which the file does not have"),
                ));
            }
        }
        claims
    }

    fn alias_claims(&self, mapping: &[ColumnMapping]) -> Vec<Claim> {
        let mut claims = Vec::new();
        for (index, header) in self.free(mapping) {
            let name = aliases::compact(header);
            let meanings = aliases::meanings(&name);
            let Some(first) = meanings.first() else { continue };
            let mut fields: Vec<Field> = meanings.iter().map(|meaning| meaning.field).collect();
            let mut rank = first.rank;
            let mut confidence = 1.0;
            if name == "title" {
                let prefixes = content::share(&self.values(index), 1, content::is_name_prefix);
                let field =
                    if prefixes.is_some_and(|share| share >= 0.5) { Field::NamePrefix } else { Field::Title };
                fields = vec![field];
                rank = meanings
                    .iter()
                    .find(|meaning| meaning.field == field)
                    .map_or(rank, |meaning| meaning.rank);
                confidence = 0.9;
            }
            if fields[0] == Field::Phone && !fields.contains(&Field::Phone2) {
                fields.push(Field::Phone2);
            }
            if fields[0] == Field::ContactName
                && content::share(&self.values(index), 3, content::is_email).is_some_and(|share| share > 0.6)
            {
                fields = vec![Field::Email];
                confidence = 0.7;
            }
            claims.push(Claim { index, fields, rank, confidence, how: MappedBy::Alias });
        }
        claims
    }

    /// A column called just `name`: the person if the list has businesses, the business if it has persons, and
    /// what its values look like if it has neither.
    fn claim_of_name(&self, mapping: &[ColumnMapping]) -> Option<Claim> {
        let (index, _) = self.free(mapping).find(|(_, header)| aliases::compact(header) == "name")?;
        let person = has(mapping, Field::ContactName) || has(mapping, Field::LastName);
        let (field, confidence, how) = if person {
            (Field::CompanyName, 0.9, MappedBy::Alias)
        } else if has(mapping, Field::CompanyName) {
            (Field::ContactName, 0.9, MappedBy::Alias)
        } else {
            let business = content::share(&self.values(index), 1, content::names_a_business).unwrap_or(0.0);
            let field = if business >= 0.2 { Field::CompanyName } else { Field::ContactName };
            (field, 0.6, MappedBy::Content)
        };
        Some(Claim { index, fields: vec![field], rank: 0, confidence, how })
    }

    fn fuzzy_claims(&self, mapping: &[ColumnMapping]) -> Vec<Claim> {
        self.free(mapping)
            .filter(|(_, header)| aliases::meanings(&aliases::compact(header)).is_empty())
            .filter_map(|(index, header)| {
                let (Meaning { field, rank }, confidence) = aliases::resembles(header)?;
                Some(Claim { index, fields: vec![field], rank, confidence, how: MappedBy::Fuzzy })
            })
            .collect()
    }

    fn content_claims(&self, mapping: &[ColumnMapping]) -> Vec<Claim> {
        let phones = [Field::Phone, Field::Phone2, Field::Mobile].iter().any(|field| has(mapping, *field));
        self.free(mapping)
            .filter(|(_, header)| aliases::meanings(&aliases::compact(header)).is_empty())
            .filter_map(|(index, _)| {
                let values = self.values(index);
                let mostly =
                    |test: fn(&str) -> bool| content::share(&values, 3, test).is_some_and(|s| s >= 0.8);
                let (field, confidence) = if mostly(content::is_email) {
                    (Field::Email, 0.6)
                } else if !phones && mostly(content::is_written_phone) {
                    (Field::Phone, 0.5)
                } else {
                    return None;
                };
                Some(Claim { index, fields: vec![field], rank: 0, confidence, how: MappedBy::Content })
            })
            .collect()
    }

    /// Columns without a meaning yet.
    fn free<'m>(&self, mapping: &'m [ColumnMapping]) -> impl Iterator<Item = (usize, &'a str)> + use<'a, 'm> {
        let headers = self.headers;
        mapping
            .iter()
            .filter(|column| column.field.is_none() && column.how == MappedBy::Nothing)
            .map(move |column| (column.index, headers[column.index].as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(headers: &[&str], rows: &[&[&str]]) -> Vec<Option<Field>> {
        let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
        let sample: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect();
        let columns = Columns { headers: &headers, sample: &sample };
        map_columns(&columns, &headers, &ReadOptions::default(), &mut Vec::new())
            .into_iter()
            .map(|column| column.field)
            .collect()
    }

    #[test]
    fn title_is_what_its_values_are() {
        assert_eq!(map(&["Title", "Last Name"], &[&["Mr", "A"], &["Dr.", "B"]])[0], Some(Field::NamePrefix));
        assert_eq!(map(&["Title", "Last Name"], &[&["Owner", "A"], &["CEO", "B"]])[0], Some(Field::Title));
        let both = map(&["Title", "Job Title"], &[&["Mrs", "Owner"]]);
        assert_eq!(both, [Some(Field::NamePrefix), Some(Field::Title)]);
    }

    #[test]
    fn name_is_what_the_list_lacks() {
        assert_eq!(map(&["name", "contact"], &[])[0], Some(Field::CompanyName));
        assert_eq!(map(&["name", "first_name", "last_name"], &[])[0], Some(Field::CompanyName));
        assert_eq!(map(&["name", "company"], &[])[0], Some(Field::ContactName));
        assert_eq!(
            map(&["name", "phone"], &[&["Ann Lee", "1"], &["Bo Ray", "2"]])[0],
            Some(Field::ContactName)
        );
        assert_eq!(
            map(&["name", "phone"], &[&["Acme Inc", "1"], &["Bo Ray", "2"]])[0],
            Some(Field::CompanyName)
        );
    }

    #[test]
    fn a_second_phone_is_kept_apart_and_an_only_one_is_the_phone() {
        assert_eq!(map(&["Direct Phone", "Phone"], &[]), [Some(Field::Phone2), Some(Field::Phone)]);
        assert_eq!(map(&["Phone", "Phone"], &[]), [Some(Field::Phone), Some(Field::Phone2)]);
        assert_eq!(map(&["Home Phone"], &[]), [Some(Field::Phone)]);
    }

    #[test]
    fn a_class_code_is_no_record_id() {
        let rows: &[&[&str]] = &[&["2", "10001"], &["2", "10002"], &["3", "10003"]];
        assert_eq!(map(&["IDCODE", "ABI"], rows), [None, Some(Field::VendorRecordId)]);
        assert_eq!(map(&["IDCODE", "City"], rows)[0], None);
    }

    #[test]
    fn values_tell_where_names_do_not() {
        let rows: &[&[&str]] =
            &[&["a@b.com", "504-621-8927"], &["c@d.org", "(504) 621-8928"], &["e@f.net", ""]];
        assert_eq!(map(&["col a", "col b"], rows), [Some(Field::Email), None], "three values are needed");
    }
}
