//! Who PostgreSQL runs as, and where that user can reach its files.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::{User, geteuid};

use crate::StackError;

/// The ordinary user that PostgreSQL runs as when root starts the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    /// `None` when this process is not root: then PostgreSQL runs as its user. Otherwise whoever owns the data of an
    /// earlier start, else `nobody`.
    pub(crate) fn for_postgres(data: &[PathBuf]) -> Result<Option<Self>, StackError> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        let owner = data.iter().find_map(|folder| fs::metadata(folder).ok()).filter(|owner| owner.uid() != 0);
        if let Some(owner) = owner {
            return Ok(Some(Self { uid: owner.uid(), gid: owner.gid() }));
        }
        let nobody = User::from_name("nobody").ok().flatten().ok_or(StackError::NoAccount)?;
        Ok(Some(Self { uid: nobody.uid.as_raw(), gid: nobody.gid.as_raw() }))
    }

    /// Whether this user may enter `folder` and everything above it.
    pub(crate) fn can_enter(self, folder: &Path) -> Result<bool, StackError> {
        for folder in folder.ancestors() {
            let metadata = fs::metadata(folder).map_err(StackError::file("read", folder))?;
            let bit = if metadata.uid() == self.uid {
                0o100
            } else if metadata.gid() == self.gid {
                0o010
            } else {
                0o001
            };
            if metadata.mode() & bit == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Makes `command` run as `account`, with none of root's groups, in a folder that everybody may enter.
pub(crate) fn run_as(command: &mut Command, account: Option<Account>) {
    command.current_dir("/");
    if let Some(account) = account {
        // Being root, the standard library drops the supplementary groups too when the user changes.
        command.uid(account.uid).gid(account.gid).env_remove("HOME");
    }
}

/// Gives `path` to `account`, unless it is this process's own user.
pub(crate) fn give(path: &Path, account: Option<Account>) -> Result<(), StackError> {
    account.map_or(Ok(()), |account| {
        chown(path, Some(account.uid), Some(account.gid))
            .map_err(StackError::file("change the owner of", path))
    })
}

/// The folder outside `home` for what the user PostgreSQL runs as could not reach in it. It is named after `home`, so
/// that each clone of the repository has its own and finds it again.
pub(crate) fn outside_folder(home: &Path) -> PathBuf {
    use sha2::{Digest as _, Sha256};
    let name = hex::encode(Sha256::digest(home.as_os_str().as_encoded_bytes()));
    // Kept across restarts of the computer, unlike the usual folder for temporary files.
    let base = Path::new("/var/tmp");
    let base = if base.is_dir() { base.to_owned() } else { std::env::temp_dir() };
    base.join(format!("refinery-stack-{}", &name[..16]))
}

/// Makes that folder; everybody may write beside it, so one that somebody else put there is refused.
pub(crate) fn make_outside_folder(home: &Path) -> Result<PathBuf, StackError> {
    let folder = outside_folder(home);
    match fs::create_dir(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(StackError::file("make", &folder)(error));
        }
        Ok(()) | Err(_) => {}
    }
    let found = fs::symlink_metadata(&folder).map_err(StackError::file("read", &folder))?;
    if !found.is_dir() || found.uid() != geteuid().as_raw() {
        return Err(StackError::ForeignFolder { path: folder });
    }
    open_to_all(&folder)?;
    Ok(folder)
}

/// Lets everybody enter and read `folder`, whatever the umask.
pub(crate) fn open_to_all(folder: &Path) -> Result<(), StackError> {
    fs::set_permissions(folder, Permissions::from_mode(0o755)).map_err(StackError::file("change", folder))
}

/// Copies a package (plain files, folders and links) with its permissions.
pub(crate) fn copy_tree(from: &Path, to: &Path) -> Result<(), StackError> {
    fs::create_dir_all(to).map_err(StackError::file("make", to))?;
    open_to_all(to)?;
    for entry in fs::read_dir(from).map_err(StackError::file("read", from))? {
        let entry = entry.map_err(StackError::file("read", from))?;
        if entry.file_name() == OsStr::new("__pycache__") {
            continue;
        }
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(StackError::file("read", &source))?;
        if kind.is_dir() {
            copy_tree(&source, &target)?;
        } else if kind.is_symlink() {
            let link = fs::read_link(&source).map_err(StackError::file("read", &source))?;
            std::os::unix::fs::symlink(link, &target).map_err(StackError::file("make", &target))?;
        } else {
            fs::copy(&source, &target).map_err(StackError::file("copy", &source))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_folder_is_not_entered_by_others() {
        let folder = std::env::temp_dir().join(format!("stack-account-{}", std::process::id()));
        fs::create_dir_all(folder.join("inside")).expect("a folder");
        let owner = fs::metadata(&folder).expect("metadata");
        let stranger = Account { uid: owner.uid() + 1, gid: owner.gid() + 1 };
        fs::set_permissions(&folder, Permissions::from_mode(0o700)).expect("permissions");
        assert!(!stranger.can_enter(&folder.join("inside")).expect("readable"));
        fs::set_permissions(&folder, Permissions::from_mode(0o711)).expect("permissions");
        assert!(stranger.can_enter(&folder.join("inside")).expect("readable"));
        fs::remove_dir_all(&folder).expect("removed");
    }

    #[test]
    fn each_home_has_its_own_outside_folder() {
        assert_ne!(outside_folder(Path::new("/a/.stack")), outside_folder(Path::new("/b/.stack")));
        assert_eq!(outside_folder(Path::new("/a/.stack")), outside_folder(Path::new("/a/.stack")));
    }
}
