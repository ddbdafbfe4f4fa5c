"""
Temporary tables come last for the function that seals the ledger.

It runs with the rights of its owner; without this, a temporary table of the caller's, named as the ledger's, would be
read and written in the place of the real one.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0006_paths_hold_still")]

    operations = [
        migrations.RunSQL(
            "ALTER FUNCTION core_seal_ledger() SET search_path = pg_catalog, public, pg_temp",
            "ALTER FUNCTION core_seal_ledger() SET search_path = public",
        ),
    ]
