//! Ends the services when this process ends, however it ends.
//!
//! A tiny shell process reads the process ids of what was started from a pipe. This process holds the only writing end,
//! so the kernel closes the pipe when this process is gone – ended, panicked or killed with `kill -9` – and the shell
//! then ends everything on its list. A parent-death signal would do the same on Linux only, and follows the thread that
//! started the child rather than the process.
//!
//! A child puts itself on the list *before* it becomes the service: it starts as a shell whose input is the writing end,
//! writes its own id there, and then replaces itself by the service with another input. So there is no moment at which a
//! running service is unknown to the watchdog. The watchdog also holds the instance's lock (as its output), so that the
//! next start waits until the services of a killed process are gone.

use std::fs::File;
use std::io::{PipeWriter, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use crate::StackError;

/// Reads `PID SIGNAL` (started) and `PID gone` (ended) lines; at the end of input ends what is left: first by each one's
/// own signal, after three seconds for good.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
list=
while read -r pid signal; do
    kept=
    for entry in $list; do
        [ "${entry%%:*}" = "$pid" ] || kept="$kept $entry"
    done
    list=$kept
    [ "$signal" = gone ] || list="$list $pid:$signal"
done
for entry in $list; do kill -s "${entry#*:}" "${entry%%:*}" 2>/dev/null; done
for second in 1 2 3; do
    left=
    for entry in $list; do kill -0 "${entry%%:*}" 2>/dev/null && left="$left $entry"; done
    list=$left
    [ -n "$list" ] || exit 0
    sleep 1
done
for entry in $list; do kill -s KILL "${entry%%:*}" 2>/dev/null; done
"#;

/// What a child does before it becomes the program: tells the watchdog its id and the signal it ends by (`$1`), opens
/// its real input (`$0`), and, for packages that another user must be able to read, makes files readable.
const PRELUDE: &str = r#"umask 022; echo "$$ $1" >&0 || exit 125; shift; exec "$@" <"$0""#;

/// The signal a child is ended by when this process is gone.
#[derive(Debug, Clone, Copy)]
pub(crate) enum EndBy {
    /// At once; for what keeps its files whole by itself.
    Kill,
    /// PostgreSQL's immediate shutdown, which also ends its own children.
    Quit,
}

/// The running watchdog.
#[derive(Debug)]
pub(crate) struct Watchdog {
    shell: Child,
    /// `None` only while being dropped.
    list: Option<Mutex<PipeWriter>>,
}

impl Watchdog {
    /// Starts it; it keeps `lock` locked for as long as it runs.
    pub(crate) fn start(lock: &File) -> Result<Self, StackError> {
        let started = || {
            let (reader, writer) = std::io::pipe()?;
            let shell = Command::new("/bin/sh")
                .args(["-c", SCRIPT])
                .stdin(reader)
                .stdout(Stdio::from(lock.try_clone()?))
                .stderr(Stdio::null())
                .current_dir("/")
                .process_group(0)
                .spawn()?;
            Ok(Self { shell, list: Some(Mutex::new(writer)) })
        };
        started().map_err(StackError::run("/bin/sh"))
    }

    /// A command that is on the watchdog's list before it runs, in a process group of its own (a Ctrl-C in the terminal
    /// reaches this process only, which then ends the services in order), with `input` as its input.
    pub(crate) fn command(&self, program: &Path, end_by: EndBy, input: &Path) -> Result<Command, StackError> {
        let writer = self.writer(PipeWriter::try_clone).map_err(StackError::run("/bin/sh"))?;
        let mut command = Command::new("/bin/sh");
        command.args(["-c", PRELUDE]).arg(input);
        command.arg(match end_by {
            EndBy::Kill => "KILL",
            EndBy::Quit => "QUIT",
        });
        command.arg(program).stdin(Stdio::from(writer)).process_group(0);
        Ok(command)
    }

    /// Takes a child that has ended, and been waited for, off the list.
    pub(crate) fn forget(&self, pid: u32) {
        if let Err(error) = self.writer(|mut writer| writeln!(writer, "{pid} gone")) {
            tracing::warn!(%error, "the local stack's watchdog is gone: a kill -9 of this process would leave services behind");
        }
    }

    fn writer<T>(&self, act: impl FnOnce(&PipeWriter) -> std::io::Result<T>) -> std::io::Result<T> {
        let closed = || std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        let writer = self.list.as_ref().ok_or_else(closed)?;
        // A panic while holding it cannot have left half a line worth keeping.
        act(&writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.list = None;
        if let Err(error) = self.shell.wait() {
            tracing::warn!(%error, "cannot wait for the local stack's watchdog");
        }
    }
}
