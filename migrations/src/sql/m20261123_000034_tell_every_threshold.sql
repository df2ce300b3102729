-- A budget that ends because of what is put aside goes on when that is given back, and one that is out of calls may have money left: who
-- was told of the end is told of the thresholds, too, when they are passed. dedup_key sees to it that each is told once.
CREATE OR REPLACE FUNCTION alert_budget(budget uuid, stopped boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    b budgets%ROWTYPE;
    reached integer := 0;
BEGIN
    SELECT * INTO STRICT b FROM budgets WHERE id = budget;
    IF stopped THEN
        reached := 100;
    ELSIF b.limit_micros > 0 THEN
        reached := least(100, b.spent_micros::numeric * 100 / b.limit_micros);
        -- A rounded 99.6 is no 100.
        IF reached = 100 AND b.spent_micros < b.limit_micros THEN reached := 99; END IF;
    END IF;
    IF reached < 50 OR reached <= b.alerted THEN RETURN; END IF;
    INSERT INTO alerts (team_id, kind, subject, detail, dedup_key)
    SELECT b.team_id, 'budget.threshold', concat_ws(':', b.scope, nullif(b.subject, ''), b.day),
           jsonb_build_object('budget_id', b.id, 'percent', t.percent, 'limit_micros', b.limit_micros,
               'limit_calls', b.limit_calls, 'spent_micros', b.spent_micros, 'calls', b.calls),
           format('budget:%s:%s:%s:%s', b.id, coalesce(b.limit_micros::text, '-'), coalesce(b.limit_calls::text, '-'),
                  t.percent)
      FROM (VALUES (50), (80), (100)) t (percent)
     WHERE t.percent <= reached AND t.percent > b.alerted AND (t.percent = 100 OR NOT stopped) ORDER BY t.percent
    ON CONFLICT DO NOTHING;
    -- What is put aside may come back, and then the thresholds below are still to be told: only what was spent counts as passed.
    IF stopped THEN RETURN; END IF;
    UPDATE budgets SET alerted = (SELECT max(t) FROM unnest(ARRAY[50, 80, 100]) t WHERE t <= reached)
     WHERE id = budget;
END $$;
