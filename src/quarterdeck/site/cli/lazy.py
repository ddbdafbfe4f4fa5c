"""A group whose commands are loaded when they are used, so that help is quick and Django waits until it is needed."""

import importlib
import os
from collections.abc import Mapping
from dataclasses import dataclass

import click
import django


@dataclass(frozen=True, slots=True)
class Entry:
    module: str  # has `command`
    summary: str
    django: bool = False  # the module imports models, so the applications are loaded before it
    owner: bool = False  # connects as the owner of the database


class Lazy(click.Group):
    def __init__(self, *, entries: Mapping[str, Entry], **attributes: object) -> None:
        super().__init__(**attributes)  # type: ignore[arg-type]
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        if entry.owner:
            os.environ["QUARTERDECK_AS_OWNER"] = "1"
        if entry.django:
            set_up_django()
        command: click.Command = importlib.import_module(entry.module).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self.entries.items()])


def set_up_django() -> None:
    """Reads the settings; the database need not run."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quarterdeck.site.settings")
    django.setup()
