//! What templates take, refuse and say.

use super::*;
use proptest::prelude::*;

fn ana() -> Values {
    Values {
        first_name: Some("Ana".into()),
        company_name: Some("Diaz Plumbing".into()),
        property_value: Some(850_000),
        ..Values::default()
    }
}

fn fault(text: &str) -> TemplateFault {
    Template::parse(text).expect_err("no template")
}

#[test]
fn values_and_fallbacks_take_their_places() {
    let template = Template::parse(
        "Hi {{first_name|there}}, {{ company_name }} at {{property_value}}, {{city|your town }}?",
    )
    .expect("a template");
    assert_eq!(template.render(&ana()).as_deref(), Ok("Hi Ana, Diaz Plumbing at $850,000, your town?"));
    assert_eq!(
        template.variables(),
        [Variable::FirstName, Variable::CompanyName, Variable::City, Variable::PropertyValue]
    );
    assert_eq!(template.required(), [Variable::CompanyName, Variable::PropertyValue]);
    assert_eq!(template.sample(), "Hi there, company_name at property_value, your town?");
}

#[test]
fn a_missing_value_without_fallback_is_an_error_and_nothing_is_made_up() {
    let template = Template::parse("Hi {{first_name}}").expect("a template");
    let refused = template.render(&Values::default()).expect_err("nobody is known");
    assert_eq!(refused, RenderFault::MissingValue(Variable::FirstName));
    assert_eq!(
        refused.to_string(),
        "the lead has no first_name, and the template has no fallback for it; write {{first_name|…}}"
    );
    let silent = Template::parse("Hi {{first_name|}}!").expect("a template");
    assert_eq!(silent.render(&Values::default()).as_deref(), Ok("Hi !"));
}

#[test]
fn an_unknown_variable_is_refused_and_the_known_ones_are_named() {
    let refused = fault("Hé {{frist_name}}");
    assert_eq!(refused, TemplateFault::UnknownVariable { name: "frist_name".into(), at: 4 });
    for variable in Variable::ALL {
        assert!(refused.to_string().contains(variable.as_str()), "{refused}");
    }
    assert!(matches!(fault("{{}}"), TemplateFault::UnknownVariable { at: 1, .. }));
    assert!(matches!(fault("{{First_Name}}"), TemplateFault::UnknownVariable { .. }), "names are lower case");
}

#[test]
fn braces_that_do_not_match_are_told_by_their_place() {
    assert_eq!(fault("Hi {{first_name"), TemplateFault::Unclosed { at: 4 });
    assert_eq!(fault("Hi first_name}}"), TemplateFault::Unopened { at: 14 });
    assert_eq!(fault("{{first_name|{{city}}}}"), TemplateFault::Nested { at: 14 });
    assert_eq!(fault(" \n "), TemplateFault::Empty);
    assert!(fault("{{x").to_string().contains("{{first_name|there}}"));
    let single = Template::parse("{ok} {{first_name|}}").expect("single braces are text");
    assert_eq!(single.render(&ana()).as_deref(), Ok("{ok} Ana"));
}

#[test]
fn what_vendors_do_not_take_is_refused() {
    let longest = "a".repeat(1_600);
    assert!(Template::parse(&longest).is_ok());
    assert_eq!(fault(&format!("{longest}b")), TemplateFault::TooLong { characters: 1_601 });
    let with_name =
        Template::parse(&format!("{}{{{{first_name}}}}", "é".repeat(1_598))).expect("short as it is");
    assert_eq!(with_name.render(&ana()), Err(RenderFault::TooLong { characters: 1_601 }));
}

#[test]
fn a_value_is_never_read_as_a_template() {
    let values = Values { first_name: Some("{{equity}}".into()), ..ana() };
    let template = Template::parse("Hi {{first_name}}").expect("a template");
    assert_eq!(template.render(&values).as_deref(), Ok("Hi {{equity}}"));
}

#[test]
fn the_templates_own_words_say_how_to_opt_out() {
    let says = |text: &str| Template::parse(text).expect("a template").has_opt_out_wording();
    assert!(says("Hi {{first_name|there}}. Reply STOP to opt out."));
    assert!(!says("Hi {{first_name|there}}."));
    assert!(!says("Reply {{first_name|STOP}} to opt out"), "a lead's name would take its place");
    assert!(!says("We stop by {{city|town}}"));
}

proptest! {
    #[test]
    fn any_text_is_a_template_or_refused_with_a_place_in_it(text in "(\\PC|\\{\\{|\\}\\}|\\||first_name){0,60}") {
        match Template::parse(&text) {
            Ok(template) => {
                prop_assert_eq!(template.text(), text.as_str());
                prop_assert!(template.required().iter().all(|variable| template.variables().contains(variable)));
            }
            Err(
                TemplateFault::Unclosed { at }
                | TemplateFault::Unopened { at }
                | TemplateFault::Nested { at }
                | TemplateFault::UnknownVariable { at, .. },
            ) => prop_assert!(at >= 1 && at <= text.chars().count()),
            Err(TemplateFault::Empty | TemplateFault::TooLong { .. }) => {}
        }
    }

    #[test]
    fn text_without_braces_is_said_as_it_is(text in "[^{}]{1,200}") {
        prop_assume!(!text.trim().is_empty());
        let template = Template::parse(&text).expect("plain text");
        prop_assert_eq!(template.render(&Values::default()), Ok(text));
    }
}
