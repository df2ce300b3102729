//! Verification against name and mail servers that say what a test has them say.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::email::Email;
use simple_dns::rdata::{A, MX, RData};
use simple_dns::{CLASS, Name, Packet, PacketFlag, QTYPE, RCODE, ResourceRecord, TYPE};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, UdpSocket};

use super::{
    DnsResolver, EmailVerdict, EmailVerifier, MailHosts, MxError, MxResolver, SmtpCheck, VerifySettings,
};
use crate::settings::Settings;

/// Knows one answer.
#[derive(Debug)]
struct Fixed(Option<MailHosts>);

#[async_trait]
impl MxResolver for Fixed {
    async fn mail_hosts(&self, _domain: &str) -> Result<MailHosts, MxError> {
        self.0.clone().ok_or_else(|| MxError::Unanswered("nobody is there".into()))
    }
}

fn servers(hosts: &[&str]) -> Option<MailHosts> {
    Some(MailHosts::Servers(hosts.iter().map(|host| (*host).to_owned()).collect()))
}

async fn verdict(hosts: Option<MailHosts>, smtp: Option<SmtpCheck>, text: &str) -> EmailVerdict {
    EmailVerifier::new(Arc::new(Fixed(hosts)), smtp).verify(text).await.verdict
}

#[tokio::test]
async fn without_asking_mail_servers() {
    assert_eq!(verdict(servers(&["mx.acme.com"]), None, "Ann <ann@acme.com>").await, EmailVerdict::Accepting);
    assert_eq!(verdict(Some(MailHosts::None), None, "ann@acme.com").await, EmailVerdict::NoMailServer);
    assert_eq!(verdict(servers(&[]), None, "ann@acme.com").await, EmailVerdict::NoMailServer);
    assert_eq!(verdict(None, None, "ann@acme.com").await, EmailVerdict::Unanswered);
    assert_eq!(verdict(None, None, "x@mailinator.com").await, EmailVerdict::Disposable);
    let malformed = EmailVerifier::new(Arc::new(Fixed(None)), None).verify("a..b@acme.com").await;
    assert_eq!(malformed.verdict, EmailVerdict::Malformed);
    assert!(malformed.fault.is_some() && malformed.email.is_none());
}

/// A mail server that answers each command by its beginning; the second recipient is the one that cannot exist.
async fn mail_server(replies: &'static [(&'static str, &'static str)]) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = heard.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            let reply = |start: &str| replies.iter().find(|(own, _)| *own == start).map(|(_, reply)| *reply);
            let Some(greeting) = reply("") else { continue };
            if stream.write_all(greeting.as_bytes()).await.is_err() {
                continue;
            }
            let mut line = String::new();
            while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
                let second = line.contains("no-such-mailbox-");
                let start = if second { "RCPT2" } else { line.get(..4).unwrap_or_default() };
                log.lock().expect("nobody panicked").push(line.trim().to_owned());
                let Some(reply) = reply(start) else { break };
                if stream.write_all(reply.as_bytes()).await.is_err() {
                    break;
                }
                line.clear();
            }
        }
    });
    (port, heard)
}

fn check(port: u16) -> Option<SmtpCheck> {
    Some(SmtpCheck::from("probe@refinery.example".parse::<Email>().expect("an address")).at_port(port))
}

const HELLO: [(&str, &str); 3] =
    [("", "220-mx.acme.com\r\n220 ready\r\n"), ("EHLO", "250-mx\r\n250 SIZE 1\r\n"), ("MAIL", "250 ok\r\n")];

