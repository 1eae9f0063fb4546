-- What operators' verbs leave in a job's row. A failed job may have its server taken away and built anew; the step that
-- builds it does both.
ALTER TABLE jobs ADD COLUMN rebuild_requested_at timestamptz;
ALTER TABLE jobs ADD COLUMN resumed_at timestamptz;

-- When a server was last asked for: a request whose answer was lost may have its effect a little later.
ALTER TABLE resources ADD COLUMN intended_at timestamptz NOT NULL DEFAULT now();

-- The operators' list: newest first, of one state, with one code, or by how its name begins.
CREATE INDEX jobs_listed ON jobs (created_at DESC, id DESC);
CREATE INDEX jobs_listed_by_state ON jobs (state, created_at DESC, id DESC);
CREATE INDEX jobs_listed_by_code ON jobs (error_code, created_at DESC, id DESC) WHERE error_code IS NOT NULL;
CREATE INDEX jobs_fqdn ON jobs (fqdn text_pattern_ops);
DROP INDEX jobs_created;
