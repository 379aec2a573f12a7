"""Commands of reports and of the demo."""

from __future__ import annotations

import json
import sys

import click
from flask.cli import AppGroup

from tracktok.core.errors import DomainError

from .services import demo

demo_cli = AppGroup("demo", help="Companies to try the product with.")


@demo_cli.command("seed")
@click.option("--json", "as_json", is_flag=True, help="Answer with JSON.")
def seed(as_json: bool) -> None:
    """Make the demo companies that are not there yet. Refused in production."""
    try:
        made = demo.seed()
    except DomainError as error:
        click.echo(error.detail, err=True)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps({"made": made}))
    else:
        click.echo(f"Made: {', '.join(made)}." if made else "The demo companies are there already.")
