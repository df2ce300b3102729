//! The telephone network behind the vendors of texts: it takes texts or does not, delivers them or does not, counts them in
//! windows, and has people who answer. The vendors put its answers into their words.
//!
//! What happens to whom follows from the seed and the recipient; nothing waits and nothing runs: what a text has become is
//! worked out from the time when somebody asks.

mod book;
mod record;
mod replier;
mod segments;
mod settings;
mod windows;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

pub(crate) use book::ten_digits;
pub use book::{AcceptedText, InboundText, Sender, Violation};
pub(crate) use replier::Keyword;
pub use replier::Replier;
pub(crate) use segments::segments;
pub use settings::{ReportSettings, TextSettings, Throttle, ThrottleBy};
use windows::Windows;

use crate::vendor::Vendor;
use crate::world::{Chance, LineKind, World};

/// A text a vendor is asked to send.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) vendor: Vendor,
    /// Ten digits each.
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) body: String,
    /// Whether landlines are to be refused.
    pub(crate) filters_landlines: bool,
    pub(crate) key: Option<String>,
    /// Micro-dollars for a segment.
    pub(crate) price: u64,
}

/// What the network made of it.
#[derive(Debug)]
pub(crate) enum Taken {
    /// It goes out.
    Accepted {
        text: Box<AcceptedText>,
        /// What is to be told of it, and of what comes back, in this order.
        news: Vec<News>,
    },
    /// It does not, for a reason in the vendor's code or word.
    Refused(String),
    /// Too fast.
    Throttled,
}

/// Something to be told later.
#[derive(Debug, Clone)]
pub(crate) struct News {
    pub(crate) after: TimeDelta,
    pub(crate) twice: bool,
    /// Whether another is to overtake it.
    pub(crate) overtaken: bool,
    /// Whether it is written down and not told.
    pub(crate) lost: bool,
    pub(crate) what: What,
}

#[derive(Debug, Clone)]
pub(crate) enum What {
    /// It left.
    Sent,
    /// It arrived, or did not, for this reason.
    Decided(Option<String>),
    /// Somebody wrote.
    Inbound(InboundText),
}

/// The network.
pub(crate) struct Network {
    seed: u64,
    world: Arc<World>,
    state: Mutex<State>,
}

struct State {
    settings: TextSettings,
    texts: Vec<AcceptedText>,
    /// Positions in `texts`, by recipient and by id.
    by_recipient: HashMap<String, Vec<usize>>,
    by_id: HashMap<String, usize>,
    inbound: Vec<InboundText>,
    /// Who has opted out of which brand, and since when.
    opted_out: HashMap<(String, String), (DateTime<Utc>, String)>,
    repliers: Vec<Replier>,
    /// How often each replier has answered whom.
    answered: HashMap<(usize, String), usize>,
    senders: HashMap<(Vendor, String), Sender>,
    windows: Windows,
    violations: Vec<Violation>,
}

impl State {
    fn of(settings: TextSettings) -> Self {
        Self {
            settings,
            texts: Vec::new(),
            by_recipient: HashMap::new(),
            by_id: HashMap::new(),
            inbound: Vec::new(),
            opted_out: HashMap::new(),
            repliers: Vec::new(),
            answered: HashMap::new(),
            senders: HashMap::new(),
            windows: Windows::default(),
            violations: Vec::new(),
        }
    }
}

impl Network {
    pub(crate) fn new(seed: u64, world: Arc<World>, settings: TextSettings) -> Self {
        Self { seed, world, state: Mutex::new(State::of(settings)) }
    }

