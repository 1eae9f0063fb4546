-- The poller looks at an action the less often the longer it has been running.
ALTER TABLE provider_actions ADD COLUMN created_at timestamptz NOT NULL DEFAULT now();
