"""Commands of people, and of companies with their owners."""

from __future__ import annotations

import secrets
import sys

import click
from flask.cli import AppGroup
from pydantic import ValidationError

from tracktok.core.context import SYSTEM, acting
from tracktok.core.db import transaction
from tracktok.core.errors import DomainError
from tracktok.core.tenancy import tenant_scope
from tracktok.tenants.cli import refuse, tell, tenant_named, tenants_cli
from tracktok.web.links import tenant_link
from tracktok.web.problems import from_validation

from .rules import Role
from .schemas import RegisterIn
from .services import people, registration

users_cli = AppGroup("users", help="People of tenants, and platform staff.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Answer with JSON.")


def _secret(given: str | None) -> tuple[str, bool]:
    """(password, whether it was made here)."""
    if given:
        return given, False
    if not sys.stdin.isatty():
        return secrets.token_urlsafe(18), True
    return click.prompt("Password", hide_input=True, confirmation_prompt=True), False


@tenants_cli.command("create")
@click.argument("subdomain")
@click.option("--name", required=True, help="Name of the company.")
@click.option("--owner", required=True, help="E-mail address of the owner.")
@click.option("--password", help="Password of the owner; asked for, or made, when it is left out.")
@click.option("--first-name", default="")
@click.option("--last-name", default="")
@click.option("--currency", default="INR", show_default=True)
@click.option("--timezone", default="Asia/Kolkata", show_default=True)
@click.option("--locale", default="en_IN", show_default=True)
@_JSON
def create_tenant(
    subdomain: str, name: str, owner: str, password: str | None, first_name: str, last_name: str, currency: str,
    timezone: str, locale: str, as_json: bool,
) -> None:  # fmt: skip
    """Make a company with its owner, books, defaults and trial."""
    secret, made_here = _secret(password)
    try:
        form = RegisterIn(
            name=name,
            subdomain=subdomain,
            owner_email=owner,
            owner_password=secret,
            owner_first_name=first_name,
            owner_last_name=last_name,
            currency=currency,
            timezone=timezone,
            locale=locale,
        )
        made = registration.sign_up(form, with_tokens=False)
    except ValidationError as error:
        refuse(from_validation(error), as_json=as_json)
    except DomainError as refusal:
        refuse(refusal, as_json=as_json)
    facts = {
        "id": made.tenant.id,
        "subdomain": made.tenant.subdomain,
        "owner": made.email,
        "url": tenant_link(made.tenant.subdomain),
        **({"password": secret} if made_here else {}),
    }
    sentence = f"{made.tenant.name} is ready at {facts['url']} for {made.email}."
    tell(facts, sentence + (f" Password: {secret}" if made_here else ""), as_json=as_json)


@users_cli.command("create")
@click.argument("subdomain")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), default="member", show_default=True)
@click.option("--password", help="Password of a new person; asked for, or made, when it is left out.")
@click.option("--first-name", default="")
@click.option("--last-name", default="")
@_JSON
def create_user(
    subdomain: str, email: str, role: str, password: str | None, first_name: str, last_name: str, as_json: bool
) -> None:
    """Put a person into the tenant SUBDOMAIN; somebody who is known keeps their password."""
    tenant_id = tenant_named(subdomain)
    try:
        with tenant_scope(tenant_id), acting(SYSTEM), transaction():
            known = registration.is_known(email)
            secret, made_here = ("", False) if known else _secret(password)
            membership = people.add_member(registration.NewOwner(email, secret, first_name, last_name), role)
            person_id = membership.person_id
    except DomainError as refusal:
        refuse(refusal, as_json=as_json)
    facts = {
        "person_id": person_id,
        "email": email.lower(),
        "role": role,
        **({"password": secret} if made_here else {}),
    }
    sentence = f"{email.lower()} is {Role(role).label.lower()} of {subdomain}."
    tell(facts, sentence + (f" Password: {secret}" if made_here else ""), as_json=as_json)


@users_cli.command("platform-admin")
@click.argument("email")
@click.option("--remove", is_flag=True, help="Take it away again.")
@_JSON
def platform_admin(email: str, remove: bool, as_json: bool) -> None:
    """Make a person platform staff: they see all tenants and change their plans."""
    try:
        people.set_platform_admin(email, staff=not remove)
    except DomainError as refusal:
        refuse(refusal, as_json=as_json)
    verb = "is no longer" if remove else "is"
    tell(
        {"email": email.lower(), "platform_admin": not remove},
        f"{email.lower()} {verb} platform staff.",
        as_json=as_json,
    )
