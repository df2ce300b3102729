//! The stack's folder: one instance's files, and the lock that keeps two processes from running the same instance.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Seek as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sys::signal::kill;
use nix::sys::statvfs::statvfs;
use nix::unistd::Pid;

use crate::account::{open_to_all, outside_folder};
use crate::{Profile, StackConfig, StackError};

/// How many test runs may use one home at once. Each starts three servers: more would not help anybody.
const TEST_SLOTS: u32 = 8;
/// How long the watchdog of a killed process may take to end its services.
const LEAVING: Duration = Duration::from_secs(20);

/// Room for an empty stack to start in, in MiB: PostgreSQL's first write-ahead log is half of it.
const NEEDED_MIB: u64 = 1_024;

/// One instance, locked for this process.
#[derive(Debug)]
pub(crate) struct Instance {
    /// Absolute path of `.stack`.
    pub(crate) home: PathBuf,
    /// Folder of this instance.
    pub(crate) folder: PathBuf,
    /// Its name.
    pub(crate) name: String,
    /// The locked file.
    pub(crate) lock: File,
}

impl Instance {
    /// Makes the folders and takes the lock.
    pub(crate) async fn open(config: &StackConfig) -> Result<Self, StackError> {
        let home = make_home(&config.home)?;
        let instance = match (&config.instance, config.profile) {
            (Some(name), _) => Self::lock(&home, name).await?,
            (None, Profile::Dev) => Self::lock(&home, "dev").await?,
            (None, Profile::Test) => {
                let free = Self::free_test_slot(&home).await?;
                free.clear()?;
                free
            }
        };
        make_folder(&instance.folder)?;
        make_folder(&instance.folder.join("logs"))?;
        Ok(instance)
    }

    /// Takes the lock only; for clearing.
    pub(crate) async fn open_existing(config: &StackConfig) -> Result<Vec<Self>, StackError> {
        let home = make_home(&config.home)?;
        let names = match (&config.instance, config.profile) {
            (Some(name), _) => vec![name.clone()],
            (None, Profile::Dev) => vec!["dev".to_owned()],
            (None, Profile::Test) => (1..=TEST_SLOTS).map(|slot| format!("test-{slot}")).collect(),
        };
        let mut instances = Vec::new();
        for name in names {
            instances.push(Self::lock(&home, &name).await?);
        }
        Ok(instances)
    }

    async fn free_test_slot(home: &Path) -> Result<Self, StackError> {
        for slot in 1..=TEST_SLOTS {
            match Self::lock(home, &format!("test-{slot}")).await {
                Err(StackError::AlreadyRunning { .. }) => {}
                other => return other,
            }
        }
        Err(StackError::NoTestSlot { slots: TEST_SLOTS })
    }

    async fn lock(home: &Path, name: &str) -> Result<Self, StackError> {
        let path = home.join(format!("{name}.lock"));
        let start = Instant::now();
        let mut lock = loop {
            let open = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path);
            let lock = open.map_err(StackError::file("open", &path))?;
            match lock.try_lock() {
                // Clearing removes the file: a lock on one that is gone keeps nobody out.
                Ok(()) if is_still(&lock, &path) => break lock,
                Ok(()) => continue,
                Err(TryLockError::Error(error)) => return Err(StackError::file("lock", &path)(error)),
                Err(TryLockError::WouldBlock) => {}
            }
            let owner: u32 =
                fs::read_to_string(&path).ok().and_then(|pid| pid.trim().parse().ok()).unwrap_or(0);
            // A process that is gone leaves the lock to its watchdog, for as long as that ends the services.
            if is_alive(owner) || start.elapsed() > LEAVING {
                return Err(StackError::AlreadyRunning { instance: name.to_owned(), pid: owner });
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let write = |lock: &mut File| {
            lock.set_len(0)?;
            lock.rewind()?;
            writeln!(lock, "{}", std::process::id())
        };
        write(&mut lock).map_err(StackError::file("write", &path))?;
        Ok(Self { home: home.to_owned(), folder: home.join(name), name: name.to_owned(), lock })
    }

    /// Removes all data of this instance, and keeps the packages.
    pub(crate) fn clear(&self) -> Result<(), StackError> {
        for folder in [self.folder.clone(), outside_folder(&self.home).join(&self.name)] {
            match fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(StackError::file("remove", &folder)(error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Removes the lock too, for an instance that is not started right after.
    pub(crate) fn remove(self) -> Result<(), StackError> {
        self.clear()?;
        let path = self.home.join(format!("{}.lock", self.name));
        fs::remove_file(&path).map_err(StackError::file("remove", &path))
    }

    /// A file or folder of this instance.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The log of a service.
    pub(crate) fn log(&self, service: crate::Service) -> PathBuf {
        self.folder.join("logs").join(format!("{}.log", service.slug()))
    }
}

/// Makes a folder, with all above it, that everybody may enter; it holds nothing secret without protecting it itself.
pub(crate) fn make_folder(path: &Path) -> Result<(), StackError> {
    if !path.is_dir() {
        fs::create_dir_all(path).map_err(StackError::file("make", path))?;
        open_to_all(path)?;
    }
    Ok(())
}

/// Refuses a folder whose disk has no room for the data of a stack.
pub(crate) fn check_room(folder: &Path) -> Result<(), StackError> {
    let disk =
        statvfs(folder).map_err(|errno| StackError::file("look at the disk of", folder)(errno.into()))?;
    // Wider than either is on any system.
    let free = u128::from(disk.blocks_available()) * u128::from(disk.fragment_size());
    let free_mib = u64::try_from(free >> 20).unwrap_or(u64::MAX);
    if free_mib < NEEDED_MIB {
        return Err(StackError::NoRoom { path: folder.to_owned(), free_mib, needed_mib: NEEDED_MIB });
    }
    Ok(())
}

fn make_home(home: &Path) -> Result<PathBuf, StackError> {
    make_folder(home)?;
    fs::canonicalize(home).map_err(StackError::file("find", home))
}

/// Whether `file` is what `path` names.
fn is_still(file: &File, path: &Path) -> bool {
    let (open, named) = (file.metadata(), fs::metadata(path));
    matches!((open, named), (Ok(open), Ok(named)) if (open.dev(), open.ino()) == (named.dev(), named.ino()))
}

fn is_alive(pid: u32) -> bool {
    // Not being allowed to signal it means that it exists.
    i32::try_from(pid).is_ok_and(|pid| pid > 0 && kill(Pid::from_raw(pid), None) != Err(nix::Error::ESRCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_before_anything_starts() {
        check_room(&std::env::temp_dir()).expect("tests need room too");
        // A file system that never has room.
        if Path::new("/proc/self").exists() {
            let error = check_room(Path::new("/proc")).expect_err("full");
            assert!(error.to_string().contains("has 0 MiB left"), "{error}");
        }
    }
}
