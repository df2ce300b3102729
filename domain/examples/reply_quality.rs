//! Prints the table that `docs/replies.md` carries: how well replies are told apart.
//!
//! `cargo run -p domain --example reply_quality`, with `--errors` to see every one that was told wrongly.

use std::io::{self, Write};

use domain::reply::quality::{Judged, Quality, measure, read};
use domain::reply::{Intent, Revocation};

const SETS: [(&str, &str); 3] = [
    ("collected", include_str!("../data/replies/phrases_collected.tsv")),
    ("tuned", include_str!("../data/replies/phrases_tuned.tsv")),
    ("held out", include_str!("../data/replies/phrases_held_out.tsv")),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let errors = std::env::args().any(|argument| argument == "--errors");
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "| set | opt-outs | certain | likely | missed | of them to a person | recall | others | false alarms | precision |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|---|---|---|")?;
    for (name, table) in SETS {
        let set = read(table)?;
        let quality = measure(&set);
        let (all, certain, likely) = quality.opt_outs();
        let others = quality.judged.iter().filter(|judged| judged.is_opt_out() == Some(false)).count();
        writeln!(
            out,
            "| {name} | {all} | {certain} | {likely} | {} | {} | {} | {others} | {} | {} |",
            quality.missed().count(),
            quality.missed().filter(|judged| judged.taken.needs_person).count(),
            percent(quality.recall()),
            quality.false_alarms().count(),
            percent(quality.precision()),
        )?;
    }
    for (name, table) in SETS {
        let set = read(table)?;
        by_intent(&mut out, name, &measure(&set))?;
    }
    for (name, table) in SETS {
        let set = read(table)?;
        let quality = measure(&set);
        list(&mut out, &format!("{name}: opt-outs that were missed"), quality.missed())?;
        list(&mut out, &format!("{name}: false alarms"), quality.false_alarms())?;
        if errors {
            let wrong = quality.judged.iter().filter(|judged| !judged.is_right());
            list(&mut out, &format!("{name}: told wrongly"), wrong)?;
        }
    }
    Ok(())
}

fn by_intent(out: &mut impl Write, name: &str, quality: &Quality<'_>) -> io::Result<()> {
    writeln!(out, "\n| {name} | replies | right | to a person | wrong and sure |")?;
    writeln!(out, "|---|---|---|---|---|")?;
    let intents = Intent::ALL.iter().map(|intent| (Some(*intent), intent.as_str()));
    for (intent, word) in intents.chain([(None, "unclear")]) {
        let tally = quality.tally(intent);
        if tally.all > 0 {
            writeln!(
                out,
                "| {word} | {} | {} | {} | {} |",
                tally.all, tally.right, tally.to_person, tally.wrong_and_sure
            )?;
        }
    }
    let total = quality.total();
    let right = percent((total.right * 1000).checked_div(total.all).unwrap_or(0));
    writeln!(
        out,
        "| all | {} | {} ({right}) | {} | {} |",
        total.all, total.right, total.to_person, total.wrong_and_sure
    )
}

fn list<'q>(
    out: &mut impl Write,
    title: &str,
    judged: impl Iterator<Item = &'q Judged<'q>>,
) -> io::Result<()> {
    let judged: Vec<_> = judged.collect();
    if judged.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title}:\n")?;
    for Judged { labelled, taken } in judged {
        let wanted: Vec<&str> = labelled.intents.iter().map(|intent| intent.as_str()).collect();
        let likely = if taken.revocation == Revocation::Likely { ", likely" } else { "" };
        let text = labelled.text.replace('\n', " / ");
        writeln!(
            out,
            "- \"{text}\" ({}) → {} {}{likely}, by `{}`",
            wanted.join(" or "),
            taken.intent,
            taken.confidence,
            taken.rule
        )?;
    }
    Ok(())
}

fn percent(thousandths: usize) -> String {
    format!("{}.{} %", thousandths / 10, thousandths % 10)
}
