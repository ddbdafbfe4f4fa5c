"""
How far a reader of the ledger came, and of which places a mail tells.

What people attach is stored as it is, since most of it is compressed already, so that a part of it is read without
the whole.
"""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0011_sign_in_in_use'),
    ]

    operations = [
        migrations.RunSQL(
            'ALTER TABLE core_attachmentcontent ALTER COLUMN data SET STORAGE EXTERNAL',
            'ALTER TABLE core_attachmentcontent ALTER COLUMN data SET STORAGE EXTENDED',
        ),
        migrations.AddField(
            model_name='outgoingmail',
            name='nodes',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None),
        ),
        migrations.CreateModel(
            name='LedgerReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reader', models.CharField(max_length=40)),
                ('stream', models.CharField(max_length=80)),
                ('seq', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('reader', 'stream'), name='a_reader_is_at_one_place_in_a_stream')],
            },
        ),
    ]
