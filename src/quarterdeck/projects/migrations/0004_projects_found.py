"""Portfolios, programmes and projects that are there already are found too."""

from django.db import migrations

FILL = """
INSERT INTO core_searchentry (subject_kind, subject_id, node_id, ref, title, body)
SELECT 'portfolio', thing.id, node.id, node.ref, node.name, ''
FROM projects_portfolio thing JOIN core_node node ON node.id = thing.node_id
UNION ALL
SELECT 'programme', thing.id, node.id, node.ref, node.name, ''
FROM projects_programme thing JOIN core_node node ON node.id = thing.node_id
UNION ALL
SELECT 'project', thing.id, node.id, node.ref, node.name,
    left(concat_ws(' ', thing.external_id, thing.category, thing.description, thing.narrative), 100000)
FROM projects_project thing JOIN core_node node ON node.id = thing.node_id
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0003_found_by_their_words")]

    operations = [
        migrations.RunSQL(
            FILL, "DELETE FROM core_searchentry WHERE subject_kind IN ('portfolio', 'programme', 'project')"
        )
    ]
