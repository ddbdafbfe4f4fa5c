"""Find what lies below a node by the two indexes of its parents: a scan a node made long imports slow down."""

from django.db import migrations

BY_INDEX = """
CREATE OR REPLACE FUNCTION core_refresh_paths(changed bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    affected bigint[];
BEGIN
    IF coalesce(cardinality(changed), 0) = 0 THEN
        RETURN;
    END IF;
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
    dependencies = [("core", "0003_organisation_bounds")]

    operations = [migrations.RunSQL(BY_INDEX, migrations.RunSQL.noop)]
