//! Temporal's development server with its UI: how it is run, and when it is ready.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::home::{Instance, make_folder};
use crate::http::request;
use crate::install::Packages;
use crate::ports::Ports;
use crate::watchdog::{EndBy, Watchdog};
use crate::{Profile, StackError};

/// What workflows are found by in the UI. Keywords only, and never personal data.
const SEARCH_ATTRIBUTES: [&str; 5] =
    ["RefineryTeam", "RefineryStage", "RefineryStatus", "RefinerySource", "RefineryCampaign"];

/// Settings of the server other than its defaults. One computer's SQLite file is the limit here; these only take away
/// limits below it that are meant for a shared production server.
const SETTINGS: [&str; 7] = [
    "frontend.rps=100000",
    "frontend.namespaceRPS=100000",
    "frontend.namespaceRPS.visibility=1000",
    "frontend.namespaceCount=10000",
    // One partition a queue: with one server more of them only add hops between them.
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
    // The search attributes are known when the server starts, so the cached list of them is right.
    "system.forceSearchAttributesCacheRefreshOnRead=false",
];

/// How Temporal is run.
#[derive(Debug, Clone)]
pub(crate) struct Temporal {
    program: PathBuf,
    database: PathBuf,
    profile: Profile,
    codec: Option<String>,
    port: u16,
    ui_port: u16,
    http_port: u16,
    metrics_port: u16,
}

impl Temporal {
    /// Chooses ports and makes the folder.
    pub(crate) fn prepare(
        instance: &Instance,
        profile: Profile,
        codec: Option<String>,
        packages: &Packages,
        ports: &mut Ports,
    ) -> Result<Self, StackError> {
        let folder = instance.path("temporal");
        make_folder(&folder)?;
        let mut temporal = Self {
            program: packages.program("temporal"),
            database: folder.join("temporal.db"),
            profile,
            codec,
            port: 0,
            ui_port: 0,
            http_port: 0,
            metrics_port: 0,
        };
        temporal.move_to(ports)?;
        Ok(temporal)
    }

    /// Other ports, because somebody took one of the first.
    pub(crate) fn move_to(&mut self, ports: &mut Ports) -> Result<(), StackError> {
        self.port = ports.choose("temporal", Some(7_233))?;
        self.ui_port = ports.choose("temporal-ui", Some(8_233))?;
        self.http_port = ports.choose("temporal-http", None)?;
        self.metrics_port = ports.choose("temporal-metrics", None)?;
        Ok(())
    }

    /// `host:port` that clients and workers connect to.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Address of the UI.
    pub(crate) fn ui_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ui_port)
    }

    /// The command that runs it.
    pub(crate) fn command(&self, watchdog: &Watchdog) -> Result<Command, StackError> {
        let mut command = watchdog.command(&self.program, EndBy::Kill, Path::new("/dev/null"))?;
        command.args([
            "server",
            "start-dev",
            "--ip",
            "127.0.0.1",
            "--namespace",
            "default",
            "--log-level",
            "warn",
        ]);
        command.arg("--port").arg(self.port.to_string()).arg("--ui-port").arg(self.ui_port.to_string());
        command.arg("--http-port").arg(self.http_port.to_string());
        command.arg("--metrics-port").arg(self.metrics_port.to_string());
        command.arg("--db-filename").arg(&self.database).arg("--ui-disable-news-fetch");
        // Twice the throughput of the default journal. What a killed server wrote is in the kernel's hands with either
        // setting of `synchronous`; NORMAL also survives a crash of the computer.
        let synchronous = match self.profile {
            Profile::Dev => "synchronous=NORMAL",
            Profile::Test => "synchronous=OFF",
        };
        command.args(["--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", synchronous]);
        for name in SEARCH_ATTRIBUTES {
            command.arg("--search-attribute").arg(format!("{name}=Keyword"));
        }
        for setting in SETTINGS {
            command.args(["--dynamic-config-value", setting]);
        }
        if let Some(codec) = &self.codec {
            command.arg("--ui-codec-endpoint").arg(codec);
        }
        // Its own settings of the person who runs this (profiles, keys of a cloud account) have no business here.
        command
            .env("TEMPORAL_CONFIG_FILE", "/dev/null")
            .env_remove("TEMPORAL_PROFILE")
            .env_remove("TEMPORAL_ADDRESS");
        Ok(command)
    }

    /// Whether every part of it serves: the namespace is there, task queues are (matching), workflows are looked up
    /// (history), and the search attributes are known (visibility).
    pub(crate) async fn is_ready(&self) -> bool {
        let namespace = "/api/v1/namespaces/default";
        let checks = [
            (namespace.to_owned(), 200),
            (format!("{namespace}/task-queues/readiness"), 200),
            (format!("{namespace}/workflows/readiness"), 404),
            (format!("{namespace}/workflows?pageSize=1&query=RefineryCampaign%3D%22none%22"), 200),
        ];
        for (target, expected) in checks {
            // Anything else, or nothing, means: not yet.
            if !matches!(request(self.http_port, "GET", &target, &[]).await, Ok((status, _)) if status == expected)
            {
                return false;
            }
        }
        true
    }
}
