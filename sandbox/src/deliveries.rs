//! Webhooks: what a vendor posts to the caller some time after it answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::Value;
use tokio::sync::watch;

use crate::ledger::Ledger;
use crate::signatures;
use crate::vendor::Vendor;

/// How long one that is to be overtaken waits for another.
const OVERTAKEN_BY: Duration = Duration::from_secs(5);

/// Something to be posted later.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) url: String,
    pub(crate) parcel: Parcel,
    pub(crate) after: Duration,
    /// Whether it is posted a second time.
    pub(crate) twice: bool,
    /// Whether it waits for another to overtake it.
    pub(crate) overtaken: bool,
}

/// What is posted, and how.
#[derive(Debug)]
pub(crate) enum Parcel {
    /// JSON without a signature.
    Json(Value),
    /// JSON as SignalHouse signs it, anew for each try: by every secret that is valid, newest first.
    SignalHouse { body: String, delivery_id: String, secrets: Vec<String> },
    /// A form as Twilio signs it.
    Twilio { form: Vec<(&'static str, String)>, token: String },
}

/// How patient a vendor is.
struct Manners {
    tries: u32,
    /// The pause after the first failed try; the next is twice as long.
    pause: Duration,
    /// How long a receiver may think.
    patience: Duration,
}

impl Parcel {
    const fn manners(&self) -> Manners {
        let (tries, pause_ms, patience_s) = match self {
            Self::Json(_) => (3, 200, 10),
            // [V]
            Self::SignalHouse { .. } => (3, 500, 3),
            // [K]
            Self::Twilio { .. } => (2, 200, 15),
        };
        let (pause, patience) = (Duration::from_millis(pause_ms), Duration::from_secs(patience_s));
        Manners { tries, pause, patience }
    }

    /// Whether the vendor tries again after such an answer.
    fn tries_again(&self, status: StatusCode) -> bool {
        match self {
            Self::Json(_) => true,
            Self::SignalHouse { .. } | Self::Twilio { .. } => {
                status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
            }
        }
    }

    fn request(&self, client: &Client, url: &str) -> RequestBuilder {
        let post = client.post(url);
        match self {
            Self::Json(body) => post.json(body),
            Self::SignalHouse { body, delivery_id, secrets } => {
                let post = post.header("content-type", "application/json").body(body.clone());
                let post = post.header("x-signalhouse-delivery-id", delivery_id);
                let millis = chrono::Utc::now().timestamp_millis().to_string();
                signatures::signalhouse(secrets, &millis, body)
                    .into_iter()
                    .fold(post, |post, (name, value)| post.header(name, value))
            }
            Self::Twilio { form, token } => {
                let signature = signatures::twilio(token, url, form);
                let pairs = form.iter().map(|(name, value)| (*name, value.as_str()));
                post.header("content-type", "application/x-www-form-urlencoded")
                    .header("x-twilio-signature", signature)
                    .body(form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
            }
        }
    }
}

/// The post office.
pub(crate) struct Deliveries {
    client: Client,
    ledger: Arc<Ledger>,
    closing: watch::Receiver<bool>,
    posted: watch::Sender<u64>,
    /// What was planned under an earlier one is not posted any more.
    era: AtomicU64,
}

impl Deliveries {
    pub(crate) fn new(ledger: Arc<Ledger>, closing: watch::Receiver<bool>) -> Result<Self, reqwest::Error> {
        let client = Client::builder().no_proxy().build()?;
        Ok(Self { client, ledger, closing, posted: watch::Sender::new(0), era: AtomicU64::new(0) })
    }

    /// Posts it when its time has come, unless everything is forgotten before.
    pub(crate) fn plan(self: &Arc<Self>, vendor: Vendor, delivery: Delivery) {
        let office = self.clone();
        let era = office.era.load(Ordering::Acquire);
        let mut closing = office.closing.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = office.post(vendor, delivery, era) => {}
                _ = closing.wait_for(|closing| *closing) => {}
            }
        });
    }

    /// Forgets what was planned.
    pub(crate) fn forget(&self) {
        self.era.fetch_add(1, Ordering::AcqRel);
    }

    async fn post(&self, vendor: Vendor, delivery: Delivery, era: u64) {
        tokio::time::sleep(delivery.after).await;
        if delivery.overtaken {
            let mut posted = self.posted.subscribe();
            posted.borrow_and_update();
            // Nobody overtook it: it goes anyway.
            let _ = tokio::time::timeout(OVERTAKEN_BY, posted.changed()).await;
        }
        for _ in 0..=u8::from(delivery.twice) {
            if self.era.load(Ordering::Acquire) != era {
                return;
            }
            let received = self.hand_over(&delivery).await;
            self.ledger.deliver(vendor, received);
            self.posted.send_modify(|posted| *posted += 1);
        }
    }

    /// Whether somebody took it, at the last try at the latest.
    async fn hand_over(&self, delivery: &Delivery) -> bool {
        let Manners { tries, pause, patience } = delivery.parcel.manners();
        for attempt in 0..tries {
            let request = delivery.parcel.request(&self.client, &delivery.url).timeout(patience);
            match request.send().await {
                Ok(answer) if answer.status().is_success() => return true,
                Ok(answer) => {
                    tracing::debug!(status = answer.status().as_u16(), attempt, "a webhook was refused");
                    if !delivery.parcel.tries_again(answer.status()) {
                        return false;
                    }
                }
                // The address may be a secret of the receiver's.
                Err(error) => {
                    tracing::debug!(error = %error.without_url(), attempt, "a webhook reached nobody")
                }
            }
            if attempt + 1 < tries {
                tokio::time::sleep(pause * 2_u32.pow(attempt)).await;
            }
        }
        false
    }
}
