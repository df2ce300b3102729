//! Job titles: what a person is there, and how far up.
//!
//! A title names several things at times ("Owner/President", "VP and General Manager"): the highest counts, in
//! the order of [`Seniority`]. Words that are a rank in one title and a trade in another are told apart first:
//! a funeral director directs no company, an assistant to the president presides over nothing, a principal
//! engineer is an engineer.

use crate::cell::clean;
use crate::named::named_enum;

named_enum! {
    /// How far up a person stands, highest first.
    Seniority {
        /// Owns the business: owner, founder, proprietor, principal.
        Owner = "owner",
        /// Runs it: president, chief anything, chair, treasurer.
        CSuite = "c_suite",
        /// Partner or managing member.
        Partner = "partner",
        /// Vice president of any rank.
        Vp = "vp",
        /// Director of any rank, where the word is a rank; head of a department.
        Director = "director",
        /// Manager, administrator, controller.
        Manager = "manager",
        /// Everybody else who has a title.
        Staff = "staff",
    }
}

/// What one title cell says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobTitle {
    /// The title in words, as delivered; codes decoded.
    pub text: String,
    /// How far up it is.
    pub seniority: Seniority,
}

/// infoUSA's title codes 1–9 and A–Z, in that order. The levels are our reading: its "executives" lead a
/// function of the firm.
const CODES: [(&str, Seniority); 35] = {
    use Seniority::{CSuite, Director, Manager, Owner, Partner, Staff, Vp};
    [
        ("Owner", Owner),
        ("President", CSuite),
        ("Manager", Manager),
        ("Executive Director", Director),
        ("Principal", Owner),
        ("Publisher", CSuite),
        ("Administrator", Manager),
        ("Religious Leader", Owner),
        ("Partner", Partner),
        ("Chairman", CSuite),
        ("Vice Chairman", CSuite),
        ("Chief Executive Officer (CEO)", CSuite),
        ("Director", Director),
        ("Chief Operating Officer (COO)", CSuite),
        ("Chief Financial Officer (CFO)", CSuite),
        ("Treasurer", CSuite),
        ("Controller", Manager),
        ("Executive Vice President", Vp),
        ("Senior Vice President", Vp),
        ("Vice President", Vp),
        ("Administration Executive", Director),
        ("Corporate Communications Executive", Director),
        ("Data Processing Executive", Director),
        ("Finance Executive", Director),
        ("Human Resources Executive", Director),
        ("Telecommunications Executive", Director),
        ("Marketing Executive", Director),
        ("Operations Executive", Director),
        ("Sales Executive", Director),
        ("Corporate Secretary", CSuite),
        ("General Counsel", CSuite),
        ("Executive Officer", CSuite),
        ("Plant Manager", Manager),
        ("Purchasing Agent", Staff),
        ("Auditor", Staff),
    ]
};

/// Reads a title cell: words, or one of infoUSA's codes. `None` for an empty cell and for a mere form of
/// address ("Mr."), which some lists keep in a column called title.
pub fn parse_title(cell: &str) -> Option<JobTitle> {
    let text = clean(cell);
    if let [code] = text.as_bytes() {
        let at = match code {
            b'1'..=b'9' => code - b'1',
            b'A'..=b'Z' => code - b'A' + 9,
            _ => return None,
        };
        return CODES
            .get(usize::from(at))
            .map(|(text, seniority)| JobTitle { text: (*text).to_owned(), seniority: *seniority });
    }
    let form = text.trim_end_matches('.');
    let is_form = ["Mr", "Mrs", "Ms", "Miss", "Dr", "Sir", "Madam", "Prof", "Rev", "Mr & Mrs", "Mr and Mrs"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(form));
    if text.is_empty() || is_form {
        return None;
    }
    Some(JobTitle { seniority: seniority(&text), text: text.into_owned() })
}

/// Longest title that is looked at, in words.
const WORDS: usize = 16;

