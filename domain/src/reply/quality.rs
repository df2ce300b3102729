//! How well replies are told apart: labelled ones against what the rules say of them.
//!
//! The same is asked of the sets in `data/replies` and of the corrections that people make in the inbox.

use std::fmt;

use super::{Classification, ClientLine, Intent, Message, Revocation, RuleBook, classify};

/// A reply, and what people say it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Labelled {
    /// For whom it was.
    pub line: ClientLine,
    /// What it is; any of them is right. Empty where people are not sure themselves: then it belongs to a person.
    pub intents: Vec<Intent>,
    /// What was written.
    pub text: String,
}

/// Its text is personal data.
impl fmt::Debug for Labelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Labelled({}, {:?})", self.line, self.intents)
    }
}

/// A line that is no labelled reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "line {line} is no labelled reply: expected line of business, intents and text, with tabs between them"
)]
pub struct LabelFault {
    /// Which, from 1.
    pub line: usize,
}

/// Reads labelled replies: line of business (`any`: the first), intents with `|` between them or `unclear`, and the text with
/// `\n` for line breaks; tabs between them; `#` begins a remark.
///
/// # Errors
/// [`LabelFault`] names the first line that is none.
pub fn read(table: &str) -> Result<Vec<Labelled>, LabelFault> {
    let lines = table.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.is_empty());
    lines.map(|(at, line)| labelled(line).ok_or(LabelFault { line: at + 1 })).collect()
}

fn labelled(line: &str) -> Option<Labelled> {
    let mut fields = line.split('\t');
    let (line, intents, text) = (fields.next()?, fields.next()?, fields.next()?);
    let line = if line == "any" { ClientLine::HomeownerAdvisor } else { line.parse().ok()? };
    let intents = match intents {
        "unclear" => Vec::new(),
        words => words.split('|').map(|word| word.parse().ok()).collect::<Option<_>>()?,
    };
    Some(Labelled { line, intents, text: text.replace("\\n", "\n") })
}

/// One labelled reply and what the rules say of it.
#[derive(Debug)]
pub struct Judged<'l> {
    /// What people say.
    pub labelled: &'l Labelled,
    /// What the rules say.
    pub taken: Classification,
}

/// How often the rules were right.
#[derive(Debug)]
pub struct Quality<'l> {
    /// All of them, in their order.
    pub judged: Vec<Judged<'l>>,
}

/// What the rules make of replies of one intent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many there are.
    pub all: usize,
    /// Told rightly.
    pub right: usize,
    /// Not sure: a person reads them, whatever the rules say.
    pub to_person: usize,
    /// Told wrongly, and surely.
    pub wrong_and_sure: usize,
}

/// What the shipped rules say of labelled replies.
pub fn measure(labelled: &[Labelled]) -> Quality<'_> {
    let judge = |labelled: &Labelled| {
        classify(RuleBook::shipped(labelled.line), &Message::text(&labelled.text, None))
    };
    let judged = labelled.iter().map(|labelled| Judged { labelled, taken: judge(labelled) });
    Quality { judged: judged.collect() }
}

impl Judged<'_> {
    /// Whether it is an opt-out, as people say; `None` where they are not sure.
    pub fn is_opt_out(&self) -> Option<bool> {
        let intents = &self.labelled.intents;
        (!intents.is_empty()).then(|| intents.contains(&Intent::OptOut))
    }

    /// Whether the rules say what people say. Where people are not sure, a person or an opt-out is right.
    pub fn is_right(&self) -> bool {
        match self.labelled.intents.as_slice() {
            [] => self.taken.needs_person || self.taken.intent == Intent::OptOut,
            intents => intents.contains(&self.taken.intent),
        }
    }
}

