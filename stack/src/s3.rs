//! S3: SeaweedFS's four parts in one process, with credentials, and when it is ready.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::account::open_to_all;
use crate::home::{Instance, make_folder};
use crate::http::request;
use crate::install::Packages;
use crate::ports::Ports;
use crate::secrets::{Secrets, write_private};
use crate::sigv4::sign;
use crate::watchdog::{EndBy, Watchdog};
use crate::{S3Settings, StackConfig, StackError};

/// How SeaweedFS is run.
#[derive(Debug, Clone)]
pub(crate) struct S3 {
    program: PathBuf,
    folder: PathBuf,
    settings: S3Settings,
    /// Each part's port and its gRPC port.
    master: [u16; 2],
    volume: [u16; 2],
    filer: [u16; 2],
    s3: [u16; 2],
}

impl S3 {
    /// Chooses ports, makes the folder and writes the credentials that are accepted.
    pub(crate) fn prepare(
        instance: &Instance,
        config: &StackConfig,
        packages: &Packages,
        secrets: &Secrets,
        ports: &mut Ports,
    ) -> Result<Self, StackError> {
        let folder = instance.path("s3");
        make_folder(&folder)?;
        let settings = S3Settings {
            endpoint: String::new(),
            access_key: secrets.s3_access_key.clone(),
            secret_key: secrets.s3_secret_key.clone(),
            region: config.region.clone(),
            bucket: config.bucket.clone(),
        };
        let none = [0, 0];
        let program = packages.program("weed");
        let mut s3 = Self { program, folder, settings, master: none, volume: none, filer: none, s3: none };
        s3.move_to(ports)?;
        let identity = serde_json::json!({ "identities": [{
            "name": "refinery",
            "credentials": [{ "accessKey": s3.settings.access_key, "secretKey": s3.settings.secret_key }],
            "actions": ["Admin", "Read", "List", "Tagging", "Write"],
        }] });
        write_private(&s3.folder.join("identities.json"), &identity.to_string())?;
        Ok(s3)
    }

    /// Other ports, because somebody took one of the first.
    pub(crate) fn move_to(&mut self, ports: &mut Ports) -> Result<(), StackError> {
        self.master = [ports.choose("s3-master", None)?, ports.choose("s3-master-grpc", None)?];
        self.volume = [ports.choose("s3-volume", None)?, ports.choose("s3-volume-grpc", None)?];
        self.filer = [ports.choose("s3-filer", None)?, ports.choose("s3-filer-grpc", None)?];
        self.s3 = [ports.choose("s3", Some(8_333))?, ports.choose("s3-grpc", None)?];
        self.settings.endpoint = format!("http://127.0.0.1:{}", self.s3[0]);
        Ok(())
    }

    /// How to reach it.
    pub(crate) fn settings(&self) -> &S3Settings {
        &self.settings
    }

    /// The command that runs it.
    pub(crate) fn command(&self, watchdog: &Watchdog) -> Result<Command, StackError> {
        let data = self.folder.join("data");
        make_folder(&data)?;
        open_to_all(&data)?;
        let mut command = watchdog.command(&self.program, EndBy::Kill, Path::new("/dev/null"))?;
        // Relative paths from here on: those of its sockets must be short.
        command.current_dir(&self.folder);
        command.args([
            "-logtostderr=true",
            "-v=0",
            "server",
            "-dir=data",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
        ]);
        // Nothing but S3, with its signatures, is served; the filer's own unsigned interface would bypass them.
        command.args(["-filer", "-filer.disableHttp", "-filer.localSocket=filer.sock"]);
        command.args(["-s3", "-s3.config=identities.json", "-s3.localSocket=s3.sock"]);
        command.args(["-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false"]);
        // There is one master, so nobody else can win its election: waiting the usual ten seconds for others only makes
        // every start but the first one last twenty.
        command.arg("-master.electionTimeout=1s");
        // Objects are kept in files that grow as they are written to, as many as the disk holds. Small ones, and no share
        // of the disk kept free: otherwise a disk that is nearly full holds none, and every write waits for one.
        command.args(["-master.volumeSizeLimitMB=128", "-volume.max=0", "-volume.minFreeSpace=64MiB"]);
        command.arg("-volume.preStopSeconds=0");
        let parts =
            [("master", self.master), ("volume", self.volume), ("filer", self.filer), ("s3", self.s3)];
        for (part, [port, grpc]) in parts {
            command.arg(format!("-{part}.port={port}")).arg(format!("-{part}.port.grpc={grpc}"));
        }
        Ok(command)
    }

    /// Whether an object could be written: the bucket is there (or made now), and a place for its data is found.
    pub(crate) async fn is_ready(&self) -> bool {
        let (bucket, port) = (&self.settings.bucket, self.s3[0]);
        let path = format!("/{bucket}");
        let headers = sign(&self.settings, "PUT", &format!("127.0.0.1:{port}"), &path, SystemTime::now());
        match request(port, "PUT", &path, &headers).await {
            Ok((200 | 409, _)) => {}
            // Anything else, or nothing, means: not yet.
            Ok(_) | Err(_) => return false,
        }
        // The first question has no side effects; the second one makes files, so it is asked once there is room for them.
        match request(self.master[0], "GET", "/dir/status", &[]).await {
            Ok((200, answer)) if answer.contains("DataNodes") && !answer.contains("\"DataNodes\":null") => {}
            Ok(_) | Err(_) => return false,
        }
        let place = format!("/dir/assign?collection={bucket}");
        matches!(request(self.master[0], "GET", &place, &[]).await, Ok((200, answer)) if answer.contains("\"fid\""))
    }

    /// Removes the sockets that it leaves in the system's folder for temporary files, named after its ports.
    pub(crate) fn tidy(&self) {
        let parts =
            [("master", self.master), ("volume", self.volume), ("filer", self.filer), ("s3", self.s3)];
        for (part, [_, grpc]) in parts {
            let socket = format!("/tmp/seaweedfs-{part}-grpc-{grpc}.sock");
            if let Err(error) = fs::remove_file(&socket)
                && error.kind() != std::io::ErrorKind::NotFound
            {
                tracing::debug!(%error, socket, "cannot remove a socket that SeaweedFS left");
            }
        }
    }
}
