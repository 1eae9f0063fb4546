-- How many calls each provider token still has: one row a token, shared by all nodes.
create table provider_budgets (
    key               text primary key,             -- provider and the token's fingerprint, never the token
    capacity          double precision not null check (capacity >= 1),
    calls_left        double precision not null,    -- as of refilled_at
    refill_per_second double precision not null check (refill_per_second > 0),
    refilled_at       timestamptz not null,
    blocked_until     timestamptz                   -- after a 429: no node calls before this
);
