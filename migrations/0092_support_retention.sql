-- What is over and old is found without a look at the rest.

CREATE INDEX remedy_runs_ended ON remedy_runs (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX tickets_closed ON tickets (closed_at) WHERE closed_at IS NOT NULL;
