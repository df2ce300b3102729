//! Names of the queues that workers poll.

/// Reading files and making leads of them.
pub const IMPORT: &str = "import";