    /// Takes a text or does not.
    pub(crate) fn take(&self, asked: &Asked) -> Taken {
        let now = Utc::now();
        let mut state = self.state();
        let state = &mut *state;
        let Some(sender) = state.sender(asked.vendor, &asked.from) else {
            return Taken::Refused("sender".to_owned());
        };
        if let Some(code) = self.refusal(state, asked, &sender, now) {
            return Taken::Refused(code);
        }
        let line = self.world.line(&asked.to);
        let segments = segments(&asked.body);
        let (violations, refused) =
            state.windows.count(&state.settings.throttles, &sender, &line.carrier, segments, now);
        state.violations.extend(violations);
        match refused {
            Some(throttle) if throttle.per_ms.is_some() => return Taken::Throttled,
            Some(_) => return Taken::Refused("daily_cap".to_owned()),
            None => {}
        }

        let serial = state.texts.len().to_string();
        let nth = state.by_recipient.get(&asked.to).map_or(0, Vec::len).to_string();
        let settings = &state.settings;
        let mut chance = Chance::of(self.seed, &["text", &asked.to, &nth]);
        let reply_lost = chance.happens(settings.lost_replies);
        let fate = self.fate(settings, asked, line.kind, &mut chance);
        let late = chance.happens(settings.reports.late);
        let after = TimeDelta::from_std(settings.reports.after()).unwrap_or_default();
        let text = AcceptedText {
            id: Chance::of(self.seed, &["id", &serial]).hex(32),
            vendor: asked.vendor,
            from: asked.from.clone(),
            to: asked.to.clone(),
            body: asked.body.clone(),
            segments,
            micro_dollars: segments * asked.price,
            at: now,
            key: asked.key.clone(),
            campaign: sender.campaign.clone(),
            reply_lost,
            status: "queued".to_owned(),
            error_code: None,
            decided_at: now + after,
            fate: fate.clone(),
        };
        let late_by = i64::try_from(settings.reports.late_by_ms).unwrap_or(0);
        let reported = if late { after + TimeDelta::milliseconds(late_by) } else { after };
        let mut news = reports(settings, fate, reported, &mut chance);
        if text.fate.is_none() {
            news.extend(self.answers(state, &text, after));
        }
        let at = state.texts.len();
        state.by_recipient.entry(text.to.clone()).or_default().push(at);
        state.by_id.insert(text.id.clone(), at);
        state.texts.push(text.clone());
        Taken::Accepted { text: Box::new(text), news }
    }

    /// Why a text is refused at once.
    fn refusal(&self, state: &State, asked: &Asked, sender: &Sender, now: DateTime<Utc>) -> Option<String> {
        let of_twilio = asked.vendor == Vendor::Twilio;
        let settings = &state.settings;
        let opted_out = state.opted_out.get(&(asked.to.clone(), sender.brand.clone()));
        if opted_out.is_some_and(|(since, _)| *since <= now) && (of_twilio || settings.opt_outs_enforced) {
            return Some(if of_twilio { "21610" } else { "OUT" }.to_owned());
        }
        let landline = || self.world.line(&asked.to).kind == LineKind::Landline;
        if settings.landlines && asked.filters_landlines && !of_twilio && landline() {
            return Some("landline".to_owned());
        }
        let drawn = Chance::of(self.seed, &["refused", &asked.to]);
        let own = settings.refused.iter();
        let own = own.filter(|(code, _)| code.bytes().all(|byte| byte.is_ascii_digit()) == of_twilio);
        one_of(own, drawn)
    }

    /// Why a text does not arrive; `None` if it does.
    fn fate(
        &self,
        settings: &TextSettings,
        asked: &Asked,
        kind: LineKind,
        chance: &mut Chance,
    ) -> Option<String> {
        let drawn = chance.clone();
        chance.number();
        let body = asked.body.to_lowercase();
        if settings.filtered_words.iter().any(|word| body.contains(&word.to_lowercase())) {
            return Some("30007".to_owned());
        }
        if settings.landlines && kind == LineKind::Landline {
            return Some("30006".to_owned());
        }
        one_of(settings.failed.iter(), drawn)
    }

