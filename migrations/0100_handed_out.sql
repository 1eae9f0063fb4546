-- Where another executor than the node itself drives items (the Hangfire profile): until when an item is in its queue, and
-- under which name there. The lease still begins when somebody really drives it.
ALTER TABLE work_items ADD COLUMN handed_until timestamptz;
ALTER TABLE work_items ADD COLUMN handed_as text;
