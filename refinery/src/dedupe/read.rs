//! Reading the lists.

use std::fs::File;
use std::io::{self, Read as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use csv_async::{AsyncReader, AsyncReaderBuilder, ByteRecord};
use futures::executor::block_on;
use indicatif::{ProgressBar, ProgressStyle};
use intake::Delimiter;
use resolution::{Field, Records};

use super::plain_file::PlainFile;
use crate::exit::UsageError;

/// Rows that a thread takes at once; a multiple of 1,024 spares `resolution` a copy.
const BATCH: usize = 8 * 1_024;

/// How much of a file is looked at for what kind of file it is.
const HEAD_BYTES: u64 = 64 * 1_024;

/// The rows of all files, one file behind the other.
pub(crate) struct List {
    /// What is compared.
    pub(crate) records: Records,
    /// The id of each row.
    pub(crate) ids: Vec<Box<str>>,
    /// How many rows each file has.
    pub(crate) rows: Vec<usize>,
}

impl List {
    /// The number of the first row of the second file.
    pub(crate) fn border(&self) -> usize {
        self.rows.first().copied().unwrap_or_default()
    }
}

/// Reads the files, which all have the columns.
pub(crate) fn read(files: &[PathBuf], id: &str, columns: &[(String, Field)]) -> anyhow::Result<List> {
    let mut list = List { records: Records::new(), ids: Vec::new(), rows: Vec::new() };
    for path in files {
        let before = list.ids.len();
        read_file(path, id, columns, &mut list)
            .with_context(|| format!("{} cannot be deduplicated", path.display()))?;
        list.rows.push(list.ids.len() - before);
    }
    Ok(list)
}

fn read_file(path: &Path, id: &str, columns: &[(String, Field)], list: &mut List) -> anyhow::Result<()> {
    let file = File::open(path).map_err(|error| UsageError(format!("the file cannot be opened: {error}")))?;
    let bar = progress(file.metadata()?.len());
    let mut reader = reader(file)?;
    let header = block_on(reader.byte_headers())?.clone();
    let id_at = position(&header, id)?;
    let mut fields = Vec::with_capacity(columns.len());
    for (column, field) in columns {
        fields.push((position(&header, column)?, *field));
    }
    let mut rows = Rows { reader, id: (id.to_owned(), id_at), ids: Vec::new(), fault: None, bar: &bar };
    let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let records = Records::read_batches(threads, &mut rows, |batch, records| {
        for row in &batch {
            let cells = fields
                .iter()
                .filter_map(|(at, field)| Some((*field, String::from_utf8_lossy(row.get(*at)?))));
            let cells: Vec<_> = cells.collect();
            records.push(cells.iter().map(|(field, cell)| (*field, cell.as_ref())));
        }
    });
    bar.finish_and_clear();
    if let Some(fault) = rows.fault {
        return Err(fault);
    }
    only_once(&rows.ids, id)?;
    list.ids.append(&mut rows.ids);
    list.records.append(records);
    Ok(())
}

type FileReader = AsyncReader<PlainFile<io::Chain<io::Cursor<Vec<u8>>, File>>>;

/// A reader that knows what separates the cells, from the header line.
fn reader(mut file: File) -> anyhow::Result<FileReader> {
    let mut head = Vec::with_capacity(HEAD_BYTES as usize);
    file.by_ref().take(HEAD_BYTES).read_to_end(&mut head)?;
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        bail!("it is in UTF-16; save it as \"CSV UTF-8\"");
    }
    if head.starts_with(b"PK") || head.starts_with(b"%PDF") || head.contains(&0) {
        bail!("it is no CSV file; export the table as \"CSV UTF-8\"");
    }
    if head.starts_with(&[0xef, 0xbb, 0xbf]) {
        head.drain(..3);
    }
    let line = head.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let count = |delimiter: &Delimiter| line.iter().filter(|byte| **byte == delimiter.byte()).count();
    // The first of the most frequent ones: they are ordered by how usual they are.
    let delimiter = Delimiter::ALL.into_iter().rev().max_by_key(count).unwrap_or(Delimiter::Comma);
    Ok(AsyncReaderBuilder::new()
        .delimiter(delimiter.byte())
        .flexible(true)
        .create_reader(PlainFile(io::Cursor::new(head).chain(file))))
}

fn position(header: &ByteRecord, column: &str) -> Result<usize, UsageError> {
    let same = |name: &[u8]| String::from_utf8_lossy(name).trim().eq_ignore_ascii_case(column.trim());
    header.iter().position(same).ok_or_else(|| {
        let names: Vec<_> =
            header.iter().map(|name| format!("{:?}", String::from_utf8_lossy(name).trim())).collect();
        UsageError(format!("there is no column {column:?}; the header names {}", names.join(", ")))
    })
}

/// The rows in batches. What stops it is kept for afterwards: an iterator has no other way to say it.
struct Rows<'a> {
    reader: FileReader,
    id: (String, usize),
    ids: Vec<Box<str>>,
    fault: Option<anyhow::Error>,
    bar: &'a ProgressBar,
}

impl Rows<'_> {
    fn next_row(&mut self) -> anyhow::Result<Option<ByteRecord>> {
        let mut row = ByteRecord::new();
        if !block_on(self.reader.read_byte_record(&mut row))? {
            return Ok(None);
        }
        let (column, at) = &self.id;
        let id = row.get(*at).map(String::from_utf8_lossy).unwrap_or_default();
        if id.trim().is_empty() {
            let line = row.position().map_or(0, csv_async::Position::line);
            return Err(
                UsageError(format!("the row at line {line} has nothing in the column {column:?}")).into()
            );
        }
        self.ids.push(id.trim().into());
        Ok(Some(row))
    }
}

impl Iterator for Rows<'_> {
    type Item = Vec<ByteRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.fault.is_some() {
            return None;
        }
        let mut batch = Vec::with_capacity(BATCH);
        while batch.len() < BATCH {
            match self.next_row() {
                Ok(Some(row)) => batch.push(row),
                Ok(None) => break,
                Err(fault) => {
                    self.fault = Some(fault);
                    break;
                }
            }
        }
        self.bar.set_position(self.reader.position().byte());
        (!batch.is_empty()).then_some(batch)
    }
}

/// An id that two rows have would leave open whom a cluster means.
fn only_once(ids: &[Box<str>], column: &str) -> Result<(), UsageError> {
    let mut rows: Vec<u32> = (0..).take(ids.len()).collect();
    rows.sort_unstable_by_key(|row| (&ids[*row as usize], *row));
    match rows.windows(2).find(|pair| ids[pair[0] as usize] == ids[pair[1] as usize]) {
        None => Ok(()),
        Some(pair) => Err(UsageError(format!(
            "the column {column:?} says {:?} in row {} and again in row {}; take a column that tells rows apart",
            ids[pair[0] as usize],
            pair[0] + 1,
            pair[1] + 1
        ))),
    }
}

#[expect(clippy::literal_string_with_formatting_args, reason = "the language of indicatif's templates")]
fn progress(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    let style = ProgressStyle::with_template("reading {bar:30} {bytes} of {total_bytes}, {eta} to go");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}
