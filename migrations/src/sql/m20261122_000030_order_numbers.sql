-- Numbers that vendors are asked to sell: the intent stands here before anything is bought.

CREATE TABLE number_orders (
    team_id         uuid NOT NULL,
    id              uuid NOT NULL,
    -- The vendor, by its word.
    provider        text NOT NULL,
    -- In the order in which they are tried.
    area_codes      text[] NOT NULL CHECK (cardinality(area_codes) BETWEEN 1 AND 60),
    -- wanted: no number is chosen. buying: this one, and called_at says whether the vendor was asked for it. ordered: it took the
    -- order and has not delivered.
    state           text NOT NULL DEFAULT 'wanted' CHECK (state IN ('wanted', 'buying', 'ordered', 'bought', 'failed')),
    -- E.164.
    number          text CHECK (number ~ '^\+1[2-9][0-9]{9}$'),
    -- How many numbers the vendor did not sell after all.
    lost            smallint NOT NULL DEFAULT 0 CHECK (lost >= 0),
    -- Why it failed, or waits, in a word.
    why             text,
    -- What is put aside and paid for it: the first month.
    price_micros    bigint NOT NULL CHECK (price_micros >= 0),
    -- The sender that it becomes, as senders has it.
    name            text,
    pool            text,
    brand           text,
    provider_group  text,
    per_second      real CHECK (per_second > 0),
    daily_limit     integer CHECK (daily_limit >= 0),
    att_per_minute  integer CHECK (att_per_minute >= 0),
    tmobile_per_day integer CHECK (tmobile_per_day >= 0),
    sender_id       uuid,
    -- When somebody looks at it next; while somebody does, when another may.
    due_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- When the vendor was last asked to sell the number, where nobody knows that it did not.
    called_at       timestamptz,
    ended_at        timestamptz,
    created_by      uuid,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (team_id, id),
    FOREIGN KEY (team_id, sender_id) REFERENCES senders (team_id, id),
    CONSTRAINT number_orders_chosen CHECK (state NOT IN ('buying', 'ordered', 'bought') OR number IS NOT NULL),
    CONSTRAINT number_orders_bought CHECK ((state = 'bought') = (sender_id IS NOT NULL)),
    CONSTRAINT number_orders_ended CHECK ((ended_at IS NULL) = (state IN ('wanted', 'buying', 'ordered')))
);
-- A number is bought for one team, although the account at the vendor is everybody's: whoever is offered what another has chosen
-- takes the next one.
CREATE UNIQUE INDEX number_orders_number ON number_orders (provider, number) WHERE state IN ('buying', 'ordered', 'bought');
CREATE INDEX number_orders_open ON number_orders (due_at) WHERE state IN ('wanted', 'buying', 'ordered');
CALL wall_off('number_orders');

-- Whose orders are to be looked at: for whoever buys, who belongs to no team.
CREATE FUNCTION teams_with_number_orders(most integer) RETURNS TABLE (team_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT o.team_id FROM number_orders o WHERE o.state IN ('wanted', 'buying', 'ordered') AND o.due_at <= clock_timestamp()
     GROUP BY 1 ORDER BY min(o.due_at) LIMIT most
$$;
CREATE POLICY gate ON number_orders FOR SELECT TO refinery_gate USING (true);
GRANT SELECT (team_id, state, due_at) ON number_orders TO refinery_gate;
CALL guard_by_gate('teams_with_number_orders(integer)');
