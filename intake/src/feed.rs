//! Handing rows that lie in memory to csv-async, which reads from a stream.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};

/// A stream of rows, each ended by a line feed. Always ready.
pub(crate) struct Feed<'r> {
    rows: Vec<&'r str>,
    row: usize,
    /// Bytes of the row already given.
    given: usize,
}

impl<'r> Feed<'r> {
    pub(crate) fn new(rows: Vec<&'r str>) -> Self {
        Self { rows, row: 0, given: 0 }
    }
}

impl AsyncRead for Feed<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let feed = &mut *self;
        while let Some(row) = feed.rows.get(feed.row) {
            let rest = &row.as_bytes()[feed.given..];
            let fits = rest.len().min(buf.remaining());
            buf.put_slice(&rest[..fits]);
            feed.given += fits;
            if fits < rest.len() || buf.remaining() == 0 {
                break;
            }
            buf.put_slice(b"\n");
            feed.row += 1;
            feed.given = 0;
        }
        Poll::Ready(Ok(()))
    }
}
