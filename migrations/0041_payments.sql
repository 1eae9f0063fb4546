-- Payment: who is about to pay for what, what the payment provider told, and what goes back.

-- A filled-in order on its way through the payment provider. It holds its beacon's name for a while and becomes a job of
-- the same id when it is paid.
CREATE TABLE checkouts (
    id              uuid PRIMARY KEY,
    state           text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paid', 'closed', 'returned')),
    idempotency_key text UNIQUE,                     -- until it is closed: the same form may then be sent anew
    fingerprint     bytea NOT NULL,
    bundle          text NOT NULL,
    tier            smallint NOT NULL,
    beacon_name     text NOT NULL,
    email           text,                            -- null as soon as the order has it, or nobody will
    location        text,
    price_cents     integer NOT NULL,
    currency        text NOT NULL,
    hold_until      timestamptz NOT NULL,
    session_id      text UNIQUE,                     -- null while the provider has not answered
    payment_page    text,
    payment_id      text,
    asked_at        timestamptz,                     -- when the provider was last asked because a customer came back
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX checkouts_name ON checkouts (beacon_name) WHERE state = 'open';
CREATE INDEX checkouts_payment ON checkouts (payment_id) WHERE payment_id IS NOT NULL;

ALTER TABLE orders ADD COLUMN payment_id text UNIQUE;   -- what a refund names; null where no money was paid

-- Money that goes back: one row for one payment, under the id of its checkout and job. Intent before, identity after.
CREATE TABLE refunds (
    id           uuid PRIMARY KEY,
    payment_id   text NOT NULL UNIQUE,
    cents        integer NOT NULL,
    currency     text NOT NULL,
    code         text,                               -- why, where a code says it
    state        text NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'returned', 'failed')),
    provider_id  text,                               -- null also when the money went back on somebody else's word
    attempts     integer NOT NULL DEFAULT 0,
    requested_at timestamptz NOT NULL DEFAULT now(),
    returned_at  timestamptz
);

-- A job that was completed once is not paid back by being taken down later.
ALTER TABLE jobs ADD COLUMN completed_at timestamptz;
UPDATE jobs SET completed_at = ended_at WHERE state = 'completed';

ALTER TABLE payment_events
    ADD COLUMN code        text,                     -- why it was refused, or why an operator should look
    ADD COLUMN checkout_id uuid,
    ADD COLUMN payment_id  text,
    ADD COLUMN times       integer NOT NULL DEFAULT 1;
CREATE INDEX payment_events_payment ON payment_events (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX payment_events_code ON payment_events (received_at DESC) WHERE code IS NOT NULL;
