//! What e-mails from an address say of whom they are from is changed and taken away.

use anyhow::Result;
use reqwest::Method;
use sandbox::Settings;
use serde_json::{Value, json};
use tests::letters::{Letters, POSTAL};

#[tokio::test]
async fn a_name_and_an_address_for_answers_are_taken_away_by_null_and_stay_where_nothing_is_said()
-> Result<()> {
    let letters = Letters::new(Settings::default()).await?;
    let outreach = &letters.outreach;
    // Limits and senders are an admin's.
    let admin = &outreach.team;
    let path = format!("/v1/senders/{}", letters.address);
    let patch = async |body: Value| -> Result<(u16, Value)> {
        let response = outreach.app.request(admin, Method::PATCH, &path).json(&body).send().await?;
        Ok((response.status().as_u16(), response.json().await?))
    };
    let (status, sender) =
        patch(json!({ "display_name": "Acme", "reply_to": "Answers@acme-tools.example" })).await?;
    assert_eq!(status, 200, "{sender}");
    assert_eq!(sender["display_name"], "Acme");
    assert_eq!(sender["reply_to"], "answers@acme-tools.example");

    let (_, sender) = patch(json!({ "reply_to": null })).await?;
    assert_eq!((&sender["reply_to"], &sender["display_name"]), (&Value::Null, &json!("Acme")), "{sender}");
    let (_, sender) = patch(json!({ "display_name": null })).await?;
    assert_eq!(
        (&sender["display_name"], &sender["postal_address"]),
        (&Value::Null, &json!(POSTAL)),
        "{sender}"
    );

    for (wrong, pointer) in [
        (json!({ "postal_address": null }), "/postal_address"),
        (json!({ "reply_to": "" }), "/reply_to"),
        (json!({ "reply_to": "nobody" }), "/reply_to"),
    ] {
        let (status, refused) = patch(wrong).await?;
        assert_eq!((status, &refused["errors"][0]["pointer"]), (422, &json!(pointer)), "{refused}");
    }
    Ok(())
}