    /// What the recipient answers, if anything.
    fn answers(&self, state: &mut State, text: &AcceptedText, after: TimeDelta) -> Option<News> {
        let fits = |(at, replier): &(usize, &Replier)| {
            let to = replier.to.as_deref().and_then(ten_digits);
            to.is_none_or(|to| to == text.to)
                && replier.containing.as_ref().is_none_or(|part| text.body.contains(part.as_str()))
                && replier.rate.is_none_or(|rate| {
                    Chance::of(self.seed, &["replies", &at.to_string(), &text.to]).happens(rate)
                })
        };
        let (at, replier) = state.repliers.iter().enumerate().find(fits)?;
        let count = state.answered.entry((at, text.to.clone())).or_default();
        let says = replier.says.get(*count)?.clone();
        *count += 1;
        let delay = TimeDelta::milliseconds(i64::try_from(replier.after_ms).unwrap_or(0));
        let (after, twice) = (after + delay, replier.twice);
        let inbound = self.write_down(state, text.vendor, &text.to, &text.from, &says, text.at + after);
        Some(News { after, twice, overtaken: false, lost: false, what: What::Inbound(inbound) })
    }

    /// Somebody writes to a number of the caller's.
    pub(crate) fn inbound(&self, vendor: Vendor, from: &str, to: &str, body: &str) -> InboundText {
        let mut state = self.state();
        self.write_down(&mut state, vendor, from, to, body, Utc::now())
    }

    fn write_down(
        &self,
        state: &mut State,
        vendor: Vendor,
        from: &str,
        to: &str,
        body: &str,
        at: DateTime<Utc>,
    ) -> InboundText {
        let serial = state.inbound.len().to_string();
        let inbound = InboundText {
            id: Chance::of(self.seed, &["inbound", &serial]).hex(32),
            vendor,
            from: from.to_owned(),
            to: to.to_owned(),
            body: body.to_owned(),
            at,
        };
        let brand = state.sender(vendor, to).map(|sender| sender.brand).unwrap_or_default();
        match Keyword::of(body) {
            Some(Keyword::Stop) => {
                state.opted_out.insert((from.to_owned(), brand), (at, body.to_lowercase()));
            }
            Some(Keyword::Start) => {
                state.opted_out.remove(&(from.to_owned(), brand));
            }
            _ => {}
        }
        state.inbound.push(inbound.clone());
        inbound
    }

    /// Forgets texts, answers, opt-outs, violations and repliers; settings and numbers stay.
    pub(crate) fn forget(&self) {
        let mut state = self.state();
        let senders = std::mem::take(&mut state.senders);
        *state = State { senders, ..State::of(state.settings.clone()) };
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn sender(&self, vendor: Vendor, number: &str) -> Option<Sender> {
        match self.senders.get(&(vendor, number.to_owned())) {
            Some(known) => known.ready.then(|| known.clone()),
            None => self.settings.any_sender.then(|| Sender::of(vendor, number)),
        }
    }
}

/// What is told of a text: that it left, and what became of it.
fn reports(
    settings: &TextSettings,
    fate: Option<String>,
    reported: TimeDelta,
    chance: &mut Chance,
) -> Vec<News> {
    let reports = &settings.reports;
    let twice = chance.happens(reports.twice);
    let reordered = chance.happens(reports.reordered);
    let lost = chance.happens(reports.missing);
    let news = |after, what, overtaken| News { after, twice, overtaken, lost, what };
    let (first, last) = if reordered { (reported, reported / 2) } else { (reported / 2, reported) };
    vec![news(first, What::Sent, false), news(last, What::Decided(fate), reordered)]
}

/// One of several, each with its share; or none.
fn one_of<'a>(shares: impl Iterator<Item = (&'a String, &'a f64)>, mut drawn: Chance) -> Option<String> {
    let drawn = drawn.share();
    let mut up_to = 0.0;
    for (code, share) in shares {
        up_to += share;
        if drawn < up_to {
            return Some(code.clone());
        }
    }
    None
}
