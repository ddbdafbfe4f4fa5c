"""Two edits of one branch of the tree wait for each other, so that the paths know of both."""

from django.db import migrations

HOLDING_STILL = """
CREATE OR REPLACE FUNCTION core_refresh_paths(changed bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    affected bigint[];
    lying_above bigint[];
    locked bigint[] := '{}';
BEGIN
    IF coalesce(cardinality(changed), 0) = 0 THEN
        RETURN;
    END IF;
    -- Nothing above may change meanwhile: a node that comes in below another one that is just being made confidential
    -- would stay open to those outside. What lies above is locked and read again until it is the same twice.
    LOOP
        WITH RECURSIVE below(id) AS (
            SELECT unnest(changed)
            UNION
            SELECT child.id FROM below CROSS JOIN LATERAL (
                SELECT node.id FROM public.core_node node WHERE node.unit_id = below.id
                UNION ALL
                SELECT node.id FROM public.core_node node WHERE node.within_id = below.id
            ) child
        )
        SELECT array_agg(id) INTO affected FROM below;

        WITH RECURSIVE up(id) AS (
            SELECT unnest(affected)
            UNION
            SELECT parent.id FROM up JOIN public.core_node node ON node.id = up.id
            CROSS JOIN LATERAL (VALUES (node.unit_id), (node.within_id)) AS parent(id)
            WHERE parent.id IS NOT NULL
        )
        SELECT coalesce(array_agg(id), '{}') INTO lying_above FROM up WHERE NOT id = ANY(affected);

        EXIT WHEN lying_above <@ locked;
        PERFORM 1 FROM public.core_node WHERE id = ANY(lying_above) ORDER BY id FOR SHARE;
        locked := lying_above;
    END LOOP;

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
    ), above AS (
        SELECT DISTINCT ancestor AS id FROM pair WHERE NOT ancestor = ANY(affected)
    ), shut AS (
        SELECT pair.descendant AS id, count(*) FILTER (WHERE node.confidential) AS number
        FROM pair JOIN public.core_node node ON node.id = pair.ancestor GROUP BY pair.descendant
        UNION ALL
        SELECT above.id, (
            SELECT count(*) FILTER (WHERE node.confidential)
            FROM public.core_nodepath path JOIN public.core_node node ON node.id = path.ancestor_id
            WHERE path.descendant_id = above.id
        ) FROM above
    )
    INSERT INTO public.core_nodepath (ancestor_id, descendant_id, open)
    SELECT pair.ancestor, pair.descendant, above.number = own.number
    FROM pair JOIN shut own ON own.id = pair.descendant JOIN shut above ON above.id = pair.ancestor;
END;
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0005_versions_in_order_of_writing")]

    operations = [migrations.RunSQL(HOLDING_STILL, migrations.RunSQL.noop)]
