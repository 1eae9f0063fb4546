-- Rows as the first version wrote them: never to be changed, for running services may have them.
INSERT INTO orders (id, source, fingerprint, bundle, tier, beacon_name, email, price_cents, currency, paid_at)
SELECT ('22222222-0000-4000-8000-00000000000' || n)::uuid, 'checkout', decode('0' || n, 'hex'), 'starter', 1, 'first-' || n, 'first@example.com', 2999, 'EUR', now()
FROM generate_series(1, 3) n;

INSERT INTO jobs (id, order_id, state, beacon_name, fqdn, event_seq)
SELECT ('11111111-0000-4000-8000-00000000000' || n)::uuid, ('22222222-0000-4000-8000-00000000000' || n)::uuid, 'pending', 'first-' || n, 'first-' || n || '.beacons.localhost', 1
FROM generate_series(1, 3) n;

INSERT INTO events (job_id, seq, kind, data) SELECT id, 1, 'created', '{"state": "pending", "bundle": "starter", "tier": 1}' FROM jobs;

INSERT INTO work_items (kind, subject, priority, wake_at) SELECT 'provision', id, 4, now() FROM jobs;

-- The second: planned, its server asked for, the answer never seen, and its node dead.
INSERT INTO installers (sha256, bytes) VALUES (encode(sha256('the first installer'), 'hex'), 'the first installer');

UPDATE jobs SET state = 'provisioning_vps', deadline_at = now() + interval '30 minutes', modules = ARRAY['postgresql', 'redis', 'caddy', 'authentik', 'vaultwarden'],
    installer_sha256 = encode(sha256('the first installer'), 'hex'), server_attempts = 1,
    ladder = '[{"server_type": "cx33", "location": "fsn1", "monthly_cents": 649}, {"server_type": "cx33", "location": "nbg1", "monthly_cents": 649}]'
WHERE id = '11111111-0000-4000-8000-000000000002';

INSERT INTO resources (job_id, kind, name, data)
VALUES ('11111111-0000-4000-8000-000000000002', 'server', 'first-2.beacons.localhost', '{"server_type": "cx33", "location": "fsn1"}');

INSERT INTO callback_tokens (hash, job_id, fingerprint, expires_at)
VALUES (sha256('a token'), '11111111-0000-4000-8000-000000000002', '0123456789ab', now() + interval '6 hours');

UPDATE work_items SET lease_until = now() + interval '1 second', lease_owner = 'old-machine:4711', fence = 1, attempt = 1
WHERE subject = '11111111-0000-4000-8000-000000000002';

-- The third: failed, and its retention is over.
UPDATE jobs SET state = 'failed', deadline_at = now() - interval '1 minute', failed_state = 'provisioning_vps', error_code = 'HETZ-005', error_detail = 'sold out'
WHERE id = '11111111-0000-4000-8000-000000000003';