impl Quality<'_> {
    /// Opt-outs and how many of them are suppressed: all, by a certain rule, by a likely one.
    pub fn opt_outs(&self) -> (usize, usize, usize) {
        let opt_outs = || self.judged.iter().filter(|judged| judged.is_opt_out() == Some(true));
        let heard = |wanted| opt_outs().filter(|judged| judged.taken.revocation == wanted).count();
        (opt_outs().count(), heard(Revocation::Certain), heard(Revocation::Likely))
    }

    /// Opt-outs that nobody heard.
    pub fn missed(&self) -> impl Iterator<Item = &Judged<'_>> {
        self.judged
            .iter()
            .filter(|judged| judged.is_opt_out() == Some(true) && !judged.taken.revocation.suppresses())
    }

    /// What is none and was taken for an opt-out.
    pub fn false_alarms(&self) -> impl Iterator<Item = &Judged<'_>> {
        self.judged
            .iter()
            .filter(|judged| judged.is_opt_out() == Some(false) && judged.taken.revocation.suppresses())
    }

    /// Suppressed of all opt-outs, in thousandths.
    pub fn recall(&self) -> usize {
        let (all, certain, likely) = self.opt_outs();
        ((certain + likely) * 1000).checked_div(all).unwrap_or(1000)
    }

    /// Opt-outs of all that was suppressed, in thousandths.
    pub fn precision(&self) -> usize {
        let (_, certain, likely) = self.opt_outs();
        let alarms = self.false_alarms().count();
        ((certain + likely) * 1000).checked_div(certain + likely + alarms).unwrap_or(1000)
    }

    /// What becomes of replies whose first intent is this; `None` for those of which people are not sure.
    pub fn tally(&self, intent: Option<Intent>) -> Tally {
        let of_intent =
            self.judged.iter().filter(|judged| judged.labelled.intents.first().copied() == intent);
        of_intent.fold(Tally::default(), |tally, judged| tally.with(judged))
    }

    /// What becomes of all.
    pub fn total(&self) -> Tally {
        self.judged.iter().fold(Tally::default(), |tally, judged| tally.with(judged))
    }

    /// What was told wrongly and surely: nobody would look at it before something is done.
    pub fn wrong_and_sure(&self) -> impl Iterator<Item = &Judged<'_>> {
        self.judged.iter().filter(|judged| !judged.is_right() && !judged.taken.needs_person)
    }
}

impl Tally {
    fn with(self, judged: &Judged<'_>) -> Self {
        let (right, asks) = (judged.is_right(), judged.taken.needs_person);
        Self {
            all: self.all + 1,
            right: self.right + usize::from(right),
            to_person: self.to_person + usize::from(asks),
            wrong_and_sure: self.wrong_and_sure + usize::from(!right && !asks),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETS: [(&str, &str); 3] = [
        ("collected", include_str!("../../data/replies/phrases_collected.tsv")),
        ("tuned", include_str!("../../data/replies/phrases_tuned.tsv")),
        ("held_out", include_str!("../../data/replies/phrases_held_out.tsv")),
    ];

    #[test]
    fn what_is_no_labelled_reply_is_refused() {
        assert_eq!(read("# remark\nany\topt_out\tstop").map(|read| read.len()), Ok(1));
        for (table, line) in
            [("any\tstop", 1), ("any\topt_out\tstop\nnobody\topt_out\tstop", 2), ("any\tno_such\tstop", 1)]
        {
            assert_eq!(read(table).map(|read| read.len()), Err(LabelFault { line }));
        }
    }

    /// The bar: ninety-nine of a hundred opt-outs are heard, in all sets together and in each that was not written by us.
    #[test]
    fn opt_outs_are_heard() {
        let all: String = SETS.map(|(_, table)| table).join("\n");
        let all = read(&all).expect("labelled replies");
        let quality = measure(&all);
        let missed: Vec<_> = quality.missed().map(|judged| &judged.labelled.text).collect();
        assert!(quality.recall() >= 990, "{} of 1000, missed: {missed:#?}", quality.recall());
        let collected = read(SETS[0].1).expect("labelled replies");
        assert_eq!(measure(&collected).recall(), 1000);
        assert!(quality.precision() >= 970, "{} of 1000", quality.precision());
        // What no rule hears must not be answered by itself either.
        let unseen = quality.missed().filter(|judged| !judged.taken.needs_person).count();
        let (opt_outs, ..) = quality.opt_outs();
        assert!(unseen * 200 <= opt_outs, "{unseen} of {opt_outs} were neither heard nor left to a person");
    }

    #[test]
    fn the_others_are_told_apart_or_go_to_a_person() {
        for (name, table) in SETS {
            let set = read(table).expect("labelled replies");
            let Tally { all, right, wrong_and_sure, .. } = measure(&set).total();
            assert!(right * 100 >= all * 85, "{name}: {right} of {all}");
            assert!(wrong_and_sure * 100 <= all * 10, "{name}: {wrong_and_sure} of {all}");
        }
    }
}
