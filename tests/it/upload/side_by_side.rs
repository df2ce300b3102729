//! Two uploads at once, of one team and of two.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use tests::{Snapshot, TestApp, a_team, lists};

use super::journey::{assert_account_adds_up, number};

#[tokio::test]
async fn two_lists_of_one_team_share_what_is_the_same() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    // The second list begins with the first one's rows, and goes on with rows of its own.
    let (first, _) = lists::list(400, 3);
    let (other, _) = lists::list(800, 4);
    let other = String::from_utf8(other)?;
    let (_, rows) = other.split_once("\r\n").context("a header")?;
    let second = [first.as_slice(), rows.as_bytes()].concat();

    let (one, two) = tokio::try_join!(app.upload(&team, "a.csv", first), app.upload(&team, "b.csv", second))?;
    let (one, two) = tokio::try_join!(app.settled(&team, &one), app.settled(&team, &two))?;
    for upload in [&one, &two] {
        assert_eq!(upload["status"], "completed", "{upload}");
        assert_account_adds_up(upload);
    }
    let snapshot = Snapshot::of(&app.admin, &team).await?;
    assert_eq!(snapshot.count("leads") as u64, number(&one, "leads") + number(&two, "leads"));
    assert_eq!(snapshot.count("block_leads") as u64, number(&one, "leads") + number(&two, "leads"));
    assert!(number(&one, "duplicates") + number(&two, "duplicates") >= 370, "the shared rows are leads once");
    let orphans = entities::integrity::orphans(&app.db, team.id).await?;
    assert!(orphans.iter().all(|orphans| orphans.count == 0), "{orphans:?}");
    Ok(())
}

#[tokio::test]
async fn the_same_list_of_two_teams_is_two_worlds() -> Result<()> {
    let app = TestApp::start().await?;
    let (ours, theirs) = (a_team().create(&app.admin).await?, a_team().create(&app.admin).await?);
    let (list, _) = lists::list(300, 5);
    let (one, two) =
        tokio::try_join!(app.import(&ours, "list.csv", list.clone()), app.import(&theirs, "list.csv", list))?;
    assert_eq!(number(&one, "leads"), number(&two, "leads"));
    assert_eq!(
        number(&one, "duplicates"),
        number(&two, "duplicates"),
        "nobody's leads are another's duplicates"
    );

    let (ours_has, theirs_has) =
        (Snapshot::of(&app.admin, &ours).await?, Snapshot::of(&app.admin, &theirs).await?);
    ours_has.same_as(&theirs_has)?;
    let leads_of = async |team| -> Result<BTreeSet<String>> {
        let page = app.get(team, "/v1/leads?limit=200").await?;
        let items = page["items"].as_array().context("leads")?.clone();
        Ok(items.iter().filter_map(|lead| Some(lead["id"].as_str()?.to_owned())).collect())
    };
    let (ours_sees, theirs_sees) = (leads_of(&ours).await?, leads_of(&theirs).await?);
    assert!(!ours_sees.is_empty() && ours_sees.is_disjoint(&theirs_sees));
    // Objects, too, lie under the team that owns them.
    let keys = app.store.list(&providers::object_store::KeyPrefix::team(ours.id)).await?;
    assert!(keys.len() >= 3, "file, metadata and archive");
    Ok(())
}