#[tokio::test]
async fn what_mail_servers_say() {
    const fn with(rcpt: &'static str, second: &'static str) -> [(&'static str, &'static str); 5] {
        [HELLO[0], HELLO[1], HELLO[2], ("RCPT", rcpt), ("RCPT2", second)]
    }
    static EXISTS: [(&str, &str); 5] = with("250 ok\r\n", "550 5.1.1 no such user\r\n");
    static ALL: [(&str, &str); 5] = with("250 ok\r\n", "250 ok\r\n");
    static NONE: [(&str, &str); 5] = with("550 5.1.1 no such user\r\n", "550 no\r\n");
    static GREY: [(&str, &str); 5] = with("451 4.7.1 try later\r\n", "451 later\r\n");
    static BLOCKED: [(&str, &str); 1] = [("", "554 go away\r\n")];
    static BROKEN: [(&str, &str); 1] = [("", "hello there\r\n")];
    let cases: [(&'static [(&str, &str)], EmailVerdict); 6] = [
        (&EXISTS, EmailVerdict::Verified),
        (&ALL, EmailVerdict::CatchAll),
        (&NONE, EmailVerdict::Rejected),
        (&GREY, EmailVerdict::Accepting),
        (&BLOCKED, EmailVerdict::Accepting),
        (&BROKEN, EmailVerdict::Unanswered),
    ];
    for (replies, expected) in cases {
        let (port, heard) = mail_server(replies).await;
        assert_eq!(
            verdict(servers(&["127.0.0.1"]), check(port), "ann@acme.com").await,
            expected,
            "{replies:?}"
        );
        let heard = heard.lock().expect("nobody panicked").clone();
        assert!(!heard.iter().any(|line| line.starts_with("DATA")), "no mail is ever sent");
    }
}

#[tokio::test]
async fn speaks_as_the_rfc_says() {
    static OLD: [(&str, &str); 6] = [
        ("", "220 mx\r\n"),
        ("EHLO", "502 what\r\n"),
        ("HELO", "250 mx\r\n"),
        ("MAIL", "250 ok\r\n"),
        ("RCPT", "250 ok\r\n"),
        ("RCPT2", "550 no\r\n"),
    ];
    let (port, heard) = mail_server(&OLD).await;
    assert_eq!(verdict(servers(&["127.0.0.1"]), check(port), "ann@acme.com").await, EmailVerdict::Verified);
    let heard = heard.lock().expect("nobody panicked").clone();
    assert_eq!(
        heard[..4],
        [
            "EHLO refinery.example",
            "HELO refinery.example",
            "MAIL FROM:<probe@refinery.example>",
            "RCPT TO:<ann@acme.com>"
        ]
    );
}

#[tokio::test]
async fn the_second_server_answers_for_the_first() {
    static EXISTS: [(&str, &str); 5] =
        [HELLO[0], HELLO[1], HELLO[2], ("RCPT", "250 ok\r\n"), ("RCPT2", "550 no\r\n")];
    let (port, _) = mail_server(&EXISTS).await;
    // 127.0.0.2 is this machine too, where nobody listens at that port.
    let hosts = servers(&["127.0.0.2", "127.0.0.1"]);
    assert_eq!(verdict(hosts, check(port), "ann@acme.com").await, EmailVerdict::Verified);
    assert_eq!(verdict(servers(&["127.0.0.2"]), check(port), "ann@acme.com").await, EmailVerdict::Unanswered);
}

/// A name server for one zone; `truncates` makes it answer over TCP only.
async fn name_server(truncates: bool) -> SocketAddr {
    let (udp, tcp) = loop {
        let udp = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        // The same port for both; another program may have the one of TCP.
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().expect("an address")).await {
            break (udp, tcp);
        }
    };
    let address = udp.local_addr().expect("an address");
    tokio::spawn(async move {
        let mut buffer = [0; 512];
        while let Ok((length, from)) = udp.recv_from(&mut buffer).await {
            let answer = answer(&buffer[..length], truncates);
            // Somebody else's answer comes first, and is not believed.
            let mut foreign = answer.clone();
            foreign[0] ^= 0xff;
            let _ = udp.send_to(&foreign, from).await;
            let _ = udp.send_to(&answer, from).await;
        }
    });
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = tcp.accept().await {
            let length = stream.read_u16().await.expect("a length");
            let mut question = vec![0; usize::from(length)];
            stream.read_exact(&mut question).await.expect("a question");
            let answer = answer(&question, false);
            let length = u16::try_from(answer.len()).expect("short");
            stream.write_all(&length.to_be_bytes()).await.expect("writes");
            stream.write_all(&answer).await.expect("writes");
        }
    });
    address
}

