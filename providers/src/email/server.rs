//! A mail server as bad as mail servers can be.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the server does at a step.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act {
    /// Says this.
    Say(&'static str),
    /// Closes the connection.
    Cut,
    /// Says nothing any more.
    Hang,
}

/// A server that answers well, but for one step: a command, `.` for the end of the message, or `hello` for the greeting.
pub(super) struct MailServer {
    pub(super) port: u16,
    lines: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<u32>>,
}

impl MailServer {
    pub(super) async fn with(step: &'static str, act: Act) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (lines, connections) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<Mutex<u32>>::default());
        let (seen, counted) = (lines.clone(), connections.clone());
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                *counted.lock().expect("nobody panicked") += 1;
                tokio::spawn(serve(connection, step, act, seen.clone()));
            }
        });
        Self { port, lines, connections }
    }

    /// Everything that was said to it.
    pub(super) fn lines(&self) -> Vec<String> {
        self.lines.lock().expect("nobody panicked").clone()
    }

    pub(super) fn connections(&self) -> u32 {
        *self.connections.lock().expect("nobody panicked")
    }
}

async fn serve(connection: TcpStream, step: &str, act: Act, seen: Arc<Mutex<Vec<String>>>) {
    let (read, mut write) = connection.into_split();
    let mut read = BufReader::new(read);
    let (mut said, mut in_message) = ("hello".to_owned(), false);
    loop {
        let well = match said.as_str() {
            "hello" => "220 mail.example ESMTP",
            "EHLO" => "250-mail.example\r\n250 AUTH PLAIN LOGIN",
            "AUTH" => "235 2.7.0 in",
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            "" => "",
            _ => "250 2.0.0 OK",
        };
        let answer = match act {
            Act::Cut if said == step => return,
            Act::Hang if said == step => std::future::pending().await,
            Act::Say(words) if said == step => words,
            _ => well,
        };
        if !answer.is_empty() && write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return;
        }
        in_message = if said == "DATA" { answer.starts_with('3') } else { in_message };
        let mut line = String::new();
        match read.read_line(&mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => seen.lock().expect("nobody panicked").push(line.trim_end().to_owned()),
        }
        let line = line.trim_end();
        said = match (in_message, line) {
            (true, ".") => {
                in_message = false;
                ".".to_owned()
            }
            (true, _) => String::new(),
            (false, line) => line.split([' ', ':']).next().unwrap_or_default().to_uppercase(),
        };
    }
}
