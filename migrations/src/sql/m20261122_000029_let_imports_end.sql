-- Bucket indexes wait for the team's imports to end: each import changes thousands of buckets, and those that are written
-- while the next one runs are written again behind it. Two minutes at the most: who imports without a pause has indexes too.

ALTER TABLE sector_buckets
    ALTER COLUMN stale DROP DEFAULT,
    ALTER COLUMN stale DROP NOT NULL,
    ALTER COLUMN stale TYPE timestamptz USING CASE WHEN stale THEN updated_at END,
    ALTER COLUMN stale SET DEFAULT now();
-- Since when index.json is older than the leads; NULL while it is not.
ALTER TABLE sector_buckets RENAME COLUMN stale TO stale_since;

-- Many at once: they are counted in one pass over the team's leads.
CREATE OR REPLACE FUNCTION stale_buckets() RETURNS TABLE (team_id uuid, bucket_id text, index_key text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT b.team_id, b.bucket_id, b.index_key FROM sector_buckets b
     WHERE b.stale_since < now() - interval '2 minutes'
        OR b.stale_since IS NOT NULL
           AND b.team_id NOT IN (SELECT s.team_id FROM data_sources s WHERE s.status IN ('uploaded', 'processing'))
     ORDER BY b.stale_since LIMIT 2000
$$;
