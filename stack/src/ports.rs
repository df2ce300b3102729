//! Ports to listen on, kept from one start to the next so that bookmarks keep working.
//!
//! They are chosen below the range that operating systems hand out to outgoing connections (32768 and up on Linux,
//! 49152 and up on macOS). Otherwise a client that keeps reconnecting to a service being restarted would sooner or later
//! be given the service's own port, connect to itself and hold the port.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::{Profile, StackError};

const FIRST: u16 = 15_000;
const LAST: u16 = 31_999;

/// The ports of one instance by what they are for.
#[derive(Debug)]
pub(crate) struct Ports {
    file: PathBuf,
    familiar: bool,
    chosen: BTreeMap<String, u16>,
    taken: Vec<u16>,
}

impl Ports {
    /// Reads the ports of the last start from `file`.
    pub(crate) fn load(file: &Path, profile: Profile) -> Self {
        // An unreadable file only costs the bookmarks.
        let chosen =
            fs::read(file).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        Self { file: file.to_owned(), familiar: profile == Profile::Dev, chosen, taken: Vec::new() }
    }

    /// A free port for `purpose`: that of the last start, else a familiar one, else any; never one given out before.
    pub(crate) fn choose(&mut self, purpose: &str, familiar: Option<u16>) -> Result<u16, StackError> {
        let last_time = self.chosen.get(purpose).copied();
        let familiar = familiar.filter(|_| self.familiar);
        let span = LAST - FIRST + 1;
        // Any start will do, as long as two processes rarely choose the same.
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_micros());
        let offset = u16::try_from(clock.wrapping_mul(7_919) % u32::from(span)).unwrap_or(0);
        let any = (0..span).map(|step| FIRST + (step + offset) % span);
        let port = last_time
            .into_iter()
            .chain(familiar)
            .chain(any)
            .find(|port| !self.taken.contains(port) && free(*port));
        let port = port.ok_or(StackError::NoPort { first: FIRST, last: LAST })?;
        self.taken.push(port);
        self.chosen.insert(purpose.to_owned(), port);
        Ok(port)
    }

    /// Remembers the choices for the next start.
    pub(crate) fn save(&self) -> Result<(), StackError> {
        fs::write(&self.file, serde_json::json!(self.chosen).to_string())
            .map_err(StackError::file("write", &self.file))
    }
}

fn free(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    // Some systems let a program listen on 127.0.0.1 beside another that listens on every address.
    TcpListener::bind(address).is_ok()
        && TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_not_chosen_and_none_is_given_twice() {
        let mut ports = Ports::load(Path::new("/nonexistent/ports.json"), Profile::Dev);
        let first = ports.choose("a", None).expect("a port");
        let listener = TcpListener::bind(("127.0.0.1", first)).expect("the chosen port is free");
        let mut others = Ports::load(Path::new("/nonexistent/ports.json"), Profile::Dev);
        others.chosen.insert("a".to_owned(), first);
        assert_ne!(others.choose("a", Some(first)).expect("a port"), first);
        drop(listener);
        assert_ne!(ports.choose("b", Some(first)).expect("a port"), first);
    }

    #[test]
    fn the_last_port_is_taken_again() {
        let mut ports = Ports::load(Path::new("/nonexistent/ports.json"), Profile::Test);
        let port = ports.choose("a", Some(1)).expect("a port");
        ports.taken.clear();
        assert_eq!(ports.choose("a", None).expect("a port"), port);
    }
}
