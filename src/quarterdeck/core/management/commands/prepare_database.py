"""After migrations: the views of the past, what the application's own role may do, and new rights."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from quarterdeck.core.history import GOVERNED, version_model
from quarterdeck.core.models import Organisation
from quarterdeck.core.services.roles import ensure_standard_roles

# The rest of the tables may be written by the application. Versions and ledger entries may only be added.
ADD_ONLY = ("core_ledgerentry", "core_securityevent")
READ_ONLY = ("core_ledgerstream", "django_migrations", "pghistory_context")


class Command(BaseCommand):
    """Idempotent; run by the role that owns the database, each time migrations ran."""

    help = "Make the views of the past, give the application's role what it needs, and standard roles their new rights."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", default="quarterdeck_app", help="The role the application connects as.")

    def handle(self, *args: Any, **options: Any) -> None:
        prepare(options["role"])
        if Organisation.objects.exists():
            ensure_standard_roles(now=timezone.now())


@transaction.atomic
def prepare(role: str) -> None:
    """Views of the schema `asof`, then the rights of the application's role."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS asof CASCADE")
        cursor.execute("CREATE SCHEMA asof")
        cursor.execute(
            "CREATE FUNCTION asof.day() RETURNS date LANGUAGE sql STABLE AS"
            " $$ SELECT current_setting('qd.as_of')::date $$"
        )
        cursor.execute(
            "CREATE FUNCTION asof.known_at() RETURNS timestamptz LANGUAGE sql STABLE AS"
            " $$ SELECT coalesce(nullif(current_setting('qd.known_at', true), '')::timestamptz, 'infinity') $$"
        )
        for model in GOVERNED:
            cursor.execute(_view(model))
        _grant(cursor, role)


def _view(model: Any) -> sql.Composed:
    """Of each row the last version by day and then by order of writing; a row whose last is a removal is gone."""
    columns = sql.SQL(", ").join(sql.Identifier(field.column) for field in model._meta.concrete_fields)
    return sql.SQL(
        "CREATE VIEW asof.{table} AS SELECT {columns} FROM ("
        " SELECT DISTINCT ON (id) * FROM public.{versions}"
        " WHERE effective_on <= asof.day() AND pgh_created_at <= asof.known_at()"
        " ORDER BY id, effective_on DESC, pgh_id DESC"
        ") version WHERE pgh_label <> 'delete'"
    ).format(
        table=sql.Identifier(model._meta.db_table),
        columns=columns,
        versions=sql.Identifier(version_model(model)._meta.db_table),
    )


def _grant(cursor: Any, role: str) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s AND NOT rolsuper", [role])
    if cursor.fetchone() is None or role == connection.settings_dict["USER"]:
        return
    name = sql.Identifier(role)
    add_only = [*ADD_ONLY, *(version_model(model)._meta.db_table for model in GOVERNED)]
    for statement in (
        "GRANT USAGE ON SCHEMA public, asof TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        "GRANT SELECT ON ALL TABLES IN SCHEMA asof TO {role}",
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public, asof TO {role}",
    ):
        cursor.execute(sql.SQL(statement).format(role=name))
    existing = set(connection.introspection.table_names(cursor))
    for table in add_only:
        cursor.execute(
            sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON public.{table} FROM {role}").format(
                table=sql.Identifier(table), role=name
            )
        )
    for table in (name_ for name_ in READ_ONLY if name_ in existing):
        cursor.execute(
            sql.SQL("REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON public.{table} FROM {role}").format(
                table=sql.Identifier(table), role=name
            )
        )
