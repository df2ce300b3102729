//! What a reply is taken for, how surely, and what it holds.

use super::revocation::{self, Revocation, RevocationRules};
use super::rule_book::{Fit, Mark};
use super::wording::Said;
use super::{Extracted, Intent, RuleBook};
use crate::FailureCode;

/// What the texts of inbound calls begin with.
const INBOUND_CALL: &str = "[inbound call]";
/// More words than this, and what was found may not be all that was meant.
const LONG: usize = 45;
/// The rule of replies that no rule fits.
const NO_RULE: &str = "none";

/// A message that came in.
#[derive(Clone, Copy, Default)]
pub struct Message<'m> {
    /// What was written.
    pub body: &'m str,
    /// What we wrote last, where that is known: repeated words of it are not the sender's.
    pub asked: Option<&'m str>,
    /// Whether it is a call, not a text.
    pub is_call: bool,
}

/// Its text is personal data.
impl std::fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Message({} characters, is_call: {})", self.body.chars().count(), self.is_call)
    }
}

impl<'m> Message<'m> {
    /// A text, with what we wrote last.
    pub const fn text(body: &'m str, asked: Option<&'m str>) -> Self {
        Self { body, asked, is_call: false }
    }
}

/// What a reply is taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classification {
    /// What it is taken for.
    pub intent: Intent,
    /// How surely, of 100.
    pub confidence: u8,
    /// Whether somebody wants to be left alone. Not `No` exactly where the intent is an opt-out.
    pub revocation: Revocation,
    /// What it holds.
    pub extracted: Extracted,
    /// Whether a word of interest is in it, whatever it was taken for.
    pub has_interest: bool,
    /// The rule it was taken for this by.
    pub rule: String,
    /// Whether a person has to read it before anything is done about it.
    pub needs_person: bool,
}

impl Classification {
    /// A reply that was taken for this and holds nothing: what a person or a model says of it. A model's word counts for no
    /// more than a rule's, so the threshold is asked of the caller's book.
    pub fn plain(intent: Intent, confidence: u8) -> Self {
        Self {
            intent,
            confidence: confidence.min(100),
            revocation: if matches!(intent, Intent::OptOut) { Revocation::Certain } else { Revocation::No },
            extracted: Extracted::default(),
            has_interest: matches!(intent, Intent::Interested),
            rule: String::new(),
            needs_person: matches!(intent, Intent::Other | Intent::WrongNumber),
        }
    }

    /// The remark on it, if there is one.
    pub fn flag(&self) -> Option<FailureCode> {
        match self.intent {
            _ if self.extracted.is_unreadable => Some(FailureCode::ClassifyExtractionError),
            Intent::Other => Some(FailureCode::ClassifyNoMatch),
            _ if self.needs_person => Some(FailureCode::ClassifyLowConfidence),
            _ => None,
        }
    }
}

/// What a reply is taken for by the rules of a book. Whoever wants to be left alone is heard before all else, then the highest
/// priority counts.
pub fn classify(book: &RuleBook, message: &Message<'_>) -> Classification {
    if message.is_call || message.body.trim_start().to_lowercase().starts_with(INBOUND_CALL) {
        return Classification {
            rule: "inbound_call".into(),
            ..Classification::plain(Intent::CalledPhoneLine, 100)
        };
    }
    let said = Said::of(message.body, message.asked);
    let fits = book.fits(&said);
    let marked = |mark: Mark| fits.iter().any(|fit| fit.rule.marks.contains(&mark));
    let extracted = Extracted {
        call_me: marked(Mark::CallMe),
        wrong_number: marked(Mark::WrongNumber),
        ..said.extracted.clone()
    };
    let is_positive = |fit: &Fit<'_>| fit.rule.intent == Some(Intent::Interested);
    let has_interest = marked(Mark::Interest) || fits.iter().any(is_positive);
    let heard = RevocationRules::shipped().heard_of(message.body, &said);
    if heard.revocation.suppresses() {
        return Classification {
            intent: Intent::OptOut,
            confidence: revocation::confidence(heard.revocation),
            revocation: heard.revocation,
            extracted,
            has_interest,
            rule: format!("revocation.{}", heard.rule),
            needs_person: heard.revocation == Revocation::Likely,
        };
    }
    let (intent, sure, rule) = weighed(&said, &fits);
    let confidence = doubted(sure, intent, &said, &fits);
    let needs_person = confidence < book.threshold()
        || matches!(intent, Intent::Other | Intent::WrongNumber)
        || extracted.is_unreadable;
    Classification {
        intent,
        confidence,
        revocation: Revocation::No,
        extracted,
        has_interest,
        rule,
        needs_person,
    }
}

