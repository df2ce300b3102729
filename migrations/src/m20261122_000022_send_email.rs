//! E-mail goes out: `sql/m20261122_000022_send_email.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000022_send_email.sql");

/// Who left by the link stays away: what the older schema has for it is what was said in words.
const DOWN: &str = "
ALTER TABLE suppressions DROP CONSTRAINT suppressions_method;
UPDATE suppressions SET method = 'language' WHERE method = 'link';
ALTER TABLE suppressions ADD CONSTRAINT suppressions_method_check CHECK (method IN ('keyword', 'language', 'vendor', 'person',
    'import', 'bounce', 'complaint'));
ALTER TABLE senders DROP COLUMN reply_to, DROP COLUMN postal_address, DROP COLUMN display_name;
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
