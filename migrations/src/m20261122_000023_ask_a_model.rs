//! A team's language model, and what it was asked: `sql/m20261122_000023_ask_a_model.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000023_ask_a_model.sql");

/// Of several suggestions for one message the older schema keeps the newest as what it answers. Answers that were emptied stay
/// so.
const DOWN: &str = "
ALTER TABLE conversations DROP COLUMN closing_notes, DROP COLUMN closing_by;
DROP INDEX reply_suggestions_item;
UPDATE reply_suggestions s SET item_id = NULL
 WHERE s.state = 'stale' AND s.origin IN ('playbook', 'model')
   AND EXISTS (SELECT FROM reply_suggestions n WHERE n.team_id = s.team_id AND n.conversation_id = s.conversation_id
                  AND n.item_id = s.item_id AND n.origin IN ('playbook', 'model') AND n.id > s.id);
CREATE UNIQUE INDEX reply_suggestions_item ON reply_suggestions (team_id, conversation_id, item_id)
    WHERE origin IN ('playbook', 'model');
DROP TABLE model_calls;
DROP TABLE team_models;
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
