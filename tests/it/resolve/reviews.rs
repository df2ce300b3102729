//! Pairs that an import is not sure of: it asks a person, and keeps to the answer.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Team, TestApp, a_team};

use super::people::{assert_whole, count};
use crate::upload::journey::{assert_account_adds_up, number};

const HEADER: &str =
    "Company Name,First Name,Last Name,Email Address,Street Address,City,State,Zip Code,Phone Number";

/// Couples of rows: the same name at two businesses of one town, which may be one person who has moved on or two. How
/// likely they are one differs, so that rules may change somewhat and still leave some of them to a person.
const COUPLES: [[&str; 2]; 8] = [
    [
        "Zanzibar Coffee LLC,James,Thistlewood,,5 Pine Road,Salem,OR,97301,(503) 555-0101",
        "Lotus Yoga LLC,James,Thistlewood,,88 Fir Road,Salem,OR,97301,(503) 555-0902",
    ],
    [
        "Northside Logistics LLC,Mary,Johnson,,9 Quarry Lane,Dallas,TX,75201,(214) 555-0121",
        "Bayou Charters LLC,Mary,Johnson,,4 Levee Street,Dallas,TX,75201,(214) 555-0922",
    ],
    [
        "Hale Tools LLC,Linda,Garcia,,5 Mill Road,Reno,NV,89501,(775) 555-0141",
        "Desert Spas LLC,Linda,Garcia,,900 Desert Way,Reno,NV,89501,(775) 555-0942",
    ],
    [
        "Birch Books LLC,John,Smith,,5 Oak Road,Mobile,AL,36602,(251) 555-0161",
        "Steel Sons LLC,John,Smith,,77 Forge Road,Mobile,AL,36602,(251) 555-0962",
    ],
    [
        "Fernsby Orchards LLC,Mary,Hollybush,mho@fernsbyorchards.com,77 Almond Road,Fresno,CA,93721,(559) 555-0111",
        "Vexley Interiors LLC,Mary,Hollybush,interiors@vexley.com,31 Main Street,Fresno,CA,93721,(559) 555-0912",
    ],
    [
        "Pelham Glassworks LLC,Susan,Underhill,sun@pelhamglassworks.com,12 Foundry Street,Buffalo,NY,14202,(716) 555-0131",
        "Harbour Paper LLC,Susan,Underhill,paper@harbour.com,400 Wharf Way,Buffalo,NY,14202,(716) 555-0932",
    ],
    [
        "Oyelaran Dental LLC,Robert,Baker,rba@oyelarandental.com,31 Gulf Avenue,Tampa,FL,33602,(813) 555-0151",
        "Copper Kettle LLC,Robert,Baker,kettle@copper.com,7 Canal Street,Tampa,FL,33602,(813) 555-0952",
    ],
    [
        "Blue Fin LLC,Patricia,Carter,pca@bluefin.com,5 Elm Road,Boise,ID,83702,(208) 555-0171",
        "Copy Barn LLC,Patricia,Carter,barn@copy.com,60 Cedar Lane,Boise,ID,83702,(208) 555-0972",
    ],
];

fn list(rows: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    rows.into_iter().fold(format!("{HEADER}\r\n"), |list, row| format!("{list}{}\r\n", row.as_ref()))
}

async fn open_reviews(app: &TestApp, team: &Team) -> Result<Vec<Value>> {
    let open = app.get(team, "/v1/merge-reviews?status=open&kind=persona").await?;
    open["items"].as_array().cloned().context("reviews")
}

async fn decide(app: &TestApp, team: &Team, review: &Value, how: &str) -> Result<Value> {
    let id = review["id"].as_str().context("an id")?;
    let path = format!("/v1/merge-reviews/{id}/{how}");
    Ok(app.request(team, Method::POST, &path).send().await?.error_for_status()?.json().await?)
}

/// A team whose two imports have left a pair open: the first rows of the couples came first.
struct Asked {
    app: TestApp,
    team: Team,
    review: Value,
    /// The second row of the couple that is asked about.
    later: &'static str,
}

async fn asked() -> Result<Asked> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    app.import(&team, "first.csv", list(COUPLES.map(|[first, _]| first))).await?;
    assert_eq!(
        open_reviews(&app, &team).await?,
        [] as [Value; 0],
        "nobody of the first file is like another"
    );
    let second = app.import(&team, "second.csv", list(COUPLES.map(|[_, second]| second))).await?;
    assert_account_adds_up(&second);
    let open = open_reviews(&app, &team).await?;
    let review =
        open.first().context("no couple is between the thresholds any more: add one that is")?.clone();
    assert!(
        review["score"].as_f64().is_some_and(|score| score >= resolution::REVIEW_FROM.into()),
        "{review}"
    );
    assert_eq!(review["upload"], second["id"], "it says which file asked");
    let name = review["a"]["name"].as_str().context("a name")?.replace(' ', ",");
    let couple = COUPLES.iter().find(|[first, _]| first.contains(&name)).context("the couple")?;
    Ok(Asked { app, team, review, later: couple[1] })
}

