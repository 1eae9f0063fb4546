-- Refuses with a state of its own once the lease is somebody else's: as the first of several statements that are sent and
-- committed together it guards all of them, and the item's row stays locked until they are committed.
CREATE FUNCTION require_lease(item_kind text, item_subject uuid, held_fence bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM work_items WHERE kind = item_kind AND subject = item_subject AND fence = held_fence FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the lease of % % is lost', item_kind, item_subject USING ERRCODE = 'WL001';
    END IF;
END
$$;
