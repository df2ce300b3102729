//! Reading lists: from the bytes of a CSV file to rows by meaning, or to the reason why not.
//!
//! Four steps, each usable alone and none of them doing any I/O:
//!
//! 1. [`inspect`] looks at the first bytes: encoding, delimiter, header, meaning of the columns → [`FileShape`],
//!    which is stored and given to all later steps. It refuses what is no list.
//! 2. [`split_chunk`] cuts a piece of the file into raw rows with their row number, line and byte, and says where
//!    the next piece begins ([`Position`]). Rows are the same wherever the file is cut.
//! 3. [`parse_rows`] takes raw rows apart (csv-async) and maps their cells to [`Field`]s.
//! 4. [`RejectsCsv`] writes the rows set aside as a file that can be corrected and uploaded again.
//!
//! [`preview`] does the first three on the beginning of a file.
//!
//! Every row is accounted for: it is a good row, a reject with place and reason, or the file as a whole is
//! refused. Blank lines are no rows.

mod aliases;
mod chunk;
mod content;
mod dialect;
mod encoding;
mod error;
mod feed;
mod field;
mod inspect;
mod mapping;
mod parse;
mod preview;
mod record;
mod reject;
mod resync;
mod shape;
mod signature;
mod splitter;

pub use chunk::{Chunk, ChunkLimits, MAX_RECORD_BYTES, RawRow, split_chunk};
pub use dialect::{Delimiter, Terminator};
pub use encoding::{Encoding, UnknownEncoding};
pub use error::{ParserFault, ReadError};
pub use field::{Field, UnknownField};
pub use inspect::{HEAD_BYTES, inspect};
pub use parse::{MappedRow, ParsedRows, parse_rows};
pub use preview::{Preview, PreviewRow, preview};
pub use record::State as ReaderState;
pub use reject::{REJECT_COLUMNS, RejectedRow, RejectsCsv, RowReject};
pub use shape::{ColumnMapping, FileShape, MappedBy, Position, ReadOptions, ReadWarning, Skipping};
