"""The command `quarterdeck`."""

import json
import signal
import sys
from typing import NoReturn

import click

from quarterdeck.core.errors import Refused
from quarterdeck.site.cli import exits
from quarterdeck.site.cli.lazy import Entry, Lazy
from quarterdeck.site.config import ConfigError
from quarterdeck.site.embedded import EmbeddedError
from quarterdeck.site.ports import PortTakenError
from quarterdeck.site.problems import NotFitError

HERE = "quarterdeck.site.cli"
ENTRIES = {
    "up": Entry(f"{HERE}.up", "Start everything and print the address. Ctrl-C stops it."),
    "init": Entry(f"{HERE}.init", "Make an empty organisation with an administrator, without questions.", django=True),
    "demo": Entry(f"{HERE}.demo", "Fill the organisation with an invented portfolio to try things on.", django=True),
    "import": Entry(f"{HERE}.importing", "Bring in files you already have, such as a portfolio register."),
    "ledger": Entry(f"{HERE}.ledger", "Verify and export the record of what people did.", django=True),
    "backup": Entry(f"{HERE}.backup", "Write everything into one file, while people work, or check such a file."),
    "restore": Entry(f"{HERE}.restore", "Bring a backup into an empty installation.", django=True),
    "circles": Entry(
        f"{HERE}.circles", "Find confidential places that nobody runs any more, and give one a successor.", django=True
    ),
    "sign-in-link": Entry(f"{HERE}.sign_in_link", "Print a link that signs one person in once.", django=True),
    "invitation-link": Entry(
        f"{HERE}.invitation_link", "Print a link to hand over to somebody who is invited.", django=True
    ),
    "reset-second-factor": Entry(
        f"{HERE}.reset_second_factor", "Take the second factor from somebody who lost it.", django=True
    ),
    "check": Entry(f"{HERE}.check", "Say whether settings and database are fit to serve people."),
    "migrate": Entry(f"{HERE}.migrate", "Bring the database up to this release.", django=True, owner=True),
    "web": Entry(f"{HERE}.web", "Serve pages only; any number of these may run."),
    "worker": Entry(f"{HERE}.worker", "Do queued jobs only; any number of these may run.", django=True),
    "manage": Entry(f"{HERE}.manage", "Run one of Django's management commands."),
}

EPILOG = """\b
Exit codes:
  0  done
  1  refused, or problems were found
  2  the command line is wrong
  3  Quarterdeck already runs from this data folder
  4  the port is taken
  5  a setting is wrong

\b
Quarterdeck keeps everything in the folder named by QUARTERDECK_DATA.
Commands act as the first administrator unless --as says otherwise, and start
the embedded database themselves when it is not running.
"""


@click.group(cls=Lazy, entries=ENTRIES, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="quarterdeck", prog_name="quarterdeck")
def quarterdeck() -> None:
    """Quarterdeck runs a Project Management Office."""


def main() -> NoReturn:
    """Runs the command line; every refusal ends in one sentence and an exit code."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(exits.TERMINATED))  # so that what was begun is undone
    try:
        code = quarterdeck.main(prog_name="quarterdeck", standalone_mode=False)
    except Refused as refusal:
        refuse(exits.REFUSED, refusal.code, refusal.message, refusal.fields)
    except ConfigError as wrong:
        refuse(exits.CONFIGURATION, "configuration", str(wrong))
    except NotFitError as unfit:
        refuse(exits.CONFIGURATION, "not_fit", str(unfit))
    except PortTakenError as taken:
        refuse(exits.PORT_TAKEN, "port_taken", str(taken))
    except EmbeddedError as wrong:
        refuse(exits.REFUSED, "database", str(wrong))
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(exits.INTERRUPTED)
    sys.exit(code if isinstance(code, int) else exits.DONE)


def refuse(code: int, word: str, message: str, fields: dict[str, str] | None = None) -> NoReturn:
    """As a script reads it where it asked for JSON, otherwise as a person does."""
    if "--json" in sys.argv[1:]:
        click.echo(
            json.dumps({"error": {"code": word, "message": message, "fields": fields or {}}}, ensure_ascii=False)
        )
    else:
        click.echo(message, err=True)
        for name, sentence in (fields or {}).items():
            if sentence != message:
                click.echo(f"  {name}: {sentence}", err=True)
    sys.exit(code)
