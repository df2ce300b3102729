//! Nobody of the list is in logs, workflow ids, search attributes, summaries or histories.

use anyhow::Result;
use temporalio_client::WorkflowHistory;
use tests::logs::CapturedLogs;
use tests::{TestApp, a_team};

/// Words that are in this list and nowhere else in the tests.
const SECRETS: [&str; 12] = [
    "Zephyrina",
    "ZEPHYRINA",
    "Quillfeather",
    "QUILLFEATHER",
    "zephyrina.q",
    "vexoplumb",
    "Vexoplumb",
    "VEXOPLUMB",
    "5125550148",
    "555-0148",
    "Wobblethwaite",
    "Unmentionable Lane",
];

async fn json(history: WorkflowHistory) -> Result<String> {
    Ok(String::from_utf8(history.to_json().await?)?)
}

#[tokio::test]
async fn nobody_of_the_list_is_in_logs_or_temporal() -> Result<()> {
    let logs = CapturedLogs::of_this_process();
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let list = "Company Name,Contact Name,Email Address,Street Address,Phone Number,State\r\n\
        Vexoplumb LLC,Zephyrina Quillfeather,zephyrina.q@vexoplumb.example,1 Unmentionable Lane,(512) 555-0148,TX\r\n\
        Vexoplumb LLC,Zephyrina Quillfeather,zephyrina.q@vexoplumb,1 Unmentionable Lane,512-555-01,Wobblethwaite\r\n\
        Vexoplumb LLC,Zephyrina,zephyrina.q@vexoplumb.example,x,(512) 555-0148,TX,too,many,cells,Wobblethwaite\r\n";
    let done = app.import(&team, "list.csv", list).await?;
    assert!(app.get(&team, "/v1/leads").await?.to_string().contains("zephyrina.q"), "the list was read");
    // A file that fails shows its cells to the one who uploaded it, and to nobody else.
    let bad = "Zephyrina,Quillfeather,Vexoplumb\r\n5125550148,Wobblethwaite,555-0148\r\n";
    let failed = app.upload(&team, "bad.csv", bad).await?;
    let failed = app.settled(&team, &failed).await?;
    let detail = failed["failure"]["detail"].as_str().unwrap_or_default();
    assert!(
        detail.contains("Zephyrina") && detail.contains("Quillfeather"),
        "it names what it saw: {detail}"
    );

    let mut shown = vec![("the logs", logs.text())];
    assert!(shown[0].1.contains("upload.stream_chunk") && shown[0].1.len() > 1_000, "the logs are captured");
    for upload in [&done, &failed] {
        let id = format!("upload:{}", upload["id"].as_str().unwrap_or_default());
        let history = json(app.history(&id)).await?;
        assert!(history.contains("upload.inspect_file"), "the history is read");
        assert!(
            history.contains("binary/encrypted") || history.contains("YmluYXJ5L2VuY3J5cHRlZA"),
            "payloads are encrypted"
        );
        shown.push(("a history", history));
        let handle = app.temporal.get_workflow_handle::<workflows::upload::UploadWorkflow>(id);
        let described = handle.describe(Default::default()).await?;
        shown.push(("a description", format!("{:?}", described.raw())));
    }
    for (place, text) in &shown {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} is in {place}: …{}…", around(text, secret));
        }
    }
    Ok(())
}

fn around<'a>(text: &'a str, word: &str) -> &'a str {
    let at = text.find(word).unwrap_or_default();
    let from =
        (0..=at.saturating_sub(200)).rev().find(|from| text.is_char_boundary(*from)).unwrap_or_default();
    let to = (at + 200..text.len()).find(|to| text.is_char_boundary(*to)).unwrap_or(text.len());
    &text[from..to]
}
