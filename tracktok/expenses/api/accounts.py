"""The routes /api/v1/accounts."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracktok.core.permissions import permits
from tracktok.expenses.queries import accounts as queries
from tracktok.expenses.schemas import accounts as schemas
from tracktok.expenses.services import accounts as services
from tracktok.ledger.queries import balance_of
from tracktok.web.api import Api, check_if_match, json_response, list_of, list_response, path_of

from . import present

api = Api("accounts", __name__, prefix="/accounts", tag="Accounts")
AccountPath = path_of("account_id")


def _answer(account: Any, status: int = 200, location: str | None = None) -> Response:
    balance = balance_of([account.book_account_id])[account.book_account_id]
    return json_response(present.account(account, balance), status, etag=account.version, location=location)


@api.get("/", responses={200: list_of(schemas.AccountOut)})
@permits("accounts.read")
def list_accounts(query: schemas.AccountQuery) -> Response:
    """List accounts with their balances."""
    page = queries.list_accounts(query)
    balances = balance_of([row.book_account_id for row in page.rows])
    return list_response(page, [present.account(row, balances[row.book_account_id]) for row in page.rows])


@api.post("/", responses={201: schemas.AccountOut})
@permits("accounts.write")
def create(body: schemas.AccountIn) -> Response:
    """Make an account, with what was on it before."""
    account = services.create_account(body)
    return _answer(account, 201, f"/api/v1/accounts/{account.id}")


@api.get("/<uuid:account_id>", responses={200: schemas.AccountOut})
@permits("accounts.read")
def show(path: AccountPath) -> Response:  # type: ignore[valid-type]
    """Get an account with its balance."""
    return _answer(queries.get_account(path.account_id))  # type: ignore[attr-defined]


@api.put("/<uuid:account_id>", responses={200: schemas.AccountOut})
@permits("accounts.write")
def replace(path: AccountPath, body: schemas.AccountIn) -> Response:  # type: ignore[valid-type]
    """Change an account as a whole. Its currency stays."""
    account = queries.get_account(path.account_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(account.version)
    return _answer(services.change_account(account, body))


@api.patch("/<uuid:account_id>", responses={200: schemas.AccountOut})
@permits("accounts.write")
def patch(path: AccountPath, body: schemas.AccountPatch) -> Response:  # type: ignore[valid-type]
    """Change what is named of an account."""
    account = queries.get_account(path.account_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(account.version)
    return _answer(services.patch_account(account, body))


@api.delete("/<uuid:account_id>", responses={204: None})
@permits("accounts.write")
def delete(path: AccountPath) -> Response:  # type: ignore[valid-type]
    """Delete an account that was never used; archive one that was."""
    account = queries.get_account(path.account_id, for_update=True)  # type: ignore[attr-defined]
    check_if_match(account.version)
    services.delete_account(account)
    return Response(status=204)


@api.post("/<uuid:account_id>/transfers", responses={201: schemas.AccountTransferOut})
@permits("accounts.write")
def transfer(path: AccountPath, body: schemas.AccountTransferIn) -> Response:  # type: ignore[valid-type]
    """Move money from this account to another."""
    account = queries.get_account(path.account_id)  # type: ignore[attr-defined]
    return json_response(services.transfer(account, body), 201)
