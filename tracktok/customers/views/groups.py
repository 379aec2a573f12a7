"""Settings > Client types and managers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, url_for

from tracktok.core.permissions import permits
from tracktok.customers import queries, services
from tracktok.customers.schemas.groups import AccountManagerIn, ClientTypeIn, GroupQuery, ManagerQuery
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on, save

from .blueprint import blueprint


@blueprint.get("/settings/client-types")
@permits("customers.read")
def groups() -> Response:
    """Client types and account managers, with how many customers each has."""
    types = queries.list_client_types(GroupQuery(limit=100)).rows
    managers = queries.list_account_managers(ManagerQuery(limit=100)).rows
    return render(
        "customers/groups.html",
        types=types,
        of_types=queries.customers_of_types(row.id for row in types),
        managers=managers,
        of_managers=queries.customers_of_managers(row.id for row in managers),
    )


def _type_page(form: Form[Any], found: Any = None) -> Response:
    return render("customers/client_type_form.html", block="form", status=form.status, form=form, found=found)


@blueprint.get("/settings/client-types/new")
@permits("customers.write")
def new_client_type() -> Response:
    """An empty form."""
    return _type_page(Form())


@blueprint.post("/settings/client-types")
@permits("customers.write")
def create_client_type() -> Response:
    """Make a client type."""
    return save(
        Form.read(ClientTypeIn),
        services.create_client_type,
        lambda made: go_on(f"“{made.name}” added", url_for(".groups")),
        _type_page,
    )


@blueprint.get("/settings/client-types/<uuid:client_type_id>")
@permits("customers.write")
def edit_client_type(client_type_id: UUID) -> Response:
    """The form of a client type."""
    found = queries.get_client_type(client_type_id)
    return _type_page(Form({"name": found.name, "description": found.description}), found)


@blueprint.post("/settings/client-types/<uuid:client_type_id>")
@permits("customers.write")
def update_client_type(client_type_id: UUID) -> Response:
    """Change a client type."""
    found = queries.get_client_type(client_type_id, for_update=True)
    return save(
        Form.read(ClientTypeIn),
        lambda data: services.change_client_type(found, data),
        lambda _: go_on("The client type is saved", url_for(".groups")),
        lambda form: _type_page(form, found),
        version=found.version,
    )


@blueprint.post("/settings/client-types/<uuid:client_type_id>/delete")
@permits("customers.write")
def delete_client_type(client_type_id: UUID) -> Response:
    """Delete a client type that no customer has."""
    found = queries.get_client_type(client_type_id, for_update=True)
    return attempt(
        lambda: services.delete_client_type(found),
        lambda _: go_on(f"“{found.name}” deleted", url_for(".groups")),
        url_for(".groups"),
    )


def _manager_page(form: Form[Any], found: Any = None) -> Response:
    return render(
        "customers/manager_form.html", block="form", status=form.status, form=form, found=found,
        people=queries.person_choices(),
    )  # fmt: skip


@blueprint.get("/settings/account-managers/new")
@permits("customers.write")
def new_manager() -> Response:
    """An empty form."""
    return _manager_page(Form())


@blueprint.post("/settings/account-managers")
@permits("customers.write")
def create_manager() -> Response:
    """Make an account manager."""
    return save(
        Form.read(AccountManagerIn),
        services.create_account_manager,
        lambda made: go_on(f"“{made.name}” added", url_for(".groups")),
        _manager_page,
    )


@blueprint.get("/settings/account-managers/<uuid:account_manager_id>")
@permits("customers.write")
def edit_manager(account_manager_id: UUID) -> Response:
    """The form of an account manager."""
    found = queries.get_account_manager(account_manager_id)
    return _manager_page(Form({name: getattr(found, name) for name in AccountManagerIn.model_fields}), found)


@blueprint.post("/settings/account-managers/<uuid:account_manager_id>")
@permits("customers.write")
def update_manager(account_manager_id: UUID) -> Response:
    """Change an account manager."""
    found = queries.get_account_manager(account_manager_id, for_update=True)
    return save(
        Form.read(AccountManagerIn),
        lambda data: services.change_account_manager(found, data),
        lambda _: go_on("The account manager is saved", url_for(".groups")),
        lambda form: _manager_page(form, found),
        version=found.version,
    )


@blueprint.post("/settings/account-managers/<uuid:account_manager_id>/delete")
@permits("customers.write")
def delete_manager(account_manager_id: UUID) -> Response:
    """Delete an account manager who looks after nobody."""
    found = queries.get_account_manager(account_manager_id, for_update=True)
    return attempt(
        lambda: services.delete_account_manager(found),
        lambda _: go_on(f"“{found.name}” deleted", url_for(".groups")),
        url_for(".groups"),
    )
