//! Deduplication of any CSV, without the stack: read, resolve, write.

mod outcome;
mod plain_file;
mod read;
mod write;

use std::time::Instant;

use resolution::{Engine, Field, RuleSet};

use crate::cli::{About, Dedupe};
use crate::exit::UsageError;
use crate::speak;

pub(crate) use outcome::Outcome;

/// Reads the files, resolves their rows, and writes what was asked for.
///
/// # Errors
/// A column that is not there, a row without an id or with another's, a file that cannot be read or written; in words
/// for the person in front.
pub(crate) fn run(options: &Dedupe) -> anyhow::Result<Outcome> {
    if options.link && options.files.len() != 2 {
        return Err(UsageError("--link matches across two files: name two".to_owned()).into());
    }
    let rules = rules(options);
    let started = Instant::now();
    let list = read::read(&options.files, &options.id, &options.columns)?;
    let read_s = started.elapsed().as_secs_f64();

    speak::note(format_args!("comparing {} rows as {rules}", list.records.len()));
    let started = Instant::now();
    let mut engine = Engine::new(rules);
    if options.link {
        engine = engine.link(list.border());
    }
    if let Some(threshold) = options.threshold {
        engine = engine.merge_from(threshold);
    }
    let resolution = engine.resolve(&list.records);
    let resolve_s = started.elapsed().as_secs_f64();

    if let Some(path) = &options.out {
        write::clusters(path, &list, &resolution)?;
    }
    if let Some(path) = &options.pairs {
        write::pairs(path, &list, &resolution)?;
    }
    Ok(Outcome::of(options, rules, &list, &resolution, [read_s, resolve_s]))
}

/// Persons where a column names one.
fn rules(options: &Dedupe) -> RuleSet {
    let names_a_person =
        |(_, field): &(String, Field)| matches!(field, Field::Given | Field::Family | Field::Name);
    match options.about {
        Some(About::Persons) => RuleSet::Persons,
        Some(About::Businesses) => RuleSet::Businesses,
        None if options.columns.iter().any(names_a_person) => RuleSet::Persons,
        None => RuleSet::Businesses,
    }
}

#[cfg(test)]
mod tests;
