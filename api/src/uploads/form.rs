//! What the uploader says besides the file: in the query, or as fields of a multipart body.

use domain::id::MappingProfileId;
use domain::sector::BucketId;
use domain::sic::SicCode;
use entities::data_source::LIST;
use entities::lead::BY_HAND;
use entities::{TeamTransaction, mapping_profile};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::{HttpCode, Problem};

/// The longest description, in bytes.
const MAX_DESCRIPTION: usize = 2_000;

/// The longest name of a source, in bytes.
const MAX_SOURCE: usize = 40;

/// What is said of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    /// What the file is called. Else the file part's name, `X-Filename` or `Content-Disposition` say so.
    pub(crate) filename: Option<String>,
    /// The sector bucket it is meant for, as `ny-construction-plumbers`.
    pub(crate) bucket_id: Option<String>,
    /// The SIC code it is meant for, four digits.
    pub(crate) sic_code: Option<String>,
    /// Whose list it is, as `acme-data`: a vendor's record numbers are told apart from another's by it. `list` where it is
    /// not said.
    pub(crate) source: Option<String>,
    /// A note for people.
    pub(crate) description: Option<String>,
    /// How to read it: id or name of a mapping profile.
    pub(crate) mapping_profile: Option<String>,
    /// What to do where the same content was loaded before: `refuse` (default) or `reload`.
    pub(crate) on_duplicate: Option<String>,
    /// Whether vendors are asked about its leads when it is through, which costs money: `true` or `false` (default). Whoever
    /// says so must be allowed to enrich.
    pub(crate) enrich: Option<String>,
}

/// The same, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wishes {
    pub(crate) bucket_id: Option<String>,
    pub(crate) sic_code: Option<String>,
    pub(crate) source: String,
    pub(crate) description: Option<String>,
    pub(crate) mapping_profile: Option<MappingProfileId>,
    pub(crate) reload: bool,
    pub(crate) enrich: bool,
}

impl Form {
    /// Takes a field of a multipart body. What the query said stays.
    pub(crate) fn set(&mut self, name: &str, value: String) -> Result<(), Problem> {
        let field = match name {
            "filename" => &mut self.filename,
            "bucket_id" => &mut self.bucket_id,
            "sic_code" => &mut self.sic_code,
            "source" => &mut self.source,
            "description" => &mut self.description,
            "mapping_profile" => &mut self.mapping_profile,
            "on_duplicate" => &mut self.on_duplicate,
            "enrich" => &mut self.enrich,
            other => {
                return Err(Problem::invalid(
                    other,
                    "is no field of an upload; those are file, filename, bucket_id, sic_code, source, description, \
                     mapping_profile, on_duplicate and enrich",
                ));
            }
        };
        field.get_or_insert(value);
        Ok(())
    }

    /// Checks what is said so far. Cheap enough to be done before the file is taken and again after it.
    ///
    /// # Errors
    /// A problem: 404 with what there is for an unknown bucket, code or profile, 422 for anything else.
    pub(crate) async fn understand(&self, tx: &TeamTransaction) -> Result<Wishes, Problem> {
        Ok(Wishes {
            bucket_id: given(self.bucket_id.as_deref()).map(bucket).transpose()?,
            sic_code: given(self.sic_code.as_deref()).map(sic).transpose()?,
            source: given(self.source.as_deref()).map_or(Ok(LIST.to_owned()), source)?,
            description: given(self.description.as_deref()).map(description).transpose()?,
            mapping_profile: match given(self.mapping_profile.as_deref()) {
                Some(name) => Some(profile(tx, name).await?),
                None => None,
            },
            reload: reload(given(self.on_duplicate.as_deref()))?,
            enrich: enrich(given(self.enrich.as_deref()))?,
        })
    }
}

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn bucket(id: &str) -> Result<String, Problem> {
    id.parse::<BucketId>().map(|bucket| bucket.to_string()).map_err(|error| {
        Problem::http(
            HttpCode::NotFound,
            format!("there is no bucket {id:?}: {error}. Those of the whole country are listed; a state's two letters may stand for us"),
        )
        .expected(BucketId::nationwide().map(|bucket| bucket.to_string()))
    })
}

