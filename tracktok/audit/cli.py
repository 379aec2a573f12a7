"""Commands of the audit trail."""

from __future__ import annotations

import json
import sys

import click
from flask.cli import AppGroup
from sqlalchemy import text

from tracktok.core.companies import chosen_companies
from tracktok.core.db import db
from tracktok.core.errors import NotFound
from tracktok.core.tenancy import tenant_scope

from . import queries, services
from .rules import Fault, Verification

audit_cli = AppGroup("audit", help="The audit trail and its seals.")


@audit_cli.command("verify")
@click.option("--tenant", help="Subdomain or id; all tenants when left away.")
@click.option(
    "--from-seal", type=click.IntRange(1), default=1, help="Begin at this seal; take the ones before for good."
)
@click.option("--expect-head", help="The hash, in hex, that some seal had when it was noted elsewhere.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def verify(tenant: str | None, from_seal: int, expect_head: str | None, as_json: bool) -> None:
    """Make every seal anew and compare. Exit code 1 when an event or a seal was changed, removed or added."""
    try:
        companies = chosen_companies(tenant, "verify the audit trails")
        expected = bytes.fromhex(expect_head) if expect_head else None
    except NotFound as error:
        raise click.ClickException(error.detail) from error
    except ValueError as error:
        raise click.UsageError("--expect-head takes a hash in hex") from error
    sound, told = True, []
    for company in companies:
        with tenant_scope(company.id):
            db.session.execute(text("SET LOCAL statement_timeout = 0"))
            found = queries.verify_chain(from_seal)
            if expected is not None and not queries.has_hash(expected):
                found.faults.append(Fault(found.head_number, "removed", "no seal has the hash that was expected"))
            db.session.rollback()
        sound = sound and found.is_sound
        told.append(_told(company.subdomain, found))
        if not as_json:
            _say(told[-1])
    if as_json:
        click.echo(json.dumps({"sound": sound, "tenants": told}))
    sys.exit(0 if sound else 1)


@audit_cli.command("seal")
@click.option("--tenant", help="Subdomain or id; all tenants when left away.")
def seal(tenant: str | None) -> None:
    """Seal what waits, as the scheduler does every minute."""
    try:
        companies = chosen_companies(tenant, "seal the audit trails")
    except NotFound as error:
        raise click.ClickException(error.detail) from error
    for company in companies:
        with tenant_scope(company.id):
            click.echo(f"{company.subdomain}: {services.seal_tenant()} seals made")


def _told(subdomain: str, found: Verification) -> dict[str, object]:
    return {
        "tenant": subdomain,
        "sound": found.is_sound,
        "seals": found.seals,
        "events": found.events,
        "unsealed": found.unsealed,
        "unsealed_since": found.oldest_unsealed.isoformat() if found.oldest_unsealed else None,
        "head": {"number": found.head_number, "hash": found.head.hex()},
        "faults": [{"seal": one.seal, "kind": one.kind, "detail": one.detail} for one in found.faults],
    }


def _say(told: dict[str, object]) -> None:
    head = told["head"]["hash"]  # type: ignore[index]
    word = "sound" if told["sound"] else "BROKEN"
    click.echo(
        f"{told['tenant']}: {word}, {told['events']} events in {told['seals']} seals, head {head},"
        f" {told['unsealed']} wait to be sealed"
    )
    for fault in told["faults"]:  # type: ignore[attr-defined]
        click.echo(f"  {fault['kind']}: {fault['detail']}")
