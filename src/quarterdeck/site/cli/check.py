"""`quarterdeck check`."""

import json
import os

import click
from django.db import Error, connection, connections

from quarterdeck.site import boot, embedded, health
from quarterdeck.site import config as configuration
from quarterdeck.site.cli import exits
from quarterdeck.site.cli.lazy import set_up_django
from quarterdeck.site.cli.options import as_json
from quarterdeck.site.config import Config, ConfigError
from quarterdeck.site.embedded import EmbeddedError
from quarterdeck.site.problems import Problem


@click.command("check")
@as_json
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Say whether settings and database are fit to serve people. Changes nothing in the database."""
    try:
        config = configuration.load()
    except ConfigError as wrong:
        problems = [Problem("configuration", sentence) for sentence in wrong.problems]
        notes = []
    else:
        notes = boot.advice(config, configuration.in_force(os.environ).keys())
        problems = [*boot.configuration_problems(config), *database_problems(config)]
    if as_json:
        found = [{"code": problem.code, "message": problem.message} for problem in problems]
        click.echo(json.dumps({"ok": not problems, "problems": found, "notes": notes}, ensure_ascii=False))
    else:
        for problem in problems:
            click.echo(problem.message)
        if not problems:
            click.echo("Settings and database are fit to serve people.")
        for note in notes:
            click.echo(f"Note: {note}")
    ctx.exit(exits.REFUSED if problems else exits.DONE)


def database_problems(config: Config) -> list[Problem]:
    try:
        with embedded.server(config):
            set_up_django()
            try:
                with connection.cursor() as cursor:
                    problems = boot.database_problems(
                        cursor, demo=config.demo_flag, pooled=config.database_pool == "external"
                    )
                waiting = health.pending_migrations()
            finally:
                connections.close_all()
    except (Error, EmbeddedError) as wrong:
        said = str(wrong).strip()
        if "unsupported startup parameter" in said:
            return [
                Problem(
                    "pooler",
                    f"A pooler stands before the database and refuses the connection: {said}. Set "
                    "QUARTERDECK_DATABASE_POOL to external; docs/operate/scale.md says what else belongs to it.",
                )
            ]
        return [Problem("database", f"The database does not answer: {said}")]
    if waiting:
        problems.append(
            Problem(
                "migrations",
                f"The database lacks {len(waiting)} of this release's migrations. Run `quarterdeck migrate`.",
            )
        )
    return problems
