//! By hand, over HTTP: merge, look, take apart.

use anyhow::{Context, Result};
use entities::membership::Role;
use entities::merge::{Kind, review};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tests::{Services, Team, TestApp, a_team};
use uuid::Uuid;

use super::graph::pair;

pub(super) async fn post(app: &TestApp, team: &Team, path: &str, body: &Value) -> Result<Response> {
    Ok(app.request(team, Method::POST, path).json(body).send().await?)
}

/// Enters a lead by hand; answers it as the API shows it.
pub(super) async fn enter(
    app: &TestApp,
    team: &Team,
    company: &str,
    name: &str,
    email: &str,
) -> Result<Value> {
    let (first, last) = name.split_once(' ').context("two names")?;
    let lead =
        json!({ "company": company, "first_name": first, "last_name": last, "email": email, "state": "TX" });
    let response = post(app, team, "/v1/leads", &lead).await?;
    let (status, body) = (response.status(), response.text().await?);
    assert_eq!(status, 201, "{body}");
    Ok(serde_json::from_str(&body)?)
}

pub(super) fn text<'a>(of: &'a Value, field: &str) -> Result<&'a str> {
    of[field].as_str().with_context(|| format!("{field} of {of}"))
}

async fn problem(response: Response) -> Result<(u16, String)> {
    let status = response.status().as_u16();
    let body: Value = response.json().await?;
    Ok((status, body["code"].as_str().unwrap_or_default().to_owned()))
}

#[tokio::test]
async fn two_people_are_merged_looked_at_and_taken_apart() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().with_role(Role::Operator).create(&app.admin).await?;
    let stays = enter(&app, &team, "Acme Plumbing LLC", "R Lopez", "r@acme.example").await?;
    let goes = enter(&app, &team, "Bravo Roofing Inc", "Rosa Lopez", "rosa@bravo.example").await?;
    let (survivor, merged) = (text(&stays, "persona_id")?, text(&goes, "persona_id")?);

    let wish = json!({ "survivor_id": survivor, "merged_id": merged, "reason": "same person, called" });
    let send = async || -> Result<Response> {
        let request = app.request(&team, Method::POST, "/v1/personas/merge").header("idempotency-key", "m1");
        Ok(request.json(&wish).send().await?)
    };
    let outcome: Value = send().await?.error_for_status()?.json().await?;
    assert_eq!((&outcome["leads_moved"], &outcome["leads_folded"]), (&json!(1), &json!(0)), "{outcome}");
    let again = send().await?.error_for_status()?;
    assert_eq!(again.headers()["idempotency-replayed"], "true", "sent twice it is done once");

    let lead = app.get(&team, &format!("/v1/leads/{}", text(&goes, "id")?)).await?;
    assert_eq!(text(&lead, "persona_id")?, survivor, "the lead is the survivor's");
    assert_eq!(lead["persona"]["given_name"], "Rosa", "a name beats an initial");
    let history = app.get(&team, &format!("/v1/personas/{survivor}/merges")).await?;
    let merge = &history["items"][0];
    assert_eq!((text(merge, "merged_id")?, text(merge, "kind")?), (merged, "manual"), "{history}");
    assert_eq!(merge["evidence"]["reason"], "same person, called");
    assert_eq!(merge["survivorship"]["given_name"], json!({ "from": "merged", "why": "fuller" }));
    assert_eq!(merge["merged_by"], team.user.to_string());

    // What cannot be, and why.
    let merged_again = problem(post(&app, &team, "/v1/personas/merge", &wish).await?).await?;
    assert_eq!(merged_again, (409, "http.conflict".to_owned()));
    let itself = json!({ "survivor_id": survivor, "merged_id": survivor });
    assert_eq!(problem(post(&app, &team, "/v1/personas/merge", &itself).await?).await?.0, 422);
    let nobody = json!({ "survivor_id": survivor, "merged_id": "pers_01J9ZW4Q0C3T5V7X9YABCDEFGH" });
    assert_eq!(problem(post(&app, &team, "/v1/personas/merge", &nobody).await?).await?.0, 404);
    let not_merged = post(&app, &team, &format!("/v1/personas/{survivor}/unmerge"), &json!({})).await?;
    assert_eq!(problem(not_merged).await?.0, 409);

    // What comes in exactly as the merged one was is the survivor, and no third person.
    let same = json!({ "company": "Bravo Roofing Inc", "first_name": "Rosa", "last_name": "Lopez", "email": "rosa@bravo.example", "state": "TX" });
    let known: Value = post(&app, &team, "/v1/leads", &same).await?.error_for_status()?.json().await?;
    assert_eq!(text(&known, "persona_id")?, survivor, "{known}");
    let orphans = entities::integrity::orphans(&app.db, team.id).await?;
    assert!(orphans.is_empty(), "{orphans:?}");

    let apart = post(&app, &team, &format!("/v1/personas/{merged}/unmerge"), &json!({})).await?;
    let apart: Value = apart.error_for_status()?.json().await?;
    assert_eq!((text(&apart, "id")?, text(&apart, "survivor_id")?), (merged, survivor));
    let lead = app.get(&team, &format!("/v1/leads/{}", text(&goes, "id")?)).await?;
    assert_eq!(text(&lead, "persona_id")?, merged);
    let first = app.get(&team, &format!("/v1/leads/{}", text(&stays, "id")?)).await?;
    assert_eq!(first["persona"]["given_name"], "R", "the survivor is as it was");
    let history = app.get(&team, &format!("/v1/personas/{merged}/merges")).await?;
    assert!(history["items"][0]["unmerged_at"].is_string(), "{history}");
    let audit = app.get(&team, "/v1/audit").await?.to_string();
    assert!(audit.contains("persona.merge") && audit.contains("persona.unmerge"), "{audit}");
    assert!(!audit.contains("Lopez") && !audit.contains("called"), "nothing of a person: {audit}");
    Ok(())
}

