-- A token that an operator gave a job in place of another; the beacon's first report does not take it for a leftover.
ALTER TABLE callback_tokens ADD COLUMN rotated boolean NOT NULL DEFAULT false;
