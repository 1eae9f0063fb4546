-- What was tried for each job: every run of a step and every call of a provider. Written in batches and beside the work, so
-- that the last moment before a node's death may be missing; the truth is in jobs, events and resources.
CREATE TABLE job_trace (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id  uuid NOT NULL,
    at      timestamptz NOT NULL,
    kind    text NOT NULL CHECK (kind IN ('run', 'call')),
    what    text NOT NULL,                    -- the state whose step ran, or provider and operation
    outcome text NOT NULL,                    -- next, wait, fail CODE, threw …; an HTTP status, no_answer, budget, cancelled
    sent    integer NOT NULL,                 -- of a call: how often it was sent
    took_ms integer NOT NULL,
    node    text NOT NULL
);
CREATE INDEX job_trace_job ON job_trace (job_id, id DESC);
CREATE INDEX job_trace_at ON job_trace (at);

-- Nodes that run, or ran in the last day.
CREATE TABLE nodes (
    name       text PRIMARY KEY,
    version    text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now()
);
