//! What is suggested, and that it can be sent.

use super::*;
use crate::message::Values;
use proptest::prelude::*;

fn scene(intent: Intent, stage: Stage, extracted: &Extracted) -> Scene<'_> {
    Scene {
        line: ClientLine::HomeownerAdvisor,
        stage,
        intent,
        confidence: 95,
        extracted,
        voice: "",
        tone: "friendly",
        signature: "",
    }
}

fn suggested(intent: Intent, stage: Stage) -> Result<Suggestion, NoSuggestion> {
    suggest(Playbook::shipped(), &scene(intent, stage, &Extracted::default()))
}

#[test]
fn there_is_an_answer_for_everybody_who_may_be_answered() {
    for intent in Intent::ALL {
        for stage in Stage::ALL {
            match (intent, suggested(*intent, *stage)) {
                (Intent::OptOut, answer) => assert_eq!(answer, Err(NoSuggestion::OptedOut)),
                (Intent::WrongNumber, answer) => assert_eq!(answer, Err(NoSuggestion::WrongPerson)),
                (_, answer) => {
                    let answer = answer.unwrap_or_else(|fault| panic!("{fault}"));
                    assert_eq!(answer.is_rebuttal, intent.is_pushback(), "{intent}");
                    assert!(!answer.notes.is_empty(), "{intent}");
                }
            }
        }
    }
}

#[test]
fn the_three_texts_differ_and_no_template_lacks_a_value() {
    for intent in Intent::ALL.iter().filter(|intent| !matches!(intent, Intent::OptOut | Intent::WrongNumber))
    {
        let Suggestion { text, alternatives: [first, second], .. } =
            suggested(*intent, Stage::WarmingUp).expect("an answer");
        assert!(text != first && first != second && text != second, "{intent}");
        for text in [text, first, second] {
            let said = Template::parse(&text).map(|template| template.render(&Values::default()));
            let said = said.expect("a template").expect("no value is needed");
            assert!(Segments::of(&said).parts <= MOST_PARTS, "{said}");
        }
    }
}

#[test]
fn the_tone_of_the_profile_chooses_the_text() {
    let nothing = Extracted::default();
    let of = |voice: &'static str, tone: &'static str| {
        let scene = Scene { voice, tone, ..scene(Intent::Interested, Stage::HotResponse, &nothing) };
        suggest(Playbook::shipped(), &scene).expect("an answer").text
    };
    assert_eq!(of("", ""), of("cheerful", "warm"));
    assert_ne!(of("", "direct and short"), of("", "warm"));
    assert_ne!(of("", "professional"), of("", "direct"));
    assert_eq!(of("formal", "casual"), of("", "friendly"), "the tone goes before the voice");
    assert_eq!(Tone::of("", "informal"), Tone::Warm);
}

#[test]
fn what_the_reply_holds_goes_before_the_stage() {
    let time = Extracted { call_me: true, times: vec!["tomorrow".into()], ..Extracted::default() };
    let called = suggest(Playbook::shipped(), &scene(Intent::Interested, Stage::HotResponse, &time))
        .expect("an answer");
    assert_eq!(called.next_action, SuggestedAction::Call);
    assert_ne!(called.text, suggested(Intent::Interested, Stage::HotResponse).expect("an answer").text);
}

#[test]
fn a_signature_is_put_under_it_where_it_fits() {
    let nothing = Extracted::default();
    let with = |signature: &str| {
        let scene = Scene { signature, ..scene(Intent::ThankYou, Stage::WarmingUp, &nothing) };
        suggest(Playbook::shipped(), &scene).expect("an answer").text
    };
    assert!(with("Gianna").ends_with(" - Gianna"));
    assert!(with("Gia\u{2019}na").ends_with(" - Gia'na"), "typographic quotes cost a segment");
    for signature in ["", "  ", "😀", &"x".repeat(41), "{{"] {
        assert_eq!(with(signature), with(""), "{signature}");
    }
}

#[test]
fn it_is_no_surer_than_what_it_answers() {
    let nothing = Extracted::default();
    let scene = Scene { confidence: 40, ..scene(Intent::Interested, Stage::ColdOpen, &nothing) };
    assert_eq!(suggest(Playbook::shipped(), &scene).expect("an answer").confidence, 40);
}

#[test]
fn a_text_that_could_not_be_sent_is_refused() {
    let playbook = include_str!("../../../data/replies/playbook.json");
    let first = Playbook::shipped().document.entries[0].texts.warm.clone();
    for (instead, part) in [
        ("Hi {{first_name}}", "needs a fallback"),
        ("Hi {{nobody|x}}", "entry 1"),
        ("See <nothing>", "does not have"),
        ("It\u{2019}s us", "UCS-2"),
        (&"long ".repeat(80), "parts"),
    ] {
        let changed = playbook.replacen(&first, instead, 1);
        assert_ne!(changed, playbook);
        let fault = Playbook::from_json(&changed).expect_err("no playbook");
        assert!(fault.to_string().contains(part), "{fault}");
    }
}

proptest! {
    #[test]
    fn whatever_the_profile_says_it_can_be_sent(voice in "\\PC{0,30}", tone in "\\PC{0,30}", signature in "\\PC{0,60}") {
        let nothing = Extracted::default();
        let scene = Scene { voice: &voice, tone: &tone, signature: &signature, ..scene(Intent::Question, Stage::ColdOpen, &nothing) };
        let text = suggest(Playbook::shipped(), &scene).expect("an answer").text;
        prop_assert!(check(&text).is_ok(), "{}", text);
    }
}
