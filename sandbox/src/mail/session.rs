//! One conversation.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::post::{Ending, PostOffice};

/// The longest message.
const LONGEST: usize = 1 << 20;

/// Who writes to whom, as far as it was said.
#[derive(Default)]
struct Envelope {
    from: Option<String>,
    to: Vec<String>,
}

/// Talks until the other side leaves.
pub(super) async fn hold(connection: TcpStream, office: &PostOffice) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let (read, mut write) = connection.into_split();
    let mut read = BufReader::new(read);
    let mut envelope = Envelope::default();
    write.write_all(b"220 mail.sandbox.example ESMTP\r\n").await?;
    loop {
        let mut line = String::new();
        if read.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let answer = match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                "250-mail.sandbox.example\r\n250-8BITMIME\r\n250-AUTH PLAIN LOGIN\r\n250 ENHANCEDSTATUSCODES"
                    .to_owned()
            }
            "HELO" => "250 mail.sandbox.example".to_owned(),
            "AUTH" => log_in(rest, &mut read, &mut write).await?,
            "MAIL" => {
                envelope = Envelope { from: address(rest), to: Vec::new() };
                if envelope.from.is_some() { "250 2.1.0 OK" } else { "501 5.1.7 no address" }.to_owned()
            }
            "RCPT" => match (&envelope.from, address(rest)) {
                (None, _) => "503 5.5.1 MAIL first".to_owned(),
                (_, None) => "501 5.1.3 no address".to_owned(),
                (_, Some(to)) => match office.refusal(&to) {
                    Some(words) => words,
                    None => {
                        envelope.to.push(to);
                        "250 2.1.5 OK".to_owned()
                    }
                },
            },
            "DATA" if envelope.to.is_empty() => "503 5.5.1 RCPT first".to_owned(),
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let message = read_message(&mut read).await?;
                let envelope = std::mem::take(&mut envelope);
                tokio::time::sleep(office.latency()).await;
                match office.take(&envelope.from.unwrap_or_default(), &envelope.to, &message) {
                    Ending::Taken => "250 2.0.0 taken".to_owned(),
                    Ending::Lost => return Ok(()),
                    Ending::Rejected(words) => words,
                }
            }
            "RSET" => {
                envelope = Envelope::default();
                "250 2.0.0 OK".to_owned()
            }
            "NOOP" => "250 2.0.0 OK".to_owned(),
            "QUIT" => {
                write.write_all(b"221 2.0.0 bye\r\n").await?;
                return Ok(());
            }
            _ => "502 5.5.1 not here".to_owned(),
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

/// Any login is good.
async fn log_in<R, W>(rest: &str, read: &mut R, write: &mut W) -> io::Result<String>
where
    R: tokio::io::AsyncBufRead + Unpin,
    W: tokio::io::AsyncWrite + Unpin,
{
    let (method, initial) = rest.split_once(' ').unwrap_or((rest, ""));
    // PLAIN has one answer, LOGIN two; what came with the command is one of them.
    let wanted = if method.eq_ignore_ascii_case("LOGIN") { 2 } else { 1 };
    for _ in usize::from(!initial.is_empty())..wanted {
        write.write_all(b"334 \r\n").await?;
        read.read_line(&mut String::new()).await?;
    }
    Ok("235 2.7.0 in".to_owned())
}

/// Up to the line that is a dot, with the dots that were doubled single again.
async fn read_message<R: tokio::io::AsyncBufRead + Unpin>(read: &mut R) -> io::Result<String> {
    let mut message = Vec::new();
    loop {
        let mut line = Vec::new();
        if read.read_until(b'\n', &mut line).await? == 0 || message.len() > LONGEST {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return Ok(String::from_utf8_lossy(&message).into_owned());
        }
        message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}

/// The address in angle brackets.
fn address(rest: &str) -> Option<String> {
    let (_, behind) = rest.split_once('<')?;
    let (address, _) = behind.split_once('>')?;
    (!address.is_empty()).then(|| address.to_owned())
}
