//! Bucket indexes wait for imports: `sql/m20261122_000029_let_imports_end.sql`.

use crate::step::Step;

const UP: &str = include_str!("sql/m20261122_000029_let_imports_end.sql");

const DOWN: &str = "
ALTER TABLE sector_buckets RENAME COLUMN stale_since TO stale;
ALTER TABLE sector_buckets
    ALTER COLUMN stale DROP DEFAULT,
    ALTER COLUMN stale TYPE boolean USING stale IS NOT NULL,
    ALTER COLUMN stale SET DEFAULT true,
    ALTER COLUMN stale SET NOT NULL;
CREATE OR REPLACE FUNCTION stale_buckets() RETURNS TABLE (team_id uuid, bucket_id text, index_key text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT team_id, bucket_id, index_key FROM sector_buckets WHERE stale ORDER BY updated_at LIMIT 500
$$;
";

pub(crate) const STEP: Step = Step { file: file!(), up: UP, down: DOWN };
