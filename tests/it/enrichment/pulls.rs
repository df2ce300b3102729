//! A vendor's list is pulled until something known comes, and goes on where it was left.

use anyhow::Result;
use domain::enrichment::QuerySignature;
use domain::id::PullId;
use entities::pull::{self, EndedBy, NewPull, PullState, PulledPage};
use serde_json::json;

use super::scene::Scene;

fn signature(zip: &str) -> QuerySignature {
    QuerySignature::of(&[zip.to_owned()], &json!({}), &json!(null))
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

async fn begun(scene: &Scene, zip: &str) -> Result<PullId> {
    let team = scene.db.team(scene.team).await?;
    let pull = NewPull {
        source: "batchdata".to_owned(),
        query_sig: signature(zip),
        pull_params: json!({ "zip_codes": [zip] }),
        schedule: None,
        most_pages: None,
        created_by: None,
    };
    let id = pull::create(&team, pull).await?.id.0;
    team.commit().await?;
    Ok(id)
}

#[tokio::test]
async fn a_page_counts_once_and_moves_the_bookmark() -> Result<()> {
    let scene = Scene::new().await?;
    let id = begun(&scene, "46601").await?;
    let sig = signature("46601");
    let vendor_ids = ids(&["a", "b", "c"]);
    let page =
        PulledPage { number: 1, vendor_ids: &vendor_ids, leads_new: 2, leads_known: 1, moves_bookmark: true };
    let mut tx = scene.db.team_bulk(scene.team).await?;
    assert_eq!(pull::bookmark(&mut tx, "batchdata", &sig).await?.last_page_fetched, 0);
    assert!(!pull::seen(&mut tx, "batchdata", &sig, &ids(&["a"])).await?);
    assert!(pull::start(&mut tx, id, "pull:1").await?);
    assert!(!pull::start(&mut tx, id, "pull:1").await?);
    assert!(pull::log_page(&mut tx, id, page).await?);
    assert!(!pull::log_page(&mut tx, id, page).await?, "an earlier attempt was through with it");
    assert!(pull::log_page(&mut tx, id, PulledPage { number: 2, vendor_ids: &[], ..page }).await?);
    let bookmark = pull::bookmark(&mut tx, "batchdata", &sig).await?;
    assert_eq!((bookmark.last_page_fetched, bookmark.last_seen_vendor_id.as_deref()), (2, Some("c")));

    assert!(pull::seen(&mut tx, "batchdata", &sig, &ids(&["x", "b"])).await?);
    assert!(!pull::seen(&mut tx, "batchdata", &sig, &ids(&["x", "y"])).await?);
    assert!(!pull::seen(&mut tx, "batchdata", &signature("10001"), &ids(&["b"])).await?, "another question");
    assert!(!pull::seen(&mut tx, "realestateapi", &sig, &ids(&["b"])).await?, "another vendor");
    assert!(pull::request_stop(&mut tx, id).await?);
    assert!(pull::end(&mut tx, id, EndedBy::Person, None).await?);
    assert!(!pull::end(&mut tx, id, EndedBy::End, None).await?, "it has ended");
    assert!(!pull::request_stop(&mut tx, id).await?);
    tx.commit().await?;

    let team = scene.db.team(scene.team).await?;
    let ended = pull::get(&team, id).await?;
    assert_eq!((ended.pages, ended.records, ended.leads_new, ended.leads_known), (2, 3, 4, 2));
    assert_eq!(ended.state, PullState::Stopped.as_str());
    assert!(ended.stop_requested_at.is_some());
    Ok(())
}

#[tokio::test]
async fn another_pull_of_the_question_goes_on_where_the_last_was_left() -> Result<()> {
    let scene = Scene::new().await?;
    let (first, second) = (begun(&scene, "46601").await?, begun(&scene, "46601").await?);
    let vendor_ids = ids(&["z"]);
    let page =
        PulledPage { number: 7, vendor_ids: &vendor_ids, leads_new: 1, leads_known: 0, moves_bookmark: true };
    let mut tx = scene.db.team_bulk(scene.team).await?;
    pull::log_page(&mut tx, first, page).await?;
    let sig = signature("46601");
    assert_eq!(pull::bookmark(&mut tx, "batchdata", &sig).await?.last_page_fetched, 7);
    // Looking at the first page again for news does not move it back.
    let news = PulledPage { number: 1, moves_bookmark: false, ..page };
    assert!(pull::log_page(&mut tx, second, news).await?);
    assert!(pull::log_page(&mut tx, second, PulledPage { number: 3, moves_bookmark: true, ..news }).await?);
    assert_eq!(pull::bookmark(&mut tx, "batchdata", &sig).await?.last_page_fetched, 7);
    Ok(())
}
