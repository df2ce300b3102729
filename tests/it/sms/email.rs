//! E-mail against the sandbox's mail server.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use providers::email::{
    EmailProvider, OutgoingEmail, RefusalAction, SendOutcome, Smtp, SmtpSettings, SmtpTls, Unsubscribe,
};
use sandbox::{MailSettings, Sandbox, Settings};

fn smtp(sandbox: &Sandbox) -> Result<Smtp> {
    let port = sandbox.smtp_url().rsplit_once(':').context("a port")?.1.parse()?;
    let settings = SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port,
        tls: SmtpTls::None,
        login: Some(("user".to_owned(), "password".into())),
        timeout: Duration::from_secs(20),
    };
    Ok(Smtp::new(settings)?)
}

fn email() -> Result<OutgoingEmail> {
    Ok(OutgoingEmail {
        key: "int_1".to_owned(),
        from: "sales@acme.example".parse()?,
        from_name: "Acme".to_owned(),
        reply_to: None,
        to: "ann@doyle.example".parse()?,
        subject: "Your café".into(),
        text: "Hello\n.\nAnn".into(),
        html: None,
        unsubscribe: Unsubscribe { url: "https://us.example/u/tok".to_owned(), mailbox: None },
    })
}

#[tokio::test]
async fn a_message_arrives_with_the_way_out() -> Result<()> {
    let sandbox = Sandbox::start(Settings::default()).await?;
    let outcome = smtp(&sandbox)?.send(&email()?).await;
    let mail = sandbox.mail();
    let [mail] = mail.as_slice() else { panic!("{outcome:?}") };
    assert_eq!(outcome.as_str(), "accepted");
    let SendOutcome::Accepted { external_id, .. } = outcome else { panic!("accepted") };
    assert_eq!(mail.header("Message-ID"), external_id);
    assert_eq!(mail.header("List-Unsubscribe"), "<https://us.example/u/tok>");
    assert_eq!(mail.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("sales@acme.example", ["ann@doyle.example".to_owned()].as_slice())
    );
    assert_eq!(mail.body.lines().collect::<Vec<_>>()[..3], ["Hello", ".", "Ann"]);
    Ok(())
}

#[tokio::test]
async fn refused_postponed_and_lost() -> Result<()> {
    let sandbox = Sandbox::start(Settings::default()).await?;
    let smtp = smtp(&sandbox)?;
    let refuse = |words: &str| MailSettings {
        refused: BTreeMap::from([(words.to_owned(), 1.0)]),
        ..MailSettings::default()
    };
    sandbox.set_mail(refuse("550 5.1.1 no such mailbox"));
    let invalid =
        SendOutcome::Refused { code: "smtp_550_5.1.1".to_owned(), action: RefusalAction::MarkInvalid };
    assert_eq!(smtp.send(&email()?).await, invalid);
    sandbox.set_mail(refuse("451 4.7.1 come again"));
    let later = smtp.send(&email()?).await;
    assert!(
        matches!(later, SendOutcome::Refused { action: RefusalAction::RetryLater { .. }, .. }),
        "{later:?}"
    );
    assert_eq!(smtp.send(&email()?).await.as_str(), "accepted", "it came again");
    sandbox.set_mail(MailSettings { lost_replies: 1.0, ..MailSettings::default() });
    let outcome = smtp.send(&email()?).await;
    assert_eq!(outcome.as_str(), "unknown");
    let ids: Vec<_> = sandbox.mail().iter().map(|mail| mail.header("message-id").to_owned()).collect();
    assert_eq!((ids.len(), ids[0] == ids[1]), (2, true), "the same send is the same message");
    Ok(())
}
