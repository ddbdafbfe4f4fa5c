"""Options that commands share. Loads without Django."""

import click

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON alone on standard output.")
