"""Texts are found by their words, without regard to case and accents; triggers keep what is found of units and names."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import pgtrigger.compiler
import pgtrigger.migrations
import quarterdeck.core.search
from django.db import migrations, models

# Letters without case and accent, words with one blank between them. quarterdeck.core.search.folded says the same.
WORDS = r"""
CREATE FUNCTION core_search_words(written text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(
        translate(
            replace(replace(replace(replace(
                lower(regexp_replace(normalize(written, NFKD), '[\u0300-\u036f]', '', 'g')),
                'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
            'øđðłıς', 'oddliσ'),
        '[^[:alnum:]]+', ' ', 'g'))
$$;
"""
VECTOR = """
CREATE FUNCTION core_search_vector(ref text, title text, body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT setweight(to_tsvector('simple', public.core_search_words(ref || ' ' || title)), 'A')
        || setweight(to_tsvector('simple', public.core_search_words(body)), 'B')
$$;
"""
# What somebody typed: beginnings of words, all of which must be there. part: A for names alone.
QUERY = """
CREATE FUNCTION core_search_query(typed text, part text) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT to_tsquery('simple', replace(nullif(public.core_search_words(typed), ''), ' ', ':*' || part || ' & ') || ':*' || part)
$$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0012_messages_in_use'),
    ]

    operations = [
        migrations.RunSQL(WORDS, "DROP FUNCTION core_search_words(text)"),
        migrations.RunSQL(VECTOR, "DROP FUNCTION core_search_vector(text, text, text)"),
        migrations.RunSQL(QUERY, "DROP FUNCTION core_search_query(text, text)"),
        migrations.AddField(
            model_name='searchentry',
            name='plain_ref',
            field=models.GeneratedField(db_persist=True, expression=quarterdeck.core.search.Folded('ref'), output_field=models.TextField()),
        ),
        migrations.AddField(
            model_name='searchentry',
            name='plain_title',
            field=models.GeneratedField(db_persist=True, expression=quarterdeck.core.search.Folded('title'), output_field=models.TextField()),
        ),
        migrations.AddField(
            model_name='searchentry',
            name='words',
            field=models.GeneratedField(db_persist=True, expression=quarterdeck.core.search.Weighed('ref', 'title', 'body'), output_field=django.contrib.postgres.search.SearchVectorField()),
        ),
        migrations.AddIndex(
            model_name='person',
            index=django.contrib.postgres.indexes.GinIndex(quarterdeck.core.search.Words('name', 'email'), name='person_by_words'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=django.contrib.postgres.indexes.GinIndex(fields=['words'], name='search_by_words'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=models.Index(fields=['node_id'], name='search_by_node'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='node',
            trigger=pgtrigger.compiler.Trigger(name='found_after_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    INSERT INTO public.core_searchentry (subject_kind, subject_id, node_id, ref, title, body)\n    SELECT 'unit', id, id, ref, name, '' FROM new_rows WHERE kind = 'unit'\n    ON CONFLICT (subject_kind, subject_id) DO UPDATE\n    SET node_id = EXCLUDED.node_id, ref = EXCLUDED.ref, title = EXCLUDED.title, body = EXCLUDED.body;\n RETURN NULL;", hash='4f3dfb30a363f70741250e2de5310422c064efa2', level='STATEMENT', operation='INSERT', pgid='pgtrigger_found_after_insert_63f7f', referencing='REFERENCING NEW TABLE AS new_rows ', table='core_node', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='node',
            trigger=pgtrigger.compiler.Trigger(name='found_after_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n        UPDATE public.core_searchentry entry SET ref = now.ref, title = now.name\n        FROM new_rows now JOIN old_rows before ON before.id = now.id\n        WHERE entry.node_id = now.id AND entry.subject_kind = now.kind\n            AND (now.ref, now.name) IS DISTINCT FROM (before.ref, before.name);\n     RETURN NULL;', hash='206746bdb378e87ba9f5232e05eac85c26940e4d', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_found_after_update_458c1', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='core_node', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='node',
            trigger=pgtrigger.compiler.Trigger(name='found_after_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    DELETE FROM public.core_searchentry entry USING old_rows gone\n    WHERE entry.subject_kind = 'unit' AND entry.subject_id = gone.id;\n RETURN NULL;", hash='7128ffbfe47c872b2978a8c78bd314a7f5696e1d', level='STATEMENT', operation='DELETE', pgid='pgtrigger_found_after_delete_3899a', referencing='REFERENCING OLD TABLE AS old_rows ', table='core_node', when='AFTER')),
        ),
    ]
