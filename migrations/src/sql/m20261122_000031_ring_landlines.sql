-- A suppression may speak of texts alone: a landline takes none, and rings as any other phone.

-- Whether a message from a number of a brand to this value is forbidden. A person is named where the lead has one. `spared`: the
-- reasons that do not forbid messages of this kind, as domain::gate::SuppressionReason::sparing has them; none where none is named.
DROP FUNCTION is_suppressed(text, uuid, text, text);
CREATE FUNCTION is_suppressed(recipient text, persona uuid, sender_brand text, sender_address text, spared text[] DEFAULT '{}')
RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM suppressions s
                    WHERE s.team_id = current_team() AND s.kind IN ('phone', 'email') AND s.value = recipient
                      AND s.lifted_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > clock_timestamp())
                      AND s.reason <> ALL (spared)
                      AND (s.scope = 'team' OR (s.scope = 'brand' AND s.subject = sender_brand)
                           OR (s.scope = 'number' AND s.subject = sender_address)))
        OR EXISTS (SELECT FROM suppressions s
                    WHERE s.team_id = current_team() AND s.kind = 'persona' AND s.value = persona::text
                      AND s.lifted_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > clock_timestamp())
                      AND s.reason <> ALL (spared))
        OR EXISTS (SELECT FROM global_suppressions g
                    WHERE g.kind IN ('phone', 'email') AND g.value = recipient AND g.lifted_at IS NULL
                      AND g.reason <> ALL (spared))
$$;
