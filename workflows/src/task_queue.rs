//! Names of the queues that workers poll.

/// Reading files and making leads of them.
pub const IMPORT: &str = "import";

/// The queue of one vendor's lookups, beside the queue `base` of everything else: `enrich.apollo` beside
/// [`IMPORT`], and `{base}.enrich.apollo` beside any other, so that systems that share a Temporal stay apart.
pub fn lookups(base: &str, provider: &str) -> String {
    if base == IMPORT { format!("enrich.{provider}") } else { format!("{base}.enrich.{provider}") }
}

/// The queue of the messages that one vendor sends, beside the queue `base`: as [`lookups`].
pub fn sends(base: &str, provider: &str) -> String {
    if base == IMPORT { format!("send.{provider}") } else { format!("{base}.send.{provider}") }
}

/// The queue of conversations and what they promise, beside the queue `base`: as [`lookups`]. Answers do not wait behind lists.
pub fn inbound(base: &str) -> String {
    if base == IMPORT { "inbound".to_owned() } else { format!("{base}.inbound") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_system_has_its_own_queues() {
        assert_eq!(lookups(IMPORT, "apollo"), "enrich.apollo");
        assert_eq!(lookups("test-1", "apollo"), "test-1.enrich.apollo");
        assert_eq!(sends(IMPORT, "signalhouse"), "send.signalhouse");
        assert_eq!(sends("test-1", "signalhouse"), "test-1.send.signalhouse");
        assert_eq!(inbound(IMPORT), "inbound");
        assert_eq!(inbound("test-1"), "test-1.inbound");
    }
}
