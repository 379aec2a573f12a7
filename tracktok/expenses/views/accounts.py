"""Accounts: list, record, form, transfers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from tracktok.audit.queries import history
from tracktok.core import clock
from tracktok.core.context import preferences
from tracktok.core.permissions import permits
from tracktok.expenses.models import AccountType
from tracktok.expenses.queries import accounts as queries
from tracktok.expenses.queries.expense_list import list_expenses
from tracktok.expenses.rules.amounts import COMMON_CURRENCIES
from tracktok.expenses.schemas.accounts import AccountIn, AccountQuery, AccountTransferIn
from tracktok.expenses.schemas.expenses import ExpenseQuery
from tracktok.expenses.services import accounts as services
from tracktok.ledger.queries import balance_of
from tracktok.web.addresses import address
from tracktok.web.forms import Form
from tracktok.web.render import render
from tracktok.web.saving import attempt, go_on, save

from .blueprint import blueprint

TYPES = [(one.value, one.label) for one in AccountType]


@blueprint.get("/accounts")
@permits("accounts.read")
def accounts() -> Response:
    """The accounts with their balances."""
    cursor = request.args.get("cursor")
    page = queries.list_accounts(AccountQuery(q=request.args.get("q") or None, limit=50, cursor=cursor))
    return render(
        "expenses/accounts.html",
        block={"accounts-list": "list", "accounts-more": "rows", "*": "list"},
        page=page,
        balances=balance_of([row.book_account_id for row in page.rows]),
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        types=dict(TYPES),
        base=preferences().currency,
    )


@blueprint.get("/accounts/<uuid:account_id>")
@permits("accounts.read")
def account(account_id: UUID) -> Response:
    """An account: its balance and what was paid from it."""
    found = queries.get_account(account_id)
    return _record(found, Form({"transfer_date": clock.today(preferences().timezone)}))


def _record(found: Any, form: Form[Any]) -> Response:
    return render(
        "expenses/account.html",
        block={"peek-body": "record", "transfer": "transfer"},
        status=form.status,
        account=found,
        balance=balance_of([found.book_account_id])[found.book_account_id],
        latest=list_expenses(ExpenseQuery(account_id=found.id, limit=10)).rows,
        others=[(row.id, row.name, row.currency) for row in queries.choices() if row.id != found.id],
        history=history.history_of("accounts", found.id),
        types=dict(TYPES),
        base=preferences().currency,
        form=form,
    )


@blueprint.post("/accounts/<uuid:account_id>/transfer")
@permits("accounts.write")
def transfer(account_id: UUID) -> Response:
    """Move money to another account."""
    found = queries.get_account(account_id)
    return save(
        Form.read(AccountTransferIn),
        lambda data: services.transfer(found, data),
        lambda _: go_on("Transfer posted", url_for(".account", account_id=account_id)),
        lambda form: _record(found, form),
    )


def _page(form: Form[Any], found: Any = None) -> Response:
    base = preferences().currency
    return render(
        "expenses/account_form.html",
        block="form",
        status=form.status,
        form=form,
        account=found,
        types=TYPES,
        currencies=[base, *(code for code in COMMON_CURRENCIES if code != base)],
        base=base,
    )


@blueprint.get("/accounts/new")
@permits("accounts.write")
def new_account() -> Response:
    """An empty form."""
    prefs = preferences()
    return _page(Form({"type": "bank", "currency": prefs.currency, "opening_date": clock.today(prefs.timezone)}))


@blueprint.post("/accounts")
@permits("accounts.write")
def create_account() -> Response:
    """Make an account."""
    return save(
        Form.read(AccountIn),
        services.create_account,
        lambda made: go_on(
            f"“{made.name}” made", url_for(".account", account_id=made.id), another=url_for(".new_account")
        ),
        _page,
    )


@blueprint.get("/accounts/<uuid:account_id>/edit")
@permits("accounts.write")
def edit_account(account_id: UUID) -> Response:
    """The form of an account."""
    found = queries.get_account(account_id)
    values = {name: getattr(found, name, None) for name in AccountIn.model_fields}
    return _page(Form(values), found)


@blueprint.post("/accounts/<uuid:account_id>/edit")
@permits("accounts.write")
def update_account(account_id: UUID) -> Response:
    """Change an account."""
    found = queries.get_account(account_id, for_update=True)
    return save(
        Form.read(AccountIn, currency=found.currency),
        lambda data: services.change_account(found, data),
        lambda _: go_on("Account saved", url_for(".account", account_id=account_id)),
        lambda form: _page(form, found),
        version=found.version,
    )


@blueprint.post("/accounts/<uuid:account_id>/delete")
@permits("accounts.write")
def delete_account(account_id: UUID) -> Response:
    """Delete an account that was never used."""
    found = queries.get_account(account_id, for_update=True)
    return attempt(
        lambda: services.delete_account(found),
        lambda _: go_on(
            f"“{found.name}” deleted", url_for(".accounts"), undo=url_for(".restore_account", account_id=account_id)
        ),
        url_for(".account", account_id=account_id),
    )


@blueprint.post("/accounts/<uuid:account_id>/restore")
@permits("accounts.write")
def restore_account(account_id: UUID) -> Response:
    """Bring a deleted account back."""
    found = queries.get_account(account_id, for_update=True, deleted=True)
    return attempt(
        lambda: services.restore_account(found),
        lambda account: go_on(f"“{account.name}” is back", url_for(".account", account_id=account_id)),
        url_for(".accounts"),
    )