fn sic(code: &str) -> Result<String, Problem> {
    match SicCode::parse(code) {
        Ok(known) if known.is_known() => Ok(code.to_owned()),
        _ => Err(Problem::http(
            HttpCode::NotFound,
            format!("there is no SIC code {code:?}; the four-digit codes are listed"),
        )
        .expected(SicCode::all_known().map(|code| code.to_string()))),
    }
}

/// A slug, so that one vendor is not two by its spelling.
fn source(name: &str) -> Result<String, Problem> {
    let letters = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    let ends = name.starts_with(|first: char| first.is_ascii_lowercase()) && !name.ends_with('-');
    if name.len() > MAX_SOURCE || !name.bytes().all(letters) || !ends {
        return Err(Problem::invalid(
            "source",
            format!(
                "must be at most {MAX_SOURCE} lower-case letters, digits and hyphens, beginning with a letter, as acme-data"
            ),
        ));
    }
    if name == BY_HAND {
        return Err(Problem::invalid(
            "source",
            format!("must not be {BY_HAND}: that is what people enter by hand"),
        ));
    }
    Ok(name.to_owned())
}

fn description(text: &str) -> Result<String, Problem> {
    if text.len() > MAX_DESCRIPTION {
        return Err(Problem::invalid("description", format!("must be at most {MAX_DESCRIPTION} bytes long")));
    }
    Ok(text.to_owned())
}

/// The profile of this id or name.
pub(crate) async fn profile(tx: &TeamTransaction, wanted: &str) -> Result<MappingProfileId, Problem> {
    if let Ok(id) = wanted.parse() {
        return Ok(mapping_profile::get(tx, id).await?.id.0);
    }
    if let Some(profile) = mapping_profile::find_by_name(tx, wanted).await? {
        return Ok(profile.id.0);
    }
    let names = mapping_profile::list(tx).await?.into_iter().map(|profile| profile.name);
    Err(Problem::not_found("mapping profile", format_args!("{wanted:?}")).expected(names))
}

fn reload(wish: Option<&str>) -> Result<bool, Problem> {
    match wish {
        None | Some("refuse") => Ok(false),
        Some("reload") => Ok(true),
        Some(_) => Err(Problem::invalid("on_duplicate", "must be refuse or reload")),
    }
}

fn enrich(wish: Option<&str>) -> Result<bool, Problem> {
    match wish {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Problem::invalid("enrich", "must be true or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_bucket_or_code_is_answered_with_the_list() {
        assert_eq!(bucket("ny-construction-plumbers").expect("known"), "ny-construction-plumbers");
        assert_eq!(sic("1711").expect("known"), "1711");
        for problem in [bucket("zz-construction-plumbers").expect_err("no"), sic("0001").expect_err("no")] {
            assert_eq!(problem.status().as_u16(), 404);
        }
    }

    #[test]
    fn a_field_of_the_body_does_not_replace_one_of_the_query() {
        let mut form = Form { filename: Some("query.csv".into()), ..Form::default() };
        form.set("filename", "body.csv".into()).expect("known");
        form.set("sic_code", "1711".into()).expect("known");
        assert_eq!((form.filename.as_deref(), form.sic_code.as_deref()), (Some("query.csv"), Some("1711")));
        assert_eq!(form.set("colour", "red".into()).expect_err("unknown").status().as_u16(), 422);
    }

    #[test]
    fn a_source_is_a_slug_that_nobody_else_has() {
        for name in ["list", "acme-data", "a1"] {
            assert_eq!(source(name).expect("a slug"), name);
        }
        for name in ["Acme", "acme data", "1acme", "acme-", "manual", "é", &"a".repeat(41)] {
            assert_eq!(source(name).expect_err(name).status().as_u16(), 422);
        }
    }

    #[test]
    fn only_two_words_say_what_to_do_with_a_duplicate() {
        assert_eq!(
            (reload(None).ok(), reload(Some("refuse")).ok(), reload(Some("reload")).ok()),
            (Some(false), Some(false), Some(true))
        );
        assert!(reload(Some("yes")).is_err());
        assert_eq!((enrich(None).ok(), enrich(Some("true")).ok()), (Some(false), Some(true)));
        assert!(enrich(Some("1")).is_err());
    }
}
