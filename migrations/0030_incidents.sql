-- What needs an operator: one open row per cause, counted while it lasts, closed when the cause is gone.
CREATE TABLE incidents (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cause      text NOT NULL,                        -- 'job:…', 'provider:hetzner', 'orphan:server:42': the same trouble has the same cause
    code       text NOT NULL,                        -- an entry of TROUBLESHOOTING.md
    severity   text NOT NULL CHECK (severity IN ('warning', 'critical')),
    job_id     uuid REFERENCES jobs,                 -- null when it is about no job, or about more than one
    summary    text NOT NULL,                        -- one sentence for operators, without secrets and personal data
    detail     jsonb NOT NULL DEFAULT '{}',
    count      integer NOT NULL DEFAULT 1,           -- how often it was seen while open
    first_at   timestamptz NOT NULL DEFAULT now(),
    last_at    timestamptz NOT NULL DEFAULT now(),
    closed_at  timestamptz,
    closed_why text,
    CHECK ((closed_at IS NULL) = (closed_why IS NULL))
);
CREATE UNIQUE INDEX incidents_open ON incidents (cause text_pattern_ops) WHERE closed_at IS NULL;
CREATE INDEX incidents_job ON incidents (job_id, id) WHERE job_id IS NOT NULL;
CREATE INDEX incidents_code ON incidents (code, id);
