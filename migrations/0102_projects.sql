-- The provider's project that a job's server is in; null until one is chosen, which is before its server is asked for.
-- There was one until now.
ALTER TABLE jobs ADD COLUMN project text;
UPDATE jobs j SET project = 'main' WHERE server_attempts > 0 OR EXISTS (SELECT FROM resources r WHERE r.job_id = j.id AND r.kind = 'server');

-- Projects that lately answered that their limit is reached: shared by all nodes, and forgotten by the database's clock.
CREATE TABLE full_projects (
    project text PRIMARY KEY,
    until   timestamptz NOT NULL
);

-- Servers are counted for each order where there are several projects.
CREATE INDEX resources_servers ON resources (job_id) WHERE kind = 'server' AND gone_at IS NULL;

-- Null for a record of the zone, which is in no project.
ALTER TABLE orphans ADD COLUMN project text;
UPDATE orphans SET project = 'main' WHERE kind <> 'dns_record';
UPDATE incidents SET cause = regexp_replace(cause, '^(orphan:[a-z_]+:)', '\1main:')
WHERE closed_at IS NULL AND cause LIKE 'orphan:%' AND cause NOT LIKE 'orphan:dns_record:%';
