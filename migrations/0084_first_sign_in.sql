-- How the first account of a beacon comes to its customer: the browser that asks makes a key pair, the beacon seals its
-- link to the public half, and only that browser can open it.
CREATE TABLE first_sign_ins (
    job_id     uuid PRIMARY KEY REFERENCES jobs,
    open_until timestamptz NOT NULL,                 -- until when it may be asked for
    public_key bytea,                                -- of the browser that asked last
    asked_at   timestamptz,
    sealed     bytea,                                -- the link, for that key alone; forgotten when the link is worth nothing any more
    sealed_at  timestamptz,
    taken_at   timestamptz                           -- when a browser fetched it first: it is not given twice
);