fn answer(question: &[u8], truncates: bool) -> Vec<u8> {
    let query = Packet::parse(question).expect("a question");
    let asked = query.questions[0].clone();
    let name = asked.qname.to_string();
    let mut reply = Packet::new_reply(query.id());
    reply.questions.push(asked.clone());
    if truncates {
        reply.set_flags(PacketFlag::TRUNCATION);
        return reply.build_bytes_vec().expect("bytes");
    }
    let mut add = |data: RData<'static>| {
        let name = Name::new(&name).expect("a name").into_owned();
        reply.answers.push(ResourceRecord::new(name, CLASS::IN, 60, data));
    };
    let mx = |preference, host| RData::MX(MX { preference, exchange: Name::new(host).expect("a name") });
    let of_mx = asked.qtype == QTYPE::TYPE(TYPE::MX);
    match (name.as_str(), of_mx) {
        ("acme.com", true) => {
            add(mx(20, "mx2.acme.com"));
            add(mx(10, "MX1.acme.com"));
        }
        ("null.com", true) => add(RData::MX(MX { preference: 0, exchange: Name::new_with_labels(&[]) })),
        ("plain.com", false) => add(RData::A(A { address: 0x7f00_0001 })),
        ("gone.com", _) => *reply.rcode_mut() = RCODE::NameError,
        ("broken.com", _) => *reply.rcode_mut() = RCODE::ServerFailure,
        _ => {}
    }
    reply.build_bytes_vec().expect("bytes")
}

#[tokio::test]
async fn who_takes_mail_for_a_domain() {
    for truncates in [false, true] {
        let resolver = DnsResolver::asking(vec![name_server(truncates).await]);
        let hosts = async |domain: &str| resolver.mail_hosts(domain).await.expect("an answer");
        assert_eq!(
            Some(hosts("acme.com").await),
            servers(&["mx1.acme.com", "mx2.acme.com"]),
            "preferred first"
        );
        assert_eq!(hosts("null.com").await, MailHosts::None, "says that it takes none");
        assert_eq!(Some(hosts("plain.com").await), servers(&["plain.com"]), "an address is a mail server");
        assert_eq!(hosts("gone.com").await, MailHosts::None);
        assert_eq!(hosts("empty.com").await, MailHosts::None);
        let failed = resolver.mail_hosts("broken.com").await.expect_err("a failure is no answer");
        assert!(failed.to_string().contains("ServerFailure"), "{failed}");
    }
}

#[tokio::test]
async fn the_next_name_server_is_asked_when_the_first_is_not_there() {
    let silent = {
        // Bound and dropped: nobody is there any more.
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        socket.local_addr().expect("an address")
    };
    let resolver = DnsResolver::asking(vec![silent, name_server(false).await]);
    assert!(matches!(resolver.mail_hosts("acme.com").await, Ok(MailHosts::Servers(_))));
    assert!(DnsResolver::asking(Vec::new()).mail_hosts("acme.com").await.is_err());
}

#[test]
fn asking_mail_servers_is_off_unless_an_address_says_who_asks() {
    let read = |value: Option<&'static str>| {
        let lookup =
            move |name: &str| value.filter(|_| name == "REFINERY_SMTP_CHECK_FROM").map(str::to_owned);
        let mut settings = Settings::new(lookup);
        let read = VerifySettings::read(&mut settings);
        (read.smtp.is_some(), settings.finish().is_err())
    };
    assert_eq!(read(None), (false, false));
    assert_eq!(read(Some("probe@acme.com")), (true, false));
    assert_eq!(read(Some("probe")), (false, true));
}

#[test]
fn name_servers_are_asked_unless_somebody_says_no() {
    let read = |variables: &'static [(&'static str, &'static str)]| {
        let mut settings = Settings::new(|name: &str| {
            variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
        });
        let read = VerifySettings::read(&mut settings);
        settings
            .finish()
            .map(|()| (read.mx, read.name_servers.iter().map(ToString::to_string).collect::<Vec<_>>()))
    };
    assert_eq!(read(&[]).ok(), Some((true, vec![])));
    let told = &[("REFINERY_EMAIL_CHECK", "off"), ("REFINERY_NAME_SERVERS", "10.0.0.2, [::1]:5353")];
    assert_eq!(read(told).ok(), Some((false, vec!["10.0.0.2:53".to_owned(), "[::1]:5353".to_owned()])));
    assert!(read(&[("REFINERY_EMAIL_CHECK", "yes")]).is_err());
    assert!(read(&[("REFINERY_NAME_SERVERS", "ns.acme.com")]).is_err());
    assert!(VerifySettings::default().verifier().is_ok_and(|verifier| verifier.is_none()));
}
