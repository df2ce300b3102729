//! E-mails that belong to no campaign: `sql/m20261122_000026_write_letters.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000026_write_letters.sql");

/// Rows that only the newer table allows stay as they are.
const DOWN: &str = "
CREATE OR REPLACE FUNCTION deliverable_may_become(old text, new text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE old
        WHEN 'requested' THEN new IN ('handed_over', 'made', 'failed', 'cancelled')
        WHEN 'handed_over' THEN new IN ('made', 'failed', 'cancelled')
        WHEN 'made' THEN new IN ('handed_over', 'sending', 'sent', 'failed', 'cancelled')
        WHEN 'sending' THEN new IN ('made', 'sent', 'failed')
        ELSE false END
$$;
ALTER TABLE deliverables DROP CONSTRAINT deliverables_made;
ALTER TABLE deliverables ADD CONSTRAINT deliverables_made
    CHECK ((state IN ('made', 'sending', 'sent')) <= (object_key IS NOT NULL AND made_at IS NOT NULL)) NOT VALID;
DROP TABLE letters;
DROP FUNCTION letter_may_become(text, text);
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
