//! Where objects live. Every key starts with the team that owns the object, because only these functions make
//! keys and each of them asks for the team.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use domain::id::{DataSourceId, TeamId};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::filename::csv_stem;

/// S3's limit on a key, in bytes.
const MAX_KEY_LEN: usize = 1024;

/// The name of a sector bucket's index.
const BUCKET_INDEX: &str = "index.json";

/// Why a text is not the key of an object of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObjectKeyError {
    /// It does not start with a team's id and a slash.
    #[error(
        "an object key must start with the team's id and a slash, like team_01J9ZW4Q0C3T5V7X9YABCDEFGH/…"
    )]
    NoTeam,
    /// It has an empty part, a part of dots, or a sign other than ASCII letters, digits, `.`, `_`, `-`.
    #[error(
        "an object key's parts are made of ASCII letters, digits, '.', '_' and '-' and do not start with a dot"
    )]
    BadPart,
    /// It is longer than S3 allows.
    #[error("an object key has at most 1024 bytes, this one has {len}")]
    TooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// It is not the key of a raw upload, so it has no metadata beside it.
    #[error("only raw uploads (….csv below raw_uploads/) have a metadata object beside them")]
    NotARawUpload,
}

/// The key of one object: `{team id}/…`. `Debug` hides the file's name, which a person chose and may be about
/// a person; [`as_str`](Self::as_str) and serde show it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey {
    team: TeamId,
    key: String,
}

impl ObjectKey {
    /// An uploaded file: `{team}/raw_uploads/{YYYY-MM-DD}/{filename}_{source ulid}.csv`. `filename` is
    /// sanitised here.
    pub fn raw_upload(team: TeamId, date: NaiveDate, filename: &str, source: DataSourceId) -> Self {
        Self { team, key: format!("{team}/raw_uploads/{date}/{}_{}.csv", csv_stem(filename), ulid(source)) }
    }

    /// The metadata JSON beside this raw upload: the same key, ending in `.json`.
    ///
    /// # Errors
    /// [`ObjectKeyError::NotARawUpload`] for the key of anything else.
    pub fn raw_upload_metadata(&self) -> Result<Self, ObjectKeyError> {
        match (self.key.split('/').nth(1), self.key.strip_suffix(".csv")) {
            (Some("raw_uploads"), Some(stem)) => Ok(Self { team: self.team, key: format!("{stem}.json") }),
            _ => Err(ObjectKeyError::NotARawUpload),
        }
    }

    /// The normalized rows of a source: `{team}/archive/normalized_{filename}_{source ulid}.csv.gz`.
    pub fn archive(team: TeamId, filename: &str, source: DataSourceId) -> Self {
        Self {
            team,
            key: format!("{team}/archive/normalized_{}_{}.csv.gz", csv_stem(filename), ulid(source)),
        }
    }

    /// The index of a sector bucket (`ny-construction-plumbers`): `{team}/buckets/{bucket_id}/index.json`.
    ///
    /// # Errors
    /// [`ObjectKeyError::BadPart`] or [`ObjectKeyError::TooLong`] when `bucket_id` cannot be part of a key.
    pub fn bucket_index(team: TeamId, bucket_id: &str) -> Result<Self, ObjectKeyError> {
        check_part(bucket_id)?;
        format!("{team}/buckets/{bucket_id}/{BUCKET_INDEX}").parse()
    }

    /// The key as the store knows it.
    pub fn as_str(&self) -> &str {
        &self.key
    }

    /// The team whose object this is.
    pub fn team(&self) -> TeamId {
        self.team
    }
}

impl FromStr for ObjectKey {
    type Err = ObjectKeyError;

    fn from_str(text: &str) -> Result<Self, ObjectKeyError> {
        if text.len() > MAX_KEY_LEN {
            return Err(ObjectKeyError::TooLong { len: text.len() });
        }
        let (prefix, rest) = text.split_once('/').ok_or(ObjectKeyError::NoTeam)?;
        let team = prefix.parse::<TeamId>().map_err(|_| ObjectKeyError::NoTeam)?;
        // An id reads in either case and is written in one: only the written form is a prefix of this team.
        if team.to_string() != prefix {
            return Err(ObjectKeyError::NoTeam);
        }
        rest.split('/').try_for_each(check_part)?;
        Ok(Self { team, key: text.to_owned() })
    }
}

impl fmt::Debug for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (folder, name) = self.key.rsplit_once('/').unwrap_or_default();
        match name.rsplit_once('_') {
            Some((_, tail)) => write!(f, "{folder}/…_{tail}"),
            None if name == BUCKET_INDEX => write!(f, "{folder}/{name}"),
            None => write!(f, "{folder}/…"),
        }
    }
}

impl Serialize for ObjectKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.key)
    }
}

