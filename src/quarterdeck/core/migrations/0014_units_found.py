"""Units that are there already are found too."""

from django.db import migrations

FILL = """
INSERT INTO core_searchentry (subject_kind, subject_id, node_id, ref, title, body)
SELECT 'unit', id, id, ref, name, '' FROM core_node WHERE kind = 'unit'
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0013_search_in_use")]

    operations = [migrations.RunSQL(FILL, "DELETE FROM core_searchentry WHERE subject_kind = 'unit'")]
