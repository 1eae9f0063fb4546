-- What the sweep found at the providers that belongs to no live job, and servers that live jobs have lost.
CREATE TABLE orphans (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('server', 'primary_ip', 'volume', 'firewall', 'dns_record', 'lost_server')),
    provider_id   text NOT NULL,
    name          text NOT NULL,
    job_id        uuid,                              -- as its label says; this database may not know the job
    why           text NOT NULL,
    created_at    timestamptz,                       -- at the provider, where it tells
    monthly_cents integer,                           -- gross, in the catalogue's currency; null when not known
    removable     boolean NOT NULL,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at  timestamptz NOT NULL DEFAULT now(),
    removed_at    timestamptz,                       -- when its removal was asked for
    last_error    text,                              -- why its removal was refused
    gone_at       timestamptz
);
CREATE UNIQUE INDEX orphans_here ON orphans (kind, provider_id) WHERE gone_at IS NULL;
CREATE INDEX orphans_gone ON orphans (gone_at) WHERE gone_at IS NOT NULL;

CREATE TABLE sweeps (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT now(),
    found    integer NOT NULL,
    removed  integer NOT NULL,
    problems text[] NOT NULL                         -- what could not be looked at
);
