//! What can go wrong with the local stack, each with what to do about it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::Service;

/// Why the stack cannot start, or why it ended.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// No Python to install the packages with.
    #[error(
        "python3 is not installed, or not in PATH. The local stack needs it once, to install its packages. Install \
         Python 3.9 or newer with its venv module (Debian, Ubuntu: `apt-get install python3-venv`; Fedora: `dnf \
         install python3`; macOS: `brew install python`), or set DATABASE_URL, TEMPORAL_ADDRESS and S3_ENDPOINT to \
         services that already run"
    )]
    PythonMissing {
        /// What starting it answered.
        source: io::Error,
    },
    /// Python is there, its `venv` module is not, or does not work.
    #[error(
        "`python3 -m venv` failed. Install the venv module and Python 3.9 or newer (Debian, Ubuntu: `apt-get install \
         python3-venv`), then start again. It said:\n{output}"
    )]
    VenvFailed {
        /// Its last lines.
        output: String,
    },
    /// The package index does not answer.
    #[error(
        "the Python package index cannot be reached, so {package} cannot be installed. Check the network, or point \
         pip at a mirror (PIP_INDEX_URL, HTTPS_PROXY, PIP_CERT), then start again: what is already installed is kept. \
         pip said:\n{output}"
    )]
    IndexUnreachable {
        /// The package that was being installed.
        package: String,
        /// pip's last lines.
        output: String,
    },
    /// The package exists, but not for this computer.
    #[error(
        "{package} is not built for this computer ({os}, {arch}): the local stack runs on Linux with glibc 2.28 or \
         newer (x86_64, aarch64) and on macOS (arm64). Set {variable} to a service that runs elsewhere, or use \
         docker-compose.yml. pip said:\n{output}"
    )]
    NoBuild {
        /// The package.
        package: String,
        /// This computer's operating system.
        os: &'static str,
        /// This computer's processor.
        arch: &'static str,
        /// The variable that replaces the service.
        variable: &'static str,
        /// pip's last lines.
        output: String,
    },
    /// A download is not the file that was pinned.
    #[error(
        "the download of {package} is not the file pinned in stack/requirements.txt, so it was not installed. Check \
         what stands between this computer and the package index (PIP_INDEX_URL, a proxy). pip said:\n{output}"
    )]
    HashMismatch {
        /// The package.
        package: String,
        /// pip's last lines.
        output: String,
    },
    /// pip failed in another way.
    #[error("installing {package} failed. pip said:\n{output}")]
    InstallFailed {
        /// The package.
        package: String,
        /// pip's last lines.
        output: String,
    },
    /// Another process runs this instance.
    #[error(
        "the local stack `{instance}` is already running (process {pid}). Stop it first (Ctrl-C where it runs), or \
         start under another name with REFINERY_STACK_INSTANCE"
    )]
    AlreadyRunning {
        /// Name of the instance.
        instance: String,
        /// Process that runs it.
        pid: u32,
    },
    /// Too many test runs at once.
    #[error("{slots} test runs are already using the local stack of this repository; wait for one to end")]
    NoTestSlot {
        /// How many may run at once.
        slots: u32,
    },
    /// A file or folder could not be read, written or made.
    #[error(
        "cannot {doing} {path}. If it belongs to another user, start as that user or remove it; otherwise see the \
         cause",
        path = path.display()
    )]
    File {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The disk is as good as full. PostgreSQL and SeaweedFS would start, and wait for room without saying so.
    #[error(
        "the disk of {path} has {free_mib} MiB left and the local stack needs {needed_mib} MiB to start. Make room \
         (`cargo clean` frees the most in this repository), or set DATABASE_URL, TEMPORAL_ADDRESS and S3_ENDPOINT to \
         services that already run",
        path = path.display()
    )]
    NoRoom {
        /// The folder that the data would go to.
        path: PathBuf,
        /// Room left on its disk, in MiB.
        free_mib: u64,
        /// Room needed, in MiB.
        needed_mib: u64,
    },
    /// A program could not be started or watched.
    #[error("cannot run {program}")]
    Run {
        /// The program.
        program: String,
        /// Why not.
        source: io::Error,
    },
    /// A program that prepares a service failed.
    #[error("{program} failed ({status}). It said:\n{output}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: String,
        /// Its last lines.
        output: String,
    },
    /// Root starts the stack, PostgreSQL refuses root, and there is nobody else to run it as.
    #[error(
        "PostgreSQL does not run as root and this computer has no user `nobody` to run it as: start as an ordinary \
         user, or set DATABASE_URL"
    )]
    NoAccount,
    /// The folder outside the repository belongs to somebody else.
    #[error(
        "{path} belongs to another user, so PostgreSQL's data is not put there. Remove it, or move the repository to \
         a folder that every user may enter, or set DATABASE_URL",
        path = path.display()
    )]
    ForeignFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A variable of the environment makes no sense.
    #[error("{variable} is not usable: {problem}")]
    Environment {
        /// The variable.
        variable: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// No port left to listen on.
    #[error("no free port between {first} and {last} on 127.0.0.1")]
    NoPort {
        /// First port tried.
        first: u16,
        /// Last port tried.
        last: u16,
    },
    /// A service ended while starting.
    #[error(
        "{service} ended while starting ({status}). The last lines of {log}:\n{tail}\nIf its data is damaged, `refinery \
         dev --reset` clears it; {variable} replaces it by a service that runs elsewhere",
        log = log.display(),
        variable = service.variable()
    )]
    DiedAtStart {
        /// Which service.
        service: Service,
        /// How it ended.
        status: String,
        /// Its whole log.
        log: PathBuf,
        /// The end of its log.
        tail: String,
    },
    /// A service started and never answered.
    #[error(
        "{service} runs but does not answer after {waited:?}. The last lines of {log}:\n{tail}",
        log = log.display()
    )]
    NotReady {
        /// Which service.
        service: Service,
        /// How long it was waited for.
        waited: Duration,
        /// Its whole log.
        log: PathBuf,
        /// The end of its log.
        tail: String,
    },
    /// A service ended by itself while the stack was running.
    #[error(
        "{service} ended ({status}). The last lines of {log}:\n{tail}",
        log = log.display()
    )]
    Died {
        /// Which service.
        service: Service,
        /// How it ended.
        status: String,
        /// Its whole log.
        log: PathBuf,
        /// The end of its log.
        tail: String,
    },
    /// A test asked for a service that this stack does not run.
    #[error("{service} is not run by this stack: {variable} replaces it", variable = service.variable())]
    NotOurs {
        /// Which service.
        service: Service,
    },
}

impl StackError {
    /// Adds what was being done, and to what, to an input or output error.
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { doing, path, source }
    }

    /// Adds which program was being run.
    pub(crate) fn run(program: &str) -> impl FnOnce(io::Error) -> Self {
        let program = program.to_owned();
        move |source| Self::Run { program, source }
    }

    /// Whether another program took the port between choosing it and listening on it.
    pub(crate) fn is_port_taken(&self) -> bool {
        matches!(self, Self::DiedAtStart { tail, .. } if tail.to_lowercase().contains("address already in use"))
    }

    /// Whether the processes of a PostgreSQL that was just killed are still on their way out.
    pub(crate) fn is_predecessor_leaving(&self) -> bool {
        matches!(
            self,
            Self::DiedAtStart { service: Service::Postgres, tail, .. }
                if tail.contains("pre-existing shared memory block") || tail.contains("lock file \"postmaster.pid\"")
        )
    }
}
