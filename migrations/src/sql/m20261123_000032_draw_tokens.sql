-- Drawing from several buckets is one question to the database, and asks all of them or none: a call to a vendor holds its permit
-- meanwhile.

-- Draws from buckets, those of the team or everybody's (`shared`), in the order given, in which all have to draw; answers in
-- microseconds how long to wait, 0 where it drew. Nothing is drawn unless from all of them. A bucket that is not there is full.
-- It is a transaction of the team by itself, and the disk is not waited for: a draw that a crash forgets was nobody's call.
CREATE FUNCTION draw_tokens(team uuid, shared boolean[], names text[], costs bigint[], depths bigint[]) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    held record;
    wait interval := '0';
BEGIN
    PERFORM set_config('app.team', team::text, true), set_config('synchronous_commit', 'off', true);
    FOR i IN 1 .. cardinality(names) LOOP
        LOOP
            IF shared[i] THEN
                SELECT full_at, blocked_until INTO held FROM account_buckets WHERE bucket = names[i] FOR UPDATE;
                EXIT WHEN FOUND;
                INSERT INTO account_buckets (bucket, full_at) VALUES (names[i], clock_timestamp()) ON CONFLICT DO NOTHING;
            ELSE
                SELECT full_at, blocked_until INTO held
                  FROM rate_buckets WHERE team_id = team AND bucket = names[i] FOR UPDATE;
                EXIT WHEN FOUND;
                INSERT INTO rate_buckets (team_id, bucket, full_at) VALUES (team, names[i], clock_timestamp())
                ON CONFLICT DO NOTHING;
            END IF;
        END LOOP;
        wait := greatest(wait, held.blocked_until - clock_timestamp(),
                         held.full_at - clock_timestamp() + (costs[i] - depths[i]) * interval '1 microsecond');
    END LOOP;
    IF wait > interval '0' THEN
        RETURN ceil(extract(epoch FROM wait) * 1000000)::bigint;
    END IF;
    FOR i IN 1 .. cardinality(names) LOOP
        IF shared[i] THEN
            UPDATE account_buckets SET full_at = greatest(full_at, clock_timestamp()) + costs[i] * interval '1 microsecond'
             WHERE bucket = names[i];
        ELSE
            UPDATE rate_buckets SET full_at = greatest(full_at, clock_timestamp()) + costs[i] * interval '1 microsecond'
             WHERE team_id = team AND bucket = names[i];
        END IF;
    END LOOP;
    RETURN 0;
END $$;

-- What the last one who asked was told, which the statement that drew had to read from the row it wrote.
ALTER TABLE account_buckets DROP COLUMN told_to_wait;
ALTER TABLE rate_buckets DROP COLUMN told_to_wait;
