-- The agent of a beacon: what proves that it is the beacon, and what it said last.
CREATE TABLE beacon_agents (
    job_id        uuid PRIMARY KEY REFERENCES jobs,
    token_hash    bytea NOT NULL,                    -- SHA-256 of a token that the beacon made and WOPR never had in the clear before it was used
    registered_at timestamptz NOT NULL DEFAULT now(),
    heartbeat_at  timestamptz,
    heartbeat     jsonb,
    window_at     timestamptz,                       -- calls are counted from here
    window_count  integer NOT NULL DEFAULT 0
);

-- What a beacon is to consist of, numbered from 1, which is what its job installed. The highest number counts.
CREATE TABLE beacon_plans (
    job_id           uuid NOT NULL REFERENCES jobs,
    number           integer NOT NULL,
    modules          text[] NOT NULL,                -- in the order of their installation
    installer_sha256 text NOT NULL,
    made_at          timestamptz NOT NULL DEFAULT now(),
    applied_at       timestamptz,                    -- when the beacon said that it is so
    PRIMARY KEY (job_id, number)
);
