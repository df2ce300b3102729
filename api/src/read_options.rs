//! How a team wants files read: from a mapping profile to what `intake` understands.

use std::collections::BTreeMap;

use entities::DbError;
use entities::mapping_profile::MappingProfile;
use intake::{Delimiter, ReadOptions};

/// The options of this profile.
///
/// # Errors
/// [`DbError::Unreadable`] where the stored profile is not what [`crate::mapping_profiles`] lets in.
pub(crate) fn of_profile(profile: &MappingProfile) -> Result<ReadOptions, DbError> {
    let unreadable = |error: &dyn std::fmt::Display| DbError::unreadable("mapping_profiles", error);
    let columns: BTreeMap<String, String> = profile.columns()?;
    let mapping = columns
        .into_iter()
        .map(|(header, field)| {
            Ok((header, field.parse().map_err(|error: intake::UnknownField| unreadable(&error))?))
        })
        .collect::<Result<_, DbError>>()?;
    Ok(ReadOptions {
        delimiter: match &profile.delimiter {
            Some(text) => {
                Some(delimiter(text).ok_or_else(|| unreadable(&"the delimiter is none that is read"))?)
            }
            None => None,
        },
        encoding: match &profile.encoding {
            Some(label) => Some(label.parse().map_err(|error: intake::UnknownEncoding| unreadable(&error))?),
            None => None,
        },
        mapping: Some(mapping),
        required_fields: profile
            .required_fields
            .iter()
            .map(|name| name.parse().map_err(|error: intake::UnknownField| unreadable(&error)))
            .collect::<Result<_, _>>()?,
    })
}

/// The delimiter that this text is.
pub(crate) fn delimiter(text: &str) -> Option<Delimiter> {
    match text.as_bytes() {
        [byte] => Delimiter::from_byte(*byte),
        _ => None,
    }
}
