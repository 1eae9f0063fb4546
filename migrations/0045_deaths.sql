-- Holders that died, or were silent for a whole lease, since the last orderly release: an item that seems to kill its
-- process is driven apart from others.
ALTER TABLE work_items ADD COLUMN deaths integer NOT NULL DEFAULT 0;
