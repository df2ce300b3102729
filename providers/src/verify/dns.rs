//! Asks the machine's name servers for MX records: one question over UDP, over TCP where the answer does not fit.
//!
//! Packets are written and read by `simple-dns`, which brings one tiny crate. A full resolver (`hickory-resolver`) brings
//! ten, and caches, pools and protocols that one kind of question does not need; the machine's name server caches.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::{MailHosts, MxError, MxResolver};

/// How long one server may take for one question.
const PATIENCE: Duration = Duration::from_secs(3);

/// The longest answer over UDP without extensions (RFC 1035 §4.2.1); some servers send more all the same.
const LONGEST_UDP: usize = 4096;

/// There is no name server to ask.
#[derive(Debug, thiserror::Error)]
#[error("no name server is configured: name one in /etc/resolv.conf")]
pub struct NoNameServer;

/// Asks name servers.
#[derive(Debug, Clone)]
pub struct DnsResolver {
    servers: Vec<SocketAddr>,
}

impl DnsResolver {
    /// Asks these servers, each next one only when those before it do not answer.
    pub fn asking(servers: Vec<SocketAddr>) -> Self {
        Self { servers }
    }

    /// Asks the machine's name servers, those of `/etc/resolv.conf`.
    ///
    /// # Errors
    /// [`NoNameServer`] where none is named there.
    pub fn of_this_machine() -> Result<Self, NoNameServer> {
        let text = std::fs::read_to_string(Path::new("/etc/resolv.conf")).unwrap_or_default();
        let servers = name_servers(&text);
        if servers.is_empty() { Err(NoNameServer) } else { Ok(Self { servers }) }
    }

    /// The answer to one question of the first server that gives one.
    async fn ask(&self, domain: &str, kind: TYPE) -> Result<Answer, MxError> {
        let mut last = "there is no name server".to_owned();
        for server in &self.servers {
            match timeout(PATIENCE, exchange(*server, domain, kind)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => last = error.to_string(),
                Err(_) => last = format!("nothing came within {} s", PATIENCE.as_secs()),
            }
        }
        Err(MxError::Unanswered(last))
    }
}

#[async_trait]
impl MxResolver for DnsResolver {
    async fn mail_hosts(&self, domain: &str) -> Result<MailHosts, MxError> {
        let Answer { mut exchanges, exists, .. } = self.ask(domain, TYPE::MX).await?;
        if !exists {
            return Ok(MailHosts::None);
        }
        // RFC 7505: one MX record with an empty name.
        if exchanges.iter().any(|(_, host)| host.is_empty()) {
            return Ok(MailHosts::None);
        }
        if !exchanges.is_empty() {
            exchanges.sort();
            return Ok(MailHosts::Servers(exchanges.into_iter().map(|(_, host)| host).collect()));
        }
        for kind in [TYPE::A, TYPE::AAAA] {
            if self.ask(domain, kind).await?.has_address {
                return Ok(MailHosts::Servers(vec![domain.to_owned()]));
            }
        }
        Ok(MailHosts::None)
    }
}

/// What an answer says.
#[derive(Debug)]
struct Answer {
    exchanges: Vec<(u16, String)>,
    has_address: bool,
    exists: bool,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("the connection failed")]
    Connection(#[from] std::io::Error),
    #[error("the answer cannot be read")]
    Unreadable(#[from] simple_dns::SimpleDnsError),
    #[error("the server answered that it cannot ({0:?})")]
    Refused(RCODE),
    #[error("the answer is to another question")]
    Foreign,
}

/// The servers of a `resolv.conf`.
fn name_servers(text: &str) -> Vec<SocketAddr> {
    let of_line = |line: &str| {
        let mut words = line.split_whitespace();
        let named = words.next() == Some("nameserver");
        // A scope behind a link-local address is nothing a socket address is read from here.
        words.next().filter(|_| named)?.parse::<IpAddr>().ok()
    };
    text.lines().filter_map(of_line).map(|ip| SocketAddr::new(ip, 53)).collect()
}

async fn exchange(server: SocketAddr, domain: &str, kind: TYPE) -> Result<Answer, Failed> {
    // With the port that the system draws, what somebody would have to guess to answer in the server's place.
    let id = rand_id();
    let question = question(id, domain, kind)?;
    let local: SocketAddr = if server.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
    let socket = UdpSocket::bind(local).await?;
    socket.connect(server).await?;
    socket.send(&question).await?;
    let mut buffer = vec![0; LONGEST_UDP];
    loop {
        let length = socket.recv(&mut buffer).await?;
        match read(&buffer[..length], id, domain) {
            // Late, or not from the server: the right one may still come.
            Err(Failed::Foreign) => {}
            Err(error) => return Err(error),
            Ok((_, true)) => return over_tcp(server, &question, id, domain).await,
            Ok((answer, false)) => return Ok(answer),
        }
    }
}

async fn over_tcp(server: SocketAddr, question: &[u8], id: u16, domain: &str) -> Result<Answer, Failed> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(question.len()).unwrap_or(u16::MAX);
    stream.write_all(&length.to_be_bytes()).await?;
    stream.write_all(question).await?;
    let length = stream.read_u16().await?;
    let mut buffer = vec![0; usize::from(length)];
    stream.read_exact(&mut buffer).await?;
    read(&buffer, id, domain).map(|(answer, _)| answer)
}

fn question(id: u16, domain: &str, kind: TYPE) -> Result<Vec<u8>, Failed> {
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(domain)?;
    packet.questions.push(Question::new(name, QTYPE::TYPE(kind), QCLASS::CLASS(CLASS::IN), false));
    Ok(packet.build_bytes_vec()?)
}

/// What an answer says, and whether it was cut.
fn read(bytes: &[u8], id: u16, domain: &str) -> Result<(Answer, bool), Failed> {
    let packet = Packet::parse(bytes)?;
    let same = |name: &Name<'_>| name.to_string().trim_end_matches('.').eq_ignore_ascii_case(domain);
    let is_ours = packet.id() == id
        && packet.has_flags(PacketFlag::RESPONSE)
        && packet.questions.iter().all(|question| same(&question.qname));
    if !is_ours {
        return Err(Failed::Foreign);
    }
    let exists = match packet.rcode() {
        RCODE::NoError => true,
        RCODE::NameError => false,
        refused => return Err(Failed::Refused(refused)),
    };
    let mut answer = Answer { exchanges: Vec::new(), has_address: false, exists };
    for record in &packet.answers {
        match &record.rdata {
            RData::MX(mx) => {
                let host = mx.exchange.to_string().trim_end_matches('.').to_ascii_lowercase();
                answer.exchanges.push((mx.preference, host));
            }
            RData::A(_) | RData::AAAA(_) => answer.has_address = true,
            _ => {}
        }
    }
    Ok((answer, packet.has_flags(PacketFlag::TRUNCATION)))
}

/// A number that cannot be guessed.
fn rand_id() -> u16 {
    let [first, second, ..] = uuid::Uuid::new_v4().into_bytes();
    u16::from_be_bytes([first, second])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_of_a_machine() {
        let text = "# comment\nsearch example.com\nnameserver 10.0.0.2\n nameserver\t::1 \nnameserver fe80::1%eth0\nnameserver\noptions ndots:2\n";
        let servers: Vec<String> = name_servers(text).iter().map(ToString::to_string).collect();
        assert_eq!(servers, ["10.0.0.2:53", "[::1]:53"]);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = read(&bytes, 1, "example.com");
        }
    }
}
