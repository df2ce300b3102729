//! Why the sandbox could not be started.

use std::io;

/// Why the sandbox could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A port is taken, or may not be had.
    #[error("the sandbox cannot listen on 127.0.0.1:{port} for {whom}: choose another port base")]
    Bind {
        /// Whose server it was.
        whom: &'static str,
        /// The port, 0 for any.
        port: u16,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The port base leaves no room for all servers.
    #[error("port base {base} leaves no room for {servers} servers below 65536: choose a lower one")]
    PortBase {
        /// What was asked for.
        base: u16,
        /// How many ports are needed.
        servers: u16,
    },
    /// The client that delivers webhooks could not be made.
    #[error("the sandbox has no HTTP client to deliver webhooks with")]
    Client(#[source] reqwest::Error),
}
