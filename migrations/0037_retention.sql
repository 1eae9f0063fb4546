-- What retention looks for, so that it finds the few old rows among many.
ALTER TABLE jobs ADD COLUMN events_archived_at timestamptz;
CREATE INDEX jobs_to_archive ON jobs (ended_at) WHERE ended_at IS NOT NULL AND events_archived_at IS NULL;
CREATE INDEX outbox_sent ON outbox (sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX callback_tokens_expired ON callback_tokens (expires_at);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
CREATE INDEX payment_events_kept ON payment_events (received_at) WHERE payload <> '{}'::jsonb;
