//! Campaigns by e-mail and by voice as the tests have them: a mail server in the sandbox, people with addresses of their own who
//! agreed to be written to, and somebody to send from.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use domain::id::{CampaignId, LeadId, SenderId, TemplateId, TypedId};
use entities::sender::{self, Letterhead, NewSender, Registered};
use entities::template::{self, NewVersion};
use providers::email::{SmtpSettings, SmtpTls};
use sandbox::{AcceptedMail, Sandbox, Settings};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::campaigns::{Outreach, version};

/// Where e-mail is sent from.
pub const ADDRESS: &str = "sales@acme-tools.example";
/// Where its sender is.
pub const POSTAL: &str = "1 Main St, Austin TX 78701";
/// What a first e-mail says.
pub const BODY: &str = "Hello {{first_name|there}},\n\na word about {{company_name|your business}}?";

/// [`Outreach`] that writes e-mail.
pub struct Letters {
    /// The system.
    pub outreach: Outreach,
    /// Where e-mail is sent from.
    pub address: SenderId,
    /// What the first e-mail says.
    pub letter: TemplateId,
}

impl Letters {
    /// The system as it is for e-mail, without a worker.
    ///
    /// # Errors
    /// Where a part of it does not start.
    pub async fn new(settings: Settings) -> Result<Self> {
        let mut outreach = Outreach::new(settings).await?;
        let address = give_mail(&mut outreach).await?;
        let mut tx = outreach.app.db.team_bulk(outreach.team.id).await?;
        let by = Some(outreach.team.user);
        let says = NewVersion { subject: Some("For {{first_name|you}}".to_owned()), ..version(BODY)? };
        let letter = template::create(&mut tx, "first letter", "email", &says, by).await?;
        tx.commit().await?;
        Ok(Self { outreach, address, letter })
    }

    /// The same with a worker in this process.
    ///
    /// # Errors
    /// As [`Letters::new`].
    pub async fn with_worker(settings: Settings) -> Result<Self> {
        let mut letters = Self::new(settings).await?;
        letters.outreach.app.start_worker()?;
        Ok(letters)
    }

    /// People with numbers and verified addresses, who agreed to both.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn readers(&self, count: usize) -> Result<Vec<LeadId>> {
        let leads = self.outreach.people(count).await?;
        let ids: Vec<Uuid> = leads.iter().map(|lead| lead.uuid()).collect();
        let (team, pool) = (self.outreach.team.id.uuid(), self.outreach.app.admin.pool());
        sqlx::query(
            "INSERT INTO persona_emails (team_id, persona_id, address, class, status, score, verified)
             SELECT $1, l.persona_id, 'ann@firm-' || right(l.phone, 7) || '.example', 'business', 'verified', 90, true
               FROM leads l WHERE l.team_id = $1 AND l.id = ANY($2)",
        )
        .bind(team)
        .bind(&ids)
        .execute(pool)
        .await?;
        sqlx::query(
            "INSERT INTO consents (team_id, id, kind, value, basis, text_shown, source, method, given_at)
             SELECT $1, fresh_uuid(), 'email', 'ann@firm-' || right(phone, 7) || '.example', 'express_written',
                    'I agree to be written to', 'a form', 'web_form', now() - interval '1 day'
               FROM leads WHERE team_id = $1 AND id = ANY($2)",
        )
        .bind(team)
        .bind(&ids)
        .execute(pool)
        .await?;
        Ok(leads)
    }

    /// The addresses of leads, in their order.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn addresses(&self, leads: &[LeadId]) -> Result<Vec<String>> {
        let numbers = self.outreach.numbers(leads).await?;
        Ok(numbers.iter().map(|number| format!("ann@firm-{}.example", &number[3..])).collect())
    }

    /// Drafts a campaign by e-mail, with whatever `change` says differently.
    ///
    /// # Errors
    /// Where the API refuses it.
    pub async fn create(&self, leads: &[LeadId], change: Value) -> Result<CampaignId> {
        let mut all = json!({ "channel": "email", "sender": self.address, "template": self.letter });
        if let (Some(all), Value::Object(change)) = (all.as_object_mut(), change) {
            all.extend(change);
        }
        self.outreach.create(leads, all).await
    }

    /// What the mail server took, by recipient.
    pub fn taken(&self) -> BTreeMap<String, Vec<AcceptedMail>> {
        let mut taken: BTreeMap<String, Vec<AcceptedMail>> = BTreeMap::new();
        for mail in self.outreach.sandbox.mail() {
            taken.entry(mail.to.join(",")).or_default().push(mail);
        }
        taken
    }

    /// Each of these leads got exactly one letter, and nobody else got any.
    ///
    /// # Errors
    /// Where that is not so.
    pub async fn each_got_one(&self, leads: &[LeadId]) -> Result<()> {
        let mut wanted = self.addresses(leads).await?;
        wanted.sort_unstable();
        let taken = self.taken();
        ensure!(taken.values().all(|mail| mail.len() == 1), "somebody got more than one letter");
        let got: Vec<String> = taken.into_keys().collect();
        ensure!(got == wanted, "{} got a letter and {} were to", got.len(), wanted.len());
        Ok(())
    }
}

/// Gives workers that start from here on the sandbox's mail server, and the team an address to send from; answers it.
///
/// # Errors
/// Where the database fails.
pub async fn give_mail(outreach: &mut Outreach) -> Result<SenderId> {
    outreach.app.worker_config.smtp = Some(server(&outreach.sandbox)?);
    let mut tx = outreach.app.db.team_bulk(outreach.team.id).await?;
    let id = sender::create(&mut tx, &address("offers"), Some(outreach.team.user)).await?;
    tx.commit().await?;
    Ok(id)
}

/// A sender of e-mail of this pool.
pub fn address(pool: &str) -> NewSender {
    NewSender {
        channel: "email",
        provider: "smtp".to_owned(),
        address: ADDRESS.to_owned(),
        name: "offers".to_owned(),
        pool: Some(pool.to_owned()),
        area_code: None,
        registered: Registered::default(),
        letterhead: Letterhead {
            display_name: Some("Acme Tools".to_owned()),
            postal_address: Some(POSTAL.to_owned()),
            reply_to: None,
        },
    }
}

/// The address in an e-mail at which its recipient leaves.
///
/// # Errors
/// Where it has none.
pub fn way_out(mail: &AcceptedMail) -> Result<String> {
    let header = mail.header("List-Unsubscribe");
    let url = header.strip_prefix('<').and_then(|rest| rest.split_once('>')).context("an address")?.0;
    Ok(url.to_owned())
}

fn server(sandbox: &Sandbox) -> Result<SmtpSettings> {
    let port = sandbox.smtp_url().rsplit_once(':').context("a port")?.1.parse()?;
    Ok(SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port,
        tls: SmtpTls::None,
        login: Some(("user".to_owned(), "password".into())),
        timeout: Duration::from_secs(2),
    })
}

/// The variables that tell a worker process of the mail server.
pub(crate) fn variables(config: &worker::Config) -> Vec<(&'static str, String)> {
    let Some(smtp) = &config.smtp else { return Vec::new() };
    let mut variables = vec![
        ("REFINERY_SMTP_URL", format!("smtp://{}:{}", smtp.host, smtp.port)),
        ("REFINERY_SMTP_TIMEOUT_MS", smtp.timeout.as_millis().to_string()),
    ];
    if let Some((user, password)) = &smtp.login {
        variables.push(("REFINERY_SMTP_USER", user.clone()));
        variables.push(("REFINERY_SMTP_PASSWORD", password.expose().to_owned()));
    }
    variables
}
