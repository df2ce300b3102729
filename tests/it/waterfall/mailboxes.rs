//! Whether addresses take mail, by name servers that are really asked.

use std::net::SocketAddr;

use anyhow::Result;
use sandbox::{Sandbox, Settings, Vendor};
use tests::{Services, TestApp, a_team};
use tokio::net::UdpSocket;

use super::introduce;

/// Response and recursion available; no such name.
const FLAGS: [u8; 2] = [0x81, 0x80];
const NO_SUCH_NAME: u8 = 3;

/// A name server for whom there is one domain with a mail server, and no other (RFC 1035 §4.1).
async fn name_server(known: &'static str) -> Result<SocketAddr> {
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    let address = socket.local_addr()?;
    tokio::spawn(async move {
        let mut packet = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut packet).await {
            let answer = answer(&packet[..length], known);
            if socket.send_to(&answer, from).await.is_err() {
                break;
            }
        }
    });
    Ok(address)
}

fn answer(question: &[u8], known: &str) -> Vec<u8> {
    let asked: Vec<u8> =
        known.split('.').flat_map(|label| [&[label.len() as u8], label.as_bytes()].concat()).collect();
    let there = question[12..].starts_with(&asked);
    let code = if there { 0 } else { NO_SUCH_NAME };
    let mut answer = question[..2].to_vec();
    answer.extend([FLAGS[0], FLAGS[1] | code, 0, 1, 0, u8::from(there), 0, 0, 0, 0]);
    // The question again, up to its type and class.
    let end = 12 + question[12..].iter().position(|byte| *byte == 0).unwrap_or(0) + 5;
    answer.extend(&question[12..end]);
    if there {
        // The name of the question, MX, IN, a minute, preference 10, "mx" before that name.
        answer.extend([0xc0, 12, 0, 15, 0, 1, 0, 0, 0, 60, 0, 7, 0, 10, 2, b'm', b'x', 0xc0, 12]);
    }
    answer
}

#[tokio::test]
async fn an_address_that_takes_no_mail_reaches_nobody_and_is_asked_about_once() -> Result<()> {
    let sandbox = Sandbox::start(Settings::default()).await?;
    let access = tests::vendors::access(&sandbox, &[Vendor::BatchData]);
    let mut app = TestApp::with_vendors(Services::shared().await, access).await?;
    app.worker_config.email_check.mx = true;
    app.worker_config.email_check.name_servers = vec![name_server("good.example").await?];
    app.start_worker()?;
    let team = a_team().create(&app.admin).await?;
    let names = [("Ann", "Quimby"), ("Robert", "Zelnik")];
    let leads = app.owners(&team, &names).await?;
    introduce(&sandbox, 0, names[0], &[Vendor::BatchData]);
    // A list says that both of them read mail.
    sqlx::query(
        "INSERT INTO persona_emails (team_id, persona_id, address, class, verified, source, status)
         SELECT team_id, id, CASE given_name WHEN 'Ann' THEN 'ann@gone.example' ELSE 'bob@good.example' END, 'business',
                true, 'list', 'verified' FROM personas",
    )
    .execute(app.admin.pool())
    .await?;
    let run = app.enrich_through(&team, &leads).await?;
    assert_eq!(run.state.as_str(), "completed", "{run:?}");

    let found =
        sqlx::query_as::<_, (String, String)>("SELECT address, verdict FROM email_checks ORDER BY address")
            .fetch_all(app.admin.pool())
            .await?;
    let expected = [("ann@gone.example", "no_mail_server"), ("bob@good.example", "accepting")];
    for (address, verdict) in expected {
        assert!(
            found.contains(&(address.to_owned(), verdict.to_owned())),
            "{address} is {verdict}: {found:?}"
        );
    }
    let invalid = "SELECT count(*) FROM persona_emails WHERE team_id = $1 AND status = 'invalid' AND address = 'ann@gone.example'";
    assert_eq!(app.count(&team, invalid).await?, 1);
    let kept = "SELECT count(*) FROM persona_emails WHERE team_id = $1 AND status = 'verified' AND address = 'bob@good.example'";
    assert_eq!(app.count(&team, kept).await?, 1, "that mail is taken takes nothing back");
    // Ann lacks an address and a number, Robert a number.
    assert_eq!(
        sandbox.ledger().vendor(Vendor::BatchData).requests,
        2,
        "an address that is none is looked for anew"
    );

    let checked = "SELECT count(*) FROM email_checks WHERE team_id = $1 AND checked_at < now()";
    let before = app.count(&team, checked).await?;
    sqlx::query("UPDATE email_checks SET checked_at = now() - interval '1 hour'")
        .execute(app.admin.pool())
        .await?;
    app.enrich_through(&team, &leads).await?;
    let again =
        "SELECT count(*) FROM email_checks WHERE team_id = $1 AND checked_at > now() - interval '30 minutes'";
    assert_eq!((app.count(&team, checked).await?, app.count(&team, again).await?), (before, 0));
    Ok(())
}
