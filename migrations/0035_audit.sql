-- Who did what to which job, and why. Append-only: a row is never changed, and only retention, which has archived it
-- before, takes old ones away. No reference to jobs: what was done stays on record when the job does not.
CREATE TABLE audit_log (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_kind text NOT NULL CHECK (actor_kind IN ('operator', 'support', 'system')),
    actor      text NOT NULL,
    action     text NOT NULL,
    job_id     uuid,
    reason     text NOT NULL,
    outcome    text NOT NULL CHECK (outcome IN ('done', 'already', 'refused')),
    code       text,
    detail     text
);
CREATE INDEX audit_log_job ON audit_log (job_id, id DESC) WHERE job_id IS NOT NULL;
CREATE INDEX audit_log_at ON audit_log (at);

CREATE FUNCTION audit_log_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('wopr.retention', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_log_guard();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_log_guard();
