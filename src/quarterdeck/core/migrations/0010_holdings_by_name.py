"""Holdings get a name for addresses, each row its own; roles remember which standard rights were taken out."""

import django.contrib.postgres.fields
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.db import migrations, models

# A default that differs by row fills the column without a write that would count as a version.
UID = """
ALTER TABLE core_holding ADD COLUMN uid uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE;
ALTER TABLE core_holding ALTER COLUMN uid DROP DEFAULT;
ALTER TABLE core_holdingevent ADD COLUMN uid uuid NOT NULL DEFAULT gen_random_uuid();
ALTER TABLE core_holdingevent ALTER COLUMN uid DROP DEFAULT;
UPDATE core_holdingevent version SET uid = held.uid FROM core_holding held WHERE held.id = version.id;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0009_kernel_in_use'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='holding',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='holding',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='holding',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='role',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='role',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='role',
            name='delete_delete',
        ),
        migrations.RunSQL(
            UID,
            "ALTER TABLE core_holdingevent DROP COLUMN uid; ALTER TABLE core_holding DROP COLUMN uid",
            state_operations=[
                migrations.AddField(
                    model_name='holding',
                    name='uid',
                    field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
                ),
                migrations.AddField(
                    model_name='holdingevent',
                    name='uid',
                    field=models.UUIDField(default=uuid.uuid4, editable=False),
                ),
            ],
        ),
        migrations.AddField(
            model_name='role',
            name='withheld',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None),
        ),
        migrations.AddField(
            model_name='roleevent',
            name='withheld',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='holding',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "core_holdingevent" ("acting", "effective_on", "from_on", "id", "node_id", "person_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "role_id", "single", "to_on", "uid", "version") VALUES (NEW."acting", NEW."effective_on", NEW."from_on", NEW."id", NEW."node_id", NEW."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id", NEW."role_id", NEW."single", NEW."to_on", NEW."uid", NEW."version"); RETURN NULL;', hash='bb2d2a0c002255bfd8a568e27ee0999be497b0a1', operation='INSERT', pgid='pgtrigger_insert_insert_678bd', table='core_holding', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='holding',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "core_holdingevent" ("acting", "effective_on", "from_on", "id", "node_id", "person_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "role_id", "single", "to_on", "uid", "version") VALUES (NEW."acting", NEW."effective_on", NEW."from_on", NEW."id", NEW."node_id", NEW."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id", NEW."role_id", NEW."single", NEW."to_on", NEW."uid", NEW."version"); RETURN NULL;', hash='66200d249cf32f253b45e6dc32bd137baedb2d43', operation='UPDATE', pgid='pgtrigger_update_update_53f62', table='core_holding', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='holding',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "core_holdingevent" ("acting", "effective_on", "from_on", "id", "node_id", "person_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "role_id", "single", "to_on", "uid", "version") VALUES (OLD."acting", greatest(OLD."effective_on", coalesce(nullif(current_setting(\'qd.effective_on\', true), \'\')::date, current_date)), OLD."from_on", OLD."id", OLD."node_id", OLD."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."role_id", OLD."single", OLD."to_on", OLD."uid", OLD."version"); RETURN NULL;', hash='cb36b134a91f30388a569ed9b6781ee86a7d5d4d', operation='DELETE', pgid='pgtrigger_delete_delete_cc09d', table='core_holding', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='role',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "core_roleevent" ("code", "description", "effective_on", "ended_on", "id", "name", "needs_second_factor", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "rights", "single", "version", "withheld") VALUES (NEW."code", NEW."description", NEW."effective_on", NEW."ended_on", NEW."id", NEW."name", NEW."needs_second_factor", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'insert\', NEW."id", NEW."rights", NEW."single", NEW."version", NEW."withheld"); RETURN NULL;', hash='925f534f79f1b23261b3ff4b07ded459054f8a03', operation='INSERT', pgid='pgtrigger_insert_insert_9f0d5', table='core_role', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='role',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "core_roleevent" ("code", "description", "effective_on", "ended_on", "id", "name", "needs_second_factor", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "rights", "single", "version", "withheld") VALUES (NEW."code", NEW."description", NEW."effective_on", NEW."ended_on", NEW."id", NEW."name", NEW."needs_second_factor", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', NEW."id", NEW."rights", NEW."single", NEW."version", NEW."withheld"); RETURN NULL;', hash='38a51bad50f60b28a587c2c723a6cc65cabdc92c', operation='UPDATE', pgid='pgtrigger_update_update_b1fe6', table='core_role', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='role',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "core_roleevent" ("code", "description", "effective_on", "ended_on", "id", "name", "needs_second_factor", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "rights", "single", "version", "withheld") VALUES (OLD."code", OLD."description", greatest(OLD."effective_on", coalesce(nullif(current_setting(\'qd.effective_on\', true), \'\')::date, current_date)), OLD."ended_on", OLD."id", OLD."name", OLD."needs_second_factor", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."rights", OLD."single", OLD."version", OLD."withheld"); RETURN NULL;', hash='f8882f32a66fa158edb1e4e4cb37be359e84765f', operation='DELETE', pgid='pgtrigger_delete_delete_ed3d7', table='core_role', when='AFTER')),
        ),
    ]
