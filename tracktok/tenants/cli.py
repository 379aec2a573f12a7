"""Commands of tenants and their plans."""

from __future__ import annotations

import sys
from typing import NoReturn
from uuid import UUID

import click
import orjson
from flask.cli import AppGroup

from tracktok.core.context import SYSTEM, acting
from tracktok.core.errors import DomainError
from tracktok.core.tenancy import door

from . import queries, services
from .rules import Tier

tenants_cli = AppGroup("tenants", help="Tenants: make and list them.")
plans_cli = AppGroup("plans", help="Plans of tenants.")


def tell(facts: dict[str, object], sentence: str, *, as_json: bool) -> None:
    """Say what was done: a sentence for a person, or one line of JSON for a program."""
    click.echo(orjson.dumps(facts, default=str).decode() if as_json else sentence)


def refuse(refusal: DomainError, *, as_json: bool) -> NoReturn:
    """Say why it was not done, on the error stream, and end with exit code 1."""
    details = [error.detail for error in refusal.errors if error.detail != refusal.detail]
    if as_json:
        click.echo(orjson.dumps({"error": refusal.code, "detail": refusal.detail, "errors": details}), err=True)
    else:
        click.echo(" ".join([refusal.detail, *details]), err=True)
    sys.exit(1)


def tenant_named(subdomain: str) -> UUID:
    """The id of a tenant by its subdomain; ends the command with exit code 2 when there is none."""
    with door("a command names a tenant"):
        found = queries.find_by_subdomain(subdomain)
    if found is None:
        click.echo(f"There is no tenant {subdomain!r}.", err=True)
        sys.exit(2)
    return found.id


@tenants_cli.command("list")
@click.option("--search", default="", help="Part of the name or subdomain.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each line.")
def list_tenants(search: str, as_json: bool) -> None:
    """List all tenants, newest first."""
    cursor: str | None = None
    while True:
        page, users = queries.list_tenants(search=search or None, cursor=cursor, limit=100)
        for row in page.rows:
            facts = {
                "id": row.id,
                "subdomain": row.subdomain,
                "name": row.name,
                "tier": row.tier,
                "status": row.status,
                "users": users.get(row.id, 0),
            }
            tell(
                facts, f"{row.subdomain:30} {row.tier:13} {users.get(row.id, 0):>5} users  {row.name}", as_json=as_json
            )
        cursor = page.next_cursor
        if cursor is None:
            return


@plans_cli.command("set")
@click.argument("subdomain")
@click.argument("tier", type=click.Choice([tier.value for tier in Tier]))
@click.option("--reason", default="by command", show_default=True, help="Kept in the tenant's audit trail.")
@click.option("--json", "as_json", is_flag=True, help="Answer with JSON.")
def set_plan(subdomain: str, tier: str, reason: str, as_json: bool) -> None:
    """Put the tenant SUBDOMAIN on the plan TIER."""
    try:
        with acting(SYSTEM):
            services.set_tier(tenant_named(subdomain), tier, reason)
    except DomainError as refusal:
        refuse(refusal, as_json=as_json)
    tell({"subdomain": subdomain, "tier": tier}, f"{subdomain} is on the {Tier(tier).label} plan.", as_json=as_json)