fn seniority(title: &str) -> Seniority {
    let upper = title.to_ascii_uppercase().replace('.', "");
    let mut words = [""; WORDS];
    let mut count = 0;
    for word in upper.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(WORDS) {
        words[count] = word;
        count += 1;
    }
    let words = &words[..count];
    if helps_somebody(words) {
        return Seniority::Staff;
    }
    (0..words.len()).filter_map(|at| rank_at(words, at)).min().unwrap_or(Seniority::Staff)
}

/// Assistants and secretaries carry the title of whom they assist.
fn helps_somebody(words: &[&str]) -> bool {
    let helper = |word: &&str| matches!(*word, "ASSISTANT" | "ASST" | "AIDE" | "SECRETARY");
    let to = words.windows(2).any(|pair| helper(&pair[0]) && matches!(pair[1], "TO" | "OF"));
    to || words.last().is_some_and(|word| matches!(*word, "ASSISTANT" | "ASST"))
}

/// The rank that the word at `at` names, its neighbours considered.
fn rank_at(words: &[&str], at: usize) -> Option<Seniority> {
    let before = if at == 0 { "" } else { words[at - 1] };
    let after = words.get(at + 1).copied().unwrap_or("");
    let rank = match words[at] {
        "OWNER" | "COOWNER"
            if !matches!(before, "PRODUCT" | "PROCESS" | "HOME" | "SERVICE") && after != "RELATIONS" =>
        {
            Seniority::Owner
        }
        "FOUNDER" | "COFOUNDER" | "PROPRIETOR" | "PROP" | "OWNR" | "PASTOR" => Seniority::Owner,
        "LEADER" if before == "RELIGIOUS" => Seniority::Owner,
        "PRINCIPAL" if matches!(before, "VICE" | "ASSISTANT" | "ASST") => Seniority::Manager,
        "PRINCIPAL" if !is_trade(after) => Seniority::Owner,
        "CEO" | "CFO" | "COO" | "CMO" | "CTO" | "CIO" | "CISO" | "CHRO" | "CRO" | "CSO" | "CPO" | "CAO"
        | "CCO" => Seniority::CSuite,
        "PRESIDENT" | "PRES" if is_vice(before) => Seniority::Vp,
        "PRESIDENT" | "PRES" | "CHAIRMAN" | "CHAIRWOMAN" | "CHAIRPERSON" | "CHAIR" | "TREASURER"
        | "PUBLISHER" => Seniority::CSuite,
        "CHIEF" if words[at..].contains(&"OFFICER") => Seniority::CSuite,
        "CHIEF" if is_function(after) => Seniority::CSuite,
        "CHIEF" if after == "OF" => Seniority::Manager,
        "COUNSEL" if before == "GENERAL" => Seniority::CSuite,
        "SECRETARY" if matches!(before, "CORPORATE" | "COMPANY") => Seniority::CSuite,
        "OFFICER" if before == "EXECUTIVE" => Seniority::CSuite,
        "PARTNER"
            if before != "BUSINESS"
                && !matches!(after, "MANAGER" | "SUCCESS" | "RELATIONS" | "MARKETING") =>
        {
            Seniority::Partner
        }
        "MEMBER" if before == "MANAGING" || words.len() == 1 => Seniority::Partner,
        "VP" | "EVP" | "SVP" | "AVP" | "VICEPRESIDENT" => Seniority::Vp,
        "DIRECTOR" | "DIR" if !is_craft(before) => Seniority::Director,
        "HEAD" if after == "OF" || (before.is_empty() && !after.is_empty()) => Seniority::Director,
        "MANAGER" | "MGR" | "MNGR" | "GM" | "ADMINISTRATOR" | "CONTROLLER" | "COMPTROLLER"
        | "SUPERINTENDENT" => Seniority::Manager,
        _ => return None,
    };
    Some(rank)
}

fn is_vice(before: &str) -> bool {
    matches!(before, "VICE" | "V" | "VICE-")
}

