-- How often endpoints of all teams took what they were told, and how often not: for whoever watches the installation. Notices
-- themselves are forgotten, and a counter may not go down.
CREATE TABLE endpoint_tallies (
    -- told: taken. failed: an attempt that was not. given_up: a notice that is not tried any more.
    outcome text PRIMARY KEY CHECK (outcome IN ('told', 'failed', 'given_up')),
    times   bigint NOT NULL DEFAULT 0 CHECK (times >= 0)
);
INSERT INTO endpoint_tallies (outcome) VALUES ('told'), ('failed'), ('given_up');
-- Whoever tells counts; nobody takes anything away.
GRANT SELECT, UPDATE ON endpoint_tallies TO refinery_app;
