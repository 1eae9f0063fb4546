-- The ground of everything: orders, jobs, their events, and the work items that drive them.
-- Times are the database's; no node's clock decides anything that is stored here.

CREATE TABLE orders (
    id           uuid PRIMARY KEY,
    source       text NOT NULL CHECK (source IN ('checkout', 'operator', 'payment')),
    external_id  text UNIQUE,                       -- the payment provider's id, where one paid
    fingerprint  bytea NOT NULL,                    -- SHA-256 of the content: the same order twice is one job
    bundle       text NOT NULL,
    tier         smallint NOT NULL,
    beacon_name  text NOT NULL,
    email        text NOT NULL,
    location     text,                              -- the customer's wish; null means anywhere
    price_cents  integer NOT NULL,
    currency     text NOT NULL,
    paid_at      timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE jobs (
    id                        uuid PRIMARY KEY,
    order_id                  uuid NOT NULL UNIQUE REFERENCES orders,
    state                     text NOT NULL,
    state_entered_at          timestamptz NOT NULL DEFAULT now(),
    deadline_at               timestamptz NOT NULL DEFAULT 'infinity',
    beacon_name               text NOT NULL,
    fqdn                      text NOT NULL,
    name_held                 boolean NOT NULL DEFAULT true,   -- until nothing of the job is left
    modules                   text[] NOT NULL DEFAULT '{}',    -- in the order in which they are installed
    installer_sha256          text,
    ladder                    jsonb NOT NULL DEFAULT '[]',     -- server types and locations, best first
    ladder_position           integer NOT NULL DEFAULT 0,
    server_attempts           integer NOT NULL DEFAULT 0,
    stage                     text,
    progress                  integer NOT NULL DEFAULT 0,
    module                    text,
    modules_ready             text[] NOT NULL DEFAULT '{}',
    callback_seq              bigint NOT NULL DEFAULT 0,
    last_callback_at          timestamptz,
    callback_window_at        timestamptz NOT NULL DEFAULT now(),
    callback_window_count     integer NOT NULL DEFAULT 0,
    reported_error            text,                            -- code named by the beacon
    substitution              text,
    error_code                text,
    error_detail              text,                            -- for operators
    failed_state              text,
    cancel_requested_at       timestamptz,
    decommission_requested_at timestamptz,
    event_seq                 integer NOT NULL DEFAULT 0,
    created_at                timestamptz NOT NULL DEFAULT now(),
    updated_at                timestamptz NOT NULL DEFAULT now(),
    ended_at                  timestamptz
);
CREATE UNIQUE INDEX jobs_beacon_name_held ON jobs (beacon_name) WHERE name_held;
CREATE INDEX jobs_created ON jobs (created_at DESC);
CREATE INDEX jobs_live ON jobs (state) WHERE ended_at IS NULL;

-- One key, one order: a repeated request finds its first answer.
CREATE TABLE idempotency_keys (
    scope       text NOT NULL,
    key         text NOT NULL,
    fingerprint bytea NOT NULL,
    job_id      uuid NOT NULL REFERENCES jobs DEFERRABLE INITIALLY DEFERRED,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (scope, key)
);

-- The customer's timeline, the operator's history and the live stream. Append-only, numbered per job from 1.
CREATE TABLE events (
    job_id uuid NOT NULL REFERENCES jobs,
    seq    integer NOT NULL,
    at     timestamptz NOT NULL DEFAULT now(),
    kind   text NOT NULL,
    data   jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (job_id, seq)
);

-- What a job has, or may have, at a provider. Intent is a row without provider_id.
CREATE TABLE resources (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id        uuid NOT NULL REFERENCES jobs,
    kind          text NOT NULL CHECK (kind IN ('server', 'dns_record')),
    name          text NOT NULL,
    provider_id   text,
    data          jsonb NOT NULL DEFAULT '{}',
    created_at    timestamptz NOT NULL DEFAULT now(),
    identified_at timestamptz,
    gone_at       timestamptz
);
CREATE UNIQUE INDEX resources_live ON resources (job_id, kind, name) WHERE gone_at IS NULL;

-- Provider actions that somebody waits for; one poller asks for many at once.
CREATE TABLE provider_actions (
    id         bigint PRIMARY KEY,
    job_id     uuid NOT NULL REFERENCES jobs,
    command    text NOT NULL,
    status     text NOT NULL,
    error      text,
    poll_at    timestamptz NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX provider_actions_running ON provider_actions (poll_at) WHERE status = 'running';
CREATE INDEX provider_actions_job ON provider_actions (job_id);

-- Only hashes. Several may be live: one for each attempt to create the server, and an old one during rotation.
CREATE TABLE callback_tokens (
    hash        bytea PRIMARY KEY,
    job_id      uuid NOT NULL REFERENCES jobs,
    fingerprint text NOT NULL,
    issued_at   timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    revoked_at  timestamptz
);
CREATE INDEX callback_tokens_job ON callback_tokens (job_id);

CREATE TABLE work_items (
    kind           text NOT NULL,
    subject        uuid NOT NULL,
    priority       smallint NOT NULL DEFAULT 5,     -- 0 first
    wake_at        timestamptz NOT NULL,            -- infinity: only a signal wakes it
    lease_until    timestamptz,
    lease_owner    text,
    fence          bigint NOT NULL DEFAULT 0,       -- a late write of a former holder is refused
    attempt        integer NOT NULL DEFAULT 0,      -- leases since the last orderly release
    signals        bigint NOT NULL DEFAULT 0,       -- counted, so that one that comes while the step runs is not lost
    last_error     text,
    quarantined_at timestamptz,
    PRIMARY KEY (kind, subject)
);
CREATE INDEX work_items_due ON work_items (priority, wake_at) WHERE lease_until IS NULL AND quarantined_at IS NULL;
CREATE INDEX work_items_next ON work_items (wake_at) WHERE lease_until IS NULL AND quarantined_at IS NULL;
CREATE INDEX work_items_leased ON work_items (lease_until) WHERE lease_until IS NOT NULL;

-- Installers that a job pinned stay available, on every node.
CREATE TABLE installers (
    sha256     text PRIMARY KEY,
    bytes      bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE outbox (
    id         uuid PRIMARY KEY,
    job_id     uuid NOT NULL REFERENCES jobs,
    kind       text NOT NULL,
    recipient  text NOT NULL,
    subject    text NOT NULL,
    text       text NOT NULL,
    html       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at    timestamptz,
    attempts   integer NOT NULL DEFAULT 0,
    last_error text,
    UNIQUE (job_id, kind)
);

-- What a job leaves in writing for its customer.
CREATE TABLE documents (
    job_id     uuid NOT NULL REFERENCES jobs,
    kind       text NOT NULL,
    content    text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (job_id, kind)
);

CREATE TABLE operator_keys (
    hash       bytea PRIMARY KEY,
    name       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);

-- Payment events, each accepted once, in the transaction that creates its job; refused ones are kept for the operator.
CREATE TABLE payment_events (
    id          text PRIMARY KEY,
    type        text NOT NULL,
    order_id    uuid REFERENCES orders,
    outcome     text NOT NULL,
    payload     jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);
