"""Triggers keep what is found of portfolios, programmes and projects."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0013_search_in_use'),
        ('projects', '0002_versions_in_order_of_writing'),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name='portfolio',
            trigger=pgtrigger.compiler.Trigger(name='found_after_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    INSERT INTO public.core_searchentry (subject_kind, subject_id, node_id, ref, title, body)\n    SELECT 'portfolio', now.id, now.node_id, node.ref, node.name, ''\n    FROM new_rows now JOIN public.core_node node ON node.id = now.node_id\n    ON CONFLICT (subject_kind, subject_id) DO UPDATE\n    SET node_id = EXCLUDED.node_id, ref = EXCLUDED.ref, title = EXCLUDED.title, body = EXCLUDED.body;\n RETURN NULL;", hash='365505e8002e708be135a9459e049d4a72542e39', level='STATEMENT', operation='INSERT', pgid='pgtrigger_found_after_insert_0ef44', referencing='REFERENCING NEW TABLE AS new_rows ', table='projects_portfolio', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='portfolio',
            trigger=pgtrigger.compiler.Trigger(name='found_after_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    DELETE FROM public.core_searchentry entry USING old_rows gone\n    WHERE entry.subject_kind = 'portfolio' AND entry.subject_id = gone.id;\n RETURN NULL;", hash='24f729bb3e3e1947c36190139aaee3b50f7a9409', level='STATEMENT', operation='DELETE', pgid='pgtrigger_found_after_delete_328c7', referencing='REFERENCING OLD TABLE AS old_rows ', table='projects_portfolio', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='programme',
            trigger=pgtrigger.compiler.Trigger(name='found_after_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    INSERT INTO public.core_searchentry (subject_kind, subject_id, node_id, ref, title, body)\n    SELECT 'programme', now.id, now.node_id, node.ref, node.name, ''\n    FROM new_rows now JOIN public.core_node node ON node.id = now.node_id\n    ON CONFLICT (subject_kind, subject_id) DO UPDATE\n    SET node_id = EXCLUDED.node_id, ref = EXCLUDED.ref, title = EXCLUDED.title, body = EXCLUDED.body;\n RETURN NULL;", hash='eaca381ebf1faf8de66942816965f0b714e0170c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_found_after_insert_550c7', referencing='REFERENCING NEW TABLE AS new_rows ', table='projects_programme', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='programme',
            trigger=pgtrigger.compiler.Trigger(name='found_after_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    DELETE FROM public.core_searchentry entry USING old_rows gone\n    WHERE entry.subject_kind = 'programme' AND entry.subject_id = gone.id;\n RETURN NULL;", hash='8ad42484754c96a44e75b34f4d882f43fb052c14', level='STATEMENT', operation='DELETE', pgid='pgtrigger_found_after_delete_32fe4', referencing='REFERENCING OLD TABLE AS old_rows ', table='projects_programme', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='project',
            trigger=pgtrigger.compiler.Trigger(name='found_after_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    INSERT INTO public.core_searchentry (subject_kind, subject_id, node_id, ref, title, body)\n    SELECT 'project', now.id, now.node_id, node.ref, node.name, left(concat_ws(' ', now.external_id, now.category, now.description, now.narrative), 100000)\n    FROM new_rows now JOIN public.core_node node ON node.id = now.node_id\n    ON CONFLICT (subject_kind, subject_id) DO UPDATE\n    SET node_id = EXCLUDED.node_id, ref = EXCLUDED.ref, title = EXCLUDED.title, body = EXCLUDED.body;\n RETURN NULL;", hash='f0be596df19373227cc0aee14b23e04a40811919', level='STATEMENT', operation='INSERT', pgid='pgtrigger_found_after_insert_962a9', referencing='REFERENCING NEW TABLE AS new_rows ', table='projects_project', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='project',
            trigger=pgtrigger.compiler.Trigger(name='found_after_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    UPDATE public.core_searchentry entry SET body = left(concat_ws(' ', now.external_id, now.category, now.description, now.narrative), 100000)\n    FROM new_rows now JOIN old_rows before ON before.id = now.id\n    WHERE entry.subject_kind = 'project' AND entry.subject_id = now.id\n        AND (now.external_id, now.category, now.description, now.narrative)\n            IS DISTINCT FROM (before.external_id, before.category, before.description, before.narrative);\n     RETURN NULL;", hash='7735f0294a2722d27a8e91d708542f6abe8d437e', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_found_after_update_f8b0a', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='projects_project', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='project',
            trigger=pgtrigger.compiler.Trigger(name='found_after_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    DELETE FROM public.core_searchentry entry USING old_rows gone\n    WHERE entry.subject_kind = 'project' AND entry.subject_id = gone.id;\n RETURN NULL;", hash='1623f5b56a50d897849a4c2fb031b96a670b8570', level='STATEMENT', operation='DELETE', pgid='pgtrigger_found_after_delete_7cb00', referencing='REFERENCING OLD TABLE AS old_rows ', table='projects_project', when='AFTER')),
        ),
    ]
