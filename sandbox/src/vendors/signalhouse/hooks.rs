//! Webhooks: who wants to know of what, by which secret it is signed, and what it says. What came in is wrapped under
//! `Message`, what became of what went out is not \[V\].

use axum::http::{Method, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::read::received;
use super::{Notification, SignalHouse, State, bad, problem};
use crate::deliveries::{Delivery, Parcel};
use crate::front::{Reply, Visit};
use crate::texts::{AcceptedText, News, What};

/// How long the secret before stays good, unless it is said \[V\].
const GRACE_S: i64 = 86_400;
/// And at most \[V\].
const LONGEST_GRACE_S: i64 = 604_800;

#[derive(Default)]
pub(super) struct Hooks(Vec<Hook>);

struct Hook {
    id: String,
    url: String,
    events: Vec<String>,
    /// Newest first, and until when each is good.
    secrets: Vec<(String, Option<DateTime<Utc>>)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewHook {
    #[serde(default)]
    name: String,
    url: String,
    subscribed_events: Vec<String>,
    #[serde(default)]
    auth_type: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Rotate {
    grace_seconds: Option<i64>,
}

impl SignalHouse {
    /// `/webhook` and what is under it.
    pub(super) fn hooks(&self, method: &Method, path: &str, visit: &Visit) -> Reply {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (method, parts.as_slice()) {
            (&Method::POST, ["webhook"]) => self.add_hook(visit),
            (&Method::GET, ["webhook"]) => {
                let shown = self.state().hooks.0.iter().map(Hook::shown).collect();
                Self::page(visit, shown)
            }
            (&Method::DELETE, ["webhook", id]) => {
                self.state().hooks.0.retain(|hook| hook.id != *id);
                Reply::ok(&json!({"message": "deleted"}))
            }
            (&Method::POST, ["webhook", id, "rotate-secret"]) => self.rotate(id, visit),
            _ => problem(StatusCode::NOT_FOUND, "Not found"),
        }
    }

    fn add_hook(&self, visit: &Visit) -> Reply {
        let new: NewHook = match visit.json() {
            Ok(new) => new,
            Err(words) => return bad(&words),
        };
        if !new.url.starts_with("http") || new.subscribed_events.is_empty() {
            return bad("url and subscribedEvents are required");
        }
        let mut state = self.state();
        let (id, secret) = (state.next("hook"), state.next("secret"));
        let NewHook { name, url, subscribed_events: events, auth_type } = new;
        let hook = Hook { id, url, events, secrets: vec![(secret.clone(), None)] };
        let mut shown = hook.shown();
        shown["name"] = name.into();
        shown["authType"] = auth_type.unwrap_or_else(|| "NONE".to_owned()).into();
        // Once, and never again.
        shown["signingSecret"] = secret.into();
        state.hooks.0.push(hook);
        Reply::json(StatusCode::CREATED, &shown)
    }

    fn rotate(&self, id: &str, visit: &Visit) -> Reply {
        let wanted: Rotate = visit.json().unwrap_or_default();
        let grace = wanted.grace_seconds.unwrap_or(GRACE_S);
        if !(0..=LONGEST_GRACE_S).contains(&grace) {
            return bad("graceSeconds must be from 0 to 604800");
        }
        let mut state = self.state();
        let secret = state.next("secret");
        let Some(hook) = state.hooks.0.iter_mut().find(|hook| hook.id == id) else {
            return problem(StatusCode::NOT_FOUND, "Not found");
        };
        // Two are good at most.
        hook.secrets.truncate(1);
        let until = Utc::now() + TimeDelta::seconds(grace);
        hook.secrets.iter_mut().for_each(|(_, good_until)| *good_until = Some(until));
        hook.secrets.insert(0, (secret.clone(), None));
        Reply::ok(&json!({"_id": id, "signingSecret": secret}))
    }

    /// Writes news down and posts them to whoever subscribed. What is only `SENT` is nobody's event \[V\].
    pub(super) fn announce(&self, news: &[News], about: Option<&AcceptedText>) -> Vec<Delivery> {
        let now = Utc::now();
        let mut state = self.state();
        let mut deliveries = Vec::new();
        for news in news {
            let Some((event, identifier, meta)) = event(news, about) else { continue };
            let at = now + news.after;
            let body = json!({
                "timestamp": at.timestamp_millis(),
                "event": event,
                "identifier": identifier,
                "metaData": meta,
            });
            state.notifications.push(Notification { at, body: body.clone() });
            if news.lost {
                continue;
            }
            let after = news.after.to_std().unwrap_or_default();
            let posted: Vec<_> = state.hooks.wanting(event, at);
            for (url, secrets) in posted {
                let delivery_id = state.next("delivery");
                let parcel = Parcel::SignalHouse { body: body.to_string(), delivery_id, secrets };
                let (twice, overtaken) = (news.twice, news.overtaken);
                deliveries.push(Delivery { url, parcel, after, twice, overtaken });
            }
        }
        deliveries
    }
}

impl State {
    /// Another id or secret, each of its own.
    fn next(&mut self, kind: &str) -> String {
        self.serial += 1;
        format!("{kind}-{:08}", self.serial)
    }
}

impl Hooks {
    fn wanting(&self, event: &str, at: DateTime<Utc>) -> Vec<(String, Vec<String>)> {
        let wanting = self.0.iter().filter(|hook| hook.events.iter().any(|own| own == event));
        wanting
            .map(|hook| {
                let good = hook.secrets.iter().filter(|(_, until)| until.is_none_or(|until| until > at));
                (hook.url.clone(), good.map(|(secret, _)| secret.clone()).collect())
            })
            .collect()
    }
}

impl Hook {
    fn shown(&self) -> Value {
        json!({
            "_id": self.id,
            "url": self.url,
            "subscribedEvents": self.events,
            "hasSigningSecret": !self.secrets.is_empty(),
        })
    }
}

/// Name, identifier and what it is about.
fn event(news: &News, about: Option<&AcceptedText>) -> Option<(&'static str, String, Value)> {
    match (&news.what, about) {
        (What::Inbound(text), _) => {
            Some(("MESSAGE_RECEIVED", text.id.clone(), json!({"Message": received(text)})))
        }
        (What::Decided(None), Some(text)) => {
            let meta = json!({"status": "DELIVERED", "segmentCount": text.segments});
            Some(("MESSAGE_DELIVERED", text.id.clone(), meta))
        }
        (What::Decided(Some(code)), Some(text)) => {
            let reason = match code.as_str() {
                "30007" => "Carrier error 30007: content filtered as spam".to_owned(),
                "30006" => "Carrier error 30006: landline or unreachable carrier".to_owned(),
                "30003" => "Carrier error 30003: unreachable handset".to_owned(),
                other => format!("Carrier error {other}"),
            };
            let meta = json!({
                "status": "FAILED",
                "segmentCount": text.segments,
                "errorCode": null,
                "successOrFailureReason": reason,
            });
            Some(("MESSAGE_FAILED", text.id.clone(), meta))
        }
        _ => None,
    }
}
