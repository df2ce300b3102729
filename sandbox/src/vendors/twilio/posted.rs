//! What Twilio posts \[V\]: to the callback of a message what became of it, to a number's address what was written to it.
//! Reports come twice and out of order; a keyword that was answered already is told as `OptOutType`.

use super::Twilio;
use crate::deliveries::{Delivery, Parcel};
use crate::texts::{AcceptedText, InboundText, Keyword, News, What, segments};
use crate::vendor::Vendor;

type Form = Vec<(&'static str, String)>;

impl Twilio {
    /// What is posted of `news`; `None` where nobody is told.
    pub(super) fn posted(
        &self,
        news: &News,
        about: Option<&AcceptedText>,
        callback: Option<&str>,
    ) -> Option<Delivery> {
        if news.lost {
            return None;
        }
        let (account, token) = self.login().unwrap_or_else(|| (no_account(), "12345".to_owned()));
        let number = match (&news.what, about) {
            (What::Inbound(text), _) => &text.to,
            (_, about) => &about?.from,
        };
        let sender = self.network.sender(Vendor::Twilio, number)?;
        let token = sender.auth_token.unwrap_or(token);
        let callback = callback.map(str::to_owned).or(sender.status_url);
        let (url, form) = match (&news.what, about) {
            (What::Inbound(text), _) => (sender.inbound_url?, inbound(text, &account)),
            (What::Sent, about) => (callback?, report(about?, &account, "sent", None)),
            (What::Decided(None), about) => (callback?, report(about?, &account, "delivered", None)),
            (What::Decided(Some(code)), about) => {
                (callback?, report(about?, &account, "undelivered", Some(code)))
            }
        };
        let after = news.after.to_std().unwrap_or_default();
        let parcel = Parcel::Twilio { form, token };
        Some(Delivery { url, parcel, after, twice: news.twice, overtaken: false })
    }
}

fn no_account() -> String {
    "AC00000000000000000000000000000001".to_owned()
}

fn report(text: &AcceptedText, account: &str, status: &str, code: Option<&str>) -> Form {
    let sid = format!("SM{}", text.id);
    let mut form = vec![
        ("MessageSid", sid.clone()),
        ("SmsSid", sid),
        ("MessageStatus", status.to_owned()),
        ("SmsStatus", status.to_owned()),
        ("AccountSid", account.to_owned()),
        ("From", format!("+1{}", text.from)),
        ("To", format!("+1{}", text.to)),
        ("ApiVersion", "2010-04-01".to_owned()),
    ];
    if let Some(code) = code {
        form.push(("ErrorCode", code.to_owned()));
    }
    if status != "sent" {
        form.push(("RawDlrDoneDate", text.at.format("%y%m%d%H%M").to_string()));
    }
    form
}

fn inbound(text: &InboundText, account: &str) -> Form {
    let sid = format!("SM{}", text.id);
    let mut form = vec![
        ("ToCountry", "US".to_owned()),
        ("MessageSid", sid.clone()),
        ("SmsSid", sid.clone()),
        ("SmsMessageSid", sid),
        ("AccountSid", account.to_owned()),
        ("From", format!("+1{}", text.from)),
        ("To", format!("+1{}", text.to)),
        ("Body", text.body.clone()),
        ("NumMedia", "0".to_owned()),
        ("NumSegments", segments(&text.body).to_string()),
        ("SmsStatus", "received".to_owned()),
        ("ApiVersion", "2010-04-01".to_owned()),
        ("FromCountry", "US".to_owned()),
    ];
    if let Some(keyword) = Keyword::of(&text.body) {
        form.push(("OptOutType", keyword.word().to_owned()));
    }
    form
}
