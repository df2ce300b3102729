//! Running a program to its end and keeping what it said.

use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};

use crate::StackError;
use crate::watchdog::Watchdog;

/// How many of a program's last lines an error shows.
const TAIL_LINES: usize = 20;

/// The last lines of `text`.
pub(crate) fn tail(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

/// How a program ended and all it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) output: String,
}

impl Ended {
    /// An error unless the program succeeded.
    pub(crate) fn succeeded(self, program: &str) -> Result<(), StackError> {
        if self.status.success() {
            return Ok(());
        }
        Err(StackError::Failed {
            program: program.to_owned(),
            status: self.status.to_string(),
            output: tail(&self.output),
        })
    }
}

/// Runs `command`, made by the watchdog, to its end, handing over each line it says as it comes.
pub(crate) async fn run(
    watchdog: &Watchdog,
    command: Command,
    program: &str,
    each_line: impl FnMut(&str) + Send,
) -> Result<Ended, StackError> {
    let ended = async {
        let mut command = tokio::process::Command::from(command);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        // The command holds a copy of the pipe to the watchdog, which must not outlive the child's start.
        drop(command);
        let pid = child.id();
        let heard = Mutex::new((String::new(), each_line));
        tokio::try_join!(listen(child.stdout.take(), &heard), listen(child.stderr.take(), &heard))?;
        let status = child.wait().await?;
        if let Some(pid) = pid {
            watchdog.forget(pid);
        }
        let (output, _) = heard.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        Ok(Ended { status, output })
    };
    ended.await.map_err(StackError::run(program))
}

async fn listen<F: FnMut(&str)>(
    stream: Option<impl AsyncRead + Unpin>,
    heard: &Mutex<(String, F)>,
) -> io::Result<()> {
    let Some(stream) = stream else { return Ok(()) };
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while stream.read_until(b'\n', &mut line).await? > 0 {
        let text = String::from_utf8_lossy(&line);
        {
            let mut heard = heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let (output, each_line) = &mut *heard;
            each_line(text.trim_end());
            output.push_str(&text);
        }
        line.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_the_end() {
        let text: String = (0..50).map(|n| format!("{n}\n")).collect();
        assert_eq!(tail(&text).lines().next(), Some("30"));
        assert_eq!(tail("only\n"), "only");
    }
}
