//! Words of replies, and when their rows changed: `sql/m20261122_000018_name_replies.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000018_name_replies.sql");

/// Rows whose words the older schema does not have get the nearest it has.
const DOWN: &str = "
DROP TRIGGER trg_deliverables_changed ON deliverables;
DROP TRIGGER trg_tasks_changed ON tasks;
DROP TRIGGER trg_call_queue_changed ON call_queue;
DROP TRIGGER trg_inbox_items_changed ON inbox_items;
DROP FUNCTION note_change();
ALTER TABLE deliverables DROP CONSTRAINT deliverables_kind;
UPDATE deliverables SET kind = CASE kind WHEN 'valuation_report' THEN 'property_valuation_report' ELSE kind END,
       queue = replace(queue, '-queue', '');
ALTER TABLE deliverables ADD CONSTRAINT deliverables_kind CHECK ((kind, queue) IN
    (('property_valuation_report', 'valuation'), ('exit_preparation', 'content'), ('white_label_pitch', 'sales'),
     ('user_to_owner_pitch', 'sales')));
ALTER TABLE conversations DROP CONSTRAINT conversations_hold_reason;
UPDATE conversations SET hold_reason = CASE hold_reason WHEN 'opted_out' THEN 'opt_out'
       WHEN 'likely_opt_out' THEN 'revocation' WHEN 'wrong_number' THEN 'wrong_number' ELSE 'person' END
 WHERE hold_reason IS NOT NULL;
ALTER TABLE conversations ADD CONSTRAINT conversations_hold_reason_check CHECK (hold_reason = ANY (ARRAY['opt_out'::text,
    'revocation'::text, 'wrong_number'::text, 'complaint'::text, 'person'::text]));
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
