//! Endpoints that answer in every way.

use super::*;
use crate::testing::{Play, Server, nobody};

fn private() -> Notifier {
    Notifier::new(NoticeSettings { private_addresses: true })
}

async fn tell(notifier: &Notifier, url: &str) -> Told {
    let url: EndpointUrl = format!("{url}/hook").parse().expect("an address");
    let secret = EndpointSecret::of([1; 32]);
    let at = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
    notifier.tell(&url, &secret, "ntc_1", at, b"{\"type\":\"x\"}".to_vec()).await
}

#[tokio::test]
async fn a_notice_carries_its_id_its_time_and_its_signature() {
    let server = Server::that(Play::status(204, "")).await;
    assert_eq!(tell(&private(), &server.url).await, Told::Taken { status: 204 });
    let requests = server.requests();
    let [request] = &requests[..] else { panic!("one request: {requests:?}") };
    let request = request.to_lowercase();
    assert!(request.starts_with("post /hook http/1.1"), "{request}");
    assert!(request.contains("webhook-id: ntc_1\r\n"), "{request}");
    assert!(request.contains("webhook-timestamp: 1700000000\r\n"), "{request}");
    let signature = EndpointSecret::of([1; 32]).sign("ntc_1", "1700000000", b"{\"type\":\"x\"}");
    assert!(request.contains(&format!("webhook-signature: {}\r\n", signature.to_lowercase())), "{request}");
    assert!(request.contains("content-type: application/json\r\n"), "{request}");
    assert!(request.ends_with("{\"type\":\"x\"}"), "{request}");
}

#[tokio::test]
async fn what_is_answered_is_told_apart() {
    let busy = Server::that(Play::status(503, "").with("retry-after", "7")).await;
    let wait = Some(Duration::from_secs(7));
    assert_eq!(tell(&private(), &busy.url).await, Told::Refused { status: 503, retry_after: wait });
    let wrong = Server::that(Play::status(400, "no")).await;
    assert_eq!(tell(&private(), &wrong.url).await, Told::Refused { status: 400, retry_after: None });
    let gone = Server::that(Play::status(410, "")).await;
    assert_eq!(tell(&private(), &gone.url).await, Told::Gone);
    // A redirect is an answer like another: whoever could be redirected could be led anywhere.
    let moved = Server::that(Play::status(307, "").with("location", "http://169.254.169.254/")).await;
    assert_eq!(tell(&private(), &moved.url).await, Told::Refused { status: 307, retry_after: None });
    let cut = Server::that(Play::Cut).await;
    assert!(matches!(tell(&private(), &cut.url).await, Told::Unreached { .. }));
    assert!(matches!(tell(&private(), &nobody().await).await, Told::Unreached { .. }));
}

#[tokio::test]
async fn a_private_network_is_told_nothing_unless_the_operator_says_so() {
    let server = Server::that(Play::status(204, "")).await;
    let notifier = Notifier::new(NoticeSettings::default());
    let port = server.url.rsplit(':').next().expect("a port");
    // By its number, by a name that is known, and by numbers that only a resolver understands.
    for host in
        ["http://127.0.0.1", "http://localhost", "https://localhost", "https://0x7f.1", "https://2130706433"]
    {
        let told = tell(&notifier, &format!("{host}:{port}")).await;
        assert!(matches!(&told, Told::Unreached { .. }), "{host}: {told:?}");
    }
    assert_eq!(server.requests(), Vec::<String>::new(), "nothing came through");
}

#[test]
fn the_setting_is_on_or_off() {
    let read = |value: Option<&str>| {
        let value = value.map(str::to_owned);
        let mut settings = Settings::new(|_: &str| value.clone());
        let read = NoticeSettings::read(&mut settings);
        (read.private_addresses, settings.finish().is_ok())
    };
    assert_eq!(read(None), (false, true));
    assert_eq!(read(Some("on")), (true, true));
    assert_eq!(read(Some("yes")), (false, false));
}
