-- Words of replies as domain::reply has them, and rows that say by themselves when they changed.

-- domain::reply::HoldReason.
ALTER TABLE conversations
    DROP CONSTRAINT conversations_hold_reason_check,
    ADD CONSTRAINT conversations_hold_reason CHECK (hold_reason IN ('opted_out', 'likely_opt_out', 'wrong_number',
        'no_lead', 'taken_over', 'by_hand'));

-- domain::reply::DeliverableKind, and the queues of people by the names that operators know.
ALTER TABLE deliverables
    DROP CONSTRAINT deliverables_kind,
    ADD CONSTRAINT deliverables_kind CHECK ((kind, queue) IN (('valuation_report', 'valuation-queue'),
        ('exit_preparation', 'content-queue'), ('white_label_pitch', 'sales-queue'),
        ('user_to_owner_pitch', 'sales-queue')));

CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER trg_inbox_items_changed BEFORE UPDATE ON inbox_items FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE TRIGGER trg_call_queue_changed BEFORE UPDATE ON call_queue FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE TRIGGER trg_tasks_changed BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE TRIGGER trg_deliverables_changed BEFORE UPDATE ON deliverables FOR EACH ROW EXECUTE FUNCTION note_change();