/// Ids of both sides.
fn sides(review: &Value) -> Result<[&str; 2]> {
    let side = |side: &str| review[side]["id"].as_str().with_context(|| format!("{side} of {review}"));
    Ok([side("a")?, side("b")?])
}

/// People and leads of the team.
async fn counted(app: &TestApp, team: &Team) -> Result<(i64, i64)> {
    Ok((count(app, team, "personas").await?, count(app, team, "leads").await?))
}

#[tokio::test]
async fn approved_they_are_one() -> Result<()> {
    let Asked { app, team, review, later } = asked().await?;
    let sentence = review["evidence"]["sentence"].as_str().context("a sentence")?;
    assert!(sentence.contains("given") || sentence.contains("family"), "it says why: {sentence}");
    let [a, b] = sides(&review)?;
    let (people, leads) = counted(&app, &team).await?;

    let approved = decide(&app, &team, &review, "approve").await?;
    assert_eq!((&approved["status"], &approved["a"]["id"]), (&json!("approved"), &approved["b"]["id"]));
    assert_eq!(count(&app, &team, "personas").await?, people - 1);
    let survivor = approved["a"]["id"].as_str().context("a survivor")?;
    let merged = if survivor == a { b } else { a };
    let history = app.get(&team, &format!("/v1/personas/{survivor}/merges")).await?;
    let merge = &history["items"][0];
    assert_eq!((&merge["merged_id"], &merge["kind"]), (&json!(merged), &json!("review")), "{history}");
    assert_eq!(merge["merged_by"], json!(team.user.to_string()));
    assert_whole(&app, &team).await?;

    // What was the merged one's is the survivor's, also when it comes again.
    let again = app.import(&team, "again.csv", list([later])).await?;
    assert_eq!((number(&again, "personas"), number(&again, "leads")), (0, 0), "{again}");
    assert_eq!(count(&app, &team, "personas").await?, people - 1);

    // And a person may think again.
    let path = format!("/v1/personas/{merged}/unmerge");
    app.request(&team, Method::POST, &path).send().await?.error_for_status()?;
    assert_eq!(counted(&app, &team).await?, (people, leads));
    assert_whole(&app, &team).await
}

#[tokio::test]
async fn rejected_they_are_two_and_nobody_asks_again() -> Result<()> {
    let Asked { app, team, review, later } = asked().await?;
    let before = counted(&app, &team).await?;
    let others = open_reviews(&app, &team).await?.len() - 1;
    let rejected = decide(&app, &team, &review, "reject").await?;
    assert_eq!(rejected["status"], "rejected");
    assert_eq!(sides(&rejected)?, sides(&review)?);
    assert_eq!(counted(&app, &team).await?, before);

    // The very row again, and once more in another spelling that is the same person for certain and as like the
    // other as before.
    let respelled = later.replace(" LLC", " L.L.C.").replace("555-0", "555 0");
    let renamed = later.replacen(" LLC,", " and Sons LLC,", 1);
    for (name, rows) in
        [("again.csv", vec![later, respelled.as_str()]), ("renamed.csv", vec![renamed.as_str()])]
    {
        let again = app.import(&team, name, list(rows)).await?;
        assert_account_adds_up(&again);
        let upload = again["id"].as_str().context("an id")?;
        let proposed = app.get(&team, &format!("/v1/merge-reviews?upload={upload}")).await?;
        let [a, b] = sides(&review)?;
        let items = proposed["items"].as_array().context("reviews")?;
        let both = |item: &&Value| sides(item).is_ok_and(|ids| ids.contains(&a) && ids.contains(&b));
        assert!(!items.iter().any(|item| both(&item)), "{name} asks again: {proposed}");
    }
    let open = open_reviews(&app, &team).await?;
    assert_eq!(open.len(), others, "nothing new is asked: {open:?}");
    let [a, b] = sides(&review)?;
    for id in [a, b] {
        let merges = app.get(&team, &format!("/v1/personas/{id}/merges")).await?;
        let items = merges["items"].as_array().context("merges")?;
        assert!(items.iter().all(|merge| merge["merged_id"] != a && merge["merged_id"] != b), "{merges}");
    }
    assert_whole(&app, &team).await
}
