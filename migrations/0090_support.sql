-- The support tier: who may use it, which remedies ran or wait for a human, and what was handed to one.

CREATE TABLE support_keys (
    hash         bytea PRIMARY KEY,                  -- SHA-256; the key itself is shown once and stored nowhere
    name         text NOT NULL UNIQUE,               -- as it stands in the audit log
    scopes       text[] NOT NULL CHECK (scopes <@ ARRAY['read', 'diagnose', 'remedy', 'ticket']),
    per_minute   integer NOT NULL CHECK (per_minute BETWEEN 1 AND 600),
    created_at   timestamptz NOT NULL DEFAULT now(),
    revoked_at   timestamptz,
    window_at    timestamptz NOT NULL DEFAULT now(), -- calls are counted from here
    window_count integer NOT NULL DEFAULT 0
);

-- Every wish for a remedy that was not refused at once. An approved one is run once.
CREATE TABLE remedy_runs (
    id         uuid PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    remedy     text NOT NULL,
    job_id     uuid REFERENCES jobs,
    code       text,                                 -- the error code that it is to put right
    module     text,
    status     text NOT NULL CHECK (status IN ('proposed', 'running', 'done', 'already', 'refused', 'without_effect', 'rejected', 'lost')),
    automatic  boolean NOT NULL DEFAULT false,       -- no human was asked; these are counted against the limits
    asked_kind text NOT NULL,
    asked_by   text NOT NULL,
    reason     text NOT NULL,
    decided_by text,
    decided_at timestamptz,
    ended_at   timestamptz,
    detail     text                                  -- what was done and what the check saw; never a secret
);
CREATE UNIQUE INDEX remedy_runs_open ON remedy_runs (remedy, job_id) NULLS NOT DISTINCT WHERE status IN ('proposed', 'running');
CREATE INDEX remedy_runs_at ON remedy_runs (at DESC);
CREATE INDEX remedy_runs_job ON remedy_runs (job_id, at DESC) WHERE job_id IS NOT NULL;

-- What a human is to look at: one open ticket for each cause.
CREATE TABLE tickets (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cause      text NOT NULL,
    severity   text NOT NULL CHECK (severity IN ('P0', 'P1', 'P2', 'P3')),
    code       text,
    job_id     uuid REFERENCES jobs,
    summary    text NOT NULL,                        -- masked
    count      integer NOT NULL DEFAULT 1,           -- how often it was opened while open
    opened_by  text NOT NULL,
    opened_at  timestamptz NOT NULL DEFAULT now(),
    last_at    timestamptz NOT NULL DEFAULT now(),
    respond_by timestamptz NOT NULL,
    closed_at  timestamptz,
    closed_why text
);
CREATE UNIQUE INDEX tickets_open ON tickets (cause) WHERE closed_at IS NULL;
