"""The JSON routes of signing up and signing in, and of one's own account."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core.permissions import public
from tracktok.core.tenancy import current_tenant_or_none
from tracktok.tenants.schemas import tenant_out
from tracktok.tenants.services import NewTenant
from tracktok.web.api import Api, json_response
from tracktok.web.edge import TenantNotFound
from tracktok.web.limits import sign_in_limit

from . import queries, schemas
from .services import registration, signing_in
from .services.sessions import Tokens

api = Api("auth", __name__, prefix="/auth", tag="Sign-in", anonymous=True)


def new_tenant(body: schemas.RegisterIn) -> NewTenant:
    """The company of a sign-up."""
    return NewTenant(
        name=body.name,
        subdomain=body.subdomain,
        currency=body.currency,
        timezone=body.timezone,
        locale=body.locale,
        date_format=body.date_format,
        fiscal_year_start_month=body.fiscal_year_start_month,
    )


def new_owner(body: schemas.RegisterIn) -> registration.NewOwner:
    """The owner of a sign-up."""
    return registration.NewOwner(body.owner_email, body.owner_password, body.owner_first_name, body.owner_last_name)


def _tokens(tokens: Tokens) -> dict[str, Any]:
    return {
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "token_type": tokens.token_type,
        "expires_in": tokens.expires_in,
    }


@api.post("/register", responses={201: schemas.SignedInOut})
@public("anybody may sign up a company")
@sign_in_limit
def register(body: schemas.RegisterIn) -> Response:
    """Sign up a company: the tenant, its owner, its books and defaults, and the trial."""
    made = registration.register_company(new_tenant(body), new_owner(body))
    user = schemas.user_out(made, "owner", made.person_id)
    tokens = made.tokens
    assert tokens is not None  # noqa: S101 - sessions of the API have tokens
    return json_response(
        {"tenant": tenant_out(made.tenant), "user": user, **_tokens(tokens)}, 201, location="/api/v1/tenants/me"
    )


@api.post("/login", responses={200: schemas.SignedInOut})
@public("signing in")
@sign_in_limit
def login(body: schemas.LoginIn) -> Response:
    """Sign in. 409 with the choices when the person has several companies and none is named."""
    tenant_id = current_tenant_or_none()
    if body.tenant:
        named = queries.find_tenant_id(body.tenant)
        if named is None or (tenant_id is not None and named != tenant_id):
            raise TenantNotFound("There is no company of this name here. Check the address.")
        tenant_id = named
    signed = signing_in.sign_in_by_api(body.email, body.password, tenant_id)
    user = schemas.user_out(signed.person, signed.role)
    return json_response({"tenant": tenant_out(signed.tenant), "user": user, **_tokens(signed.tokens)})
