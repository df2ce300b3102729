//! Leads through the waterfall, against vendors that are really asked over HTTP.

mod by_itself;
mod faults;
mod journey;
mod killed;
mod late;
mod mailboxes;
mod money;
mod operator;
mod twice;

use anyhow::Result;
use sandbox::{Identity, Introduction, Line, LineKind, Mailbox, Sandbox, Settings, Vendor};
use tests::{Services, Team, TestApp, a_team};

/// The system with these vendors, a worker, and a team.
async fn scene(settings: Settings, vendors: &[Vendor]) -> Result<(TestApp, Team, Sandbox)> {
    let sandbox = Sandbox::start(settings).await?;
    let access = tests::vendors::access(&sandbox, vendors);
    let mut app = TestApp::with_vendors(Services::shared().await, access).await?;
    app.start_worker()?;
    let team = a_team().create(&app.admin).await?;
    Ok((app, team, sandbox))
}

/// Makes an owner of [`TestApp::owners`] known to vendors, with a mobile and a mailbox that work.
fn introduce(sandbox: &Sandbox, number: usize, (first, last): (&str, &str), known_to: &[Vendor]) {
    let line = Line {
        number: format!("512555{:04}", 2_000 + number),
        kind: LineKind::Mobile,
        carrier: "Verizon Wireless".to_owned(),
        connected: true,
        dnc: false,
        tcpa: false,
    };
    let mailbox = Mailbox {
        address: format!("{first}.{last}@mail.example").to_lowercase(),
        work: false,
        verified: true,
    };
    sandbox.world().introduce(Introduction {
        identity: Identity {
            first: first.to_owned(),
            last: last.to_owned(),
            street: format!("{} {last} Street", 100 + number),
            city: "Austin".to_owned(),
            state: "TX".to_owned(),
            zip: "78701".to_owned(),
            ..Identity::default()
        },
        lines: Some(vec![line]),
        mailboxes: Some(vec![mailbox]),
        deceased: Some(false),
        litigator: Some(false),
        known_to: Some(known_to.to_vec()),
    });
}