#[tokio::test]
async fn two_businesses_are_merged_with_their_people_and_taken_apart() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let stays = enter(&app, &team, "Acme Plumbing LLC", "Rosa Lopez", "rosa@acme.example").await?;
    let goes = enter(&app, &team, "Acme Plumbing and Heating", "Ben Okafor", "ben@acme.example").await?;
    let (survivor, merged) = (text(&stays, "business_id")?, text(&goes, "business_id")?);
    let wish = json!({ "survivor_id": survivor, "merged_id": merged });
    post(&app, &team, "/v1/businesses/merge", &wish).await?.error_for_status()?;
    let lead_path = format!("/v1/leads/{}", text(&goes, "id")?);
    assert_eq!(text(&app.get(&team, &lead_path).await?, "business_id")?, survivor);
    let merges = app.get(&team, &format!("/v1/businesses/{survivor}/merges")).await?;
    assert_eq!(merges["items"].as_array().map(Vec::len), Some(1), "{merges}");
    assert!(entities::integrity::orphans(&app.db, team.id).await?.is_empty());
    post(&app, &team, &format!("/v1/businesses/{merged}/unmerge"), &json!({})).await?.error_for_status()?;
    assert_eq!(text(&app.get(&team, &lead_path).await?, "business_id")?, merged);
    assert!(entities::integrity::orphans(&app.db, team.id).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_person_decides_what_the_rules_leave_open() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let mut ids = Vec::new();
    for number in 0..3 {
        let lead =
            enter(&app, &team, &format!("Acme {number}"), "Rosa Lopez", &format!("r{number}@acme.example"))
                .await?;
        let persona: domain::id::PersonaId = text(&lead, "persona_id")?.parse()?;
        ids.push(domain::id::TypedId::uuid(persona));
    }
    let source = entities::fresh_id();
    let propose = async |pairs: &[(Uuid, Uuid)]| -> Result<u64> {
        let pairs: Vec<_> = pairs.iter().map(|(a, b)| pair(*a, *b, 0.7)).collect();
        let mut tx = app.db.team_bulk(team.id).await?;
        let new = review::propose(&mut tx, Kind::Persona, &pairs, source).await?;
        tx.commit().await?;
        Ok(new)
    };
    let pairs = [(ids[0], ids[1]), (ids[0], ids[2])];
    assert_eq!((propose(&pairs).await?, propose(&pairs).await?), (2, 0), "proposed once");

    let open = app.get(&team, "/v1/merge-reviews?status=open&limit=1").await?;
    assert!(open["next_cursor"].is_string(), "{open}");
    let open = app.get(&team, "/v1/merge-reviews?status=open").await?;
    let items = open["items"].as_array().context("items")?.clone();
    assert_eq!(items.len(), 2, "{open}");
    assert_eq!(items[0]["evidence"][0]["comparison"], "phone", "with why");
    assert_eq!(items[0]["a"]["name"], "Rosa Lopez", "with who");
    let of = |number: usize| -> Result<String> {
        let persona = Kind::Persona.render(ids[number]);
        let found = items
            .iter()
            .find(|item| item["a"]["id"] == persona.as_str() || item["b"]["id"] == persona.as_str());
        Ok(text(found.context("a review")?, "id")?.to_owned())
    };
    let (first, second) = (of(1)?, of(2)?);

    let viewer = a_team().with_role(Role::Viewer).create(&app.admin).await?;
    let refused = post(&app, &viewer, &format!("/v1/merge-reviews/{first}/approve"), &json!({})).await?;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let approved = post(&app, &team, &format!("/v1/merge-reviews/{first}/approve"), &json!({})).await?;
    let approved: Value = approved.error_for_status()?.json().await?;
    assert_eq!(
        (text(&approved, "status")?, &approved["a"]["id"]),
        ("approved", &approved["b"]["id"]),
        "they are one"
    );
    let twice = post(&app, &team, &format!("/v1/merge-reviews/{first}/reject"), &json!({})).await?;
    assert_eq!(problem(twice).await?, (409, "http.conflict".to_owned()));

    let rejected = post(&app, &team, &format!("/v1/merge-reviews/{second}/reject"), &json!({})).await?;
    assert_eq!(text(&rejected.error_for_status()?.json().await?, "status")?, "rejected");
    assert_eq!(
        propose(&[(ids[2], ids[0]), (ids[2], ids[1])]).await?,
        1,
        "the merged one is another id, not another person"
    );
    Ok(())
}
