//! What an import merged, taken apart by a person.

use anyhow::Result;
use entities::merge::{Kind, unmerge};
use tests::{TestApp, a_team};

use super::people::{BOB, Person, ROBERT, ROSALIND, ROSALIND_MISTYPED, assert_whole, count, list, merges};

#[tokio::test]
async fn the_person_is_back_with_contact_points_and_lead() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    app.import(&team, "list.csv", list(&[ROSALIND, ROSALIND_MISTYPED])).await?;
    let merged = merges(&app, &team).await?;
    assert_eq!(merged.len(), 1);

    let mut tx = app.db.team_bulk(team.id).await?;
    unmerge(&mut tx, Kind::Persona, merged[0].merged, team.user).await?;
    tx.commit().await?;
    assert!(merges(&app, &team).await?.is_empty());
    assert_eq!((count(&app, &team, "personas").await?, count(&app, &team, "leads").await?), (2, 2));
    assert_eq!(count(&app, &team, "persona_phones").await?, 2);
    assert_eq!(count(&app, &team, "persona_emails").await?, 1);
    assert_whole(&app, &team).await
}

#[tokio::test]
async fn a_further_list_does_not_bring_together_what_a_person_took_apart() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    app.import(&team, "first.csv", list(&[ROBERT])).await?;
    app.import(&team, "second.csv", list(&[BOB])).await?;
    let merged = merges(&app, &team).await?;
    assert_eq!(merged.len(), 1);
    let mut tx = app.db.team_bulk(team.id).await?;
    unmerge(&mut tx, Kind::Persona, merged[0].merged, team.user).await?;
    tx.commit().await?;

    // Both again, and a third spelling that is like both.
    let third = Person { family: "Tillinghasst", ..BOB };
    app.import(&team, "third.csv", list(&[ROBERT, BOB, third])).await?;
    let after = merges(&app, &team).await?;
    let (one, other) = (merged[0].survivor, merged[0].merged);
    assert!(after.iter().all(|merge| merge.merged != one && merge.merged != other), "{after:?}");
    assert!(count(&app, &team, "personas").await? >= 2);
    assert_whole(&app, &team).await
}
