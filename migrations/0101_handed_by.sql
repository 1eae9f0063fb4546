-- Which node handed an item out: what a dead node had in hand is handed out again at once, not only when its time is over.
-- Under which name an item is in the other executor's queue (handed_as) is not written any more: its runs are looked up there.
ALTER TABLE work_items ADD COLUMN handed_by text;
CREATE INDEX work_items_handed ON work_items (handed_until) WHERE handed_until IS NOT NULL;

-- At most one suspect is in hand at a time: it is looked for at every round.
CREATE INDEX work_items_suspect ON work_items (deaths) WHERE deaths > 0;
