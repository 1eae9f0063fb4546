-- What retention looks for, so that it finds the few old rows among many.
CREATE INDEX incidents_closed ON incidents (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX provider_actions_settled ON provider_actions (updated_at) WHERE status <> 'running';

-- An action outside the database is written down before it is tried, too: its result may never be known here.
ALTER TABLE audit_log DROP CONSTRAINT audit_log_outcome_check;
ALTER TABLE audit_log ADD CONSTRAINT audit_log_outcome_check CHECK (outcome IN ('begun', 'done', 'already', 'refused'));
