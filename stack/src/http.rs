//! The few plain HTTP requests that readiness takes, to ports of this computer only.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How long one answer may take. A service that is starting sometimes accepts a connection and says nothing.
const PATIENCE: Duration = Duration::from_secs(5);

/// Sends one request without a body to 127.0.0.1 and returns the status of the answer and its first kilobytes.
pub(crate) async fn request(
    port: u16,
    method: &str,
    target: &str,
    headers: &[(&str, String)],
) -> io::Result<(u16, String)> {
    let exchange = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let mut request = format!("{method} {target} HTTP/1.1\r\nconnection: close\r\ncontent-length: 0\r\n");
        if !headers.iter().any(|(name, _)| *name == "host") {
            request.push_str(&format!("host: 127.0.0.1:{port}\r\n"));
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(16 * 1024).read_to_end(&mut answer).await?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split_ascii_whitespace().nth(1).and_then(|status| status.parse().ok());
        let status =
            status.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not an HTTP answer"))?;
        Ok((status, answer))
    };
    tokio::time::timeout(PATIENCE, exchange).await?
}