impl<'de> Deserialize<'de> for ObjectKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// The start of many keys of one team, always ending in a slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPrefix(String);

impl KeyPrefix {
    /// Everything a team has.
    pub fn team(team: TeamId) -> Self {
        Self(format!("{team}/"))
    }

    /// Everything a team uploaded.
    pub fn raw_uploads(team: TeamId) -> Self {
        Self(format!("{team}/raw_uploads/"))
    }

    /// All archives of a team.
    pub fn archives(team: TeamId) -> Self {
        Self(format!("{team}/archive/"))
    }

    /// All bucket indexes of a team.
    pub fn buckets(team: TeamId) -> Self {
        Self(format!("{team}/buckets/"))
    }

    /// The prefix as the store knows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The 26 signs of an id without what says its kind.
fn ulid(source: DataSourceId) -> String {
    let rendered = source.to_string();
    rendered.split_once('_').map_or(rendered.as_str(), |(_, ulid)| ulid).to_owned()
}

fn check_part(part: &str) -> Result<(), ObjectKeyError> {
    let fine = !part.is_empty()
        && !part.starts_with('.')
        && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if fine { Ok(()) } else { Err(ObjectKeyError::BadPart) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn team() -> TeamId {
        "team_01J9ZW4Q0C3T5V7X9YABCDEFGH".parse().expect("a team id")
    }

    fn source() -> DataSourceId {
        "src_01J9ZW4Q0C3T5V7X9YABCDEFGK".parse().expect("a source id")
    }

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 7).expect("a day")
    }

    #[test]
    fn keys_are_those_of_the_design() {
        let raw = ObjectKey::raw_upload(team(), day(), "My Plumbers.csv", source());
        assert_eq!(
            raw.as_str(),
            "team_01J9ZW4Q0C3T5V7X9YABCDEFGH/raw_uploads/2026-03-07/My_Plumbers_01J9ZW4Q0C3T5V7X9YABCDEFGK.csv"
        );
        assert_eq!(
            raw.raw_upload_metadata().expect("beside it").as_str(),
            "team_01J9ZW4Q0C3T5V7X9YABCDEFGH/raw_uploads/2026-03-07/My_Plumbers_01J9ZW4Q0C3T5V7X9YABCDEFGK.json"
        );
        let archive = ObjectKey::archive(team(), "My Plumbers.csv", source());
        assert_eq!(
            archive.as_str(),
            "team_01J9ZW4Q0C3T5V7X9YABCDEFGH/archive/normalized_My_Plumbers_01J9ZW4Q0C3T5V7X9YABCDEFGK.csv.gz"
        );
        assert_eq!(archive.raw_upload_metadata(), Err(ObjectKeyError::NotARawUpload));
        assert_eq!(
            ObjectKey::bucket_index(team(), "ny-construction-plumbers").expect("a key").as_str(),
            "team_01J9ZW4Q0C3T5V7X9YABCDEFGH/buckets/ny-construction-plumbers/index.json"
        );
    }

    #[test]
    fn refuses_keys_without_team_and_ways_out_of_the_team() {
        assert_eq!("raw_uploads/a.csv".parse::<ObjectKey>(), Err(ObjectKeyError::NoTeam));
        let team = team();
        let lower = format!("{team}/a.csv").to_lowercase();
        assert_eq!(lower.parse::<ObjectKey>(), Err(ObjectKeyError::NoTeam));
        for bad in ["..", "../x", "a//b", "", "a/./b", "a b", "ä"] {
            assert_eq!(format!("{team}/{bad}").parse::<ObjectKey>(), Err(ObjectKeyError::BadPart), "{bad:?}");
        }
        assert_eq!(ObjectKey::bucket_index(team, "../archive"), Err(ObjectKeyError::BadPart));
        assert!(matches!(
            ObjectKey::bucket_index(team, &"x".repeat(1024)),
            Err(ObjectKeyError::TooLong { .. })
        ));
    }

    #[test]
    fn debug_hides_the_name_a_person_gave() {
        let shown = format!("{:?}", ObjectKey::raw_upload(team(), day(), "jane_doe.csv", source()));
        assert!(!shown.contains("jane") && !shown.contains("doe"), "{shown}");
        assert!(shown.contains("01J9ZW4Q0C3T5V7X9YABCDEFGK"), "{shown}");
    }

    proptest! {
        #[test]
        fn any_filename_gives_a_key_of_that_team(filename in any::<String>()) {
            for key in [
                ObjectKey::raw_upload(team(), day(), &filename, source()),
                ObjectKey::archive(team(), &filename, source()),
            ] {
                prop_assert_eq!(key.as_str().parse::<ObjectKey>(), Ok(key.clone()));
                prop_assert_eq!(key.team(), team());
                prop_assert!(key.as_str().starts_with(KeyPrefix::team(team()).as_str()));
            }
        }
    }
}
