//! Every way in which handing over a message can end, against a server that ends it so.

use std::time::Duration;

use super::compose::compose;
use super::server::{Act, MailServer};
use super::{
    EmailProvider, OutgoingEmail, RefusalAction, SendOutcome, Smtp, SmtpSettings, SmtpTls, Unsubscribe,
};

fn email() -> OutgoingEmail {
    OutgoingEmail {
        key: "int_1".into(),
        from: "sales@acme.example".parse().expect("an address"),
        from_name: "Acme\r\nBcc: evil@x.example".into(),
        reply_to: Some("answers@acme.example".parse().expect("an address")),
        to: "ann@doyle.example".parse().expect("an address"),
        subject: "Your bakery,\r\nX-Evil: 1".into(),
        text: "Hello Ann,\n.\nwe caf\u{e9} \u{1F600}\n".into(),
        html: None,
        unsubscribe: Unsubscribe {
            url: "https://us.example/u/tok?x=1".into(),
            mailbox: Some("leave@acme.example".parse().expect("an address")),
        },
    }
}

fn at(port: u16, timeout: Duration) -> Smtp {
    let login = Some(("user".to_owned(), "hunter2".into()));
    let settings = SmtpSettings { host: "127.0.0.1".into(), port, tls: SmtpTls::None, login, timeout };
    Smtp::new(settings).expect("no certificates are needed")
}

async fn sent(step: &'static str, act: Act) -> SendOutcome {
    let server = MailServer::with(step, act).await;
    at(server.port, Duration::from_secs(20)).send(&email()).await
}

fn formatted(email: &OutgoingEmail) -> String {
    String::from_utf8(compose(email).expect("a message").formatted()).expect("ascii")
}

#[test]
fn one_click_leaves_and_nothing_can_be_slipped_in() {
    let message = formatted(&email());
    assert!(message.contains("\r\nList-Unsubscribe: <https://us.example/u/tok?x=1>, <mailto:leave@acme.example?subject=unsubscribe>\r\n"), "{message}");
    assert!(message.contains("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), "{message}");
    assert!(message.contains("\r\nReply-To: answers@acme.example\r\n"), "{message}");
    let (head, _) = message.split_once("\r\n\r\n").expect("a body");
    assert!(!head.contains("\r\nX-Evil") && !head.contains("\r\nBcc"), "{head}");
    let shown = format!("{:?}", email());
    assert!(!shown.contains("doyle") && !shown.contains("bakery") && !shown.contains("tok"), "{shown}");
    for url in [
        "http://us.example/u",
        "https://",
        "https://us.example/a b",
        "https://us.example/>,<x",
        "mailto:a@b.c",
    ] {
        let unsubscribe = Unsubscribe { url: url.into(), mailbox: None };
        assert!(compose(&OutgoingEmail { unsubscribe, ..email() }).is_err(), "{url}");
    }
    let html = OutgoingEmail { html: Some("<p>Hello</p>".into()), ..email() };
    assert!(formatted(&html).contains("multipart/alternative"));
}

#[test]
fn the_same_send_is_the_same_message() {
    let id = |message: &str| {
        let line = message.lines().find(|line| line.starts_with("Message-ID: ")).map(str::to_owned);
        line.expect("an id")
    };
    let first = id(&formatted(&email()));
    assert_eq!(first, id(&formatted(&OutgoingEmail { text: "other".into(), ..email() })));
    assert_ne!(first, id(&formatted(&OutgoingEmail { key: "int_2".into(), ..email() })));
    assert!(first.ends_with("@acme.example>") && !first.contains("int_1"), "{first}");
}

#[tokio::test]
async fn a_message_is_handed_over_and_the_connection_kept() {
    let server = MailServer::with("never", Act::Cut).await;
    let smtp = at(server.port, Duration::from_secs(20));
    for _ in 0..3 {
        let outcome = smtp.send(&email()).await;
        let SendOutcome::Accepted { external_id, .. } = outcome else { panic!("{outcome:?}") };
        assert!(external_id.starts_with('<') && external_id.ends_with("@acme.example>"), "{external_id}");
    }
    assert_eq!(server.connections(), 1);
    let lines = server.lines();
    for line in ["MAIL FROM:<sales@acme.example>", "RCPT TO:<ann@doyle.example>", "DATA", "."] {
        assert_eq!(lines.iter().filter(|said| *said == line).count(), 3, "{line}: {lines:?}");
    }
    assert!(!format!("{smtp:?}").contains("hunter2"));
}

#[tokio::test]
async fn before_the_message_nothing_was_sent_and_behind_it_nobody_knows() {
    for step in ["hello", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"] {
        let outcome = sent(step, Act::Cut).await;
        assert!(matches!(outcome, SendOutcome::NotSent { .. }), "{step}: {outcome:?}");
    }
    for act in [Act::Cut, Act::Say("nonsense")] {
        assert_eq!(sent(".", act).await, SendOutcome::Unknown { why: "no_answer".into() });
    }
    for (step, unknown) in [("RCPT", false), (".", true)] {
        let server = MailServer::with(step, Act::Hang).await;
        let outcome = at(server.port, Duration::from_millis(500)).send(&email()).await;
        assert_eq!(matches!(outcome, SendOutcome::Unknown { .. }), unknown, "{step}: {outcome:?}");
        assert_eq!(outcome.is_surely_unsent(), !unknown);
    }
    let nobody = at(1, Duration::from_secs(5)).send(&email()).await;
    assert!(matches!(nobody, SendOutcome::NotSent { .. }), "{nobody:?}");
}

#[tokio::test]
async fn what_the_server_says_is_what_follows() {
    let refused = |code: &str, action| SendOutcome::Refused { code: code.into(), action };
    let later = RefusalAction::RetryLater { after: Duration::from_secs(900), times: 4 };
    for (step, words, outcome) in [
        ("RCPT", "451 4.7.1 greylisted, ann@doyle.example", refused("smtp_451_4.7.1", later)),
        (".", "452 full", refused("smtp_452", later)),
        (
            "RCPT",
            "550 5.1.1 ann@doyle.example unknown",
            refused("smtp_550_5.1.1", RefusalAction::MarkInvalid),
        ),
        ("MAIL", "553 5.1.8 not you", refused("smtp_553_5.1.8", RefusalAction::ConfigStop)),
        (".", "554 5.7.1 spam", refused("smtp_554_5.7.1", RefusalAction::ContentStop)),
        ("hello", "421 too many", SendOutcome::RateLimited { retry_after: None }),
        ("hello", "554 go away", SendOutcome::AccountStop { code: "smtp_554".into() }),
        ("AUTH", "535 5.7.8 wrong", SendOutcome::AccountStop { code: "smtp_535_5.7.8".into() }),
        ("MAIL", "530 5.7.0 log in", SendOutcome::AccountStop { code: "smtp_530_5.7.0".into() }),
    ] {
        assert_eq!(sent(step, Act::Say(words)).await, outcome, "{step} {words}");
    }
}

#[tokio::test]
async fn a_refused_recipient_does_not_cost_the_connection() {
    let server = MailServer::with("RCPT", Act::Say("550 5.1.1 no")).await;
    let smtp = at(server.port, Duration::from_secs(20));
    for _ in 0..3 {
        assert!(matches!(smtp.send(&email()).await, SendOutcome::Refused { .. }));
    }
    assert_eq!(server.connections(), 1);
}