/// Of all that fits, what has the highest priority; of several rules for it, the surest.
fn weighed(said: &Said, fits: &[Fit<'_>]) -> (Intent, u8, String) {
    if !said.extracted.emails.is_empty() {
        return (Intent::EmailCapture, 95, "email".to_owned());
    }
    let spoken = fits.iter().filter_map(|fit| Some((fit.rule.intent?, fit.rule)));
    let best = spoken.max_by_key(|(intent, rule)| (intent.priority(), rule.confidence));
    match best {
        Some((intent, rule)) => (intent, rule.confidence, rule.name.clone()),
        None if said.asks() => (Intent::Question, 75, "question_mark".to_owned()),
        None => (Intent::Other, 0, NO_RULE.to_owned()),
    }
}

/// How sure it is, all that speaks against it considered.
fn doubted(sure: u8, intent: Intent, said: &Said, fits: &[Fit<'_>]) -> u8 {
    let says = |wanted: fn(Intent) -> bool| fits.iter().any(|fit| fit.rule.intent.is_some_and(wanted));
    let is_yes = matches!(intent, Intent::Interested | Intent::EmailCapture);
    let no = says(|intent| matches!(intent, Intent::NotInterested | Intent::WrongNumber));
    let but = says(Intent::is_objection);
    let mut doubt = 0u8;
    if is_yes && no {
        doubt += 30;
    }
    if intent == Intent::Interested && but {
        doubt += 15;
    }
    if said.len() > LONG {
        doubt += 10;
    }
    sure.saturating_sub(doubt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::ClientLine;
    use proptest::prelude::*;

    fn taken(body: &str) -> Classification {
        classify(RuleBook::shipped(ClientLine::HomeownerAdvisor), &Message::text(body, None))
    }

    #[test]
    fn the_highest_priority_counts() {
        for (body, intent) in [
            ("bob@example.com", Intent::EmailCapture),
            ("yes, bob@example.com", Intent::EmailCapture),
            ("[INBOUND CALL] 42 s", Intent::CalledPhoneLine),
            ("not interested, stop texting me. bob@example.com", Intent::OptOut),
            ("yes, how does it work?", Intent::Interested),
            ("Not interested", Intent::NotInterested),
            ("thanks!", Intent::ThankYou),
            ("which one?", Intent::Question),
            ("blue", Intent::Other),
        ] {
            assert_eq!(taken(body).intent, intent, "{body}");
        }
    }

    #[test]
    fn what_contradicts_itself_goes_to_a_person() {
        let torn = taken("call me, but I am not interested in selling");
        assert!(torn.needs_person, "{torn:?}");
        assert_eq!(taken("blue").flag(), Some(FailureCode::ClassifyNoMatch));
        assert_eq!(taken("bob@gmail").flag(), Some(FailureCode::ClassifyExtractionError));
        assert_eq!(taken("yes please").flag(), None);
    }

    #[test]
    fn it_says_what_it_holds() {
        let reply = taken("Yes, call me at 312-555-0188 tomorrow at 3pm");
        assert!(reply.extracted.call_me && reply.has_interest);
        assert_eq!(
            (reply.extracted.phones.len(), reply.extracted.times.as_slice()),
            (1, &["tomorrow at 3pm".to_owned()][..])
        );
        assert!(taken("you have the wrong number").extracted.wrong_number);
    }

    #[test]
    fn a_call_is_a_call_whatever_it_says() {
        let call = Message { body: "", asked: None, is_call: true };
        let taken = classify(RuleBook::shipped(ClientLine::WhiteLabel), &call);
        assert_eq!((taken.intent, taken.confidence), (Intent::CalledPhoneLine, 100));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_an_opt_out_is_one(body in "\\PC{0,160}") {
            let reply = taken(&body);
            prop_assert!(reply.confidence <= 100);
            prop_assert_eq!(reply.intent == Intent::OptOut, reply.revocation.suppresses());
        }

        #[test]
        fn spaces_and_case_do_not_change_it(upper in any::<u64>(), gap in "[ \t\n]{1,3}", at in 0..5usize) {
            let message = ["yes please call me", "not interested", "how did you get my number", "thank you", "maybe next year"][at];
            let cased: String = message
                .chars()
                .enumerate()
                .map(|(at, c)| if upper >> (at % 64) & 1 == 1 { c.to_ascii_uppercase() } else { c })
                .collect();
            let written = cased.split(' ').collect::<Vec<_>>().join(&gap);
            prop_assert_eq!(taken(&written).intent, taken(message).intent);
        }
    }
}
