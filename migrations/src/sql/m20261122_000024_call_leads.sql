-- Campaigns by voice: each message is a call that a person makes.

-- The row of the ledger that a call is made for; NULL: somebody answered, or asked for it. One call each, whoever repeats whatever.
ALTER TABLE call_queue ADD COLUMN intent_id uuid;
CREATE UNIQUE INDEX call_queue_intent ON call_queue (team_id, intent_id) WHERE intent_id IS NOT NULL;
