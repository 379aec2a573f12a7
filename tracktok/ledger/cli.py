"""Commands of the books: prove them, make their summaries anew, load exchange rates."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import text

from tracktok.core.companies import CompanyName, chosen_companies
from tracktok.core.db import db, transaction
from tracktok.core.errors import DomainError
from tracktok.core.tenancy import tenant_scope

from . import queries, services

ledger_cli = AppGroup("ledger", help="The books.")
rollups_cli = AppGroup("rollups", help="Sums that are kept beside the rows they are of.")
rates_cli = AppGroup("rates", help="Exchange rates.")

_tenant = click.option("--tenant", help="Subdomain or id; all tenants when left away.")
_as_json = click.option("--json", "as_json", is_flag=True, help="For machines.")


def _each(tenant: str | None, reason: str) -> Iterator[CompanyName]:
    """Each tenant that was asked for, entered, with no limit on the time of a statement."""
    try:
        companies = chosen_companies(tenant, reason)
    except DomainError as error:
        raise click.ClickException(error.detail) from error
    for company in companies:
        with tenant_scope(company.id):
            db.session.execute(text("SET LOCAL statement_timeout = 0"))
            yield company


def _end(told: list[dict[str, Any]], *, sound: bool, as_json: bool, say: Callable[[dict[str, Any]], str]) -> None:
    if as_json:
        click.echo(json.dumps({"sound": sound, "tenants": told}))
    else:
        for one in told:
            click.echo(say(one))
            for detail in one["discrepancies"]:
                click.echo(f"  {detail['kind']}: {detail['detail']}")
    sys.exit(0 if sound else 1)


@ledger_cli.command("verify")
@_tenant
@_as_json
def verify(tenant: str | None, as_json: bool) -> None:
    """Prove that entries balance and that balances and totals equal the lines. Exit code 1 when they do not."""
    told = []
    for company in _each(tenant, "verify the books"):
        proof = queries.prove_books()
        db.session.rollback()
        told.append({"tenant": company.subdomain, "sound": proof.is_sound, **asdict(proof)})
    _end(
        told,
        sound=all(one["sound"] for one in told),
        as_json=as_json,
        say=lambda one: (
            f"{one['tenant']}: {'sound' if one['sound'] else 'WRONG'}, {one['entries']} entries, {one['lines']} lines"
        ),
    )


@rollups_cli.command("rebuild")
@click.option("--check", is_flag=True, help="Only compare; exit code 1 when something differs.")
@_tenant
@_as_json
def rebuild(check: bool, tenant: str | None, as_json: bool) -> None:
    """Make balances, totals and sums of usage anew from their rows; safe while people work."""
    told: list[dict[str, Any]] = []
    for company in _each(tenant, "rebuild the summaries of the books"):
        with transaction():
            found = [asdict(one) for one in queries.prove_summaries()] if check else []
            corrected = 0 if check else services.rebuild_summaries()
        told.append({"tenant": company.subdomain, "discrepancies": found, "corrected": corrected})
    _end(
        told,
        sound=not any(one["discrepancies"] for one in told),
        as_json=as_json,
        say=lambda one: (
            f"{one['tenant']}: "
            + ("differs" if one["discrepancies"] else "equal" if check else f"{one['corrected']} rows put right")
        ),
    )


@rates_cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Read and check the file; change nothing.")
@_as_json
def import_rates(file: Path, dry_run: bool, as_json: bool) -> None:
    """Load the European Central Bank's history of reference rates (eurofxref-hist.csv, also in .gz or .zip)."""
    db.session.execute(text("SET LOCAL statement_timeout = 0"))
    try:
        with file.open("rb") as stream:
            done = services.import_rates(stream)
    except DomainError as error:
        db.session.rollback()
        raise click.ClickException(error.detail) from error
    if dry_run:
        db.session.rollback()
    else:
        db.session.commit()
    if as_json:
        click.echo(json.dumps({**asdict(done), "dry_run": dry_run}, default=str))
        return
    click.echo(
        f"{done.rates} rates of {done.days} days, {done.first} to {done.last}:"
        f" {done.added} added, {done.changed} changed{' (dry run: nothing was kept)' if dry_run else ''}"
    )
