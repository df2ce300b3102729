//! A mail server: takes messages over SMTP (RFC 5321), in the clear and with any login, and keeps them to be read. Like the
//! telephone network it refuses, postpones and loses by the seed and the recipient.

mod post;
mod session;

use std::sync::Arc;

pub(crate) use post::PostOffice;
pub use post::{AcceptedMail, MailSettings};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Serves until the sandbox stops, and at once: conversations are cut.
pub(crate) fn serve(
    listener: TcpListener,
    office: Arc<PostOffice>,
    mut closed: watch::Receiver<bool>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = closed.wait_for(|closed| *closed) => return,
            };
            let connection = match accepted {
                Ok((connection, _)) => connection,
                Err(error) => {
                    tracing::debug!(%error, "a connection did not come about");
                    continue;
                }
            };
            let (office, mut closed) = (office.clone(), closed.clone());
            tokio::spawn(async move {
                tokio::select! {
                    ended = session::hold(connection, &office) => {
                        if let Err(error) = ended {
                            tracing::debug!(%error, "a conversation broke off");
                        }
                    }
                    _ = closed.wait_for(|closed| *closed) => {}
                }
            });
        }
    })
}
