//! What every stage needs to know of the file it works on.

use std::collections::BTreeMap;

use domain::FailureCode;
use domain::lead::{SicPrefixError, Targets};
use domain::normalize::Requirements;
use entities::data_source::{self, DataSource};
use entities::mapping_profile;
use entities::team::{self, TeamSettings};
use intake::{Delimiter, Field, FileShape, ReadOptions};
use providers::object_store::ObjectKey;
use workflows::upload::UploadRef;

use crate::{Fault, Resources};

/// The file, and how its team wants files read.
pub(super) struct Source {
    pub(super) row: DataSource,
    pub(super) settings: TeamSettings,
    profile: Option<mapping_profile::MappingProfile>,
}

impl Source {
    /// Reads it.
    pub(super) async fn load(resources: &Resources, upload: UploadRef) -> Result<Self, Fault> {
        let tx = resources.db.team(upload.team).await?;
        let row = data_source::get(&tx, upload.source).await?;
        let settings = team::settings(&tx).await?;
        let profile = match row.mapping_profile_id {
            Some(id) => Some(mapping_profile::get(&tx, *id).await?),
            None => None,
        };
        tx.commit().await?;
        Ok(Self { row, settings, profile })
    }

    /// Where its content is.
    pub(super) fn object_key(&self) -> Result<ObjectKey, Fault> {
        parse_key(&self.row.object_key)
    }

    /// The shape that `inspect_file` found.
    pub(super) fn shape(&self) -> Result<FileShape, Fault> {
        let shape = self.row.shape.clone().ok_or_else(|| {
            Fault::permanent(FailureCode::SystemInternal, "the file was not inspected before it was read")
        })?;
        serde_json::from_value(shape).map_err(|error| {
            Fault::permanent(FailureCode::SystemInternal, "the stored shape of the file cannot be read")
                .because(error)
        })
    }

    /// How the team's mapping profile wants the file read.
    pub(super) fn read_options(&self) -> Result<ReadOptions, Fault> {
        let Some(profile) = &self.profile else { return Ok(ReadOptions::default()) };
        let mapping: BTreeMap<String, Field> =
            serde_json::from_value(profile.columns.clone()).map_err(unusable_profile)?;
        let fields = profile.required_fields.iter().map(|name| name.parse());
        Ok(ReadOptions {
            delimiter: parse_delimiter(profile.delimiter.as_deref())?,
            encoding: match &profile.encoding {
                Some(label) => Some(label.parse().map_err(unusable_profile)?),
                None => None,
            },
            mapping: Some(mapping),
            required_fields: fields.collect::<Result<_, _>>().map_err(unusable_profile)?,
        })
    }

    /// What the team is after.
    pub(super) fn targets(&self) -> Result<Targets, Fault> {
        let sic = self.settings.target_sics.iter().map(|prefix| prefix.parse());
        let sic = sic.collect::<Result<Vec<_>, _>>().map_err(|error: SicPrefixError| {
            Fault::permanent(
                FailureCode::PrepareScoringError,
                format!(
                    "the team's target_sics cannot be used: {error}; correct the team's settings and retry"
                ),
            )
            .because(error)
        })?;
        Ok(Targets { sic, ..Targets::default() })
    }

    /// What a row must have to be used.
    pub(super) fn requirements(&self) -> Result<Requirements, Fault> {
        // A field that rows are not normalized by (an IP address, an opt-in date) is only asked of the header.
        Ok(Requirements::new(self.read_options()?.required_fields.into_iter().filter_map(Field::listed)))
    }
}

fn parse_delimiter(text: Option<&str>) -> Result<Option<Delimiter>, Fault> {
    let Some(text) = text else { return Ok(None) };
    match text.as_bytes() {
        [byte] => Ok(Some(Delimiter::from_byte(*byte).ok_or_else(unknown_delimiter)?)),
        _ => Err(unknown_delimiter()),
    }
}

fn unknown_delimiter() -> Fault {
    Fault::permanent(
        FailureCode::UploadMissingColumns,
        "the delimiter of the mapping profile is none of comma, semicolon, tab and pipe; correct it and retry",
    )
}

/// A stored key; that it parses was made sure when it was stored.
pub(super) fn parse_key(key: &str) -> Result<ObjectKey, Fault> {
    key.parse().map_err(|error: providers::object_store::ObjectKeyError| {
        Fault::permanent(FailureCode::SystemInternal, "the stored object key cannot be read").because(error)
    })
}

fn unusable_profile(error: impl std::error::Error + Send + Sync + 'static) -> Fault {
    Fault::permanent(
        FailureCode::UploadMissingColumns,
        format!("the mapping profile cannot be used: {error}; correct it and retry"),
    )
    .because(error)
}
