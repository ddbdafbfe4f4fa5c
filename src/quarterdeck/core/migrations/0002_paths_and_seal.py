"""Functions the kernel's triggers call: the paths of the tree, and the seal of the ledger."""

from django.db import migrations

REFRESH_PATHS = """
CREATE FUNCTION core_refresh_paths(changed bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    affected bigint[];
BEGIN
    IF coalesce(cardinality(changed), 0) = 0 THEN
        RETURN;
    END IF;
    WITH RECURSIVE below(id) AS (
        SELECT unnest(changed)
        UNION
        SELECT child.id FROM below
        JOIN public.core_node child ON child.unit_id = below.id OR child.within_id = below.id
    )
    SELECT array_agg(id) INTO affected FROM below;

    IF EXISTS (
        WITH RECURSIVE above(start, id) AS (
            SELECT node.id, parent.id FROM public.core_node node
            CROSS JOIN LATERAL (VALUES (node.unit_id), (node.within_id)) AS parent(id)
            WHERE node.id = ANY(changed) AND parent.id IS NOT NULL
            UNION
            SELECT above.start, parent.id FROM above JOIN public.core_node node ON node.id = above.id
            CROSS JOIN LATERAL (VALUES (node.unit_id), (node.within_id)) AS parent(id)
            WHERE parent.id IS NOT NULL
        )
        SELECT 1 FROM above WHERE start = id
    ) THEN
        RAISE EXCEPTION 'a node cannot lie below itself'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_node_cannot_lie_below_itself';
    END IF;

    DELETE FROM public.core_nodepath WHERE descendant_id = ANY(affected);

    -- What is held at an ancestor reaches a node when both lie within the same confidential nodes. An ancestor lies
    -- within no confidential node that its descendant is outside of, so comparing the numbers is enough.
    WITH RECURSIVE pair(descendant, ancestor) AS (
        SELECT id, id FROM unnest(affected) AS id
        UNION
        SELECT pair.descendant, parent.id FROM pair JOIN public.core_node node ON node.id = pair.ancestor
        CROSS JOIN LATERAL (VALUES (node.unit_id), (node.within_id)) AS parent(id)
        WHERE parent.id IS NOT NULL
    ), shut AS (
        SELECT pair.descendant AS id, count(*) FILTER (WHERE node.confidential) AS number
        FROM pair JOIN public.core_node node ON node.id = pair.ancestor GROUP BY pair.descendant
        UNION ALL
        SELECT path.descendant_id, count(*) FILTER (WHERE node.confidential)
        FROM public.core_nodepath path JOIN public.core_node node ON node.id = path.ancestor_id
        WHERE path.descendant_id IN (SELECT DISTINCT ancestor FROM pair) AND NOT path.descendant_id = ANY(affected)
        GROUP BY path.descendant_id
    )
    INSERT INTO public.core_nodepath (ancestor_id, descendant_id, open)
    SELECT pair.ancestor, pair.descendant, above.number = own.number
    FROM pair JOIN shut own ON own.id = pair.descendant JOIN shut above ON above.id = pair.ancestor;
END;
$$;
"""

SEAL = """
CREATE FUNCTION core_seal_ledger() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    waiting record;
    head record;
    stamp timestamptz;
    previous_stamp timestamptz;
    sealed bigint;
    own text;
BEGIN
    -- Entries without a place are this transaction's own: others leave none behind. The first call seals them all.
    FOR waiting IN
        SELECT id, stream, entry FROM core_ledgerentry WHERE seq IS NULL ORDER BY stream, id
    LOOP
        INSERT INTO core_ledgerstream (name, head_seq, head_hash) VALUES (waiting.stream, 0, repeat('0', 64))
            ON CONFLICT (name) DO NOTHING;
        SELECT * INTO head FROM core_ledgerstream WHERE name = waiting.stream FOR UPDATE;
        SELECT sealed_at INTO previous_stamp FROM core_ledgerentry
            WHERE stream = waiting.stream AND seq = head.head_seq;
        stamp := greatest(clock_timestamp(), previous_stamp);
        sealed := (extract(epoch FROM stamp) * 1000000)::bigint;
        own := encode(sha256(
            '\\x00'::bytea || decode(head.head_hash, 'hex') || convert_to(
                waiting.stream || ':' || (head.head_seq + 1) || ':' || sealed || ':' || waiting.entry, 'UTF8')
        ), 'hex');
        UPDATE core_ledgerentry
            SET seq = head.head_seq + 1, prev_hash = head.head_hash, hash = own, sealed_at = stamp
            WHERE id = waiting.id;
        UPDATE core_ledgerstream SET head_seq = head.head_seq + 1, head_hash = own WHERE id = head.id;
    END LOOP;
    RETURN NULL;
END;
$$;

CREATE CONSTRAINT TRIGGER seal_before_commit AFTER INSERT ON core_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION core_seal_ledger();

CREATE INDEX ledger_not_sealed ON core_ledgerentry (stream, id) WHERE seq IS NULL;

CREATE FUNCTION core_sealed_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a sealed ledger entry is never changed or removed';
END;
$$;

CREATE TRIGGER a_sealed_entry_stays BEFORE UPDATE OR DELETE ON core_ledgerentry
    FOR EACH ROW WHEN (OLD.seq IS NOT NULL) EXECUTE FUNCTION core_sealed_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunSQL(REFRESH_PATHS, "DROP FUNCTION core_refresh_paths(bigint[])"),
        migrations.RunSQL(
            SEAL,
            "DROP TRIGGER a_sealed_entry_stays ON core_ledgerentry; DROP FUNCTION core_sealed_stays();"
            "DROP INDEX ledger_not_sealed; DROP TRIGGER seal_before_commit ON core_ledgerentry;"
            "DROP FUNCTION core_seal_ledger()",
        ),
    ]