/// Trades that a principal can be one of without owning anything.
fn is_trade(word: &str) -> bool {
    matches!(
        word,
        "ENGINEER"
            | "CONSULTANT"
            | "SCIENTIST"
            | "ANALYST"
            | "DEVELOPER"
            | "DESIGNER"
            | "PLANNER"
            | "INVESTIGATOR"
            | "SOFTWARE"
            | "RESEARCHER"
            | "GEOLOGIST"
    )
}

/// What a chief is chief of, in a chief's title that leaves the officer out.
fn is_function(word: &str) -> bool {
    matches!(
        word,
        "EXECUTIVE"
            | "FINANCIAL"
            | "FINANCE"
            | "OPERATING"
            | "OPERATIONS"
            | "MARKETING"
            | "TECHNOLOGY"
            | "TECHNICAL"
            | "INFORMATION"
            | "REVENUE"
            | "LEGAL"
            | "PRODUCT"
            | "PEOPLE"
            | "COMMERCIAL"
            | "STRATEGY"
            | "ADMINISTRATIVE"
    )
}

/// What directors direct who are no managers of a company.
fn is_craft(word: &str) -> bool {
    matches!(
        word,
        "FUNERAL" | "ART" | "CASTING" | "MUSIC" | "CHOIR" | "CAMP" | "FILM" | "STAGE" | "BAND" | "VIDEO"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_highest_rank_counts() {
        let check = |title: &str, expected: Seniority| {
            assert_eq!(parse_title(title).map(|title| title.seniority), Some(expected), "{title:?}");
        };
        check("Owner", Seniority::Owner);
        check("CO-OWNER", Seniority::Owner);
        check("President/Owner", Seniority::Owner);
        check("Founder & CEO", Seniority::Owner);
        check("Principal Broker", Seniority::Owner);
        check("Principal Engineer", Seniority::Staff);
        check("Vice Principal", Seniority::Manager);
        check("Product Owner", Seniority::Staff);
        check("President", Seniority::CSuite);
        check("C.E.O.", Seniority::CSuite);
        check("Chief Financial Officer", Seniority::CSuite);
        check("chief marketing", Seniority::CSuite);
        check("Fire Chief", Seniority::Staff);
        check("Chief of Staff", Seniority::Manager);
        check("General Counsel", Seniority::CSuite);
        check("Managing Partner", Seniority::Partner);
        check("Managing Member", Seniority::Partner);
        check("HR Business Partner", Seniority::Staff);
        check("Vice President", Seniority::Vp);
        check("Senior Vice-President, Sales", Seniority::Vp);
        check("EVP and General Manager", Seniority::Vp);
        check("Assistant Vice President", Seniority::Vp);
        check("Managing Director", Seniority::Director);
        check("Head of Sales", Seniority::Director);
        check("Funeral Director", Seniority::Staff);
        check("Owner/Funeral Director", Seniority::Owner);
        check("Assistant Manager", Seniority::Manager);
        check("Office Mgr.", Seniority::Manager);
        check("Executive Assistant", Seniority::Staff);
        check("Assistant to the President", Seniority::Staff);
        check("Supervisor", Seniority::Staff);
        check("Plumber", Seniority::Staff);
    }

    #[test]
    fn codes_and_forms_of_address() {
        let text = |cell: &str| parse_title(cell).map(|title| title.text);
        assert_eq!(text("1").as_deref(), Some("Owner"));
        assert_eq!(text("9").as_deref(), Some("Partner"));
        assert_eq!(text("A").as_deref(), Some("Chairman"));
        assert_eq!(text("Z").as_deref(), Some("Auditor"));
        for none in ["", "0", "N/A", "Mr.", "MRS", "Dr"] {
            assert_eq!(text(none), None, "{none:?}");
        }
        for (words, level) in CODES.iter().take(20) {
            assert_eq!(
                parse_title(words).map(|title| title.seniority),
                Some(*level),
                "{words} reads as its code does"
            );
        }
    }

    proptest! {
        #[test]
        fn a_title_reads_back(cell in any::<String>()) {
            if let Some(title) = parse_title(&cell) {
                prop_assert!(!title.text.is_empty());
            }
        }
    }
}
