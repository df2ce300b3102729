//! Landlines are called: `sql/m20261122_000031_ring_landlines.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000031_ring_landlines.sql");

/// Whatever is suppressed is neither texted nor called again.
const DOWN: &str = "
DROP FUNCTION is_suppressed(text, uuid, text, text, text[]);
CREATE FUNCTION is_suppressed(recipient text, persona uuid, sender_brand text, sender_address text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM suppressions s
                    WHERE s.team_id = current_team() AND s.kind IN ('phone', 'email') AND s.value = recipient
                      AND s.lifted_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > clock_timestamp())
                      AND (s.scope = 'team' OR (s.scope = 'brand' AND s.subject = sender_brand)
                           OR (s.scope = 'number' AND s.subject = sender_address)))
        OR EXISTS (SELECT FROM suppressions s
                    WHERE s.team_id = current_team() AND s.kind = 'persona' AND s.value = persona::text
                      AND s.lifted_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > clock_timestamp()))
        OR EXISTS (SELECT FROM global_suppressions g
                    WHERE g.kind IN ('phone', 'email') AND g.value = recipient AND g.lifted_at IS NULL)
$$;
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
