"""The routes /api/v1/client-types and /api/v1/account-managers."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core.permissions import permits
from tracktok.customers import queries, services
from tracktok.customers.schemas import groups as schemas
from tracktok.web.api import Api, check_if_match, json_response, list_of, list_response, path_of

from . import present
from .customers import named_in

types_api = Api("client_types", __name__, prefix="/client-types", tag="Client types")
managers_api = Api("account_managers", __name__, prefix="/account-managers", tag="Account managers")
TypePath = path_of("client_type_id")
ManagerPath = path_of("account_manager_id")


def _type(row: Any, status: int = 200, location: str | None = None) -> Response:
    body = present.client_type(row, queries.customers_of_types([row.id]))
    return json_response(body, status, etag=row.version, location=location)


@types_api.get("/", responses={200: list_of(schemas.ClientTypeOut)})
@permits("customers.read")
def list_client_types(query: schemas.GroupQuery) -> Response:
    """List client types with how many customers are of each."""
    page = queries.list_client_types(query)
    counts = queries.customers_of_types(row.id for row in page.rows)
    return list_response(page, [present.client_type(row, counts) for row in page.rows])


@types_api.post("/", responses={201: schemas.ClientTypeOut})
@permits("customers.write")
def create_client_type(body: schemas.ClientTypeIn) -> Response:
    """Make a client type."""
    made = services.create_client_type(body)
    return _type(made, 201, f"/api/v1/client-types/{made.id}")


@types_api.get("/<uuid:client_type_id>", responses={200: schemas.ClientTypeOut})
@permits("customers.read")
def show_client_type(path: TypePath) -> Response:  # type: ignore[valid-type]
    """Get a client type."""
    return _type(queries.get_client_type(path.client_type_id))  # type: ignore[attr-defined]


@types_api.put("/<uuid:client_type_id>", responses={200: schemas.ClientTypeOut})
@permits("customers.write")
def replace_client_type(path: TypePath, body: schemas.ClientTypeIn) -> Response:  # type: ignore[valid-type]
    """Change a client type as a whole."""
    found = queries.get_client_type(path.client_type_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(found.version)
    return _type(services.change_client_type(found, body))


@types_api.patch("/<uuid:client_type_id>", responses={200: schemas.ClientTypeOut})
@permits("customers.write")
def patch_client_type(path: TypePath, body: schemas.ClientTypePatch) -> Response:  # type: ignore[valid-type]
    """Change what is named of a client type."""
    found = queries.get_client_type(path.client_type_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(found.version)
    values = {name: getattr(found, name) for name in schemas.ClientTypeIn.model_fields}
    whole = schemas.ClientTypeIn.model_validate({**values, **named_in(body)})
    return _type(services.change_client_type(found, whole))


@types_api.delete("/<uuid:client_type_id>", responses={204: None})
@permits("customers.write")
def delete_client_type(path: TypePath) -> Response:  # type: ignore[valid-type]
    """Delete a client type that no customer has."""
    found = queries.get_client_type(path.client_type_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(found.version)
    services.delete_client_type(found)
    return Response(status=204)


def _manager(row: Any, status: int = 200, location: str | None = None) -> Response:
    body = present.account_manager(row, queries.customers_of_managers([row.id]))
    return json_response(body, status, etag=row.version, location=location)


@managers_api.get("/", responses={200: list_of(schemas.AccountManagerOut)})
@permits("customers.read")
def list_account_managers(query: schemas.ManagerQuery) -> Response:
    """List account managers with how many customers each looks after."""
    page = queries.list_account_managers(query)
    counts = queries.customers_of_managers(row.id for row in page.rows)
    return list_response(page, [present.account_manager(row, counts) for row in page.rows])


@managers_api.post("/", responses={201: schemas.AccountManagerOut})
@permits("customers.write")
def create_account_manager(body: schemas.AccountManagerIn) -> Response:
    """Make an account manager: a person of the company, or just a name."""
    made = services.create_account_manager(body)
    return _manager(made, 201, f"/api/v1/account-managers/{made.id}")


@managers_api.get("/<uuid:account_manager_id>", responses={200: schemas.AccountManagerOut})
@permits("customers.read")
def show_account_manager(path: ManagerPath) -> Response:  # type: ignore[valid-type]
    """Get an account manager."""
    return _manager(queries.get_account_manager(path.account_manager_id))  # type: ignore[attr-defined]


@managers_api.put("/<uuid:account_manager_id>", responses={200: schemas.AccountManagerOut})
@permits("customers.write")
def replace_account_manager(path: ManagerPath, body: schemas.AccountManagerIn) -> Response:  # type: ignore[valid-type]
    """Change an account manager as a whole."""
    found = queries.get_account_manager(path.account_manager_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(found.version)
    return _manager(services.change_account_manager(found, body))


@managers_api.patch("/<uuid:account_manager_id>", responses={200: schemas.AccountManagerOut})
@permits("customers.write")
def patch_account_manager(path: ManagerPath, body: schemas.AccountManagerPatch) -> Response:  # type: ignore[valid-type]
    """Change what is named of an account manager."""
    found = queries.get_account_manager(path.account_manager_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(found.version)
    values = {name: getattr(found, name) for name in schemas.AccountManagerIn.model_fields}
    whole = schemas.AccountManagerIn.model_validate({**values, **named_in(body)})
    return _manager(services.change_account_manager(found, whole))


@managers_api.delete("/<uuid:account_manager_id>", responses={204: None})
@permits("customers.write")
def delete_account_manager(path: ManagerPath) -> Response:  # type: ignore[valid-type]
    """Delete an account manager who looks after no customer."""
    found = queries.get_account_manager(path.account_manager_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(found.version)
    services.delete_account_manager(found)
    return Response(status=204)
